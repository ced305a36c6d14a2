//! What providers tell afterwards: whether a message has arrived.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use serde_json::Value;
use sha2::Sha256;

use super::GatewayConfig;
use super::http::text;
use crate::problem::{Kind, Problem};

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is with its receiver.
    Delivered,
    /// It never will be.
    Failed,
    /// On its way.
    Other,
}

impl State {
    /// Its name in the database and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Other => "sent",
        }
    }
}

/// What a provider tells about one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's id of the message.
    pub gateway_id: String,
    /// What has become of it.
    pub state: State,
}

/// Why a receipt was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// There is no such gateway, or it takes no receipts.
    #[error("there is no gateway of this name that takes receipts")]
    NotHere,
    /// The signature is missing or wrong.
    #[error("the signature does not fit the body")]
    Forged,
    /// Signed, but without a message or a state.
    #[error("the receipt names no message or no state")]
    Unreadable,
}

impl Problem for ReceiptError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotHere => Kind::NotFound,
            Self::Forged => Kind::Unauthenticated,
            Self::Unreadable => Kind::Malformed,
        }
    }
}

/// Reads a receipt for `gateway`, if its provider has signed it.
pub(super) fn read(
    gateway: &GatewayConfig,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Receipt, ReceiptError> {
    let secret = gateway.receipt_secret.as_ref().ok_or(ReceiptError::NotHere)?;
    let secret = secret.reveal().map_err(|_| ReceiptError::NotHere)?;
    let signature = headers.get(&gateway.receipt_header).and_then(|value| value.to_str().ok());
    let signature = signature.and_then(bytes).ok_or(ReceiptError::Forged)?;
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = mac.map_err(|_| ReceiptError::NotHere)?;
    mac.update(body);
    mac.verify_slice(&signature).map_err(|_| ReceiptError::Forged)?;
    let told: Value = serde_json::from_slice(body).map_err(|_| ReceiptError::Unreadable)?;
    let at = |pointer: &str| told.pointer(pointer).and_then(text).ok_or(ReceiptError::Unreadable);
    let status = at(&gateway.receipt_status)?;
    let state = if gateway.receipt_delivered.contains(&status) {
        State::Delivered
    } else if gateway.receipt_failed.contains(&status) {
        State::Failed
    } else {
        State::Other
    };
    Ok(Receipt { gateway_id: at(&gateway.receipt_id)?, state })
}

/// A signature as providers write it: `sha256=` or nothing, then hexadecimal or base64.
fn bytes(signature: &str) -> Option<Vec<u8>> {
    let signature = signature.trim();
    let signature = signature.strip_prefix("sha256=").unwrap_or(signature);
    if signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let pair = |at: usize| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok();
        return (0..64).step_by(2).map(pair).collect();
    }
    STANDARD.decode(signature).or_else(|_| URL_SAFE_NO_PAD.decode(signature)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::secret::Secret;

    const BODY: &[u8] = br#"{"id":"m1","status":"delivered"}"#;

    fn signed(header: &str) -> HeaderMap {
        HeaderMap::from_iter([("x-signature".parse().unwrap(), header.parse().unwrap())])
    }

    fn gateway() -> GatewayConfig {
        let secret = Some(Secret::Text("key".to_owned()));
        GatewayConfig { receipt_secret: secret, ..GatewayConfig::default() }
    }

    fn mac(body: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"key").unwrap();
        mac.update(body);
        mac.finalize().into_bytes().to_vec()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }

    #[test]
    fn only_what_the_provider_signed_is_read() {
        let gateway = gateway();
        let mac = mac(BODY);
        let hex = hex(&mac);
        let good = Receipt { gateway_id: "m1".to_owned(), state: State::Delivered };
        for header in [hex.clone(), format!("sha256={hex}"), STANDARD.encode(mac)] {
            assert_eq!(read(&gateway, &signed(&header), BODY), Ok(good.clone()), "{header}");
        }
        let other = br#"{"id":"m2","status":"delivered"}"#;
        assert_eq!(read(&gateway, &signed(&hex), other), Err(ReceiptError::Forged));
        assert_eq!(read(&gateway, &HeaderMap::new(), BODY), Err(ReceiptError::Forged));
        assert_eq!(read(&gateway, &signed("nonsense"), BODY), Err(ReceiptError::Forged));
        let silent = GatewayConfig::default();
        assert_eq!(read(&silent, &signed(&hex), BODY), Err(ReceiptError::NotHere));
    }

    /// What a provider may write where an id or a state is expected.
    fn told() -> impl Strategy<Value = Value> {
        let words = vec!["delivered", "failed", "sent", ""];
        prop_oneof![
            4 => proptest::sample::select(words).prop_map(Value::from),
            2 => any::<String>().prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => Just(Value::Null),
            1 => proptest::collection::vec(any::<bool>(), 0..3).prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn what_was_signed_is_read_as_it_is_and_one_altered_byte_is_not(
            id in told(),
            status in told(),
            at in any::<proptest::sample::Index>(),
            flip in 1..=255_u8,
        ) {
            let body = json!({"id": id, "status": status}).to_string().into_bytes();
            let (gateway, signature) = (gateway(), mac(&body));
            let spellings =
                [hex(&signature), STANDARD.encode(&signature), URL_SAFE_NO_PAD.encode(&signature)];
            let expected = match (text(&id), text(&status)) {
                (Some(gateway_id), Some(status)) => {
                    let state = match status.as_str() {
                        "delivered" => State::Delivered,
                        "failed" | "undelivered" | "rejected" | "expired" => State::Failed,
                        _ => State::Other,
                    };
                    Ok(Receipt { gateway_id, state })
                }
                _ => Err(ReceiptError::Unreadable),
            };
            for spelling in &spellings {
                prop_assert_eq!(read(&gateway, &signed(spelling), &body), expected.clone());
            }
            let mut other = body.clone();
            other[at.index(body.len())] ^= flip;
            let mut forged = signature.clone();
            forged[at.index(signature.len())] ^= flip;
            for (signature, body) in [(&signature, &other), (&forged, &body)] {
                let answer = read(&gateway, &signed(&hex(signature)), body);
                prop_assert_eq!(answer, Err(ReceiptError::Forged));
            }
            let half = &hex(&signature)[..2 * at.index(signature.len())];
            prop_assert_eq!(read(&gateway, &signed(half), &body), Err(ReceiptError::Forged));
        }

        #[test]
        fn noise_is_forged_and_signed_noise_is_unreadable_or_a_receipt(
            header in "[ -~]{0,90}|(sha256=)?[0-9A-Fa-fg]{64}",
            body in any::<Vec<u8>>(),
        ) {
            let gateway = gateway();
            prop_assert_eq!(read(&gateway, &signed(&header), &body), Err(ReceiptError::Forged));
            let answer = read(&gateway, &signed(&hex(&mac(&body))), &body);
            prop_assert!(answer == Err(ReceiptError::Unreadable) || answer.is_ok());
        }
    }
}

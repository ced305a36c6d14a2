//! Requests between our own services, signed with a secret that both have.
//!
//! The header [`HEADER`] is `t=<milliseconds>,v1=<HMAC-SHA-256 in hex>` over the time, the name
//! of the function and the body. It needs no state at the receiver, so a function that is started
//! for one request can check it. An old request is refused; a new one that somebody repeats has
//! the effect that it had.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::clock::now_ms;

/// Where the signature is.
pub const HEADER: &str = "tertulia-signature";
/// How far the clocks of two machines may be apart.
const SKEW_MS: u64 = 300_000;

/// The header's value for a request to `function` with `body`, now.
pub fn sign(secret: &str, function: &str, body: &[u8]) -> String {
    signed_at(secret, function, body, now_ms())
}

/// Whether `value` is the signature of this request, made within the last minutes.
pub fn verify(secret: &str, function: &str, body: &[u8], value: &str) -> bool {
    let at = value.strip_prefix("t=").and_then(|rest| rest.split(',').next());
    let Some(at) = at.and_then(|at| at.parse::<i64>().ok()) else { return false };
    let expected = signed_at(secret, function, body, at);
    let same: bool = expected.as_bytes().ct_eq(value.as_bytes()).into();
    same && now_ms().abs_diff(at) <= SKEW_MS
}

fn signed_at(secret: &str, function: &str, body: &[u8], at: i64) -> String {
    let mut mac =
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(format!("{at}\n{function}\n").as_bytes());
    mac.update(body);
    let mut value = format!("t={at},v1=");
    for byte in mac.finalize().into_bytes() {
        let _ = write!(value, "{byte:02x}");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_secret_function_body_and_time() {
        let good = sign("s", "speak", b"{}");
        assert!(verify("s", "speak", b"{}", &good));
        assert!(!verify("other", "speak", b"{}", &good));
        assert!(!verify("s", "notify", b"{}", &good));
        assert!(!verify("s", "speak", b"{ }", &good));
        let later = good.replacen("t=", "t=1", 1);
        assert!(!verify("s", "speak", b"{}", &later));
        for broken in ["", "t=,v1=", "v1=00", &good[..good.len() - 1]] {
            assert!(!verify("s", "speak", b"{}", broken), "{broken}");
        }
        let old = signed_at("s", "speak", b"{}", now_ms() - 300_001);
        assert!(!verify("s", "speak", b"{}", &old));
    }
}

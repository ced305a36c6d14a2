//! Proving to a push service who sends (VAPID, RFC 8292).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

/// A proof holds for at most 24 hours (RFC 8292 section 2); half of it leaves room for clocks.
const LASTS_S: i64 = 12 * 60 * 60;

/// The key that subscriptions of browsers are made for.
pub struct VapidKey(EcdsaKeyPair);

/// A key that cannot be made or used.
#[derive(Debug, thiserror::Error)]
#[error("the key that proves who sends is of no use")]
pub struct VapidError;

impl VapidKey {
    /// A new key as PKCS #8, to be sealed and kept: with another one every subscription is void.
    pub fn generate() -> Result<Zeroizing<Vec<u8>>, VapidError> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new());
        Ok(Zeroizing::new(made.map_err(|_| VapidError)?.as_ref().to_vec()))
    }

    /// The key that [`Self::generate`] made.
    pub fn open(pkcs8: &[u8]) -> Result<Self, VapidError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8);
        Ok(Self(pair.map_err(|_| VapidError)?))
    }

    /// What a browser asks for as `applicationServerKey`, in base64url.
    pub fn public(&self) -> String {
        BASE64.encode(self.0.public_key().as_ref())
    }

    /// The header `Authorization` for a request to `endpoint`. `contact` is where the people of
    /// the push service find ours: a `mailto:` or `https:` URL.
    pub fn authorization(
        &self,
        endpoint: &Url,
        contact: &str,
        now_s: i64,
    ) -> Result<String, VapidError> {
        let part = |value: serde_json::Value| BASE64.encode(value.to_string());
        let head = part(json!({"typ": "JWT", "alg": "ES256"}));
        let audience = endpoint.origin().ascii_serialization();
        let claims = part(json!({"aud": audience, "exp": now_s + LASTS_S, "sub": contact}));
        let text = format!("{head}.{claims}");
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes());
        let signature = BASE64.encode(signature.map_err(|_| VapidError)?);
        Ok(format!("vapid t={text}.{signature}, k={}", self.public()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    #[test]
    fn a_proof_is_for_one_service_and_signed_by_the_key_it_names() {
        let key = VapidKey::open(&VapidKey::generate().unwrap()).unwrap();
        let endpoint = Url::parse("https://push.example:8443/wpush/v2/abc").unwrap();
        let proof = key.authorization(&endpoint, "mailto:ops@example.org", 1_000).unwrap();
        let rest = proof.strip_prefix("vapid t=").unwrap();
        let (token, public) = rest.split_once(", k=").unwrap();
        assert_eq!(public, key.public());
        let (text, signature) = token.rsplit_once('.').unwrap();
        let point = BASE64.decode(public).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
            .verify(text.as_bytes(), &BASE64.decode(signature).unwrap())
            .unwrap();
        let claims = BASE64.decode(text.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example:8443");
        assert_eq!(claims["exp"], 1_000 + LASTS_S);
        assert_eq!(claims["sub"], "mailto:ops@example.org");
    }
}

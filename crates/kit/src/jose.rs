//! Signed tokens and public keys as others send them (RFC 7515, RFC 7517): no I/O.
//!
//! The algorithm is one of four that need a private key to sign, and it must be the key's own:
//! `none` and everything with a shared secret cannot even be named (RFC 8725 section 3.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// What others may sign with.
pub const ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "PS256", "RS256"];
/// Sizes of an RSA modulus that we work with, bytes.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// Most keys of a set that are looked at.
const KEYS_MAX: usize = 20;
/// What a header must not bring: keys from elsewhere, rules that we do not know.
const REFUSED: [&str; 6] = ["crit", "jku", "x5u", "x5c", "zip", "b64"];
/// Members of a JWK that are nobody else's business.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A token in parts, its signature not yet checked.
#[derive(Debug, Clone)]
pub struct Signed<'t> {
    /// Its header.
    pub header: Map<String, Value>,
    /// What it says.
    pub claims: Map<String, Value>,
    alg: Algorithm,
    message: &'t str,
    signature: &'t str,
}

impl<'t> Signed<'t> {
    /// Takes a token of at most `bytes_max` bytes apart.
    pub fn parse(token: &'t str, bytes_max: usize) -> Option<Self> {
        if token.len() > bytes_max {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.').filter(|(_, rest)| !rest.contains('.'))?;
        let header = object(header)?;
        if REFUSED.iter().any(|name| header.contains_key(*name)) {
            return None;
        }
        let alg = algorithm(header.get("alg")?.as_str()?)?;
        Some(Self { claims: object(claims)?, header, alg, message, signature })
    }

    /// The kind of token it says it is, in lower case and without `application/`.
    pub fn typ(&self) -> Option<String> {
        let typ = self.header.get("typ")?.as_str()?.to_ascii_lowercase();
        Some(typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ))
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// A claim that is a time, in whole seconds.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.claims.get(name)?;
        // Fractions are allowed (RFC 7519 section 2); the times we look at fit.
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64))
    }

    /// Whether it was signed with the private half of `jwk`.
    pub fn is_by(&self, jwk: &Value) -> bool {
        let Some(key) = verifying_key(jwk, self.alg) else { return false };
        crypto::verify(self.signature, self.message.as_bytes(), &key, self.alg).unwrap_or(false)
    }

    /// Whether one of a set's keys signed it: the one that it names, if it names one.
    pub fn is_by_one_of(&self, jwks: &Value) -> bool {
        self.candidates(jwks).any(|jwk| self.is_by(jwk))
    }

    /// Whether a set has a key that may have signed it.
    pub fn has_candidate(&self, jwks: &Value) -> bool {
        self.candidates(jwks).next().is_some()
    }

    fn candidates<'k>(&self, jwks: &'k Value) -> impl Iterator<Item = &'k Value> {
        let kid = self.header.get("kid").cloned();
        let alg = self.alg;
        let keys = jwks.get("keys").and_then(Value::as_array).into_iter().flatten();
        keys.take(KEYS_MAX)
            .filter(move |jwk| kid.is_none() || jwk.get("kid") == kid.as_ref())
            .filter(move |jwk| verifying_key(jwk, alg).is_some())
    }
}

/// Whether `jwk` is a public key and nothing but that.
pub fn is_public(jwk: &Value) -> bool {
    jwk.is_object() && PRIVATE.iter().all(|name| jwk.get(name).is_none())
}

/// Whether `jwks` is a set of at least one key that we can verify with, and of no private one.
pub fn is_key_set(jwks: &Value) -> bool {
    let Some(keys) = jwks.get("keys").and_then(Value::as_array) else { return false };
    let all = [Algorithm::ES256, Algorithm::EdDSA, Algorithm::PS256, Algorithm::RS256];
    let usable = |jwk: &Value| all.iter().any(|alg| verifying_key(jwk, *alg).is_some());
    keys.len() <= KEYS_MAX && keys.iter().all(is_public) && keys.iter().any(usable)
}

/// The SHA-256 thumbprint of a public key (RFC 7638).
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let member = |name| jwk.get(name).and_then(Value::as_str);
    let names: &[&str] = match member("kty")? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    let mut canonical = Map::new();
    for name in names {
        canonical.insert((*name).to_owned(), Value::from(member(name)?));
    }
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(Value::Object(canonical).to_string())))
}

fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" | "Ed25519" => Some(Algorithm::EdDSA),
        "PS256" => Some(Algorithm::PS256),
        "RS256" => Some(Algorithm::RS256),
        _ => None,
    }
}

/// The key in `jwk` if it is public, for signatures, and of `alg`.
fn verifying_key(jwk: &Value, alg: Algorithm) -> Option<DecodingKey> {
    let member = |name| jwk.get(name).and_then(Value::as_str);
    let fits = jwk.get("alg").is_none() || member("alg").and_then(algorithm) == Some(alg);
    let signs = jwk.get("use").is_none() || member("use") == Some("sig");
    if !fits || !signs || !is_public(jwk) {
        return None;
    }
    let long = |name, bytes| decoded(member(name)?).filter(|value| value.len() == bytes);
    match (alg, member("kty")?, member("crv")) {
        (Algorithm::ES256, "EC", Some("P-256")) => {
            long("x", 32).and(long("y", 32))?;
            DecodingKey::from_ec_components(member("x")?, member("y")?).ok()
        }
        (Algorithm::EdDSA, "OKP", Some("Ed25519")) => {
            long("x", 32)?;
            DecodingKey::from_ed_components(member("x")?).ok()
        }
        (Algorithm::PS256 | Algorithm::RS256, "RSA", _) => {
            let modulus = decoded(member("n")?)?;
            let bytes = modulus.iter().skip_while(|byte| **byte == 0).count();
            let exponent = decoded(member("e")?).filter(|e| e.len() <= 8)?;
            let good = RSA_BYTES.contains(&bytes) && exponent.last().is_some_and(|e| e % 2 == 1);
            good.then(|| DecodingKey::from_rsa_components(member("n")?, member("e")?).ok())?
        }
        _ => None,
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decoded(part)?).ok()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use jsonwebtoken::{EncodingKey, Header, encode};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn pair() -> (EncodingKey, Value) {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        (private, json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}))
    }

    fn with(mut jwk: Value, name: &str, value: &str) -> Value {
        jwk[name] = json!(value);
        jwk
    }

    #[test]
    fn the_thumbprint_is_that_of_the_specification() {
        // RFC 7638 section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR\
                 1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0\
                 h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91\
                 CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44\
                 -csFCur-kEgU8awapJzKnqDKgw";
        let jwk = json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
        let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(thumbprint(&jwk).as_deref(), Some(expected));
        assert!(verifying_key(&jwk, Algorithm::RS256).is_some());
        assert!(verifying_key(&jwk, Algorithm::PS256).is_none(), "its `alg` says RS256");
        assert_eq!(thumbprint(&json!({"kty": "oct", "k": "AA"})), None);
    }

    #[test]
    fn a_token_is_by_the_key_that_signed_it_and_no_other() {
        let (private, jwk) = pair();
        let (_, other) = pair();
        let token = encode(&Header::new(Algorithm::ES256), &json!({"a": 1}), &private).unwrap();
        let signed = Signed::parse(&token, 4096).unwrap();
        assert!(signed.is_by(&jwk));
        assert!(!signed.is_by(&other));
        assert!(signed.is_by_one_of(&json!({"keys": [other, jwk]})));
        for bad in [
            with(jwk.clone(), "d", "AA"),
            with(jwk.clone(), "use", "enc"),
            with(jwk.clone(), "alg", "HS256"),
            with(jwk.clone(), "crv", "P-384"),
            with(jwk.clone(), "x", "AA"),
        ] {
            assert!(!signed.is_by(&bad), "{bad}");
        }
        assert!(Signed::parse(&token, token.len() - 1).is_none());
        assert!(Signed::parse(&format!("{token}.x"), 4096).is_none());
    }

    proptest! {
        /// Whatever comes: no panic, and what is read has three parts and a public algorithm.
        #[test]
        fn a_token_is_read_only_if_it_is_one(
            head in proptest::sample::select(vec!["ES256", "RS256", "none", "HS256", "x"]),
            claims in "\\PC{0,40}",
            tail in "[A-Za-z0-9_.-]{0,20}",
            noise in "\\PC{0,200}",
        ) {
            prop_assert!(Signed::parse(&noise, 4096).is_none_or(|it| it.signature.len() < 200));
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": head}).to_string());
            let body = URL_SAFE_NO_PAD.encode(&claims);
            let token = format!("{header}.{body}.{tail}");
            let object = serde_json::from_str::<Map<String, Value>>(&claims).ok();
            let good = ALGORITHMS.contains(&head) && !tail.contains('.') && object.is_some();
            let read = Signed::parse(&token, 4096);
            prop_assert_eq!(read.is_some(), good);
            prop_assert!(read.is_none_or(|it| Some(it.claims) == object && it.signature == tail));
            prop_assert!(Signed::parse(&token, token.len() - 1).is_none());
        }

        /// No set of anything that is JSON makes a key out of nothing.
        #[test]
        fn a_key_set_of_noise_verifies_nothing(text in "\\PC{0,80}", name in "[a-z]{1,4}") {
            let (_, jwk) = pair();
            let jwks = json!({"keys": [{name: text}, with(jwk, "crv", &text)]});
            prop_assert!(!is_key_set(&jwks));
        }
    }

    #[test]
    fn no_shared_secret_and_no_missing_signature_can_be_named() {
        for alg in ["none", "None", "HS256", "HS512", "ES384", ""] {
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg}).to_string());
            assert!(Signed::parse(&format!("{header}.e30."), 4096).is_none(), "{alg}");
        }
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": "ES256", "crit": ["x"]}).to_string());
        assert!(Signed::parse(&format!("{header}.e30.AA"), 4096).is_none());
    }

    #[test]
    fn a_set_has_a_key_we_know_and_nothing_private() {
        let (_, jwk) = pair();
        assert!(is_key_set(&json!({"keys": [jwk, {"kty": "unheard"}]})));
        assert!(!is_key_set(&json!({"keys": []})));
        assert!(!is_key_set(&json!({"keys": [with(jwk.clone(), "d", "AA")]})));
        assert!(!is_key_set(&json!([jwk])));
    }
}

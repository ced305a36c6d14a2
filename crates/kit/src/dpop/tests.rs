use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::json;

use super::*;

const URL: &str = "https://id.example/oauth/token";
const NOW: i64 = 1_000_000;

pub(crate) struct Key {
    private: EncodingKey,
    jwk: Value,
}

impl Key {
    /// A proof for a request that comes with `token`.
    pub(crate) fn proof(&self, (method, url): (&str, &str), token: &str, now_s: i64) -> String {
        let jti = crate::clock::random_token();
        let claims = json!({"htm": method, "htu": url, "iat": now_s, "jti": jti,
                            "ath": hash(token.as_bytes())});
        sign(self, &header(self), &claims)
    }

    /// What a token says that is bound to this key.
    pub(crate) fn cnf(&self) -> Value {
        json!({"jkt": jose::thumbprint(&self.jwk)})
    }
}

pub(crate) fn key() -> Key {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    Key { private, jwk: json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}) }
}

fn header(key: &Key) -> Value {
    json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk})
}

fn claims() -> Value {
    json!({"htm": "POST", "htu": URL, "iat": NOW, "jti": "1"})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn sign(key: &Key, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(message.as_bytes(), &key.private, Algorithm::ES256).unwrap();
    format!("{message}.{signature}")
}

fn expected() -> Expected<'static> {
    Expected { method: "POST", url: URL, token: None, now_s: NOW }
}

#[test]
fn a_good_proof_tells_its_key() {
    let key = key();
    let proof = check(&sign(&key, &header(&key), &claims()), expected()).unwrap();
    assert_eq!(Some(proof.jkt.clone()), jose::thumbprint(&key.jwk));
    assert!(is_thumbprint(&proof.jkt));
    assert!(proof.until_s > NOW);
    let again = check(&sign(&key, &header(&key), &claims()), expected()).unwrap();
    assert_eq!(again.id, proof.id, "another signature, the same proof");
    let query = with(claims(), "htu", json!("HTTPS://ID.example:443/oauth/token?a#b"));
    assert!(check(&sign(&key, &header(&key), &query), expected()).is_ok());
}

#[test]
fn every_part_of_a_proof_counts() {
    let (key, other) = (key(), self::key());
    let bad_headers = [
        with(header(&key), "typ", json!("JWT")),
        with(header(&key), "typ", json!(null)),
        with(header(&key), "alg", json!("none")),
        with(header(&key), "alg", json!("HS256")),
        with(header(&key), "alg", json!("RS256")),
        with(header(&key), "jwk", json!(null)),
        with(header(&key), "jwk", other.jwk.clone()),
        with(header(&key), "jwk", with(key.jwk.clone(), "d", json!("AA"))),
        with(header(&key), "jwk", json!({"kty": "oct", "k": "AA"})),
        with(header(&key), "crit", json!(["x"])),
    ];
    for header in bad_headers {
        assert!(check(&sign(&key, &header, &claims()), expected()).is_err(), "{header}");
    }
    let bad_claims = [
        with(claims(), "htm", json!("GET")),
        with(claims(), "htm", json!("post")),
        with(claims(), "htu", json!("https://id.example/oauth/revoke")),
        with(claims(), "htu", json!("http://id.example/oauth/token")),
        with(claims(), "htu", json!("https://id.example:8443/oauth/token")),
        with(claims(), "htu", json!("https://a@id.example/oauth/token")),
        with(claims(), "htu", json!(1)),
        with(claims(), "iat", json!(NOW - 61)),
        with(claims(), "iat", json!(NOW + 61)),
        with(claims(), "iat", json!("now")),
        with(claims(), "exp", json!(NOW - 100)),
        with(claims(), "jti", json!("")),
        with(claims(), "jti", json!("j".repeat(257))),
        with(claims(), "jti", json!(7)),
    ];
    for claims in bad_claims {
        assert!(check(&sign(&key, &header(&key), &claims), expected()).is_err(), "{claims}");
    }
    let mut broken = sign(&key, &header(&key), &claims());
    broken.insert(broken.len() - 9, 'A');
    assert!(check(&broken, expected()).is_err());
    assert!(check("", expected()).is_err());
}

#[test]
fn at_a_resource_the_proof_is_for_one_token() {
    let key = key();
    let ath = hash(b"token");
    let good = sign(&key, &header(&key), &with(claims(), "ath", json!(ath)));
    assert!(check(&good, Expected { token: Some("token"), ..expected() }).is_ok());
    assert!(check(&good, Expected { token: Some("other"), ..expected() }).is_err());
    let none = sign(&key, &header(&key), &claims());
    assert!(check(&none, Expected { token: Some("token"), ..expected() }).is_err());
}

#[test]
fn a_binding_that_is_not_known_is_no_bearer_token() {
    assert_eq!(bound_to(None), Ok(None));
    assert_eq!(bound_to(Some(&json!({"jkt": "x"}))), Ok(Some("x")));
    assert!(bound_to(Some(&json!({"x5t#S256": "x"}))).is_err());
}

#[test]
fn a_request_has_one_proof_or_none() {
    let mut headers = HeaderMap::new();
    assert_eq!(of(&headers), Ok(None));
    headers.append(HEADER, http::HeaderValue::from_static("a.b.c"));
    assert_eq!(of(&headers), Ok(Some("a.b.c")));
    headers.append(HEADER, http::HeaderValue::from_static("a.b.c"));
    assert!(of(&headers).is_err());
}

mod any_text {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_read_or_refused(proof in any::<String>(), header in any::<String>()) {
            prop_assert!(check(&proof, expected()).is_err());
            let made = format!("{}.{}.AA", URL_SAFE_NO_PAD.encode(header), "e30");
            prop_assert!(check(&made, expected()).is_err());
        }
    }
}

//! Tokens that are bound to a key of the app (RFC 9449).

use sha2::{Digest as _, Sha256};

use super::super::{Shown, SignInError, authenticate_socket};
use super::*;

const PUBLIC: &str = "http://localhost:8080";

/// A key pair of an app.
struct Key {
    private: EncodingKey,
    jwk: Value,
    jkt: String,
}

impl Key {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": B64.encode(&point[1..33]),
            "y": B64.encode(&point[33..])});
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        let jkt = kit::jose::thumbprint(&jwk).unwrap();
        Self { private, jwk, jkt }
    }

    /// A proof for a request of `method` to `path` with `token`.
    fn proof(&self, (method, path): (&str, &str), token: &str) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("dpop+jwt".to_owned());
        header.jwk = Some(serde_json::from_value(self.jwk.clone()).unwrap());
        let claims = json!({"htm": method, "htu": format!("{PUBLIC}{path}"),
            "iat": now_ms() / 1000, "jti": kit::clock::random_token(),
            "ath": B64.encode(Sha256::digest(token))});
        encode(&header, &claims, &self.private).unwrap()
    }
}

/// A token of `sid` that is bound to `key`.
fn bound(world: &World, sid: &str, key: &Key) -> String {
    let mut claims = world.provider.access_claims(sid);
    claims["cnf"] = json!({"jkt": key.jkt});
    world.provider.sign("at+jwt", &claims)
}

impl World {
    async fn who_with(&self, method: Method, scheme: &str, token: &str, proof: &str) -> u16 {
        let value = format!("{scheme} {token}");
        let headers = [("authorization", value.as_str()), ("dpop", proof)];
        let headers = if proof.is_empty() { &headers[..1] } else { &headers[..] };
        self.send(method, "/who", headers).await.status().as_u16()
    }
}

#[tokio::test]
async fn a_bound_token_opens_with_a_proof_for_this_request_and_once() {
    let world = World::open().await;
    let (key, other) = (Key::new(), Key::new());
    let token = bound(&world, "sid-1", &key);
    let proof = key.proof(("GET", "/who"), &token);
    assert_eq!(world.who_with(Method::GET, "DPoP", &token, &proof).await, 200);
    let row = crate::people::by_username(world.chat.db.reader(), "@ana").await.unwrap();
    assert!(row.is_some(), "whom it was never seen before is asked for by introspection");
    assert_eq!(world.who_with(Method::GET, "DPoP", &token, &proof).await, 401, "a replay");
    let bearer = world.provider.access("sid-1");
    for (name, method, scheme, token, proof) in [
        ("as a bearer token", Method::GET, "Bearer", &token, String::new()),
        (
            "with a proof all the same",
            Method::GET,
            "Bearer",
            &token,
            key.proof(("GET", "/who"), &token),
        ),
        ("without a proof", Method::GET, "DPoP", &token, String::new()),
        ("for another method", Method::POST, "DPoP", &token, key.proof(("GET", "/who"), &token)),
        ("for another path", Method::GET, "DPoP", &token, key.proof(("GET", "/whom"), &token)),
        ("for another token", Method::GET, "DPoP", &token, key.proof(("GET", "/who"), &bearer)),
        ("of another key", Method::GET, "DPoP", &token, other.proof(("GET", "/who"), &token)),
        (
            "a bearer token with a proof",
            Method::GET,
            "DPoP",
            &bearer,
            key.proof(("GET", "/who"), &bearer),
        ),
    ] {
        assert_eq!(world.who_with(method, scheme, token, &proof).await, 401, "{name}");
    }
    let proof = key.proof(("POST", "/who"), &token);
    assert_eq!(world.who_with(Method::POST, "dpop", &token, &proof).await, 200);
    assert_eq!(world.who_with(Method::GET, "Bearer", &bearer, "").await, 200);
}

#[tokio::test]
async fn a_socket_shows_a_proof_when_it_opens() {
    let world = World::open().await;
    let key = Key::new();
    let token = bound(&world, "sid-1", &key);
    let headers = HeaderMap::new();
    let open = async |proof: Option<&str>| {
        let shown = Shown { token: &token, proof };
        authenticate_socket(&world.chat, Some(shown), &headers).await
    };
    let refused = open(None).await;
    assert!(matches!(refused, Err(SignInError::Token(_))), "{refused:?}");
    let elsewhere = key.proof(("GET", "/api/me"), &token);
    assert!(open(Some(&elsewhere)).await.is_err());
    let proof = key.proof(("GET", "/socket.io/"), &token);
    let viewer = open(Some(&proof)).await.unwrap();
    assert!(viewer.expires_at.is_some(), "it ends with the token");
    assert!(open(Some(&proof)).await.is_err(), "a replay");
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("DPoP {token}").parse().unwrap());
    headers.insert("dpop", key.proof(("GET", "/socket.io/"), &token).parse().unwrap());
    assert!(authenticate_socket(&world.chat, None, &headers).await.is_ok(), "or in the headers");
}

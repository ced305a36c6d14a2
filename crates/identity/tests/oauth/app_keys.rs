//! Keys of an app, and what it signs with them.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::world::{App, REDIRECT, World};

/// What a signed client assertion is called (RFC 7523 section 2.2).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key pair of an app.
pub(crate) struct Key {
    private: EncodingKey,
    /// Its public half.
    pub(crate) jwk: Value,
}

impl Key {
    pub(crate) fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        let jwk = json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y});
        Self { private, jwk }
    }

    /// `claims`, signed.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = self.jwk["kid"].as_str().map(str::to_owned);
        encode(&header, claims, &self.private).unwrap()
    }

    /// The thumbprint of the public half.
    pub(crate) fn jkt(&self) -> String {
        kit::jose::thumbprint(&self.jwk).unwrap()
    }

    /// A proof (RFC 9449) for a request that comes with `token`, good once.
    pub(crate) fn proof(&self, (method, url): (&str, &str), token: Option<&str>) -> String {
        self.proof_of(&proof_claims((method, url), token))
    }

    /// A proof that says `claims`.
    pub(crate) fn proof_of(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("dpop+jwt".to_owned());
        header.jwk = Some(serde_json::from_value(self.jwk.clone()).unwrap());
        encode(&header, claims, &self.private).unwrap()
    }

    /// Proof that this is `client_id`, for the server `audience`, good once.
    pub(crate) fn assertion(&self, client_id: &str, audience: &str) -> String {
        self.sign(&claims(client_id, audience))
    }
}

/// What an assertion says.
pub(crate) fn claims(client_id: &str, audience: &str) -> Value {
    let now = kit::clock::now_ms() / 1000;
    let jti = kit::clock::random_token();
    json!({"iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 60,
           "jti": jti})
}

/// What a proof says.
pub(crate) fn proof_claims((method, url): (&str, &str), token: Option<&str>) -> Value {
    let (now, jti) = (kit::clock::now_ms() / 1000, kit::clock::random_token());
    let mut claims = json!({"htm": method, "htu": url, "iat": now, "jti": jti});
    if let Some(token) = token {
        claims["ath"] = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
    }
    claims
}

/// A file with a key set.
pub(crate) fn key_file(keys: &[&Key]) -> String {
    let set: Vec<&Value> = keys.iter().map(|key| &key.jwk).collect();
    let name = format!("tertulia-jwks-{}.json", kit::clock::uuid_v7());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, json!({"keys": set}).to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

impl World {
    /// An app that signs with `key`.
    pub(crate) async fn signing_app(&self, key: &Key) -> App {
        let file = key_file(&[key]);
        self.register(&["--auth-method", "private_key_jwt", "--jwks", &file]).await
    }

    /// An app with these words more on the operator's command line.
    pub(crate) async fn register(&self, more: &[&str]) -> App {
        let mut words = vec!["client", "create", "--name", "Reloj", "--redirect-uri", REDIRECT];
        words.extend(more);
        let made = self.command(&words).await;
        App {
            id: made["client_id"].as_str().unwrap().to_owned(),
            secret: made["client_secret"].as_str().map(str::to_owned),
            redirect_uri: REDIRECT.to_owned(),
        }
    }
}

//! Signing keys: ES256, made here, wrapped by the key ring.
//!
//! A key is `next` (published, not yet used), `active` (signs), `retired` (published until the
//! last token it signed has expired) or `destroyed`. At first start one `active` key is made.

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use kit::clock::now_ms;
use kit::db::{Db, DbErr, DbResult, Row, Sql, Tx, all, exec, params, scalar};
use kit::keys::{KeyError, KeyRing};
use kit::problem::{Kind, Problem};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const CONTEXT: &str = "oauth:signing-key";

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key ring does not open the key.
    #[error("the signing key cannot be opened")]
    Ring(#[from] KeyError),
    /// No key, or one that cannot be read.
    #[error("the signing key cannot be used: {0}")]
    Key(String),
    /// The cause goes to the log, never to the caller.
    #[error("the key store failed")]
    Store(#[from] DbErr),
}

impl Problem for SigningError {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

/// The keys of this issuer. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SigningKeys(Arc<Loaded>);

struct Loaded {
    kid: String,
    private: EncodingKey,
    /// What others verify with, as `{"keys": […]}`.
    published: Value,
    /// The same, to verify what comes back to us.
    public: Vec<(String, DecodingKey)>,
}

#[derive(Row)]
struct KeyRow {
    kid: String,
    public_jwk: String,
    private_enc: Vec<u8>,
    state: String,
}

impl SigningKeys {
    /// Loads the keys, making the first one.
    pub(crate) async fn open(db: &Db, ring: &KeyRing) -> Result<Self, SigningError> {
        db.write(async |tx| ensure_active(tx, ring, now_ms()).await).await?;
        Ok(Self(Arc::new(load(db.reader(), ring).await?)))
    }

    /// The key set that is published.
    pub(crate) fn published(&self) -> Value {
        self.0.published.clone()
    }

    /// Signs `claims` as a token of type `typ`.
    pub(crate) fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, SigningError> {
        let loaded = &self.0;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(loaded.kid.clone());
        encode(&header, claims, &loaded.private).map_err(|e| SigningError::Key(e.to_string()))
    }

    /// The public key named `kid`.
    pub(crate) fn public(&self, kid: &str) -> Option<DecodingKey> {
        let loaded = &self.0;
        loaded.public.iter().find(|(found, _)| found == kid).map(|(_, key)| key.clone())
    }
}

async fn ensure_active(tx: &Tx, ring: &KeyRing, now: i64) -> Result<(), SigningError> {
    let sql = "SELECT kid FROM signing_keys WHERE state = 'active' LIMIT 1";
    if scalar::<String>(tx, sql, params![]).await?.is_some() {
        return Ok(());
    }
    let refuse = |_| SigningError::Key("cannot make one".to_owned());
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refuse)?;
    let private = pair.to_pkcs8v1().map_err(refuse)?;
    let jwk = public_jwk(pair.public_key().as_ref());
    let kid = jwk["kid"].as_str().unwrap_or_default().to_owned();
    let sealed = ring.seal(CONTEXT, kid.as_bytes(), private.as_ref())?;
    let sql = "INSERT INTO signing_keys (kid, alg, public_jwk, private_enc, state, created_at, \
               not_before) VALUES ($1, 'ES256', $2, $3, 'active', $4, $4)";
    exec(tx, sql, params![kid, jwk.to_string(), sealed, now]).await?;
    Ok(())
}

async fn load(c: &impl Sql, ring: &KeyRing) -> Result<Loaded, SigningError> {
    let rows = published_rows(c).await?;
    let active = rows.iter().find(|row| row.state == "active");
    let active = active.ok_or_else(|| SigningError::Key("none is active".to_owned()))?;
    let plain = ring.open_value(CONTEXT, active.kid.as_bytes(), &active.private_enc)?;
    let private = EncodingKey::from_ec_der(&Zeroizing::new(plain));
    let mut keys = Vec::new();
    let mut public = Vec::new();
    for row in &rows {
        let unreadable = |error: String| SigningError::Key(format!("{}: {error}", row.kid));
        let jwk: Value =
            serde_json::from_str(&row.public_jwk).map_err(|e| unreadable(e.to_string()))?;
        let (x, y) = (jwk["x"].as_str().unwrap_or_default(), jwk["y"].as_str().unwrap_or_default());
        let key = DecodingKey::from_ec_components(x, y).map_err(|e| unreadable(e.to_string()))?;
        public.push((row.kid.clone(), key));
        keys.push(jwk);
    }
    Ok(Loaded { kid: active.kid.clone(), private, published: json!({"keys": keys}), public })
}

async fn published_rows(c: &impl Sql) -> DbResult<Vec<KeyRow>> {
    let sql = "SELECT kid, public_jwk, private_enc, state FROM signing_keys \
               WHERE state IN ('next', 'active', 'retired') ORDER BY created_at DESC, kid";
    all(c, sql, params![]).await
}

/// The JWK of an uncompressed point; its name is its thumbprint (RFC 7638).
fn public_jwk(point: &[u8]) -> Value {
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes()));
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y})
}

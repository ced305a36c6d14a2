//! Proofs that whoever shows a token has the key it is bound to (RFC 9449): no I/O, the time is
//! an argument.
//!
//! [`check`] finds whether a proof is good for one request; that it is shown only once is for
//! the caller to remember, by [`Proof::id`] until [`Proof::until_s`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::jose::{self, Signed};

/// The header that a proof comes in.
pub const HEADER: &str = "dpop";
/// Longest proof that is looked at, bytes.
const BYTES_MAX: usize = 8 * 1024;
/// Longest `jti`, bytes.
const JTI_BYTES_MAX: usize = 256;
/// How far a proof's time may be from ours, seconds.
const WINDOW_S: i64 = 60;

/// The request that a proof must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its address as the client knows it; query and fragment do not count.
    pub url: &'a str,
    /// The access token that comes with it, at a resource.
    pub token: Option<&'a str>,
    /// The time, seconds since the epoch.
    pub now_s: i64,
}

/// A proof that is good for its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key, which tokens are bound to.
    pub jkt: String,
    /// What tells it from every other proof; hashed, so that its length is known.
    pub id: String,
    /// It need not be remembered for longer than this, seconds since the epoch.
    pub until_s: i64,
}

/// Why a proof is no good; the reason is for the client's developer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the DPoP proof was refused: {0}")]
pub struct BadProof(pub &'static str);

/// The proof that comes with a request, if one does; two are none (RFC 9449 section 4.3).
pub fn of(headers: &HeaderMap) -> Result<Option<&str>, BadProof> {
    let mut shown = headers.get_all(HEADER).iter();
    let Some(first) = shown.next() else { return Ok(None) };
    if shown.next().is_some() {
        return Err(BadProof("there is more than one"));
    }
    first.to_str().map(Some).map_err(|_| BadProof("it is not text"))
}

/// Checks a proof (RFC 9449 section 4.3).
pub fn check(proof: &str, expected: Expected<'_>) -> Result<Proof, BadProof> {
    let refuse = |reason| Err(BadProof(reason));
    let Some(signed) = Signed::parse(proof, BYTES_MAX) else {
        return refuse("it is no JWT with an algorithm of a key pair");
    };
    if signed.typ().as_deref() != Some("dpop+jwt") {
        return refuse("its typ is not dpop+jwt");
    }
    let jwk = signed.header.get("jwk").filter(|jwk| jose::is_public(jwk));
    let Some(jwk) = jwk else { return refuse("it has no public key") };
    let Some(jkt) = jose::thumbprint(jwk).filter(|_| signed.is_by(jwk)) else {
        return refuse("its signature is not of its key");
    };
    if signed.text("htm") != Some(expected.method) {
        return refuse("it is for another method");
    }
    if !signed.text("htu").is_some_and(|htu| same_place(htu, expected.url)) {
        return refuse("it is for another address");
    }
    let Some(iat) = signed.seconds("iat") else { return refuse("it has no iat") };
    if iat.abs_diff(expected.now_s) > WINDOW_S.unsigned_abs() {
        return refuse("its time is not now");
    }
    if signed.claims.contains_key("exp") && signed.seconds("exp") <= Some(expected.now_s - WINDOW_S)
    {
        return refuse("it has expired");
    }
    let jti = signed.text("jti").filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len()));
    let Some(jti) = jti else { return refuse("it has no jti, or a very long one") };
    let ath = expected.token.map(|token| hash(token.as_bytes()));
    if ath.is_some() && signed.text("ath") != ath.as_deref() {
        return refuse("it is for another token");
    }
    let id = hash(format!("{jkt} {jti}").as_bytes());
    Ok(Proof { jkt, id, until_s: iat.saturating_add(WINDOW_S) + 1 })
}

/// Whether `text` can be the thumbprint of a key: 43 characters of base64url.
pub fn is_thumbprint(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|hash| hash.len() == 32)
}

/// What a token's `cnf` binds it to (RFC 9449 section 6): `Ok(None)` for a bearer token.
pub fn bound_to(cnf: Option<&Value>) -> Result<Option<&str>, BadProof> {
    let Some(cnf) = cnf else { return Ok(None) };
    let jkt = cnf.get("jkt").and_then(Value::as_str);
    jkt.map(Some).ok_or(BadProof("it is bound in a way that is not known"))
}

fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

/// Scheme, host, port and path are what counts (RFC 3986 sections 6.2.2 and 6.2.3).
fn same_place(one: &str, two: &str) -> bool {
    let parts = |text: &str| {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let host = url.host_str()?.to_owned();
        let port = url.port_or_known_default();
        plain.then(|| (url.scheme().to_owned(), host, port, url.path().to_owned()))
    };
    parts(one).is_some_and(|one| parts(two) == Some(one))
}

#[cfg(test)]
#[path = "dpop/tests.rs"]
pub(crate) mod tests;

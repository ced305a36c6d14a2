//! Checks tokens against an issuer's keys: who calls, with what, until when.
//!
//! An [`Issuer`] knows one OpenID provider by its discovery document and its keys. It accepts
//! exactly three things, told apart by `typ` so that none passes for another (RFC 8725 section
//! 3.11): access tokens (RFC 9068), ID tokens (OpenID Connect Core 3.1.3.7) and logout tokens
//! (Back-Channel Logout 2.6). A key is only ever looked up by `kid` in the issuer's own set;
//! what a token says about where its key is (`jku`, `jwk`, `x5u`, `crit`) has it refused.

mod claims;
mod remote;
mod seen;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

pub use claims::{Caller, IdToken, LogoutToken};
pub use remote::Endpoints;

use crate::clock;
use crate::dpop::{self, BadProof, Expected};
use crate::problem::{Kind, Problem};
use remote::Remote;
use seen::Seen;

/// How far two clocks may be apart, seconds.
pub const LEEWAY_S: i64 = 60;
/// Longest token that is looked at, bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// How many logout tokens are remembered against replay; they live two minutes.
const LOGOUTS_MAX: usize = 10_000;
/// How many proofs are remembered against replay; they live two minutes.
const PROOFS_MAX: usize = 100_000;

/// Why a token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CallerError {
    /// The token is not good; the reason is for the caller's developer.
    #[error("the token was refused: {0}")]
    Refused(&'static str),
    /// The proof that comes with the token is not good.
    #[error(transparent)]
    Proof(#[from] BadProof),
    /// The issuer could not be asked.
    #[error("the sign-in service cannot be reached: {0}")]
    Unavailable(String),
}

impl Problem for CallerError {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(_) | Self::Proof(_) => Kind::Unauthenticated,
            Self::Unavailable(_) => Kind::Unavailable,
        }
    }
}

/// A client for talking to an issuer: no redirects are followed, nothing takes over 5 s.
pub fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client without files or proxies can be built")
}

/// One OpenID provider. Cheap to clone.
#[derive(Clone)]
pub struct Issuer(Arc<Shared>);

struct Shared {
    remote: Remote,
    logouts: Seen,
    proofs: Seen,
}

/// A proof that comes with a token, and the request that it comes in.
#[derive(Debug, Clone, Copy)]
pub struct Proved<'a> {
    /// The proof (RFC 9449 section 4.2).
    pub proof: &'a str,
    /// The request's method.
    pub method: &'a str,
    /// The request's address, as the client knows it.
    pub url: &'a str,
}

impl Issuer {
    /// An issuer named `issuer` in tokens whose endpoints are reached below `internal_url`; both
    /// are the same unless the provider runs in this process or behind a proxy. Asks nothing yet.
    pub fn new(
        http: reqwest::Client,
        issuer: impl Into<String>,
        internal_url: impl AsRef<str>,
    ) -> Self {
        let remote = Remote::new(http, issuer.into(), internal_url.as_ref());
        let (logouts, proofs) = (Seen::new(LOGOUTS_MAX), Seen::new(PROOFS_MAX));
        Self(Arc::new(Shared { remote, logouts, proofs }))
    }

    /// The name in `iss`.
    pub fn url(&self) -> &str {
        self.0.remote.issuer()
    }

    /// Where the issuer's endpoints are, from its discovery document.
    pub async fn endpoints(&self) -> Result<Endpoints, CallerError> {
        self.0.remote.endpoints().await
    }

    /// The names of the keys that the issuer publishes, asked for again when what is known of
    /// them is old. Whoever goes on by an earlier token's right must not when its
    /// [key](Caller::kid) is no longer among them: somebody else may know it.
    pub async fn keys(&self) -> Result<HashSet<String>, CallerError> {
        self.0.remote.keys().await
    }

    /// Accepts an access token for `audience` that whoever has it may use.
    pub async fn access(&self, token: &str, audience: &str) -> Result<Caller, CallerError> {
        let caller = self.caller(token, audience).await?;
        if caller.jkt.is_some() {
            return Err(CallerError::Refused("it is bound to a key and no bearer token"));
        }
        Ok(caller)
    }

    /// Accepts an access token for `audience` that is bound to a key, with a proof that whoever
    /// shows it has the key, once (RFC 9449 section 7).
    pub async fn bound_access(
        &self,
        token: &str,
        audience: &str,
        Proved { proof, method, url }: Proved<'_>,
    ) -> Result<Caller, CallerError> {
        let caller = self.caller(token, audience).await?;
        let now_s = now_s();
        let proof = dpop::check(proof, Expected { method, url, token: Some(token), now_s })?;
        if caller.jkt.is_none() {
            return Err(CallerError::Refused("it is a bearer token and not bound to a key"));
        }
        if caller.jkt.as_ref() != Some(&proof.jkt) {
            return Err(BadProof("it is of another key").into());
        }
        if !self.0.proofs.is_first(proof.id, proof.until_s, now_s)? {
            return Err(BadProof("it was used before").into());
        }
        Ok(caller)
    }

    async fn caller(&self, token: &str, audience: &str) -> Result<Caller, CallerError> {
        let (kid, signed) = self.signed(token, &["at+jwt"], Untyped::Refused).await?;
        claims::access(kid, &signed, self.url(), audience, now_s())
    }

    /// Accepts an ID token for `client_id`; `nonce` is what the sign-in was started with.
    pub async fn id_token(
        &self,
        token: &str,
        client_id: &str,
        nonce: Option<&str>,
    ) -> Result<IdToken, CallerError> {
        let (_, signed) = self.signed(token, &["jwt"], Untyped::Accepted).await?;
        claims::id_token(&signed, self.url(), client_id, nonce, now_s())
    }

    /// Accepts a logout token for `client_id`, once.
    pub async fn logout_token(
        &self,
        token: &str,
        client_id: &str,
    ) -> Result<LogoutToken, CallerError> {
        let (_, signed) = self.signed(token, &["logout+jwt"], Untyped::Refused).await?;
        let now = now_s();
        let token = claims::logout_token(&signed, self.url(), client_id, now)?;
        if !self.0.logouts.is_first(token.jti.clone(), token.exp + LEEWAY_S, now)? {
            return Err(CallerError::Refused("this logout token was already used"));
        }
        Ok(token)
    }

    /// The key's name and the claims of a token whose `typ` is one of `types` and whose signature
    /// is the issuer's.
    async fn signed(
        &self,
        token: &str,
        types: &[&str],
        untyped: Untyped,
    ) -> Result<(String, Vec<u8>), CallerError> {
        let kid = claims::key_id(token, types, untyped)?;
        let key = self.0.remote.key(&kid).await?;
        let claims = claims::verified(token, &key)?;
        Ok((kid, claims))
    }
}

/// What to do with a token without `typ`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Untyped {
    Accepted,
    Refused,
}

fn now_s() -> i64 {
    clock::now_ms().div_euclid(1000)
}

//! Checks tokens against an issuer's keys: who calls, with what, until when.
//!
//! An [`Issuer`] knows one OpenID provider by its discovery document and its keys. It accepts
//! exactly three things, told apart by `typ` so that none passes for another (RFC 8725 section
//! 3.11): access tokens (RFC 9068), ID tokens (OpenID Connect Core 3.1.3.7) and logout tokens
//! (Back-Channel Logout 2.6). A key is only ever looked up by `kid` in the issuer's own set;
//! what a token says about where its key is (`jku`, `jwk`, `x5u`, `crit`) has it refused.

mod claims;
mod remote;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use claims::{Caller, IdToken, LogoutToken};
pub use remote::Endpoints;

use crate::clock;
use crate::problem::{Kind, Problem};
use remote::Remote;

/// How far two clocks may be apart, seconds.
pub const LEEWAY_S: i64 = 60;
/// Longest token that is looked at, bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// How many logout tokens are remembered against replay; they live two minutes.
const REMEMBERED_MAX: usize = 10_000;

/// Why a token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CallerError {
    /// The token is not good; the reason is for the caller's developer.
    #[error("the token was refused: {0}")]
    Refused(&'static str),
    /// The issuer could not be asked.
    #[error("the sign-in service cannot be reached: {0}")]
    Unavailable(String),
}

impl Problem for CallerError {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(_) => Kind::Unauthenticated,
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
    logout_ids: Mutex<HashMap<String, i64>>,
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
        Self(Arc::new(Shared { remote, logout_ids: Mutex::default() }))
    }

    /// The name in `iss`.
    pub fn url(&self) -> &str {
        self.0.remote.issuer()
    }

    /// Where the issuer's endpoints are, from its discovery document.
    pub async fn endpoints(&self) -> Result<Endpoints, CallerError> {
        self.0.remote.endpoints().await
    }

    /// Accepts an access token for `audience`.
    pub async fn access(&self, token: &str, audience: &str) -> Result<Caller, CallerError> {
        let signed = self.signed(token, &["at+jwt"], Untyped::Refused).await?;
        claims::access(&signed, self.url(), audience, now_s())
    }

    /// Accepts an ID token for `client_id`; `nonce` is what the sign-in was started with.
    pub async fn id_token(
        &self,
        token: &str,
        client_id: &str,
        nonce: Option<&str>,
    ) -> Result<IdToken, CallerError> {
        let signed = self.signed(token, &["jwt"], Untyped::Accepted).await?;
        claims::id_token(&signed, self.url(), client_id, nonce, now_s())
    }

    /// Accepts a logout token for `client_id`, once.
    pub async fn logout_token(
        &self,
        token: &str,
        client_id: &str,
    ) -> Result<LogoutToken, CallerError> {
        let signed = self.signed(token, &["logout+jwt"], Untyped::Refused).await?;
        let now = now_s();
        let token = claims::logout_token(&signed, self.url(), client_id, now)?;
        self.remember(&token, now)?;
        Ok(token)
    }

    /// The claims of a token whose `typ` is one of `types` and whose signature is the issuer's.
    async fn signed(
        &self,
        token: &str,
        types: &[&str],
        untyped: Untyped,
    ) -> Result<Vec<u8>, CallerError> {
        let kid = claims::key_id(token, types, untyped)?;
        let key = self.0.remote.key(&kid).await?;
        claims::verified(token, &key)
    }

    fn remember(&self, token: &LogoutToken, now: i64) -> Result<(), CallerError> {
        let mut seen = self.0.logout_ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen.len() >= REMEMBERED_MAX {
            seen.retain(|_, until| *until >= now);
        }
        if seen.len() >= REMEMBERED_MAX {
            return Err(CallerError::Unavailable("too many logout tokens at once".to_owned()));
        }
        match seen.insert(token.jti.clone(), token.exp + LEEWAY_S) {
            Some(_) => Err(CallerError::Refused("this logout token was already used")),
            None => Ok(()),
        }
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

//! An issuer's discovery document and keys, fetched and kept.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::CallerError;

/// Keys younger than this are used without asking: a compromised one must not live on for long.
const FRESH: Duration = Duration::from_secs(30);
/// Keys older than this are not used, even if the issuer cannot be reached.
const STALE_MAX: Duration = Duration::from_hours(1);
/// A token with an unknown `kid` makes us ask again, but not more often than this.
const PAUSE: Duration = Duration::from_secs(1);
/// After a failure we may try again sooner.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(500);
/// Longest document that is read, bytes.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// Most keys that are kept.
const KEYS_MAX: usize = 32;

/// Where an issuer's endpoints are: those that a browser visits by their public URL, those that
/// this server calls by the internal one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// For the browser.
    pub authorization: String,
    /// For the browser, RP-initiated logout.
    pub end_session: Option<String>,
    /// For this server.
    pub token: String,
    /// For this server.
    pub userinfo: Option<String>,
    /// For this server.
    pub revocation: Option<String>,
    /// For this server.
    pub introspection: Option<String>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: String,
    token_endpoint: String,
    end_session_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
}

/// Keys of a kind we do not know must not make the rest unreadable.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

struct Snapshot {
    endpoints: Endpoints,
    keys: HashMap<String, DecodingKey>,
    at: Instant,
}

#[derive(Default)]
struct Attempts {
    last: Option<(Instant, Result<(), String>)>,
}

pub(super) struct Remote {
    http: reqwest::Client,
    issuer: String,
    internal_url: String,
    known: RwLock<Option<Arc<Snapshot>>>,
    /// Held while asking, so that many callers ask once.
    attempts: Mutex<Attempts>,
}

impl Remote {
    pub(super) fn new(http: reqwest::Client, issuer: String, internal_url: &str) -> Self {
        let internal_url = internal_url.trim_end_matches('/').to_owned();
        let (known, attempts) = (RwLock::default(), Mutex::default());
        Self { http, issuer, internal_url, known, attempts }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) async fn endpoints(&self) -> Result<Endpoints, CallerError> {
        let snapshot = self.snapshot(|_| true).await?;
        Ok(snapshot.endpoints.clone())
    }

    pub(super) async fn key(&self, kid: &str) -> Result<DecodingKey, CallerError> {
        let snapshot = self.snapshot(|snapshot| snapshot.keys.contains_key(kid)).await?;
        snapshot.keys.get(kid).cloned().ok_or(CallerError::Refused("its key is not known"))
    }

    pub(super) async fn keys(&self) -> Result<HashSet<String>, CallerError> {
        let snapshot = self.snapshot(|_| true).await?;
        Ok(snapshot.keys.keys().cloned().collect())
    }

    /// What is known, asked for again when it is old or not `enough`.
    async fn snapshot(
        &self,
        enough: impl Fn(&Snapshot) -> bool,
    ) -> Result<Arc<Snapshot>, CallerError> {
        let good = |known: &Arc<Snapshot>| known.at.elapsed() < FRESH && enough(known);
        if let Some(known) = self.known().filter(good) {
            return Ok(known);
        }
        let usable = |known: &Arc<Snapshot>| known.at.elapsed() < STALE_MAX;
        let old_but_enough = self.known().filter(|known| usable(known) && enough(known));
        let mut attempts = match (self.attempts.try_lock(), old_but_enough) {
            (Ok(attempts), _) => attempts,
            (Err(_), Some(known)) => return Ok(known), // Somebody asks; nobody else waits for it.
            (Err(_), None) => self.attempts.lock().await,
        };
        if let Some(known) = self.known().filter(good) {
            return Ok(known); // Somebody else asked while we waited.
        }
        if attempts.may_ask() {
            let fetched = self.fetch().await;
            attempts.last =
                Some((Instant::now(), fetched.as_ref().map(drop).map_err(Clone::clone)));
            if let Ok(snapshot) = fetched {
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                *known = Some(Arc::new(snapshot));
            }
        }
        self.known().filter(usable).ok_or_else(|| CallerError::Unavailable(attempts.reason()))
    }

    fn known(&self) -> Option<Arc<Snapshot>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch(&self) -> Result<Snapshot, String> {
        let at = format!("{}/.well-known/openid-configuration", self.internal_url);
        let found: Discovery = self.document(&at).await?;
        if found.issuer != self.issuer {
            return Err(format!("{at} is about {} and not about {}", found.issuer, self.issuer));
        }
        let set: KeySet = self.document(&self.internal(&found.jwks_uri)).await?;
        let keys = set.keys.into_iter().take(KEYS_MAX).filter_map(verifying_key).collect();
        let inside = |url: Option<String>| url.map(|url| self.internal(&url));
        let endpoints = Endpoints {
            authorization: found.authorization_endpoint,
            end_session: found.end_session_endpoint,
            token: self.internal(&found.token_endpoint),
            userinfo: inside(found.userinfo_endpoint),
            revocation: inside(found.revocation_endpoint),
            introspection: inside(found.introspection_endpoint),
        };
        Ok(Snapshot { endpoints, keys, at: Instant::now() })
    }

    async fn document<T: DeserializeOwned>(&self, url: &str) -> Result<T, String> {
        let request = self.http.get(url).timeout(Duration::from_secs(3));
        let response = request.send().await.map_err(|error| error.to_string())?;
        if !response.status().is_success() {
            return Err(format!("{url} answered {}", response.status()));
        }
        let body = crate::egress::body(response, DOCUMENT_BYTES_MAX).await;
        let body = body.map_err(|error| format!("{url}: {error}"))?;
        serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
    }

    /// `url` as this server reaches it.
    fn internal(&self, url: &str) -> String {
        match url.strip_prefix(self.issuer.trim_end_matches('/')) {
            Some(path) if path.starts_with('/') => format!("{}{path}", self.internal_url),
            _ => url.to_owned(),
        }
    }
}

impl Attempts {
    fn may_ask(&self) -> bool {
        match &self.last {
            None => true,
            Some((at, Ok(()))) => at.elapsed() >= PAUSE,
            Some((at, Err(_))) => at.elapsed() >= PAUSE_AFTER_FAILURE,
        }
    }

    fn reason(&self) -> String {
        match &self.last {
            Some((_, Err(reason))) => reason.clone(),
            _ => "its keys are too old".to_owned(),
        }
    }
}

/// A key we would verify with: ES256, for signatures, with a name.
fn verifying_key(jwk: serde_json::Value) -> Option<(String, DecodingKey)> {
    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let es256 = matches!(jwk.common.key_algorithm, None | Some(KeyAlgorithm::ES256));
    let p256 = matches!(&jwk.algorithm,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256);
    if !(for_signatures && es256 && p256) {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some((jwk.common.key_id?, key))
}

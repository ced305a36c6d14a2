//! Signing keys: ES256 and RS256, made here, wrapped by the key ring.
//!
//! A key is `next` (published, not yet used), `active` (signs), `retired` (published until the
//! last token it signed has expired) or `destroyed`. Keys change on schedule and on demand; every
//! process on the database sees it within seconds. The public half of a destroyed key still tells
//! for 90 days whether an ID token that an app shows as a hint was ours. A key that somebody else
//! may know is destroyed at once: what it signed is not accepted any more, in no place.

pub(crate) mod cli;
mod pair;
mod rotation;
mod store;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use kit::clock::now_ms;
use kit::db::{Db, DbErr};
use kit::keys::{KeyError, KeyRing};
use kit::problem::{Kind, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use pair::Alg;
pub(crate) use rotation::{Rotation, rotate};
pub(crate) use store::{Described, described};

use pair::Pair;

/// How often other processes' changes and the schedule are looked for.
const POLL: Duration = Duration::from_secs(5);
/// An unknown key makes us look at once, but not more often than this.
const PAUSE: Duration = Duration::from_secs(1);

/// When signing keys change.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// A new key is published so long before it signs, so that everybody has it by then.
    pub publish_s: u32,
    /// A key signs for so long.
    pub life_s: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { publish_s: 3600, life_s: 30 * 86_400 }
    }
}

impl Schedule {
    /// What is wrong with it.
    pub(crate) fn refusal(&self) -> Option<String> {
        let Self { publish_s, life_s } = self;
        let short = *life_s < publish_s.saturating_mul(2) || *life_s == 0;
        short.then(|| format!("signing.life_s ({life_s}) must be twice publish_s ({publish_s})"))
    }
}

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
pub(crate) struct SigningKeys(Arc<Shared>);

struct Shared {
    db: Db,
    ring: Arc<KeyRing>,
    schedule: Schedule,
    loaded: RwLock<(Instant, Arc<Loaded>)>,
}

/// The keys as they were when they were last read.
struct Loaded {
    /// One per algorithm.
    active: Vec<Pair>,
    /// What others verify with, as `{"keys": […]}`.
    published: Value,
    /// The same, to verify what comes back to us.
    public: Vec<(String, Alg, DecodingKey)>,
    /// What was published, for ID tokens that come back as hints.
    former: Vec<(String, Alg, DecodingKey)>,
    /// Names and states, to see what changed.
    states: Vec<(String, String)>,
}

impl SigningKeys {
    /// Loads the keys, making the first ones.
    pub(crate) async fn open(
        db: Db,
        ring: Arc<KeyRing>,
        schedule: Schedule,
    ) -> Result<Self, SigningError> {
        rotation::on_schedule(&db, &ring, &schedule, now_ms()).await?;
        let loaded = store::load(db.reader(), &ring).await?;
        let loaded = RwLock::new((Instant::now(), Arc::new(loaded)));
        Ok(Self(Arc::new(Shared { db, ring, schedule, loaded })))
    }

    /// The key set that is published, at most a second old.
    pub(crate) async fn published(&self) -> Value {
        self.look(PAUSE).await;
        self.now().1.published.clone()
    }

    /// Signs `claims` as a token of type `typ` with the usual algorithm.
    pub(crate) fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, SigningError> {
        self.sign_with(Alg::Es256, typ, claims)
    }

    /// Signs `claims` as a token of type `typ` (RFC 7515 section 7.1).
    pub(crate) fn sign_with<T: Serialize>(
        &self,
        alg: Alg,
        typ: &str,
        claims: &T,
    ) -> Result<String, SigningError> {
        let (_, loaded) = self.now();
        let pair = loaded.active.iter().find(|pair| pair.alg == alg);
        let pair = pair.ok_or_else(|| SigningError::Key(format!("no {alg} key is active")))?;
        let header = format!(r#"{{"typ":"{typ}","alg":"{alg}","kid":"{}"}}"#, pair.kid);
        let claims = serde_json::to_vec(claims).map_err(|e| SigningError::Key(e.to_string()))?;
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = pair.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Whether a key named `kid` is published.
    pub(crate) fn knows(&self, kid: &str) -> bool {
        self.now().1.public.iter().any(|(found, ..)| found == kid)
    }

    /// The public key named `kid` and the one algorithm it is for.
    pub(crate) fn public(&self, kid: &str) -> Option<(Alg, DecodingKey)> {
        let (_, loaded) = self.now();
        let found = loaded.public.iter().find(|(found, ..)| found == kid)?;
        Some((found.1, found.2.clone()))
    }

    /// The same for an ID token, which may be much older than what is published.
    pub(crate) fn once_public(&self, kid: &str) -> Option<(Alg, DecodingKey)> {
        let (_, loaded) = self.now();
        let found = loaded.former.iter().find(|(found, ..)| found == kid);
        self.public(kid).or_else(|| found.map(|(_, alg, key)| (*alg, key.clone())))
    }

    /// Looks for a key that another process may just have made.
    pub(crate) async fn learn(&self, kid: &str) {
        if !self.knows(kid) {
            self.look(PAUSE).await;
        }
    }

    /// Reads the keys again if what is known is older than `age`. What is known stays good when
    /// the database cannot be read.
    async fn look(&self, age: Duration) {
        if self.now().0.elapsed() < age {
            return;
        }
        if let Err(error) = self.reload().await {
            tracing::warn!(%error, "could not look for new signing keys: {error}");
        }
    }

    async fn reload(&self) -> Result<(), SigningError> {
        let shared = &self.0;
        let (_, known) = self.now();
        let states = store::states(shared.db.reader()).await?;
        let loaded = if states == known.states {
            known
        } else {
            Arc::new(store::load(shared.db.reader(), &shared.ring).await?)
        };
        let mut place = shared.loaded.write().unwrap_or_else(PoisonError::into_inner);
        *place = (Instant::now(), loaded);
        Ok(())
    }

    fn now(&self) -> (Instant, Arc<Loaded>) {
        self.0.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Follows the schedule and other processes for as long as this one runs.
pub(crate) async fn follow(keys: &SigningKeys) {
    let Shared { db, ring, schedule, .. } = &*keys.0;
    loop {
        tokio::time::sleep(POLL).await;
        if let Err(error) = rotation::on_schedule(db, ring, schedule, now_ms()).await {
            tracing::error!(%error, "could not change the signing keys: {error}");
        }
        keys.look(PAUSE).await;
    }
}

//! Argon2id behind one bounded queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use kit::clock::random_bytes;
use kit::keys::{DataKey, KeyRing};
use kit::problem::{Kind, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::config::Passwords;

/// Hashes and verifies; cheap to clone.
#[derive(Clone)]
pub(crate) struct Hasher(Arc<Parts>);

struct Parts {
    pepper: DataKey,
    params: Params,
    /// Requests that may be here at all, waiting or hashing.
    places: Arc<Semaphore>,
    /// Those of them that hash now.
    turns: Arc<Semaphore>,
    /// The hash of no password, for names that nobody has.
    dummy: String,
    /// Hashes made so far.
    done: AtomicU64,
}

/// A place in the queue, until it is dropped.
pub(crate) type Place = OwnedSemaphorePermit;

/// What comparing a password with a stored hash says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is another password.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, and its hash was made with other costs than today's.
    RightButOld,
}

/// Why nothing was hashed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// More requests than the queue holds.
    #[error("too many people are signing in at this moment")]
    Busy,
    /// Broken parameters or a broken hash in the database.
    #[error("a password could not be hashed: {0}")]
    Broken(String),
}

impl Problem for PasswordError {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy => Kind::Unavailable,
            Self::Broken(_) => Kind::Internal,
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        matches!(self, Self::Busy).then_some(2)
    }
}

impl Hasher {
    /// A hasher with the costs of `config` and the pepper of `keys`.
    pub(crate) fn new(config: &Passwords, keys: &KeyRing) -> Self {
        let params = Params::new(config.memory_kib, config.passes, 1, None).unwrap_or_default();
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let parallel = if config.parallel == 0 { processors } else { config.parallel };
        Self(Arc::new(Parts {
            pepper: keys.derive("password pepper"),
            dummy: dummy(&params),
            params,
            places: Arc::new(Semaphore::new(config.queue_max + parallel)),
            turns: Arc::new(Semaphore::new(parallel)),
            done: AtomicU64::new(0),
        }))
    }

    /// A place in the queue, for who must not begin what they cannot finish.
    pub(crate) fn place(&self) -> Result<Place, PasswordError> {
        Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| PasswordError::Busy)
    }

    /// The hash of `password` as a PHC string with a salt of its own.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let place = self.place()?;
        let password = Zeroizing::new(password.to_owned());
        self.run(place, move |parts| {
            let hash = parts.argon2()?.hash_password(password.as_bytes());
            Ok(hash.map_err(|error| PasswordError::Broken(error.to_string()))?.to_string())
        })
        .await
    }

    /// How many hashes were made so far.
    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// Compares `password` with a PHC string. Without one it works as long and says wrong, so
    /// that time tells nobody which names exist.
    pub(crate) async fn verify(
        &self,
        place: Place,
        password: &str,
        phc: Option<String>,
    ) -> Result<Verdict, PasswordError> {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.0.dummy.clone());
        let password = Zeroizing::new(password.to_owned());
        let verdict = self.run(place, move |parts| parts.compare(&password, &phc)).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce(&Parts) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.0.turns).acquire_owned().await;
        let turn = turn.map_err(|_| PasswordError::Busy)?;
        let parts = Arc::clone(&self.0);
        // Both move in: a caller who goes away does not let another hash begin beside it.
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&parts);
            parts.done.fetch_add(1, Ordering::Relaxed);
            drop((turn, place));
            done
        });
        done.await.map_err(|error| PasswordError::Broken(error.to_string()))?
    }
}

impl Parts {
    fn argon2(&self) -> Result<Argon2<'_>, PasswordError> {
        let pepper = self.pepper.as_slice();
        let params = self.params.clone();
        Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
            .map_err(|error| PasswordError::Broken(error.to_string()))
    }

    fn compare(&self, password: &str, phc: &str) -> Result<Verdict, PasswordError> {
        let stored =
            PasswordHash::new(phc).map_err(|error| PasswordError::Broken(error.to_string()))?;
        if self.argon2()?.verify_password(password.as_bytes(), &stored).is_err() {
            return Ok(Verdict::Wrong);
        }
        let costs = Params::try_from(&stored).ok();
        let same = costs.is_some_and(|costs| {
            costs.m_cost() == self.params.m_cost() && costs.t_cost() == self.params.t_cost()
        });
        Ok(if same { Verdict::Right } else { Verdict::RightButOld })
    }
}

/// A PHC string that costs as much to compare with as a real one and fits no password.
fn dummy(params: &Params) -> String {
    let (memory, passes) = (params.m_cost(), params.t_cost());
    let (salt, hash) = (random_bytes::<16>(), random_bytes::<32>());
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(memory_kib: u32, dir: &std::path::Path) -> Hasher {
        let keys = KeyRing::open(dir, "identity").unwrap();
        let config = Passwords { memory_kib, passes: 1, parallel: 1, queue_max: 2 };
        Hasher::new(&config, &keys)
    }

    async fn verdict(hasher: &Hasher, password: &str, phc: Option<String>) -> Verdict {
        let place = hasher.place().unwrap();
        hasher.verify(place, password, phc).await.unwrap()
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_asks_to_be_made_anew_when_costs_change() {
        let dir = tempfile::tempdir().unwrap();
        let cheap = hasher(64, dir.path());
        let phc = cheap.hash("nine yellow boats").await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
        let right = verdict(&cheap, "nine yellow boats", Some(phc.clone())).await;
        let wrong = verdict(&cheap, "nine yellow boat", Some(phc.clone())).await;
        assert_eq!((right, wrong), (Verdict::Right, Verdict::Wrong));
        let dear = hasher(128, dir.path());
        let old = verdict(&dear, "nine yellow boats", Some(phc)).await;
        assert_eq!(old, Verdict::RightButOld);
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_is_compared_and_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let hasher = hasher(64, dir.path());
        assert_eq!(verdict(&hasher, "nine yellow boats", None).await, Verdict::Wrong);
        assert_eq!(hasher.done(), 1, "it costs what a real one costs");
        assert!(PasswordHash::new(&dummy(&Params::default())).is_ok());
    }

    #[tokio::test]
    async fn without_the_pepper_a_hash_is_of_no_use() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let phc = hasher(64, one.path()).hash("nine yellow boats").await.unwrap();
        let elsewhere = hasher(64, other.path());
        let verdict = verdict(&elsewhere, "nine yellow boats", Some(phc)).await;
        assert_eq!(verdict, Verdict::Wrong);
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_are_turned_away() {
        let dir = tempfile::tempdir().unwrap();
        let hasher = hasher(8 * 1024, dir.path());
        let tries = (0..8).map(|_| hasher.hash("nine yellow boats"));
        let done = futures::future::join_all(tries).await;
        let busy = done.iter().filter(|done| matches!(done, Err(PasswordError::Busy))).count();
        assert_eq!(busy, 5, "one hashes, two wait");
    }
}

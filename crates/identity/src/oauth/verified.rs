//! Access tokens of ours whose signature was checked a moment ago.
//!
//! An API asks about the same token again and again, and checking its signature is most of the
//! work. Only that is remembered: whether the token's key is still published, its grant alive and
//! its time not over is looked at each time.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use sha2::{Digest as _, Sha256};

use super::verify::Access;

/// So many tokens are remembered, about a kilobyte each.
const TOKENS_MAX: NonZeroUsize = NonZeroUsize::new(2048).expect("more than none");

/// The tokens that were checked last.
pub(crate) struct Verified(Mutex<LruCache<[u8; 32], Arc<Known>>>);

/// What a token says, and the key that signed it.
pub(crate) struct Known {
    pub(super) kid: String,
    pub(super) access: Arc<Access>,
}

impl Default for Verified {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(TOKENS_MAX)))
    }
}

impl Verified {
    /// What this very token says, if it was checked before.
    pub(super) fn get(&self, token: &str) -> Option<Arc<Known>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&name(token)).cloned()
    }

    /// Remembers that the signature of a token is good.
    pub(super) fn put(&self, token: &str, known: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.put(name(token), Arc::new(known));
    }
}

/// The hash of the whole token with its signature, so that nothing like it is taken for it.
fn name(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

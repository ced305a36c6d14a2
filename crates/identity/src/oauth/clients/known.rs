//! Clients that were read a moment ago.
//!
//! An app asks again and again, and its row is the widest that a request reads. What this process
//! changes it forgets at once; what another process or the command line changes is seen within a
//! second.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kit::db::{DbResult, Sql};
use lru::LruCache;

use super::{Client, store};

/// How long a client is taken for what it was.
const FRESH: Duration = Duration::from_secs(1);
/// So many clients are remembered, a few kilobytes each.
const CLIENTS_MAX: NonZeroUsize = NonZeroUsize::new(512).expect("more than none");

/// The clients that were read last.
pub(crate) struct KnownClients(Mutex<Cache>);

struct Cache {
    clients: LruCache<String, (Instant, Arc<Client>)>,
    /// Counts what was forgotten: a row that was read before a change must not come after it.
    changes: u64,
}

impl Default for KnownClients {
    fn default() -> Self {
        Self(Mutex::new(Cache { clients: LruCache::new(CLIENTS_MAX), changes: 0 }))
    }
}

impl KnownClients {
    /// The client with this id, as it is or was less than [`FRESH`] ago.
    pub(crate) async fn find(&self, c: &impl Sql, id: &str) -> DbResult<Option<Arc<Client>>> {
        let changes = {
            let mut cache = self.cache();
            let known = cache.clients.get(id).filter(|(read_at, _)| read_at.elapsed() < FRESH);
            if let Some((_, client)) = known {
                return Ok(Some(Arc::clone(client)));
            }
            cache.changes
        };
        let read_at = Instant::now();
        let Some(client) = store::find(c, id).await?.map(Arc::new) else { return Ok(None) };
        let mut cache = self.cache();
        if cache.changes == changes {
            cache.clients.put(id.to_owned(), (read_at, Arc::clone(&client)));
        }
        Ok(Some(client))
    }

    /// After the commit that changed or removed a client.
    pub(crate) fn forget(&self, id: &str) {
        let mut cache = self.cache();
        cache.changes += 1;
        cache.clients.pop(id);
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

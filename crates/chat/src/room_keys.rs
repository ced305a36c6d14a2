//! The data keys of rooms: one random key per room and version, wrapped by the key ring.
//!
//! A cell is `0x01 | version u32 BE | nonce 24 | XChaCha20-Poly1305`; its associated data names
//! table, room, message, revision and author, so that rows cannot be swapped.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kit::db::{DbResult, Row, params};
use kit::keys::{self, DataKey, KeyError, KeyRing};
use lru::LruCache;
use uuid::Uuid;

use crate::Chat;

const CACHED_ROOMS: NonZeroUsize = NonZeroUsize::new(1_000).expect("not zero");
const CACHED_FOR: Duration = Duration::from_mins(10);
const FORMAT: u8 = 1;
const HEAD_BYTES: usize = 5;
/// So much longer is a cell than what it seals: its head, a nonce and a tag.
pub(crate) const CELL_EXTRA_BYTES: u64 = 5 + 24 + 16;

/// Which row a cell belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) room: Uuid,
    pub(crate) message: Uuid,
    pub(crate) revision: i32,
    pub(crate) author: Uuid,
}

impl Place {
    fn associated_data(&self) -> String {
        format!("revisions|{}|{}|{}|{}", self.room, self.message, self.revision, self.author)
    }

    fn preview(&self) -> String {
        format!("link_previews|{}|{}|{}", self.room, self.message, self.revision)
    }
}

/// Which draft a cell belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DraftPlace {
    pub(crate) room: Uuid,
    pub(crate) thread: Option<Uuid>,
    pub(crate) person: Uuid,
    pub(crate) version: i64,
}

impl DraftPlace {
    fn associated_data(&self) -> String {
        let thread = self.thread.unwrap_or_default();
        format!("drafts|{}|{}|{}|{}", self.room, thread, self.person, self.version)
    }
}

/// All versions of one room's key; the last is the one to seal with.
pub(crate) struct RoomKey {
    versions: Vec<(u32, DataKey)>,
}

impl RoomKey {
    /// Seals `text` for `place` with the newest version.
    pub(crate) fn seal(&self, place: &Place, text: &str) -> Result<Vec<u8>, KeyError> {
        self.seal_bound(&place.associated_data(), text.as_bytes())
    }

    /// Seals the preview of what a revision links to.
    pub(crate) fn seal_preview(&self, place: &Place, preview: &str) -> Result<Vec<u8>, KeyError> {
        self.seal_bound(&place.preview(), preview.as_bytes())
    }

    /// Opens a preview.
    pub(crate) fn open_preview(&self, place: &Place, cell: &[u8]) -> Result<String, KeyError> {
        text(self.open_bound(&place.preview(), cell)?)
    }

    /// Seals a draft.
    pub(crate) fn seal_draft(&self, place: &DraftPlace, text: &str) -> Result<Vec<u8>, KeyError> {
        self.seal_bound(&place.associated_data(), text.as_bytes())
    }

    /// Seals what is kept in the blob store under `name`.
    pub(crate) fn seal_blob(&self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.seal_bound(&format!("blobs|{name}"), bytes)
    }

    /// Opens a blob.
    pub(crate) fn open_blob(&self, name: &str, cell: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.open_bound(&format!("blobs|{name}"), cell)
    }

    /// Opens a cell of `place`.
    pub(crate) fn open(&self, place: &Place, cell: &[u8]) -> Result<String, KeyError> {
        text(self.open_bound(&place.associated_data(), cell)?)
    }

    /// Opens a cell of a draft.
    pub(crate) fn open_draft(&self, place: &DraftPlace, cell: &[u8]) -> Result<String, KeyError> {
        text(self.open_bound(&place.associated_data(), cell)?)
    }

    fn seal_bound(&self, bound_to: &str, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (version, key) = self.versions.last().ok_or(KeyError::Damaged)?;
        let sealed = keys::seal(key, bound_to.as_bytes(), plain)?;
        let mut cell = Vec::with_capacity(HEAD_BYTES + sealed.len());
        cell.push(FORMAT);
        cell.extend_from_slice(&version.to_be_bytes());
        cell.extend_from_slice(&sealed);
        Ok(cell)
    }

    fn open_bound(&self, bound_to: &str, cell: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (head, sealed) = cell.split_first_chunk::<HEAD_BYTES>().ok_or(KeyError::Damaged)?;
        let [format, version @ ..] = head;
        let version = u32::from_be_bytes(*version);
        let known = self.versions.iter().find(|(known, _)| *known == version);
        let (_, key) = known.filter(|_| *format == FORMAT).ok_or(KeyError::Damaged)?;
        keys::open(key, bound_to.as_bytes(), sealed)
    }
}

fn text(plain: Vec<u8>) -> Result<String, KeyError> {
    String::from_utf8(plain).map_err(|_| KeyError::Damaged)
}

/// Unwrapped keys of the rooms used last; wiped when they fall out.
pub(crate) struct RoomKeys {
    cache: Mutex<LruCache<Uuid, (Instant, Arc<RoomKey>)>>,
}

impl RoomKeys {
    pub(crate) fn new() -> Self {
        Self { cache: Mutex::new(LruCache::new(CACHED_ROOMS)) }
    }

    /// The key of `room`, or nothing when there is no such room.
    pub(crate) async fn of(&self, chat: &Chat, room: Uuid) -> DbResult<Option<Arc<RoomKey>>> {
        if let Some(key) = self.cached(room) {
            return Ok(Some(key));
        }
        let Some(key) = load(chat, room).await? else { return Ok(None) };
        let key = Arc::new(key);
        self.lock().put(room, (Instant::now(), key.clone()));
        Ok(Some(key))
    }

    fn cached(&self, room: Uuid) -> Option<Arc<RoomKey>> {
        let mut cache = self.lock();
        let (since, key) = cache.get(&room)?;
        if since.elapsed() < CACHED_FOR {
            return Some(key.clone());
        }
        cache.pop(&room);
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<Uuid, (Instant, Arc<RoomKey>)>> {
        self.cache.lock().expect("nobody panics while holding the key cache")
    }
}

/// Makes the first key of a new room; answers it wrapped.
pub(crate) fn create(ring: &KeyRing, room: Uuid) -> Result<String, KeyError> {
    ring.wrap(&context(room), &keys::new_data_key())
}

#[derive(Row)]
struct KeyRow {
    version: i32,
    wrapped: String,
}

async fn load(chat: &Chat, room: Uuid) -> DbResult<Option<RoomKey>> {
    let sql = "SELECT version, wrapped FROM room_keys WHERE room_id = $1 ORDER BY version";
    let rows: Vec<KeyRow> = kit::db::all(chat.db.reader(), sql, params![room]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows {
        let key = chat.keys.unwrap(&context(room), &row.wrapped);
        let key = key.map_err(|error| kit::db::DbErr::Custom(error.to_string()))?;
        versions.push((row.version.unsigned_abs(), key));
    }
    Ok(Some(RoomKey { versions }))
}

fn context(room: Uuid) -> String {
    format!("room:{room}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_opens_only_at_its_place() {
        let key = RoomKey { versions: vec![(1, keys::new_data_key())] };
        let id = kit::clock::uuid_v7;
        let place = Place { room: id(), message: id(), revision: 1, author: id() };
        let cell = key.seal(&place, "hola").unwrap();
        assert_eq!(key.open(&place, &cell).unwrap(), "hola");
        assert!(key.open(&Place { revision: 2, ..place }, &cell).is_err());
        assert!(key.open(&Place { author: id(), ..place }, &cell).is_err());
        assert!(!cell.windows(4).any(|bytes| bytes == b"hola"));
    }
}

//! Uploads: begun, gone on with, given up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use kit::blobs::BlobName;
use kit::clock::now_ms;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::error::FileError;
use super::parts::{self, Parts};
use super::store::{self, FileRow, NewFile};
use super::{finish, name};
use crate::room_keys::RoomKey;
use crate::{Chat, rooms};

/// How long an upload waits for its rest and for a message.
const EXPIRES_MS: i64 = 24 * 3_600_000;
/// Uploads of one person that no message has.
const WAITING_MAX: i64 = 100;
/// Parts that one person sends at once.
const AT_ONCE_MAX: usize = 6;
/// A part that says nothing for so long was cut.
const SILENT_MAX: Duration = Duration::from_secs(30);

/// Which uploads are being sent now, and a place for one picture at a time to be decoded.
pub(crate) struct Uploads {
    running: Mutex<HashMap<Uuid, Uuid>>,
    pub(super) decoding: Arc<Semaphore>,
    /// Places for files that become whole.
    pub(super) finishing: Semaphore,
}

impl Uploads {
    pub(crate) fn new() -> Self {
        Self {
            running: Mutex::default(),
            decoding: Arc::new(Semaphore::new(1)),
            finishing: Semaphore::new(4),
        }
    }

    /// Begins what one request at a time may do with `id`, and a few of `owner` with others.
    pub(super) fn begin(&self, id: Uuid, owner: Uuid) -> Result<Running<'_>, FileError> {
        let mut running = self.lock();
        if running.contains_key(&id) {
            return Err(FileError::Busy);
        }
        if running.values().filter(|other| **other == owner).count() >= AT_ONCE_MAX {
            return Err(FileError::TooManyAtOnce(AT_ONCE_MAX));
        }
        running.insert(id, owner);
        Ok(Running { uploads: self, id })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Uuid>> {
        self.running.lock().expect("nobody panics while holding the running uploads")
    }
}

/// Ends it.
pub(super) struct Running<'u> {
    uploads: &'u Uploads,
    id: Uuid,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.uploads.lock().remove(&self.id);
    }
}

/// How far an upload is.
pub(super) struct Progress {
    pub(super) id: Uuid,
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) expires_at: i64,
}

/// Refuses whoever is not a member of `room`.
pub(super) async fn check_room(chat: &Chat, person: Uuid, room: Uuid) -> Result<(), FileError> {
    let member = rooms::membership(chat.db.reader(), room, person).await?;
    member.map(drop).ok_or(FileError::NoRoom)
}

/// Begins an upload of `bytes` bytes to `room`, which `person` is a member of.
pub(super) async fn create(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    (called, bytes): (&str, u64),
) -> Result<Progress, FileError> {
    let settings = &chat.config.settings.files;
    let length = i64::try_from(bytes).unwrap_or(i64::MAX);
    if bytes == 0 {
        return Err(FileError::Empty);
    }
    if bytes > settings.bytes_max {
        return Err(FileError::Length { max: settings.bytes_max });
    }
    let key = chat.room_keys.of(chat, room).await?.ok_or(FileError::NoRoom)?;
    let id = kit::clock::uuid_v7();
    let row = NewFile {
        id,
        room_id: room,
        owner_id: person,
        name: seal_name(&key, id, &name::clean(called))?,
        bytes: length,
        expires_at: now_ms() + EXPIRES_MS,
    };
    let quota = i64::try_from(settings.quota_bytes).unwrap_or(i64::MAX);
    let written = chat.db.write(async |tx| {
        rooms::membership(tx, room, person).await?.ok_or(FileError::NoRoom)?;
        let (owned, waiting) = store::owned(tx, person).await?;
        if owned.saturating_add(length) > quota {
            return Err(FileError::Quota { max: settings.quota_bytes });
        }
        if waiting >= WAITING_MAX {
            return Err(FileError::TooManyWaiting(WAITING_MAX));
        }
        store::insert(tx, &row).await?;
        Ok(())
    });
    written.await?;
    Ok(Progress { id, offset: 0, length: bytes, expires_at: row.expires_at })
}

/// How far the upload is, also while it is being sent; one that is whole is finished first, if a
/// cut kept it from that.
pub(super) async fn progress(chat: &Chat, person: Uuid, id: Uuid) -> Result<Progress, FileError> {
    let key = key(chat, &find(chat, person, id).await?).await?;
    let kept = parts::kept(chat, &key, id).await?;
    // The parts go when it becomes a file, so whether it is one is asked after them.
    let row = find(chat, person, id).await?;
    if row.media_type.is_some() {
        return Ok(done(&row));
    }
    let at = at(&row, kept);
    if at.offset == at.length {
        let (_running, row) = take(chat, person, id).await?;
        if row.media_type.is_none() {
            finish::finish(chat, &key, row).await?;
        }
    }
    Ok(at)
}

/// Adds what comes to the upload, which must have `offset` bytes by now. What came before a cut
/// is kept. The last byte makes it a file, or has it refused.
pub(super) async fn append<E>(
    chat: &Chat,
    person: Uuid,
    (id, offset): (Uuid, u64),
    mut coming: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Progress, FileError> {
    let (_running, row) = take(chat, person, id).await?;
    if row.media_type.is_some() {
        let done = done(&row);
        return if offset == done.offset { Ok(done) } else { Err(FileError::Offset(done.offset)) };
    }
    let key = key(chat, &row).await?;
    let mut parts = Parts::open(chat, &key, id).await?;
    if parts.received() != offset {
        return Err(FileError::Offset(parts.received()));
    }
    let came = receive(&mut parts, row.bytes.unsigned_abs(), &mut coming).await;
    parts.keep().await?;
    came?;
    let at = at(&row, parts.received());
    if at.offset == at.length {
        finish::finish(chat, &key, row).await?;
    }
    Ok(at)
}

/// Takes what comes, up to `length` bytes in all.
async fn receive<E>(
    parts: &mut Parts<'_>,
    length: u64,
    coming: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<(), FileError> {
    loop {
        let next = tokio::time::timeout(SILENT_MAX, coming.next()).await;
        let Some(part) = next.map_err(|_| FileError::Cut)? else { return Ok(()) };
        let part = part.map_err(|_| FileError::Cut)?;
        if parts.received() + part.len() as u64 > length {
            return Err(FileError::Overrun);
        }
        parts.add(&part).await?;
    }
}

/// Gives the upload up.
pub(super) async fn give_up(chat: &Chat, person: Uuid, id: Uuid) -> Result<(), FileError> {
    let (_running, row) = take(chat, person, id).await?;
    discard(chat, &row).await
}

/// Removes a file that no message has, with all that was kept of it.
pub(super) async fn discard(chat: &Chat, row: &FileRow) -> Result<(), FileError> {
    let gone = chat.db.write(async |tx| store::forget(tx, row.id).await).await?;
    if let Some(gone) = gone {
        parts::remove(chat, row.id).await?;
        for blob in gone.iter().flatten().filter_map(|name| BlobName::parse(name)) {
            chat.blobs.delete(&blob).await?;
        }
    }
    Ok(())
}

/// Seals the name of a file.
pub(super) fn seal_name(key: &RoomKey, id: Uuid, name: &str) -> Result<Vec<u8>, FileError> {
    Ok(key.seal_blob(&format!("files|name|{id}"), name.as_bytes())?)
}

/// Opens the name of a file.
pub(super) fn open_name(key: &RoomKey, row: &FileRow) -> Result<String, FileError> {
    let name = key.open_blob(&format!("files|name|{}", row.id), &row.name)?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

/// The only turn at the upload, and what it is then: the request before may have ended it.
async fn take(chat: &Chat, person: Uuid, id: Uuid) -> Result<(Running<'_>, FileRow), FileError> {
    find(chat, person, id).await?;
    let running = chat.uploads.begin(id, person)?;
    Ok((running, find(chat, person, id).await?))
}

/// The upload, if its room is still the owner's.
async fn find(chat: &Chat, person: Uuid, id: Uuid) -> Result<FileRow, FileError> {
    let found = store::waiting(chat.db.reader(), person, id, now_ms()).await?;
    let row = found.ok_or(FileError::NoFile)?;
    let member = rooms::membership(chat.db.reader(), row.room_id, person).await?;
    member.ok_or(FileError::NoFile)?;
    Ok(row)
}

async fn key(chat: &Chat, row: &FileRow) -> Result<Arc<RoomKey>, FileError> {
    chat.room_keys.of(chat, row.room_id).await?.ok_or(FileError::NoFile)
}

fn at(row: &FileRow, offset: u64) -> Progress {
    let length = row.bytes.unsigned_abs();
    Progress { id: row.id, offset, length, expires_at: row.expires_at }
}

fn done(row: &FileRow) -> Progress {
    at(row, row.bytes.unsigned_abs())
}

//! Pressing *play*.

use kit::blobs::{BlobName, Folder};
use kit::db::DbErr;
use kit::jobs::{self, NewJob};
use protocol::{Clip, ClipState, Message, RoomKind, Words};
use serde_json::json;
use uuid::Uuid;

use super::error::SpeechError;
use super::function::TEXT_CHARS_MAX;
use super::store::{self, ClipRow};
use super::{JOB, link};
use crate::{Chat, messages, rooms};

/// The clip of a message for the member `person`: its link, or that it is being made.
pub(super) async fn ask(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    message: Uuid,
) -> Result<Clip, SpeechError> {
    let message = messages::one(chat, person, room, message).await?;
    check_text(&message)?;
    if !chat.speech.offered().await {
        return Err(SpeechError::NotOffered);
    }
    let place = (message.id, revision(&message));
    let db = chat.db.reader();
    let kind = rooms::kind_of(db, room).await?.unwrap_or(RoomKind::Private);
    let row = store::clip(db, place.0, place.1).await?;
    if let Some(row) = &row
        && is_there(chat, row, kind).await?
    {
        return Ok(clip(chat, person, (room, message.id, kind), row));
    }
    chat.askers.add(message.id, person);
    let seen = row.as_ref().map(|row| row.state.as_str());
    let job = NewJob {
        kind: JOB,
        key: format!("{}:{}", place.0, place.1),
        payload: json!({"room": room, "message": place.0, "revision": place.1}),
    };
    let queued = chat.db.write(async |tx| {
        store::prepare(tx, place, seen).await?;
        jobs::enqueue(tx, &job).await?;
        Ok::<_, DbErr>(())
    });
    queued.await?;
    chat.jobs.wake();
    if let Some(row) = row.filter(|row| row.state == "preparing") {
        return Ok(clip(chat, person, (room, message.id, kind), &row));
    }
    Ok(Clip { state: ClipState::Preparing, ..bare(room, message.id, place.1) })
}

/// The row as `person` sees it.
pub(super) fn clip(
    chat: &Chat,
    person: Uuid,
    (room, message, kind): (Uuid, Uuid, RoomKind),
    row: &ClipRow,
) -> Clip {
    let state = match row.state.as_str() {
        "ready" => ClipState::Ready,
        "failed" => ClipState::Failed,
        _ if row.delayed => ClipState::Delayed,
        _ => ClipState::Preparing,
    };
    let link = (state == ClipState::Ready).then(|| {
        let lasting = row.name().and_then(|name| link::lasting(chat, &name, kind));
        lasting.unwrap_or_else(|| link::make(chat, person, message, row.revision))
    });
    let (url, expires_at) = link.map_or((None, None), |link| (Some(link.url), link.expires));
    Clip {
        state,
        url,
        expires_at,
        duration_ms: row.duration_ms,
        language: row.language.clone(),
        ..bare(room, message, row.revision)
    }
}

fn bare(room: Uuid, message: Uuid, revision: i32) -> Clip {
    Clip {
        room,
        message,
        revision: i64::from(revision),
        state: ClipState::Preparing,
        url: None,
        expires_at: None,
        duration_ms: None,
        language: None,
    }
}

/// Refuses what cannot be said.
fn check_text(message: &Message) -> Result<(), SpeechError> {
    let text = spoken_text(message).ok_or(SpeechError::Nothing)?;
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(SpeechError::TooLong(TEXT_CHARS_MAX));
    }
    Ok(())
}

/// What of a message is said, if anything is.
pub(super) fn spoken_text(message: &Message) -> Option<String> {
    let name = |id: Uuid| {
        let found = message.mentions.iter().find(|person| person.id == id);
        found.map(|person| person.display_name.clone())
    };
    let text = protocol::plain(message.text.as_deref()?, Words::Said, name);
    text.chars().any(char::is_alphanumeric).then_some(text)
}

/// A revision is a small number.
pub(super) fn revision(message: &Message) -> i32 {
    i32::try_from(message.revision).unwrap_or(i32::MAX)
}

/// Whether a clip is ready and still in the blob store, in a folder that is right for its room.
async fn is_there(chat: &Chat, row: &ClipRow, kind: RoomKind) -> Result<bool, SpeechError> {
    let right = |name: &BlobName| name.folder() != Folder::Public || kind == RoomKind::Public;
    match row.name().filter(right) {
        Some(name) if row.state == "ready" => Ok(chat.blobs.size(&name).await?.is_some()),
        _ => Ok(false),
    }
}

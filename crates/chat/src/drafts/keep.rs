//! Keeping and reading drafts.

use kit::clock::now_ms;
use kit::db::Tx;
use protocol::{Draft, DraftList, TEXT_BYTES_MAX};
use serde_json::json;
use uuid::Uuid;

use super::error::DraftError;
use super::store::{self, DraftRow};
use crate::room_keys::DraftPlace;
use crate::{Chat, rooms};

/// In rooms that one is in.
const DRAFTS_MAX: i64 = 500;
/// With those in rooms that one left.
const KEPT_MAX: i64 = 2 * DRAFTS_MAX;

/// Where a draft is: a room, and a thread of it or none.
pub(super) type Place = (Uuid, Option<Uuid>);

/// Keeps `text` as the draft of `person`, or forgets the draft when it is empty; tells all of
/// their sockets.
pub(super) async fn put(
    chat: &Chat,
    person: Uuid,
    (room, thread): Place,
    text: &str,
) -> Result<Draft, DraftError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(DraftError::Length(text.len()));
    }
    let key = chat.room_keys.of(chat, room).await?.ok_or(DraftError::NoRoom)?;
    let version = chat
        .db
        .write(async |tx| {
            check_place(tx, person, (room, thread)).await?;
            let before = store::version(tx, person, (room, thread)).await?;
            let version = before.map_or(0, |before| before + 1).max(now_ms());
            if text.is_empty() {
                store::delete(tx, person, (room, thread)).await?;
                return Ok(version);
            }
            if before.is_none() {
                check_count(tx, person).await?;
            }
            let cell = key.seal_draft(&DraftPlace { room, thread, person, version }, text)?;
            store::upsert(tx, person, (room, thread), (version, cell)).await?;
            Ok::<_, DraftError>(version)
        })
        .await?;
    let text = (!text.is_empty()).then(|| text.to_owned());
    let draft = Draft { room, thread, text, version };
    chat.tell_person(person, "draftChanged", &json!(draft));
    Ok(draft)
}

/// The drafts of `person` in the rooms they are in.
pub(super) async fn list(chat: &Chat, person: Uuid) -> Result<DraftList, DraftError> {
    let rows = store::all_of(chat.db.reader(), person, KEPT_MAX).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.extend(opened(chat, person, row).await?);
    }
    Ok(DraftList { items })
}

/// A draft that does not open is left out: it is not worth an error.
async fn opened(chat: &Chat, person: Uuid, row: DraftRow) -> Result<Option<Draft>, DraftError> {
    let (room, version) = (row.room_id, row.version);
    let thread = (!row.thread_id.is_nil()).then_some(row.thread_id);
    let Some(key) = chat.room_keys.of(chat, room).await? else { return Ok(None) };
    let opened = key.open_draft(&DraftPlace { room, thread, person, version }, &row.body);
    if opened.is_err() {
        tracing::error!(room.id = %room, "a draft in room {room} is damaged");
    }
    let draft = |text| Draft { room, thread, text: Some(text), version };
    Ok(opened.ok().map(draft))
}

/// Those in rooms that one left come back with the membership, and take no room from new ones.
async fn check_count(tx: &Tx, person: Uuid) -> Result<(), DraftError> {
    let kept = store::count(tx, person).await?;
    if kept.here >= DRAFTS_MAX || kept.all >= KEPT_MAX { Err(DraftError::TooMany) } else { Ok(()) }
}

async fn check_place(tx: &Tx, person: Uuid, (room, thread): Place) -> Result<(), DraftError> {
    rooms::membership(tx, room, person).await?.ok_or(DraftError::NoRoom)?;
    match thread {
        Some(thread) if !store::is_root(tx, room, thread).await? => Err(DraftError::NoThread),
        _ => Ok(()),
    }
}

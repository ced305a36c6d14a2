//! Saving messages, and pages of what was saved.

use kit::clock::{now_ms, rfc3339, uuid_v7};
use kit::db::Tx;
use kit::problem::ApiError;
use protocol::{Message, SavedItem, SavedList};
use serde_json::json;
use uuid::Uuid;

use super::error::SavedError;
use super::store::{self, NewRow, SavedRow};
use crate::rooms::{self, kind_from};
use crate::{Chat, messages};

/// So many messages a person may save.
pub(crate) const SAVED_MAX: i64 = 10_000;

/// Where a message is: its room, and itself.
pub(super) type Place = (Uuid, Uuid);

/// `person` saves a message; again is the same. Tells all of their sockets.
pub(crate) async fn save(chat: &Chat, person: Uuid, place: Place) -> Result<(), SavedError> {
    let (room, message) = place;
    let saved = chat
        .db
        .write(async |tx| {
            check_place(tx, person, place).await?;
            let row = NewRow { person, room, message, id: uuid_v7(), at: now_ms() };
            if !store::insert(tx, row).await? {
                return Ok(false);
            }
            if store::count(tx, person).await? > SAVED_MAX {
                // Nobody can remove what they do not see, so this makes room first.
                store::forget_hidden(tx, person).await?;
                if store::count(tx, person).await? > SAVED_MAX {
                    return Err(SavedError::TooMany);
                }
            }
            Ok(true)
        })
        .await?;
    if saved {
        tell(chat, person, place, true);
    }
    Ok(())
}

/// `person` keeps a message no longer; again is the same. Tells all of their sockets.
pub(super) async fn unsave(chat: &Chat, person: Uuid, place: Place) -> Result<(), SavedError> {
    let removed = chat
        .db
        .write(async |tx| {
            check_place(tx, person, place).await?;
            Ok::<_, SavedError>(store::delete(tx, person, place.1).await?)
        })
        .await?;
    if removed {
        tell(chat, person, place, false);
    }
    Ok(())
}

/// A page of what `person` saved and may read now, saved before the item `before`.
pub(crate) async fn list(
    chat: &Chat,
    person: Uuid,
    before: Uuid,
    limit: i64,
) -> Result<SavedList, ApiError> {
    let db = chat.db.reader();
    let mut rows = store::page(db, person, before, limit).await.map_err(ApiError::from)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let ids: Vec<Uuid> = rows.iter().map(|row| row.message_id).collect();
    let mut found = messages::shown_to(chat, person, &ids).await?;
    let items = rows.into_iter().filter_map(|row| {
        let message = found.remove(&row.message_id)?;
        Some(item(row, message))
    });
    Ok(SavedList { items: items.collect(), next })
}

fn item(row: SavedRow, message: Message) -> SavedItem {
    SavedItem {
        saved_at: rfc3339(row.at),
        room_name: row.name,
        room_kind: kind_from(&row.kind),
        message,
    }
}

fn tell(chat: &Chat, person: Uuid, (room, message): Place, saved: bool) {
    let body = json!({"room": room, "message": message, "saved": saved});
    chat.tell_person(person, "savedChanged", &body);
}

async fn check_place(tx: &Tx, person: Uuid, (room, message): Place) -> Result<(), SavedError> {
    rooms::membership(tx, room, person).await?.ok_or(SavedError::NoRoom)?;
    if store::is_in(tx, room, message).await? { Ok(()) } else { Err(SavedError::NoMessage) }
}

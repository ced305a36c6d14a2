//! Saving messages, and removing them from what is saved.

use kit::clock::{now_ms, uuid_v7};
use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::error::SavedError;
use super::store::{self, NewRow};
use crate::{Chat, rooms};

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

fn tell(chat: &Chat, person: Uuid, (room, message): Place, saved: bool) {
    let body = json!({"room": room, "message": message, "saved": saved});
    chat.tell_person(person, "savedChanged", &body);
}

async fn check_place(tx: &Tx, person: Uuid, (room, message): Place) -> Result<(), SavedError> {
    rooms::membership(tx, room, person).await?.ok_or(SavedError::NoRoom)?;
    if store::is_in(tx, room, message).await? { Ok(()) } else { Err(SavedError::NoMessage) }
}

//! Saving messages, and removing them from what is saved.

use kit::clock::{now_ms, uuid_v7};
use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::error::SavedError;
use super::store::{self, NewRow, PlaceRow};
use crate::{Chat, rooms};

/// So many messages a person may save.
pub(crate) const SAVED_MAX: i64 = 10_000;

/// For so long it is known where a removed message was.
const UNDO_MS: i64 = 10 * 60 * 1_000;

/// Where a message is: its room, and itself.
pub(super) type Place = (Uuid, Uuid);

/// `person` saves a message; again is the same. Tells all of their sockets.
pub(crate) async fn save(chat: &Chat, person: Uuid, place: Place) -> Result<(), SavedError> {
    insert(chat, person, place, Order::Last).await
}

/// Saves a message that `person` removed a moment ago where it was; any other as [`save`] does.
/// Where that is, only we know: nobody saves anything at a time of their choice.
pub(super) async fn restore(chat: &Chat, person: Uuid, place: Place) -> Result<(), SavedError> {
    insert(chat, person, place, Order::AsBefore).await
}

/// When a message counts as saved.
#[derive(PartialEq)]
enum Order {
    Last,
    AsBefore,
}

async fn insert(chat: &Chat, person: Uuid, place: Place, order: Order) -> Result<(), SavedError> {
    let (room, message) = place;
    let saved = chat
        .db
        .write(async |tx| {
            check_place(tx, person, place).await?;
            let now = now_ms();
            let was = store::recall(tx, person, message, now - UNDO_MS).await?;
            let new = PlaceRow { id: uuid_v7(), at: now };
            let PlaceRow { id, at } = was.filter(|_| order == Order::AsBefore).unwrap_or(new);
            let row = NewRow { person, room, message, id, at };
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
            let Some(was) = store::delete(tx, person, place.1).await? else { return Ok(false) };
            let now = now_ms();
            store::remember(tx, (person, place.1), was, (now - UNDO_MS, now)).await?;
            Ok::<_, SavedError>(true)
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

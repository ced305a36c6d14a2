//! Following a thread or not, and how far one has read it.

use kit::clock::now_ms;
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::messages::MessageError;
use crate::{Chat, mentions, rooms};

/// `person` follows the thread from now on.
pub(super) async fn follow(
    chat: &Chat,
    person: Uuid,
    place: (Uuid, Uuid),
) -> Result<(), MessageError> {
    set(chat, person, place, store::follow).await
}

/// `person` follows the thread no more, until they write in it.
pub(super) async fn unfollow(
    chat: &Chat,
    person: Uuid,
    place: (Uuid, Uuid),
) -> Result<(), MessageError> {
    set(chat, person, place, store::unfollow).await
}

/// `person` has read the thread up to `seq`; tells all of their sockets. Never moves back.
pub(super) async fn mark_read(
    chat: &Chat,
    person: Uuid,
    (room, thread): (Uuid, Uuid),
    seq: i64,
) -> Result<(), MessageError> {
    let moved = chat
        .db
        .write(async |tx| {
            let head = is_root_for(tx, person, (room, thread)).await?;
            let seq = seq.min(head);
            let moved = store::move_marker(tx, person, (room, thread), seq).await?;
            let read = mentions::read_thread(tx, person, (room, thread, seq), now_ms()).await?;
            Ok::<_, MessageError>(moved + read)
        })
        .await?;
    if moved > 0 {
        tell(chat, person, (room, thread)).await?;
    }
    Ok(())
}

async fn set(
    chat: &Chat,
    person: Uuid,
    (room, thread): (Uuid, Uuid),
    change: impl AsyncFnOnce(&kit::db::Tx, Uuid, (Uuid, Uuid)) -> kit::db::DbResult<()>,
) -> Result<(), MessageError> {
    chat.db
        .write(async |tx| {
            is_root_for(tx, person, (room, thread)).await?;
            Ok::<_, MessageError>(change(tx, person, (room, thread)).await?)
        })
        .await?;
    tell(chat, person, (room, thread)).await
}

/// The `seq` of the thread's newest reply, if `person` is in the room and `thread` the root of one.
async fn is_root_for(
    tx: &kit::db::Tx,
    person: Uuid,
    (room, thread): (Uuid, Uuid),
) -> Result<i64, MessageError> {
    rooms::membership(tx, room, person).await?.ok_or(MessageError::NoRoom)?;
    store::head(tx, room, thread).await?.ok_or(MessageError::NoMessage)
}

/// Tells the sockets of `person` how the thread stands for them.
async fn tell(chat: &Chat, person: Uuid, (room, thread): (Uuid, Uuid)) -> Result<(), MessageError> {
    let mine = store::mine(chat.db.reader(), person, thread).await?;
    let body = json!({
        "room": room,
        "thread": thread,
        "following": mine.following,
        "last_read": mine.last_read,
        "unread": mine.unread,
        "mentions": mine.mentions,
    });
    chat.tell_person(person, "threadChanged", &body);
    Ok(())
}

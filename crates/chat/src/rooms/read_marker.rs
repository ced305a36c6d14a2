//! How far a person has read; the server owns the number of what is unread.

use kit::clock::now_ms;
use kit::db::{exec, params};
use protocol::Room;
use serde_json::json;
use uuid::Uuid;

use super::error::RoomError;
use super::view;
use crate::{Chat, events, mentions};

/// Moves the marker of `person` in `room` forward to `seq` and tells all of their sockets.
/// A marker never moves back nor beyond the room's newest event.
pub(crate) async fn mark_read(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    seq: i64,
) -> Result<(), RoomError> {
    if seq < 0 {
        return Err(RoomError::Field {
            field: "seq",
            kind: "out_of_range",
            detail: "a place in a log is 0 or more",
        });
    }
    let moved = chat
        .db
        .write(async |tx| {
            let head = events::head(tx, room).await?.ok_or(RoomError::NoRoom)?;
            let sql = "UPDATE members SET last_read = $3 \
                       WHERE room_id = $1 AND person_id = $2 AND last_read < $3";
            let target = seq.min(head.last_seq);
            let moved = exec(tx, sql, params![room, person, target]).await?;
            let read = mentions::read_room(tx, person, (room, target), now_ms()).await?;
            Ok::<_, RoomError>(moved + read)
        })
        .await?;
    let now = view(chat, person, room).await?;
    if now.role.is_none() {
        return Err(RoomError::NoRoom);
    }
    if moved > 0 {
        tell(chat, person, &now);
    }
    Ok(())
}

/// Everything in the timeline of `room` from `seq` on is unread again for `person`, and so is
/// what calls them there; tells all of their sockets.
pub(super) async fn mark_unread(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    seq: i64,
) -> Result<(), RoomError> {
    if seq < 1 {
        return Err(RoomError::Field {
            field: "seq",
            kind: "out_of_range",
            detail: "the first place in a log is 1",
        });
    }
    chat.db
        .write(async |tx| {
            let sql = "UPDATE members SET last_read = $3 \
                       WHERE room_id = $1 AND person_id = $2 AND last_read > $3";
            exec(tx, sql, params![room, person, seq - 1]).await?;
            Ok::<_, RoomError>(mentions::unread_from(tx, person, (room, seq)).await?)
        })
        .await?;
    let now = view(chat, person, room).await?;
    now.role.ok_or(RoomError::NoRoom)?;
    tell(chat, person, &now);
    Ok(())
}

fn tell(chat: &Chat, person: Uuid, now: &Room) {
    let body = json!({
        "room": now.id,
        "last_read": now.last_read,
        "unread": now.unread,
        "mentions": now.mentions,
    });
    chat.tell_person(person, "readChanged", &body);
}

//! How far a person has read; the server owns the number of what is unread.

use kit::db::{exec, params};
use serde_json::json;
use uuid::Uuid;

use super::error::RoomError;
use super::view;
use crate::{Chat, events};

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
            Ok::<_, RoomError>(exec(tx, sql, params![room, person, target]).await?)
        })
        .await?;
    let now = view(chat, person, room).await?;
    if now.role.is_none() {
        return Err(RoomError::NoRoom);
    }
    if moved > 0 {
        let body = json!({"room": room, "last_read": now.last_read, "unread": now.unread});
        chat.tell_person(person, "readChanged", &body);
    }
    Ok(())
}

//! How far a person has read; the server owns the number of what is unread.

use kit::db::{exec, params};
use serde_json::json;
use uuid::Uuid;

use super::error::RoomError;
use super::view;
use crate::Chat;

/// Moves the marker of `person` in `room` forward to `seq` and tells all of their sockets.
/// A marker never moves back nor beyond the room's newest event.
pub(crate) async fn mark_read(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    seq: i64,
) -> Result<(), RoomError> {
    let moved = chat
        .db
        .write(async |tx| {
            let sql = "UPDATE members SET last_read = \
                       (SELECT CASE WHEN last_seq < $3 THEN last_seq ELSE $3 END FROM rooms \
                        WHERE id = $1) \
                       WHERE room_id = $1 AND person_id = $2 AND last_read < $3";
            exec(tx, sql, params![room, person, seq]).await
        })
        .await
        .map_err(RoomError::Store)?;
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

//! Editing and deleting: another revision, never another original.

use kit::db::{DbResult, Row, Tx, exec, one, params};
use protocol::Message;
use uuid::Uuid;

use super::error::MessageError;
use super::post::check_text;
use super::timeline;
use crate::Chat;
use crate::events::{self, Fact};
use crate::room_keys::{Place, RoomKey};
use crate::rooms::{AppendPermit, Appended, RoomError, append_permit};
use crate::undone::Undone;

#[derive(Row)]
struct Current {
    author_id: Uuid,
    revision: i32,
    deleted_at: Option<i64>,
}

/// Gives the author's `message` a new text; the former one stays as an earlier revision. The text
/// that it has already makes no other revision, so a repeated edit is one.
pub(crate) async fn edit(
    chat: &Chat,
    author: Uuid,
    (room, message): (Uuid, Uuid),
    text: &str,
) -> Result<Message, MessageError> {
    check_text(text)?;
    let key = chat.room_keys.of(chat, room).await?.ok_or(MessageError::NoRoom)?;
    let appended = chat
        .db
        .write(async |tx| {
            let (permit, current) = take(tx, author, room, message).await?;
            if current.author_id != author {
                return Err(Undone::Refused(MessageError::NotYours("the author")));
            }
            if current.deleted_at.is_some() {
                return Err(Undone::Refused(MessageError::Deleted));
            }
            let place = Place { room, message, revision: current.revision, author };
            if text_at(tx, &key, &place).await?.as_deref() == Some(text) {
                return Err(Undone::Already);
            }
            let revision = current.revision + 1;
            let place = Place { revision, ..place };
            let cell = key.seal(&place, text).map_err(MessageError::from)?;
            add_revision(tx, &permit, (message, revision, "edited"), Some(cell)).await?;
            let sql = "UPDATE messages SET revision = $2, edited_at = $3 WHERE id = $1";
            exec(tx, sql, params![message, revision, permit.at()]).await?;
            Ok(permit.append(tx, Fact::MessageEdited { message, revision }).await?)
        })
        .await;
    tell(chat, appended)?;
    timeline::message(chat, room, message).await?.ok_or(MessageError::NoMessage)
}

/// Withholds `message` from everyone; for its author, owners and moderators. Again is the same.
pub(crate) async fn delete(
    chat: &Chat,
    actor: Uuid,
    room: Uuid,
    message: Uuid,
) -> Result<(), MessageError> {
    let appended = chat
        .db
        .write(async |tx| {
            let (permit, current) = take(tx, actor, room, message).await?;
            if current.author_id != actor && permit.moderator().is_err() {
                return Err(Undone::Refused(MessageError::NotYours("the author or a moderator")));
            }
            if current.deleted_at.is_some() {
                return Err(Undone::Already);
            }
            let revision = current.revision + 1;
            add_revision(tx, &permit, (message, revision, "deleted"), None).await?;
            let sql = "UPDATE messages SET revision = $2, deleted_at = $3 WHERE id = $1";
            exec(tx, sql, params![message, revision, permit.at()]).await?;
            Ok(permit.append(tx, Fact::MessageDeleted { message, revision }).await?)
        })
        .await;
    tell(chat, appended)
}

/// Tells the room what was changed; what was so already is no news.
fn tell(chat: &Chat, changed: Result<Appended, Undone<MessageError>>) -> Result<(), MessageError> {
    if let Some(appended) = Undone::written(changed)? {
        events::republish(chat, appended.room, appended.seq);
    }
    Ok(())
}

impl From<MessageError> for Undone<MessageError> {
    fn from(error: MessageError) -> Self {
        Self::Refused(error)
    }
}

async fn take(
    tx: &Tx,
    actor: Uuid,
    room: Uuid,
    message: Uuid,
) -> Result<(AppendPermit, Current), MessageError> {
    let permit = append_permit(tx, actor, room).await?.ok_or(MessageError::NoRoom)?;
    permit.member().map_err(|_: RoomError| MessageError::NoRoom)?;
    let sql = "SELECT author_id, revision, deleted_at FROM messages WHERE id = $1 AND room_id = $2";
    let current = one(tx, sql, params![message, room]).await?.ok_or(MessageError::NoMessage)?;
    Ok((permit, current))
}

/// The text of one revision, if it can be read.
async fn text_at(tx: &Tx, key: &RoomKey, place: &Place) -> DbResult<Option<String>> {
    let sql = "SELECT body FROM revisions WHERE message_id = $1 AND revision = $2";
    let cell: Option<Cell> = one(tx, sql, params![place.message, place.revision]).await?;
    Ok(cell.and_then(|cell| cell.body).and_then(|body| key.open(place, &body).ok()))
}

#[derive(Row)]
struct Cell {
    body: Option<Vec<u8>>,
}

async fn add_revision(
    tx: &Tx,
    permit: &AppendPermit,
    (message, revision, kind): (Uuid, i32, &str),
    cell: Option<Vec<u8>>,
) -> DbResult<()> {
    let sql = "INSERT INTO revisions (message_id, revision, kind, actor_id, body, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    exec(tx, sql, params![message, revision, kind, permit.actor(), cell, permit.at()]).await?;
    Ok(())
}

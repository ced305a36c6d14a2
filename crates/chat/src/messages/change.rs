//! Editing and deleting: another revision, never another original.

use std::collections::HashSet;

use kit::db::{DbResult, Row, Tx, exec, one, params};
use protocol::{Everyone, Message};
use serde_json::json;
use uuid::Uuid;

use super::error::MessageError;
use super::post::check_text;
use super::{answers, row, writer};
use crate::events::{self, Fact};
use crate::mentions::{self, Called, Calls, Told, everyone_word};
use crate::room_keys::{Place, RoomKey};
use crate::rooms::{AppendPermit, Appended, RoomError, append_permit, may_call_everyone};
use crate::undone::Undone;
use crate::{Chat, reactions};

#[derive(Row)]
struct Current {
    author_id: Uuid,
    seq: i64,
    revision: i32,
    deleted_at: Option<i64>,
    thread_id: Option<Uuid>,
    answered: Option<Uuid>,
    quoted: Option<Uuid>,
    everyone: Option<String>,
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
    let calls = Calls::of(text);
    let changed = chat
        .db
        .write(async |tx| {
            let (permit, current) = take(tx, author, room, message).await?;
            if current.author_id != author {
                return Err(Undone::Refused(MessageError::NotYours("the author")));
            }
            if current.deleted_at.is_some() {
                return Err(Undone::Refused(MessageError::Deleted));
            }
            if permit.is_closed(tx).await? {
                return Err(Undone::Refused(MessageError::Closed));
            }
            let place = Place { room, message, revision: current.revision, author };
            if text_at(tx, &key, &place).await?.as_deref() == Some(text) {
                return Err(Undone::Already);
            }
            let revision = current.revision + 1;
            let place = Place { revision, ..place };
            let cell = key.seal(&place, text).map_err(MessageError::from)?;
            add_revision(tx, &permit, (message, revision, "edited"), Some(cell)).await?;
            let told = call_again(chat, tx, &permit, (message, &current), &calls).await?;
            let sql = "UPDATE messages SET revision = $2, edited_at = $3 WHERE id = $1";
            exec(tx, sql, params![message, revision, permit.at()]).await?;
            Ok((permit.append(tx, Fact::MessageEdited { message, revision }).await?, told))
        })
        .await;
    if let Some((appended, told)) = Undone::written(changed)? {
        tell(chat, appended);
        writer::tell_called(chat, &told);
    }
    row::message(chat, room, message).await?.ok_or(MessageError::NoMessage)
}

/// Withholds `message` from everyone; for its author, owners and moderators. Again is the same.
pub(crate) async fn delete(
    chat: &Chat,
    actor: Uuid,
    room: Uuid,
    message: Uuid,
) -> Result<(), MessageError> {
    let changed = chat
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
            let called = mentions::forget(tx, message).await?;
            let mut counting: HashSet<Uuid> = called.into_iter().collect();
            if let Some(root) = current.thread_id {
                answers::count_off(tx, root).await?;
                counting.extend(answers::followers(tx, root).await?);
            }
            if reactions::forget(tx, message).await? > 0 {
                counting.insert(current.author_id);
            }
            Ok((permit.append(tx, Fact::MessageDeleted { message, revision }).await?, counting))
        })
        .await;
    if let Some((appended, counting)) = Undone::written(changed)? {
        tell(chat, appended);
        for person in counting {
            chat.tell_person(person, "unreadChanged", &json!({"room": room}));
        }
    }
    Ok(())
}

/// Tells the room what was changed.
fn tell(chat: &Chat, appended: Appended) {
    events::republish(chat, appended.room, appended.seq);
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
    let sql = "SELECT g.author_id, g.seq, g.revision, g.deleted_at, g.thread_id, g.everyone, \
               r.author_id AS answered, q.author_id AS quoted FROM messages g \
               LEFT JOIN messages r ON r.id = g.thread_id \
               LEFT JOIN messages q ON q.id = g.quote_id \
               WHERE g.id = $1 AND g.room_id = $2";
    let current = one(tx, sql, params![message, room]).await?.ok_or(MessageError::NoMessage)?;
    Ok((permit, current))
}

/// Writes whom the new text calls; answers who was not called before.
async fn call_again(
    chat: &Chat,
    tx: &Tx,
    permit: &AppendPermit,
    (message, current): (Uuid, &Current),
    calls: &Calls,
) -> Result<Vec<Told>, MessageError> {
    let everyone = match calls.everyone {
        Some(everyone) if may_call_everyone(tx, permit).await? => Some(everyone),
        _ => None,
    };
    let called_here = current.everyone.as_deref() == Some(everyone_word(Everyone::Here));
    let sql = "UPDATE messages SET everyone = $2 WHERE id = $1";
    exec(tx, sql, params![message, everyone.map(everyone_word)]).await?;
    let called = Called {
        message,
        room: permit.room(),
        seq: current.seq,
        thread: current.thread_id,
        author: current.author_id,
        at: permit.at(),
        calls,
        everyone,
        answered: current.answered,
        quoted: current.quoted,
    };
    let online = || chat.presence.online();
    let recorded = mentions::record_again(tx, called, called_here, online).await?;
    if let Some(root) = current.thread_id {
        let named = recorded.named.values().flatten().map(|person| person.id);
        answers::follow_named(tx, (permit.room(), root, current.seq), named).await?;
    }
    Ok(recorded.told)
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

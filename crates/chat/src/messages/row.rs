//! Rows of messages as their readers see them: bodies unsealed, or withheld.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kit::clock::rfc3339;
use kit::db::{Row, Value, all, params, tuples};
use protocol::{Message, Person, Quote};
use uuid::Uuid;

use super::error::MessageError;
use super::{beside, names};
use crate::mentions::everyone_from;
use crate::room_keys::{Place, RoomKey};
use crate::{Chat, files};

/// What a quote shows of the quoted text, in characters.
const QUOTE_CHARS_MAX: usize = 1_000;

#[derive(Row)]
struct MessageRow {
    id: Uuid,
    room_id: Uuid,
    seq: i64,
    author_id: Uuid,
    username: String,
    display_name: String,
    picture: Option<String>,
    client_message_id: Uuid,
    revision: i32,
    created_at: i64,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    thread_id: Option<Uuid>,
    aside: bool,
    quote_id: Option<Uuid>,
    everyone: Option<String>,
    body: Option<Vec<u8>>,
}

/// What every query for messages begins with.
pub(super) const SELECT: &str = "SELECT g.id, g.room_id, g.seq, g.author_id, \
     p.username, p.display_name, p.picture, \
     g.client_message_id, g.revision, g.created_at, g.edited_at, g.deleted_at, \
     g.thread_id, g.aside, g.quote_id, g.everyone, v.body \
     FROM messages g JOIN people p ON p.id = g.author_id \
     JOIN revisions v ON v.message_id = g.id AND v.revision = g.revision";

/// One message of `room`, if it is there.
pub(crate) async fn message(
    chat: &Chat,
    room: Uuid,
    id: Uuid,
) -> Result<Option<Message>, MessageError> {
    let sql = format!("{SELECT} WHERE g.room_id = $1 AND g.id = $2");
    Ok(messages(chat, &sql, params![room, id]).await?.pop())
}

/// The messages with these ids, of any room, in no order; whoever asks has looked who may.
pub(crate) async fn by_ids(chat: &Chat, ids: &[Uuid]) -> Result<Vec<Message>, MessageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{SELECT} WHERE g.id IN {}", tuples(1, ids.len(), 0));
    messages(chat, &sql, ids.iter().copied().map(Value::from).collect()).await
}

/// The same by their ids, with what `viewer` sees beside them.
pub(crate) async fn shown_to(
    chat: &Chat,
    viewer: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Message>, MessageError> {
    let mut found = by_ids(chat, ids).await?;
    beside::add(chat, viewer, &mut found).await?;
    Ok(found.into_iter().map(|message| (message.id, message)).collect())
}

/// The messages that a query beginning with [`SELECT`] finds.
pub(super) async fn messages(
    chat: &Chat,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<Message>, MessageError> {
    let rows: Vec<MessageRow> = all(chat.db.reader(), sql, values).await?;
    let quoted = quoted(chat, &rows).await?;
    let keys = keys(chat, &rows).await?;
    let mut messages = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(key) = keys.get(&row.room_id) else { continue };
        let quote = row.quote_id.and_then(|id| quoted.get(&id)).map(|row| quote(key, row));
        messages.push(Message { quote, ..unsealed(key, &row) });
    }
    names::add(chat.db.reader(), &mut messages).await?;
    let standing = messages.iter().filter(|message| !message.deleted);
    let standing: Vec<Uuid> = standing.map(|message| message.id).collect();
    let mut files = files::of_messages(chat, &standing).await?;
    for message in &mut messages {
        message.files = files.remove(&message.id).unwrap_or_default();
    }
    Ok(messages)
}

/// The rows of what `rows` quote, which is in the same room.
async fn quoted(
    chat: &Chat,
    rows: &[MessageRow],
) -> Result<HashMap<Uuid, MessageRow>, MessageError> {
    let ids: HashSet<Uuid> = rows.iter().filter_map(|row| row.quote_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!("{SELECT} WHERE g.id IN {}", tuples(1, ids.len(), 0));
    let values = ids.into_iter().map(Value::from).collect();
    let rows: Vec<MessageRow> = all(chat.db.reader(), &sql, values).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn keys(
    chat: &Chat,
    rows: &[MessageRow],
) -> Result<HashMap<Uuid, Arc<RoomKey>>, MessageError> {
    let rooms: HashSet<Uuid> = rows.iter().map(|row| row.room_id).collect();
    let mut keys = HashMap::with_capacity(rooms.len());
    for room in rooms {
        if let Some(key) = chat.room_keys.of(chat, room).await? {
            keys.insert(room, key);
        }
    }
    Ok(keys)
}

/// A body that does not open is withheld, so that one damaged row does not hide its neighbours.
fn text(key: &RoomKey, row: &MessageRow) -> Option<String> {
    let cell = row.body.as_ref().filter(|_| row.deleted_at.is_none())?;
    let place =
        Place { room: row.room_id, message: row.id, revision: row.revision, author: row.author_id };
    let opened = key.open(&place, cell);
    if opened.is_err() {
        tracing::error!(message.id = %row.id, "the body of message {} is damaged", row.id);
    }
    opened.ok()
}

fn quote(key: &RoomKey, row: &MessageRow) -> Quote {
    let cut = |text: String| text.chars().take(QUOTE_CHARS_MAX).collect();
    Quote {
        message: row.id,
        seq: row.seq,
        sender: sender(row),
        text: text(key, row).map(cut),
        created_at: rfc3339(row.created_at),
        deleted: row.deleted_at.is_some(),
        thread: row.thread_id,
        also_to_room: row.thread_id.is_some() && !row.aside,
        mentions: Vec::new(),
    }
}

fn sender(row: &MessageRow) -> Person {
    Person {
        id: row.author_id,
        username: row.username.clone(),
        display_name: row.display_name.clone(),
        picture: row.picture.clone(),
    }
}

fn unsealed(key: &RoomKey, row: &MessageRow) -> Message {
    let deleted = row.deleted_at.is_some();
    let everyone = row.everyone.as_deref().filter(|_| !deleted).and_then(everyone_from);
    Message {
        id: row.id,
        room: row.room_id,
        seq: row.seq,
        sender: sender(row),
        text: text(key, row),
        time: rfc3339(row.created_at),
        created_at: rfc3339(row.created_at),
        client_message_id: row.client_message_id,
        revision: i64::from(row.revision),
        edited_at: row.edited_at.map(rfc3339),
        deleted,
        thread: row.thread_id,
        also_to_room: row.thread_id.is_some() && !row.aside,
        quote: None,
        mentions: Vec::new(),
        everyone,
        files: Vec::new(),
        reactions: Vec::new(),
        replies: None,
        saved: false,
        preview: None,
    }
}

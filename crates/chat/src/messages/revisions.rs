//! What a message said before.

use kit::clock::rfc3339;
use kit::db::{Row, all, params};
use protocol::{Revision, RevisionList};
use uuid::Uuid;

use super::error::MessageError;
use super::names;
use crate::room_keys::Place;
use crate::{Chat, mentions, rooms};

#[derive(Row)]
struct RevisionRow {
    revision: i32,
    author_id: Uuid,
    body: Option<Vec<u8>>,
    created_at: i64,
}

/// Every text that `message` had, for the member `viewer`, oldest first; none of a deleted one.
pub(super) async fn revisions(
    chat: &Chat,
    viewer: Uuid,
    room: Uuid,
    message: Uuid,
) -> Result<RevisionList, MessageError> {
    let db = chat.db.reader();
    rooms::membership(db, room, viewer).await?.ok_or(MessageError::NoRoom)?;
    let sql = "SELECT v.revision, g.author_id, v.body, v.created_at FROM messages g \
               JOIN revisions v ON v.message_id = g.id \
               WHERE g.id = $1 AND g.room_id = $2 AND g.deleted_at IS NULL \
               ORDER BY v.revision DESC LIMIT 200";
    let mut rows: Vec<RevisionRow> = all(db, sql, params![message, room]).await?;
    if rows.is_empty() && super::row::message(chat, room, message).await?.is_none() {
        return Err(MessageError::NoMessage);
    }
    rows.reverse();
    let key = chat.room_keys.of(chat, room).await?.ok_or(MessageError::NoRoom)?;
    let items = rows.into_iter().filter_map(|row| {
        let place = Place { room, message, revision: row.revision, author: row.author_id };
        let text = key.open(&place, &row.body?).ok()?;
        let created_at = rfc3339(row.created_at);
        let revision = i64::from(row.revision);
        Some(Revision { revision, text, created_at, mentions: Vec::new() })
    });
    let mut items: Vec<Revision> = items.collect();
    let ids: Vec<_> = items.iter().map(|item| mentions::ids_in(&item.text)).collect();
    let people = names::by_id(db, ids.iter().flatten().copied()).await?;
    for (item, ids) in items.iter_mut().zip(ids) {
        item.mentions = ids.iter().filter_map(|id| people.get(id).cloned()).collect();
    }
    Ok(RevisionList { items })
}

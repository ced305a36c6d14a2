//! What stands beside messages: reactions, the threads that begin with them, and whether the
//! reader saved them.

use std::collections::HashMap;

use kit::clock::rfc3339;
use kit::db::{DbResult, Row, Value, all, tuples};
use protocol::{Message, Reaction, Replies};
use uuid::Uuid;

use super::error::MessageError;
use crate::Chat;

/// Adds to `messages` what `viewer` sees beside them.
pub(super) async fn add(
    chat: &Chat,
    viewer: Uuid,
    messages: &mut [Message],
) -> Result<(), MessageError> {
    add_marks(chat, viewer, messages).await?;
    add_replies(chat, messages).await?;
    Ok(())
}

/// A kind of reaction to a message, or, without an emoji, that the reader saved it.
#[derive(Row)]
struct MarkRow {
    message_id: Uuid,
    emoji: Option<String>,
    count: i64,
    mine: i64,
}

/// Adds the reactions, the emoji that came first, first, and whether `viewer` saved the message;
/// by one question, because every page of history asks it.
async fn add_marks(chat: &Chat, viewer: Uuid, messages: &mut [Message]) -> DbResult<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT message_id, emoji, COUNT(*) AS count, \
         MAX(CAST(CASE WHEN person_id = $1 THEN 1 ELSE 0 END AS BIGINT)) AS mine, \
         MIN(seq) AS first \
         FROM reactions WHERE message_id IN {ids} GROUP BY message_id, emoji \
         UNION ALL SELECT message_id, NULL, 1, 1, 0 \
         FROM saved WHERE person_id = $1 AND message_id IN {ids} ORDER BY first",
        ids = tuples(1, messages.len(), 1)
    );
    let ids = messages.iter().map(|message| message.id);
    let values = std::iter::once(viewer).chain(ids).map(Value::from).collect();
    let mut marks: HashMap<Uuid, Vec<MarkRow>> = HashMap::new();
    for row in all::<MarkRow>(chat.db.reader(), &sql, values).await? {
        marks.entry(row.message_id).or_default().push(row);
    }
    for message in messages {
        for MarkRow { emoji, count, mine, .. } in marks.remove(&message.id).unwrap_or_default() {
            match emoji {
                Some(emoji) => {
                    message.reactions.push(Reaction { emoji, count, mine: mine > 0 });
                }
                None => message.saved = true,
            }
        }
    }
    Ok(())
}

#[derive(Row)]
struct ThreadRow {
    root_id: Uuid,
    replies: i64,
    last_seq: i64,
    last_at: i64,
}

async fn add_replies(chat: &Chat, messages: &mut [Message]) -> DbResult<()> {
    let roots = messages.iter().filter(|message| message.thread.is_none());
    let roots: Vec<Value> = roots.map(|message| Value::from(message.id)).collect();
    if roots.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT root_id, replies, last_seq, last_at FROM threads WHERE root_id IN {}",
        tuples(1, roots.len(), 0)
    );
    let rows: Vec<ThreadRow> = all(chat.db.reader(), &sql, roots).await?;
    let rows: HashMap<Uuid, ThreadRow> = rows.into_iter().map(|row| (row.root_id, row)).collect();
    for message in messages {
        message.replies = rows.get(&message.id).filter(|row| row.replies > 0).map(|row| Replies {
            count: row.replies,
            last_seq: row.last_seq,
            last_at: rfc3339(row.last_at),
        });
    }
    Ok(())
}

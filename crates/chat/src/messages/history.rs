//! Pages of a room's messages, cut by `seq`.

use kit::db::{DbResult, params, scalar};
use protocol::MessageList;
use uuid::Uuid;

use super::error::MessageError;
use super::timeline::{self, SELECT};
use crate::{Chat, rooms};

/// From where to read.
pub(super) enum From {
    /// The newest.
    End,
    /// Those before a `seq`, nearest last.
    Before(i64),
    /// Those after a `seq`.
    After(i64),
    /// Those around a message, which is in the middle.
    Around(Uuid),
}

/// A page of at most `limit` messages of `room` for the member `viewer`.
pub(super) async fn history(
    chat: &Chat,
    viewer: Uuid,
    room: Uuid,
    from: From,
    limit: i64,
) -> Result<MessageList, MessageError> {
    rooms::membership(chat.db.reader(), room, viewer).await?.ok_or(MessageError::NoRoom)?;
    let (items, forward, edge) = match from {
        From::End => (before(chat, room, i64::MAX, limit).await?, false, i64::MAX),
        From::Before(seq) => (before(chat, room, seq, limit).await?, false, seq),
        From::After(seq) => (after(chat, room, seq, limit).await?, true, seq),
        From::Around(id) => {
            let seq = seq_of(chat, room, id).await?.ok_or(MessageError::NoMessage)?;
            let mut items = before(chat, room, seq.saturating_add(1), limit / 2 + 1).await?;
            let found = i64::try_from(items.len()).unwrap_or(limit);
            items.extend(after(chat, room, seq, limit - found).await?);
            (items, false, seq)
        }
    };
    let (older, newer) = match (items.first(), items.last()) {
        (Some(first), Some(last)) => (("seq < $2", first.seq), ("seq > $2", last.seq)),
        _ if forward => (("seq <= $2", edge), ("seq > $2", edge)),
        _ => (("seq < $2", edge), ("seq >= $2", edge)),
    };
    let has_older = exists(chat, room, older).await?;
    let has_newer = exists(chat, room, newer).await?;
    let next = if forward { has_newer.then_some(newer.1) } else { has_older.then_some(older.1) };
    Ok(MessageList { items, next, has_older, has_newer })
}

async fn before(
    chat: &Chat,
    room: Uuid,
    seq: i64,
    limit: i64,
) -> Result<Vec<protocol::Message>, MessageError> {
    let sql = format!("{SELECT} WHERE g.room_id = $1 AND g.seq < $2 ORDER BY g.seq DESC LIMIT $3");
    let mut items = timeline::messages(chat, room, &sql, params![room, seq, limit]).await?;
    items.reverse();
    Ok(items)
}

async fn after(
    chat: &Chat,
    room: Uuid,
    seq: i64,
    limit: i64,
) -> Result<Vec<protocol::Message>, MessageError> {
    let sql = format!("{SELECT} WHERE g.room_id = $1 AND g.seq > $2 ORDER BY g.seq LIMIT $3");
    timeline::messages(chat, room, &sql, params![room, seq, limit]).await
}

async fn seq_of(chat: &Chat, room: Uuid, id: Uuid) -> DbResult<Option<i64>> {
    let sql = "SELECT seq FROM messages WHERE id = $1 AND room_id = $2";
    scalar(chat.db.reader(), sql, params![id, room]).await
}

async fn exists(chat: &Chat, room: Uuid, (which, seq): (&str, i64)) -> DbResult<bool> {
    let sql = format!("SELECT seq FROM messages WHERE room_id = $1 AND {which} LIMIT 1");
    Ok(scalar::<i64>(chat.db.reader(), &sql, params![room, seq]).await?.is_some())
}

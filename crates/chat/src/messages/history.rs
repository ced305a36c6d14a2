//! Pages of the messages of a room or a thread, cut by `seq`.

use kit::db::{DbResult, Value, params, scalar};
use protocol::{Message, MessageList};
use uuid::Uuid;

use super::beside;
use super::error::MessageError;
use super::row::{self, SELECT};
use crate::{Chat, previews, rooms};

/// Which messages.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    /// The timeline of a room.
    Room(Uuid),
    /// The replies of a thread of a room.
    Thread(Uuid, Uuid),
}

impl Scope {
    fn room(self) -> Uuid {
        match self {
            Self::Room(room) | Self::Thread(room, _) => room,
        }
    }

    /// The condition on `$1` and `$2`, and their values.
    fn condition(self, seq: i64) -> (&'static str, Vec<Value>) {
        match self {
            Self::Room(room) => ("g.room_id = $1 AND NOT g.aside", params![room, seq]),
            Self::Thread(_, root) => ("g.thread_id = $1", params![root, seq]),
        }
    }
}

/// From where to read.
pub(crate) enum From {
    /// The newest.
    End,
    /// Those before a `seq`, nearest last.
    Before(i64),
    /// Those after a `seq`.
    After(i64),
    /// Those around a message, which is in the middle.
    Around(Uuid),
}

/// A page of at most `limit` messages of `scope` for the member `viewer`.
pub(crate) async fn history(
    chat: &Chat,
    viewer: Uuid,
    scope: Scope,
    from: From,
    limit: i64,
) -> Result<MessageList, MessageError> {
    let member = rooms::membership(chat.db.reader(), scope.room(), viewer).await?;
    member.ok_or(MessageError::NoRoom)?;
    let (mut items, forward, edge) = match from {
        From::End => (before(chat, scope, i64::MAX, limit).await?, false, i64::MAX),
        From::Before(seq) => (before(chat, scope, seq, limit).await?, false, seq),
        From::After(seq) => (after(chat, scope, seq, limit).await?, true, seq),
        From::Around(id) => {
            let seq = seq_of(chat, scope, id).await?.ok_or(MessageError::NoMessage)?;
            let mut items = before(chat, scope, seq.saturating_add(1), limit / 2 + 1).await?;
            let found = i64::try_from(items.len()).unwrap_or(limit);
            items.extend(after(chat, scope, seq, limit - found).await?);
            (items, false, seq)
        }
    };
    let (older, newer) = match (items.first(), items.last()) {
        (Some(first), Some(last)) => (("g.seq < $2", first.seq), ("g.seq > $2", last.seq)),
        _ if forward => (("g.seq <= $2", edge), ("g.seq > $2", edge)),
        _ => (("g.seq < $2", edge), ("g.seq >= $2", edge)),
    };
    let has_older = exists(chat, scope, older).await?;
    let has_newer = exists(chat, scope, newer).await?;
    let next = if forward { has_newer.then_some(newer.1) } else { has_older.then_some(older.1) };
    beside::add(chat, viewer, &mut items).await?;
    previews::add_known(chat, &mut items).await?;
    Ok(MessageList { items, next, has_older, has_newer })
}

/// One message of `room` for the member `viewer`, wherever it stands.
pub(crate) async fn one(
    chat: &Chat,
    viewer: Uuid,
    room: Uuid,
    id: Uuid,
) -> Result<Message, MessageError> {
    rooms::membership(chat.db.reader(), room, viewer).await?.ok_or(MessageError::NoRoom)?;
    let mut found = [row::message(chat, room, id).await?.ok_or(MessageError::NoMessage)?];
    beside::add(chat, viewer, &mut found).await?;
    previews::add_known(chat, &mut found).await?;
    let [message] = found;
    Ok(message)
}

async fn before(
    chat: &Chat,
    scope: Scope,
    seq: i64,
    limit: i64,
) -> Result<Vec<Message>, MessageError> {
    let (within, mut values) = scope.condition(seq);
    values.push(limit.into());
    let sql = format!("{SELECT} WHERE {within} AND g.seq < $2 ORDER BY g.seq DESC LIMIT $3");
    let mut items = row::messages(chat, &sql, values).await?;
    items.reverse();
    Ok(items)
}

async fn after(
    chat: &Chat,
    scope: Scope,
    seq: i64,
    limit: i64,
) -> Result<Vec<Message>, MessageError> {
    let (within, mut values) = scope.condition(seq);
    values.push(limit.into());
    let sql = format!("{SELECT} WHERE {within} AND g.seq > $2 ORDER BY g.seq LIMIT $3");
    row::messages(chat, &sql, values).await
}

async fn seq_of(chat: &Chat, scope: Scope, id: Uuid) -> DbResult<Option<i64>> {
    let sql = "SELECT seq FROM messages WHERE id = $1 AND room_id = $2";
    scalar(chat.db.reader(), sql, params![id, scope.room()]).await
}

async fn exists(chat: &Chat, scope: Scope, (which, seq): (&str, i64)) -> DbResult<bool> {
    let (within, values) = scope.condition(seq);
    let sql = format!("SELECT g.seq FROM messages g WHERE {within} AND {which} LIMIT 1");
    Ok(scalar::<i64>(chat.db.reader(), &sql, values).await?.is_some())
}

//! The rows of an inbox.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, params, scalar};
use uuid::Uuid;

use super::list::Asked;

#[derive(Row)]
pub(super) struct ItemRow {
    pub(super) message_id: Uuid,
    pub(super) reason: String,
    pub(super) read_at: Option<i64>,
    pub(super) name: String,
    pub(super) kind: String,
}

/// One item more than asked for tells whether there are more.
pub(super) async fn page(c: &impl Sql, person: Uuid, asked: &Asked) -> DbResult<Vec<ItemRow>> {
    let which = if asked.unread { "AND x.read_at IS NULL" } else { "" };
    let sql = format!(
        "SELECT x.message_id, x.reason, x.read_at, r.name, r.kind FROM mentions x \
         JOIN members m ON m.room_id = x.room_id AND m.person_id = x.person_id \
         JOIN rooms r ON r.id = x.room_id \
         WHERE x.person_id = $1 AND x.message_id < $2 AND x.active AND x.reason <> 'self' {which} \
         ORDER BY x.message_id DESC LIMIT $3"
    );
    all(c, &sql, params![person, asked.before, asked.limit + 1]).await
}

/// How many items were not read, counted up to `most`.
pub(super) async fn unread(c: &impl Sql, person: Uuid, most: i64) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM (SELECT x.message_id FROM mentions x \
               JOIN members m ON m.room_id = x.room_id AND m.person_id = x.person_id \
               WHERE x.person_id = $1 AND x.read_at IS NULL AND x.active LIMIT $2) u";
    Ok(scalar(c, sql, params![person, most]).await?.unwrap_or(0))
}

/// How many messages of others in direct rooms were not read, counted up to `most`.
pub(super) async fn unread_directly(c: &impl Sql, person: Uuid, most: i64) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM (SELECT g.id FROM members m \
               JOIN rooms r ON r.id = m.room_id AND r.kind = 'direct' \
               JOIN messages g ON g.room_id = r.id AND g.seq > m.last_read AND NOT g.aside \
               AND g.author_id <> m.person_id AND g.deleted_at IS NULL \
               WHERE m.person_id = $1 LIMIT $2) u";
    Ok(scalar(c, sql, params![person, most]).await?.unwrap_or(0))
}

/// Marks one item; answers its room if there is such an item.
pub(super) async fn mark(
    tx: &Tx,
    person: Uuid,
    message: Uuid,
    at: Option<i64>,
) -> DbResult<Option<Uuid>> {
    let sql = "UPDATE mentions SET read_at = $3 WHERE message_id = $2 AND person_id = $1 \
               AND active AND reason <> 'self' AND EXISTS (SELECT 1 FROM members m \
               WHERE m.room_id = mentions.room_id AND m.person_id = $1) RETURNING room_id";
    scalar(tx, sql, params![person, message, at]).await
}

pub(super) async fn mark_all(tx: &Tx, person: Uuid, until: Uuid, at: i64) -> DbResult<u64> {
    let sql = "UPDATE mentions SET read_at = $3 WHERE person_id = $1 AND message_id <= $2 \
               AND read_at IS NULL AND active";
    exec(tx, sql, params![person, until, at]).await
}

/// A reaction to a message of somebody.
#[derive(Row)]
pub(super) struct ReactionRow {
    pub(super) id: Uuid,
    pub(super) message_id: Uuid,
    pub(super) emoji: String,
    pub(super) at: i64,
    pub(super) person_id: Uuid,
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) picture: Option<String>,
    /// Of the room.
    pub(super) name: String,
    /// Of the room.
    pub(super) kind: String,
}

/// Reactions of others to messages of `$1`, in rooms that both are in still.
const RECEIVED: &str = "\
    FROM reactions x JOIN messages g ON g.id = x.message_id \
    JOIN members m ON m.room_id = g.room_id AND m.person_id = x.author_id \
    JOIN members o ON o.room_id = g.room_id AND o.person_id = x.person_id \
    JOIN people p ON p.id = x.person_id AND NOT p.blocked";
const TO_MINE: &str = "x.author_id = $1 AND x.person_id <> x.author_id";

/// One more than asked for tells whether there are more.
pub(super) async fn reactions(
    c: &impl Sql,
    person: Uuid,
    before: Uuid,
    limit: i64,
) -> DbResult<Vec<ReactionRow>> {
    let sql = format!(
        "SELECT x.id, x.message_id, x.emoji, e.at, x.person_id, p.username, p.display_name, \
         p.picture, r.name, r.kind {RECEIVED} JOIN rooms r ON r.id = g.room_id \
         JOIN events e ON e.room_id = g.room_id AND e.seq = x.seq \
         WHERE {TO_MINE} AND x.id < $2 ORDER BY x.id DESC LIMIT $3"
    );
    all(c, &sql, params![person, before, limit + 1]).await
}

/// The newest reaction that `person` has seen.
pub(super) async fn seen(c: &impl Sql, person: Uuid) -> DbResult<Uuid> {
    let sql = "SELECT seen FROM reaction_marks WHERE person_id = $1";
    Ok(scalar(c, sql, params![person]).await?.unwrap_or(Uuid::nil()))
}

/// How many reactions there are after `seen`, counted up to `most`.
pub(super) async fn unseen(c: &impl Sql, person: Uuid, seen: Uuid, most: i64) -> DbResult<i64> {
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT x.id {RECEIVED} \
         WHERE {TO_MINE} AND x.id > $2 LIMIT $3) u"
    );
    Ok(scalar(c, &sql, params![person, seen, most]).await?.unwrap_or(0))
}

/// Moves the mark on to the last reaction up to `until`; answers 0 when it was there already.
pub(super) async fn mark_seen(tx: &Tx, person: Uuid, until: Uuid) -> DbResult<u64> {
    let sql = format!(
        "INSERT INTO reaction_marks (person_id, seen) SELECT x.author_id, x.id FROM reactions x \
         WHERE {TO_MINE} AND x.id <= $2 ORDER BY x.id DESC LIMIT 1 \
         ON CONFLICT (person_id) DO UPDATE SET seen = excluded.seen \
         WHERE reaction_marks.seen < excluded.seen"
    );
    exec(tx, &sql, params![person, until]).await
}

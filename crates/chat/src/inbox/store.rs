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

//! Rows of drafts; a draft of the room itself has the nil thread.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params, scalar};
use uuid::Uuid;

use super::keep::Place;

#[derive(Row)]
pub(super) struct DraftRow {
    pub(super) room_id: Uuid,
    pub(super) thread_id: Uuid,
    pub(super) version: i64,
    pub(super) body: Vec<u8>,
}

/// The drafts of `person` in rooms they are in, the one changed last first.
pub(super) async fn all_of(c: &impl Sql, person: Uuid, limit: i64) -> DbResult<Vec<DraftRow>> {
    let sql = "SELECT d.room_id, d.thread_id, d.version, d.body FROM drafts d \
               JOIN members m ON m.room_id = d.room_id AND m.person_id = d.person_id \
               WHERE d.person_id = $1 ORDER BY d.version DESC, d.room_id, d.thread_id LIMIT $2";
    all(c, sql, params![person, limit]).await
}

pub(super) async fn version(tx: &Tx, person: Uuid, (room, thread): Place) -> DbResult<Option<i64>> {
    let sql = "SELECT version FROM drafts \
               WHERE person_id = $1 AND room_id = $2 AND thread_id = $3";
    scalar(tx, sql, params![person, room, thread.unwrap_or_default()]).await
}

/// How many drafts `person` has: all, and those in rooms they are in.
#[derive(Row)]
pub(super) struct Count {
    pub(super) all: i64,
    pub(super) here: i64,
}

pub(super) async fn count(tx: &Tx, person: Uuid) -> DbResult<Count> {
    let sql = "SELECT COUNT(*) AS \"all\", COUNT(m.person_id) AS here FROM drafts d \
               LEFT JOIN members m ON m.room_id = d.room_id AND m.person_id = d.person_id \
               WHERE d.person_id = $1";
    Ok(one(tx, sql, params![person]).await?.unwrap_or(Count { all: 0, here: 0 }))
}

/// The newer version wins when two are written at the same moment.
pub(super) async fn upsert(
    tx: &Tx,
    person: Uuid,
    (room, thread): Place,
    (version, body): (i64, Vec<u8>),
) -> DbResult<()> {
    let sql = "INSERT INTO drafts (person_id, room_id, thread_id, version, body) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, room_id, thread_id) \
               DO UPDATE SET version = excluded.version, body = excluded.body \
               WHERE drafts.version <= excluded.version";
    exec(tx, sql, params![person, room, thread.unwrap_or_default(), version, body]).await?;
    Ok(())
}

pub(super) async fn delete(tx: &Tx, person: Uuid, (room, thread): Place) -> DbResult<()> {
    let sql = "DELETE FROM drafts WHERE person_id = $1 AND room_id = $2 AND thread_id = $3";
    exec(tx, sql, params![person, room, thread.unwrap_or_default()]).await?;
    Ok(())
}

/// Whether `message` is in `room` and no reply.
pub(super) async fn is_root(tx: &Tx, room: Uuid, message: Uuid) -> DbResult<bool> {
    let sql = "SELECT seq FROM messages WHERE id = $1 AND room_id = $2 AND thread_id IS NULL";
    Ok(scalar::<i64>(tx, sql, params![message, room]).await?.is_some())
}

//! Rows of saved messages; the id of a row is its place among those of its person.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params, scalar};
use uuid::Uuid;

/// A message to be saved.
pub(super) struct NewRow {
    pub(super) person: Uuid,
    pub(super) room: Uuid,
    pub(super) message: Uuid,
    pub(super) id: Uuid,
    pub(super) at: i64,
}

/// A saved message that its person may read.
#[derive(Row)]
pub(crate) struct SavedRow {
    pub(crate) id: Uuid,
    pub(crate) message_id: Uuid,
    pub(crate) at: i64,
    /// Of the room.
    pub(crate) name: String,
    /// Of the room.
    pub(crate) kind: String,
}

/// False when it was there.
pub(super) async fn insert(tx: &Tx, row: NewRow) -> DbResult<bool> {
    let sql = "INSERT INTO saved (person_id, message_id, room_id, id, at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, message_id) DO NOTHING";
    let values = params![row.person, row.message, row.room, row.id, row.at];
    Ok(exec(tx, sql, values).await? == 1)
}

/// The place of a message among what a person saved.
#[derive(Row)]
pub(super) struct PlaceRow {
    pub(super) id: Uuid,
    pub(super) at: i64,
}

/// Removes a message, and answers the place that it had.
pub(super) async fn delete(tx: &Tx, person: Uuid, message: Uuid) -> DbResult<Option<PlaceRow>> {
    let sql = "DELETE FROM saved WHERE person_id = $1 AND message_id = $2 RETURNING id, at";
    one(tx, sql, params![person, message]).await
}

/// Remembers the place of a message that was removed at `now`, and no place since before `since`.
pub(super) async fn remember(
    tx: &Tx,
    (person, message): (Uuid, Uuid),
    place: PlaceRow,
    (since, now): (i64, i64),
) -> DbResult<()> {
    let old = "DELETE FROM unsaved WHERE person_id = $1 AND (message_id = $2 OR removed_at < $3)";
    exec(tx, old, params![person, message, since]).await?;
    let sql = "INSERT INTO unsaved (person_id, message_id, id, at, removed_at) \
               VALUES ($1, $2, $3, $4, $5)";
    exec(tx, sql, params![person, message, place.id, place.at, now]).await.map(drop)
}

/// The place that a message had which was removed after `since`; it is remembered no longer.
pub(super) async fn recall(
    tx: &Tx,
    person: Uuid,
    message: Uuid,
    since: i64,
) -> DbResult<Option<PlaceRow>> {
    let sql = "DELETE FROM unsaved WHERE person_id = $1 AND message_id = $2 AND removed_at >= $3 \
               RETURNING id, at";
    one(tx, sql, params![person, message, since]).await
}

pub(super) async fn count(tx: &Tx, person: Uuid) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM saved WHERE person_id = $1";
    Ok(scalar(tx, sql, params![person]).await?.unwrap_or(0))
}

/// Forgets what `person` saved in rooms that they are not in.
pub(super) async fn forget_hidden(tx: &Tx, person: Uuid) -> DbResult<()> {
    let sql = "DELETE FROM saved WHERE person_id = $1 AND NOT EXISTS (SELECT 1 FROM members m \
               WHERE m.room_id = saved.room_id AND m.person_id = $1)";
    exec(tx, sql, params![person]).await?;
    Ok(())
}

/// What `person` saved before the row `before`, in rooms that they are in, the last first.
/// One more than asked for tells whether there are more.
pub(crate) async fn page(
    c: &impl Sql,
    person: Uuid,
    before: Uuid,
    limit: i64,
) -> DbResult<Vec<SavedRow>> {
    let sql = "SELECT s.id, s.message_id, s.at, r.name, r.kind FROM saved s \
               JOIN members m ON m.room_id = s.room_id AND m.person_id = s.person_id \
               JOIN rooms r ON r.id = s.room_id \
               WHERE s.person_id = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3";
    all(c, sql, params![person, before, limit + 1]).await
}

/// Whether `message` is in `room`, deleted or not.
pub(super) async fn is_in(tx: &Tx, room: Uuid, message: Uuid) -> DbResult<bool> {
    let sql = "SELECT seq FROM messages WHERE id = $1 AND room_id = $2";
    Ok(scalar::<i64>(tx, sql, params![message, room]).await?.is_some())
}

//! Rows of threads and of those who follow them.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params, scalar};
use uuid::Uuid;

/// Newest replies looked at to count them, so that counting has a bound.
const UNREAD_SCANNED: i64 = 2_000;

/// How a thread stands for one person.
#[derive(Debug, Default, Row)]
pub(super) struct Mine {
    pub(super) following: bool,
    pub(super) last_read: i64,
    pub(super) unread: i64,
    pub(super) mentions: i64,
}

/// A thread that a person follows.
#[derive(Row)]
pub(super) struct FollowedRow {
    pub(super) root_id: Uuid,
    pub(super) last_id: Uuid,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) last_read: i64,
    pub(super) unread: i64,
    pub(super) mentions: i64,
}

/// What is unread of the thread of `f` for `$1`.
fn numbers() -> String {
    format!(
        "(SELECT COUNT(*) FROM (SELECT g.author_id, g.deleted_at FROM messages g \
          WHERE g.thread_id = f.root_id AND g.seq > f.last_read \
          ORDER BY g.seq DESC LIMIT {UNREAD_SCANNED}) u \
          WHERE u.author_id <> $1 AND u.deleted_at IS NULL) AS unread, \
         (SELECT COUNT(*) FROM mentions x WHERE x.person_id = $1 AND x.room_id = f.room_id \
          AND x.read_at IS NULL AND x.active AND x.thread_id = f.root_id) AS mentions"
    )
}

/// How the thread of `root` stands for `person`.
pub(super) async fn mine(c: &impl Sql, person: Uuid, thread: Uuid) -> DbResult<Mine> {
    let sql = format!(
        "SELECT f.following, f.last_read, {} FROM thread_followers f \
         WHERE f.person_id = $1 AND f.root_id = $2",
        numbers()
    );
    Ok(one(c, &sql, params![person, thread]).await?.unwrap_or_default())
}

/// At most `limit` threads that `person` follows in rooms they are in, whose last reply came
/// before the message `before`.
pub(super) async fn followed(
    c: &impl Sql,
    person: Uuid,
    before: Uuid,
    limit: usize,
) -> DbResult<Vec<FollowedRow>> {
    let sql = format!(
        "SELECT f.root_id, t.last_id, r.name, r.kind, f.last_read, {} FROM thread_followers f \
         JOIN threads t ON t.root_id = f.root_id JOIN rooms r ON r.id = f.room_id \
         JOIN members m ON m.room_id = f.room_id AND m.person_id = f.person_id \
         WHERE f.person_id = $1 AND f.following AND t.last_id < $2 \
         ORDER BY t.last_id DESC LIMIT {limit}",
        numbers()
    );
    all(c, &sql, params![person, before]).await
}

/// How many of the threads that `person` follows have something unread.
pub(crate) async fn unread_threads(c: &impl Sql, person: Uuid) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM thread_followers f \
               JOIN threads t ON t.root_id = f.root_id AND t.last_seq > f.last_read \
               JOIN members m ON m.room_id = f.room_id AND m.person_id = f.person_id \
               WHERE f.person_id = $1 AND f.following AND EXISTS (SELECT 1 FROM messages g \
               WHERE g.thread_id = f.root_id AND g.seq > f.last_read AND g.author_id <> $1 \
               AND g.deleted_at IS NULL)";
    Ok(scalar(c, sql, params![person]).await?.unwrap_or(0))
}

/// The `seq` of the newest reply to `root` of `room`, or of the root itself; nothing when it is
/// no message there, or itself a reply.
pub(super) async fn head(c: &impl Sql, room: Uuid, thread: Uuid) -> DbResult<Option<i64>> {
    let sql = "SELECT COALESCE(t.last_seq, g.seq) FROM messages g \
               LEFT JOIN threads t ON t.root_id = g.id \
               WHERE g.id = $2 AND g.room_id = $1 AND g.thread_id IS NULL";
    scalar(c, sql, params![room, thread]).await
}

pub(super) async fn follow(tx: &Tx, person: Uuid, (room, thread): (Uuid, Uuid)) -> DbResult<()> {
    let sql = "INSERT INTO thread_followers (root_id, person_id, room_id, following, last_read) \
               VALUES ($1, $2, $3, TRUE, 0) \
               ON CONFLICT (root_id, person_id) DO UPDATE SET following = TRUE";
    exec(tx, sql, params![thread, person, room]).await?;
    Ok(())
}

/// The row stays, so that nothing but their own reply makes them follow again.
pub(super) async fn unfollow(tx: &Tx, person: Uuid, (room, thread): (Uuid, Uuid)) -> DbResult<()> {
    let sql = "INSERT INTO thread_followers (root_id, person_id, room_id, following, last_read) \
               VALUES ($1, $2, $3, FALSE, 0) \
               ON CONFLICT (root_id, person_id) DO UPDATE SET following = FALSE";
    exec(tx, sql, params![thread, person, room]).await?;
    Ok(())
}

/// Moves the marker forward; whoever does not follow has one, too.
pub(super) async fn move_marker(
    tx: &Tx,
    person: Uuid,
    (room, thread): (Uuid, Uuid),
    seq: i64,
) -> DbResult<u64> {
    let sql = "INSERT INTO thread_followers (root_id, person_id, room_id, following, last_read) \
               VALUES ($1, $2, $3, FALSE, $4) \
               ON CONFLICT (root_id, person_id) DO UPDATE SET last_read = excluded.last_read \
               WHERE thread_followers.last_read < excluded.last_read";
    exec(tx, sql, params![thread, person, room, seq]).await
}

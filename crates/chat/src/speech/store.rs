//! The rows of clips.

use kit::blobs::BlobName;
use kit::clock::now_ms;
use kit::db::{self, DbResult, Row, Sql, Tx, exec, params};
use uuid::Uuid;

/// A job that began so long ago writes no blob any more.
const PREPARED_WITHIN_MS: i64 = 3_600_000;

/// The clip of one revision of a message.
#[derive(Debug, Clone, Row)]
pub(super) struct ClipRow {
    pub(super) revision: i32,
    /// `preparing`, `ready` or `failed`.
    pub(super) state: String,
    /// While preparing: that a try failed.
    pub(super) delayed: bool,
    pub(super) blob: Option<String>,
    pub(super) duration_ms: Option<i64>,
    pub(super) language: Option<String>,
}

impl ClipRow {
    /// The blob that is the clip.
    pub(super) fn name(&self) -> Option<BlobName> {
        BlobName::parse(self.blob.as_deref()?)
    }
}

/// The clip of that revision, if anybody asked for it.
pub(super) async fn clip(c: &impl Sql, message: Uuid, revision: i32) -> DbResult<Option<ClipRow>> {
    let sql = "SELECT revision, state, delayed, blob, duration_ms, language FROM clips \
               WHERE message_id = $1 AND revision = $2";
    db::one(c, sql, params![message, revision]).await
}

/// A message as it stands.
#[derive(Debug, Row)]
pub(super) struct Standing {
    pub(super) room_id: Uuid,
    pub(super) revision: i32,
    pub(super) deleted_at: Option<i64>,
    pub(super) room_kind: String,
}

/// The message `message`, if `person` is a member of its room and not blocked.
pub(super) async fn standing(
    c: &impl Sql,
    message: Uuid,
    person: Uuid,
) -> DbResult<Option<Standing>> {
    let sql = "SELECT g.room_id, g.revision, g.deleted_at, r.kind AS room_kind FROM messages g \
               JOIN rooms r ON r.id = g.room_id \
               JOIN members m ON m.room_id = g.room_id AND m.person_id = $2 \
               JOIN people p ON p.id = m.person_id AND NOT p.blocked WHERE g.id = $1";
    db::one(c, sql, params![message, person]).await
}

/// Somebody asked who found the clip in the state `seen`, or no clip: it is to be prepared,
/// unless it changed meanwhile.
pub(super) async fn prepare(
    tx: &Tx,
    (message, revision): (Uuid, i32),
    seen: Option<&str>,
) -> DbResult<()> {
    let sql = "INSERT INTO clips (message_id, revision, state, delayed, changed_at) \
               VALUES ($1, $2, 'preparing', FALSE, $3) ON CONFLICT (message_id, revision) DO \
               UPDATE SET state = 'preparing', delayed = FALSE, changed_at = $3 \
               WHERE clips.state = $4 AND clips.state <> 'preparing'";
    exec(tx, sql, params![message, revision, now_ms(), seen.unwrap_or_default()]).await?;
    Ok(())
}

/// The clip is in the blob store.
pub(super) async fn ready(
    tx: &Tx,
    (message, revision): (Uuid, i32),
    blob: &str,
    duration_ms: i64,
    language: &str,
) -> DbResult<()> {
    let sql = "UPDATE clips SET state = 'ready', delayed = FALSE, blob = $3, duration_ms = $4, \
               language = $5, changed_at = $6 WHERE message_id = $1 AND revision = $2";
    let values = params![message, revision, blob, duration_ms, language, now_ms()];
    exec(tx, sql, values).await?;
    Ok(())
}

/// A try failed; there will be another, unless the state is `failed`.
pub(super) async fn not_ready(
    tx: &Tx,
    (message, revision): (Uuid, i32),
    state: &str,
) -> DbResult<()> {
    let sql = "UPDATE clips SET state = $3, delayed = TRUE, changed_at = $4 \
               WHERE message_id = $1 AND revision = $2";
    exec(tx, sql, params![message, revision, state, now_ms()]).await?;
    Ok(())
}

/// How long the clip in that blob is, if there is one.
pub(super) async fn known_blob(c: &impl Sql, blob: &str) -> DbResult<Option<i64>> {
    let sql = "SELECT duration_ms FROM clips WHERE blob = $1 AND state = 'ready' LIMIT 1";
    db::scalar(c, sql, params![blob]).await
}

/// Whether that blob is the clip of a message of a public room as it stands.
pub(super) async fn is_public(c: &impl Sql, blob: &str) -> DbResult<bool> {
    let sql = "SELECT 1 FROM clips c JOIN messages g ON g.id = c.message_id \
               JOIN rooms r ON r.id = g.room_id WHERE c.blob = $1 AND c.state = 'ready' \
               AND g.deleted_at IS NULL AND g.revision = c.revision AND r.kind = 'public' LIMIT 1";
    Ok(db::scalar::<i32>(c, sql, params![blob]).await?.is_some())
}

/// A clip that nobody may hear any more, or not where it is.
#[derive(Debug, Row)]
pub(super) struct OldClip {
    pub(super) message_id: Uuid,
    pub(super) revision: i32,
    pub(super) blob: Option<String>,
}

/// At most `limit` clips of deleted messages and of former texts, and those that are kept as
/// they are although their room is public no longer: asked for again, they are made anew. The
/// ones that changed last come first, so one that cannot be cleared away holds up no other.
pub(super) async fn old(c: &impl Sql, limit: i64) -> DbResult<Vec<OldClip>> {
    let long_ago = now_ms() - PREPARED_WITHIN_MS;
    let sql = "SELECT c.message_id, c.revision, c.blob FROM clips c \
               JOIN messages g ON g.id = c.message_id JOIN rooms r ON r.id = g.room_id \
               WHERE (g.deleted_at IS NOT NULL OR g.revision > c.revision \
               OR (c.blob LIKE 'public/%' AND r.kind <> 'public')) \
               AND (c.state <> 'preparing' OR c.changed_at < $1) \
               ORDER BY c.changed_at DESC LIMIT $2";
    db::all(c, sql, params![long_ago, limit]).await
}

/// Forgets a clip; answers whether its blob is no other clip's.
pub(super) async fn forget(tx: &Tx, clip: &OldClip) -> DbResult<bool> {
    let sql = "DELETE FROM clips WHERE message_id = $1 AND revision = $2";
    exec(tx, sql, params![clip.message_id, clip.revision]).await?;
    let sql = "SELECT 1 FROM clips WHERE blob = $1 LIMIT 1";
    let other: Option<i32> = db::scalar(tx, sql, params![clip.blob.clone()]).await?;
    Ok(other.is_none())
}

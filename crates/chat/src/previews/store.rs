//! The rows of previews.

use kit::clock::now_ms;
use kit::db::{self, DbResult, Row, Sql, Tx, exec, params};
use uuid::Uuid;

/// What is known of a message's link.
#[derive(Debug, Row)]
pub(super) struct Kept {
    /// Sealed; absent if the page said nothing.
    pub(super) preview: Option<Vec<u8>>,
    pub(super) asked_at: i64,
}

/// What is known of that revision.
pub(super) async fn kept(c: &impl Sql, message: Uuid, revision: i32) -> DbResult<Option<Kept>> {
    let sql = "SELECT preview, asked_at FROM link_previews \
               WHERE message_id = $1 AND revision = $2";
    db::one(c, sql, params![message, revision]).await
}

/// Keeps what a page said just now.
pub(super) async fn keep(
    tx: &Tx,
    message: Uuid,
    revision: i32,
    preview: Option<&[u8]>,
) -> DbResult<()> {
    let sql = "INSERT INTO link_previews (message_id, revision, preview, asked_at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (message_id, revision) DO \
               UPDATE SET preview = $3, asked_at = $4";
    let values = params![message, revision, preview.map(<[u8]>::to_vec), now_ms()];
    exec(tx, sql, values).await.map(drop)
}

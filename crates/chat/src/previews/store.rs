//! The rows of previews.

use std::collections::HashMap;

use kit::clock::now_ms;
use kit::db::{self, DbResult, Row, Sql, Tx, exec, params, tuples};
use uuid::Uuid;

use crate::room_keys::Place;

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

#[derive(Debug, Row)]
struct Cell {
    message_id: Uuid,
    preview: Vec<u8>,
}

/// The sealed previews that there are at these places, by message.
pub(super) async fn all_kept(
    c: &impl Sql,
    places: impl ExactSizeIterator<Item = &Place>,
) -> DbResult<HashMap<Uuid, Vec<u8>>> {
    if places.len() == 0 {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT l.message_id, l.preview FROM (VALUES {}) AS v JOIN link_previews l \
         ON l.message_id = v.column1 AND l.revision = v.column2 WHERE l.preview IS NOT NULL",
        tuples(places.len(), 2, 0)
    );
    let values = places.flat_map(|place| params![place.message, place.revision]).collect();
    let cells: Vec<Cell> = db::all(c, &sql, values).await?;
    Ok(cells.into_iter().map(|cell| (cell.message_id, cell.preview)).collect())
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

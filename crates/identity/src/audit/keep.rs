//! How long entries are kept.
//!
//! The oldest go, and the hash that the chain had there stays in `audit_start`; the database lets
//! no other row go. An entry says so, too: whoever moved the start by hand to hide something would
//! have to write an entry that tells it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::clock::now_ms;
use kit::db::{Db, DbResult, Sql, Tx, exec, one, params, scalar};
use serde_json::json;

use super::chain::Link;
use super::{Entry, lock, record};
use crate::Identity;

/// What is written down when entries go.
pub(super) const TRIMMED: &str = "audit.trimmed";
const LOOK_EVERY: Duration = Duration::from_hours(1);
const DAY_MS: i64 = 86_400_000;
/// So many go in one transaction.
const AT_ONCE: i64 = 5_000;

/// Removes what was kept long enough, for as long as the process runs.
pub(crate) async fn tidy(identity: Identity) {
    let keep_ms = i64::from(identity.config.settings.audit.keep_days) * DAY_MS;
    loop {
        match trim(&identity.db, now_ms() - keep_ms).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(LOOK_EVERY).await,
            Err(error) => {
                tracing::error!(%error, "could not remove old entries of the audit: {error}");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Removes some of the entries from before `before`, milliseconds; answers whether it did.
pub(super) async fn trim(db: &Db, before: i64) -> DbResult<bool> {
    let start = start(db.reader()).await?;
    let Some(_) = end_of_old(db.reader(), &start, before).await? else { return Ok(false) };
    db.write(async |tx: &Tx| trim_in(tx, before).await).await
}

async fn trim_in(tx: &Tx, before: i64) -> DbResult<bool> {
    lock(tx).await?;
    let start = start(tx).await?;
    let Some(end) = end_of_old(tx, &start, before).await? else { return Ok(false) };
    let sql = "INSERT INTO audit_start (seat, seq, hash) VALUES (1, $1, $2) \
               ON CONFLICT (seat) DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
    exec(tx, sql, params![end.seq, end.hash.clone()]).await?;
    exec(tx, "DELETE FROM audit WHERE seq <= $1", params![end.seq]).await?;
    record(tx, &Entry::new(TRIMMED).detail(value(&end))).await?;
    Ok(true)
}

/// The last of the entries to go: old ones at the beginning, never the very last of all.
async fn end_of_old(c: &impl Sql, start: &Link, before: i64) -> DbResult<Option<Link>> {
    let first_kept = "SELECT seq FROM audit WHERE at >= $1 ORDER BY seq LIMIT 1";
    let last = "SELECT seq FROM audit ORDER BY seq DESC LIMIT 1";
    let first_kept = match scalar::<i64>(c, first_kept, params![before]).await? {
        Some(seq) => Some(seq),
        None => scalar::<i64>(c, last, vec![]).await?,
    };
    let Some(first_kept) = first_kept else { return Ok(None) };
    let end = (first_kept - 1).min(start.seq + AT_ONCE);
    one(c, "SELECT seq, hash FROM audit WHERE seq = $1", params![end]).await
}

/// Where the chain goes on from.
pub(super) async fn start(c: &impl Sql) -> DbResult<Link> {
    let start: Option<Link> = one(c, "SELECT seq, hash FROM audit_start", vec![]).await?;
    Ok(start.unwrap_or_else(Link::first))
}

/// What the entry says that tells of entries that went, as it is stored.
pub(super) fn detail(start: &Link) -> String {
    value(start).to_string()
}

fn value(start: &Link) -> serde_json::Value {
    json!({"through": start.seq, "hash": URL_SAFE_NO_PAD.encode(&start.hash)})
}

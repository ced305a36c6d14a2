//! The chain of hashes.

use kit::clock;
use kit::db::{DbResult, Row, Sql, Tx, all, one, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Entry;
use super::keep::{self, TRIMMED};

const VERIFY_PAGE: i64 = 1_000;
/// The columns of an entry.
pub(super) const COLUMNS: &str = "seq, at, event, outcome, user_id, client_id, session_id, ip, \
                                  user_agent, detail, prev_hash, hash, actor_id";

/// Where the chain ends, or goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Row)]
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
}

impl Link {
    /// Before the first entry.
    pub(super) fn first() -> Self {
        Self { seq: 0, hash: vec![0; 32] }
    }
}

/// What became of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It fits together.
    Whole {
        /// How many entries there are.
        entries: i64,
        /// The first of them, unless there is none.
        first: i64,
    },
    /// This entry does not fit, or is missing.
    Broken(i64),
}

/// Walks the whole chain. It may begin after the first entry only if an entry says that the ones
/// before were kept long enough, and with which hash they ended.
pub(crate) async fn verify(c: &impl Sql) -> DbResult<Verdict> {
    loop {
        let start = keep::start(c).await?;
        let verdict = walk(c, &start).await?;
        // The oldest entries may go while we look.
        if !matches!(verdict, Verdict::Broken(_)) || keep::start(c).await? == start {
            return Ok(verdict);
        }
    }
}

async fn walk(c: &impl Sql, start: &Link) -> DbResult<Verdict> {
    let mut last = start.clone();
    let mut vouched = start.seq == 0;
    loop {
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2");
        let rows: Vec<Stored> = all(c, &sql, params![last.seq, VERIFY_PAGE]).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != last.seq + 1 || row.prev_hash != last.hash || row.hash != row.own_hash() {
                return Ok(Verdict::Broken(last.seq + 1));
            }
            vouched = vouched || (row.event == TRIMMED && row.detail == keep::detail(start));
            last = Link { seq: row.seq, hash: row.hash };
        }
    }
    // Older entries than these must be there too, if nothing says where they ended.
    let odd: Option<Link> =
        one(c, "SELECT seq, hash FROM audit WHERE seq <= $1", params![start.seq]).await?;
    if !vouched || odd.is_some() {
        return Ok(Verdict::Broken(start.seq));
    }
    Ok(Verdict::Whole { entries: last.seq - start.seq, first: start.seq + 1 })
}

/// What `entry` is as the next of the chain.
pub(super) async fn next(tx: &Tx, entry: &Entry) -> DbResult<Stored> {
    let sql = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
    let last: Option<Link> = one(tx, sql, vec![]).await?;
    let last = last.unwrap_or_else(Link::first);
    Ok(Stored {
        seq: last.seq + 1,
        at: clock::now_ms(),
        event: entry.event.to_owned(),
        outcome: entry.outcome.to_owned(),
        user_id: entry.user,
        client_id: entry.client.clone(),
        session_id: entry.session,
        ip: entry.ip.clone(),
        user_agent: entry.agent.clone(),
        detail: entry.detail.to_string(),
        prev_hash: last.hash,
        hash: Vec::new(),
        actor_id: entry.actor,
    })
}

/// A row.
#[derive(Debug, Row)]
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) event: String,
    pub(super) outcome: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) client_id: Option<String>,
    pub(super) session_id: Option<Uuid>,
    pub(super) ip: String,
    pub(super) user_agent: String,
    pub(super) detail: String,
    pub(super) prev_hash: Vec<u8>,
    hash: Vec<u8>,
    pub(super) actor_id: Option<Uuid>,
}

impl Stored {
    /// SHA-256 over the hash before and the row as a JSON array, which tells fields apart. The
    /// actor came to the table later, and so is only there when there is one.
    pub(super) fn own_hash(&self) -> Vec<u8> {
        let mut row = vec![
            json!(self.seq),
            json!(self.at),
            json!(self.event),
            json!(self.outcome),
            json!(self.user_id),
            json!(self.client_id),
            json!(self.session_id),
            json!(self.ip),
            json!(self.user_agent),
            json!(self.detail),
        ];
        row.extend(self.actor_id.map(|actor| json!(actor)));
        let mut hash = Sha256::new();
        hash.update(&self.prev_hash);
        hash.update(Value::Array(row).to_string());
        hash.finalize().to_vec()
    }
}

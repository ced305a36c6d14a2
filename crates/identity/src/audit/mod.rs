//! The audit: who did what, and when. Rows are only ever appended, and each carries the hash of
//! the one before, so that a row changed or taken out later breaks the chain.
//!
//! Never in it: passwords, codes, tokens, addresses of mail.

use kit::clock;
use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params};
use sea_orm::DbBackend;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::visitor::Visitor;

/// Serialises writers of the chain on PostgreSQL; SQLite has one writer anyway.
const CHAIN_LOCK: &str = "SELECT pg_advisory_xact_lock(727370)";
const VERIFY_PAGE: i64 = 1_000;

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    event: &'static str,
    outcome: &'static str,
    user: Option<Uuid>,
    client: Option<String>,
    session: Option<Uuid>,
    ip: String,
    agent: String,
    detail: Value,
}

impl Entry {
    /// Something that went well, such as `login.ok`.
    pub(crate) fn new(event: &'static str) -> Self {
        Self {
            event,
            outcome: "ok",
            user: None,
            client: None,
            session: None,
            ip: String::new(),
            agent: String::new(),
            detail: json!({}),
        }
    }

    /// It was refused or did not work.
    pub(crate) fn failed(mut self) -> Self {
        self.outcome = "failed";
        self
    }

    /// Whose account it is about.
    pub(crate) fn user(mut self, id: Uuid) -> Self {
        self.user = Some(id);
        self
    }

    /// Which application was part of it.
    pub(crate) fn client(mut self, id: &str) -> Self {
        self.client = Some(id.to_owned());
        self
    }

    /// In which session.
    pub(crate) fn session(mut self, id: Uuid) -> Self {
        self.session = Some(id);
        self
    }

    /// From where.
    pub(crate) fn visitor(mut self, visitor: &Visitor) -> Self {
        self.ip = visitor.ip.to_string();
        self.agent.clone_from(&visitor.agent);
        self
    }

    /// Further facts; no secrets, no addresses.
    pub(crate) fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

#[derive(Row)]
struct Link {
    seq: i64,
    hash: Vec<u8>,
}

/// Appends `entry`. Make it the last statement of its transaction: on PostgreSQL the chain is
/// locked from here to the commit.
pub(crate) async fn record(tx: &Tx, entry: &Entry) -> DbResult<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        exec(tx, CHAIN_LOCK, vec![]).await?;
    }
    let last: Option<Link> =
        one(tx, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", vec![]).await?;
    let (seq, prev_hash) = last.map_or((1, vec![0; 32]), |link| (link.seq + 1, link.hash));
    let stored = Stored::of(entry, seq, prev_hash);
    let hash = stored.own_hash();
    let sql = "INSERT INTO audit (seq, at, event, outcome, user_id, client_id, session_id, ip, \
               user_agent, detail, prev_hash, hash) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let row = stored;
    let values = params![
        row.seq,
        row.at,
        row.event,
        row.outcome,
        row.user_id,
        row.client_id,
        row.session_id,
        row.ip,
        row.user_agent,
        row.detail,
        row.prev_hash,
        hash,
    ];
    exec(tx, sql, values).await?;
    Ok(())
}

/// Walks the whole chain; answers how many rows it has, or the first that does not fit.
pub(crate) async fn verify(c: &impl Sql) -> DbResult<Result<i64, i64>> {
    let mut last = Link { seq: 0, hash: vec![0; 32] };
    loop {
        let sql = "SELECT seq, at, event, outcome, user_id, client_id, session_id, ip, \
                   user_agent, detail, prev_hash, hash FROM audit WHERE seq > $1 \
                   ORDER BY seq LIMIT $2";
        let rows: Vec<Stored> = all(c, sql, params![last.seq, VERIFY_PAGE]).await?;
        if rows.is_empty() {
            return Ok(Ok(last.seq));
        }
        for row in rows {
            let whole =
                row.seq == last.seq + 1 && row.prev_hash == last.hash && row.hash == row.own_hash();
            if !whole {
                return Ok(Err(last.seq + 1));
            }
            last = Link { seq: row.seq, hash: row.hash };
        }
    }
}

#[derive(Row)]
struct Stored {
    seq: i64,
    at: i64,
    event: String,
    outcome: String,
    user_id: Option<Uuid>,
    client_id: Option<String>,
    session_id: Option<Uuid>,
    ip: String,
    user_agent: String,
    detail: String,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn of(entry: &Entry, seq: i64, prev_hash: Vec<u8>) -> Self {
        Self {
            seq,
            at: clock::now_ms(),
            event: entry.event.to_owned(),
            outcome: entry.outcome.to_owned(),
            user_id: entry.user,
            client_id: entry.client.clone(),
            session_id: entry.session,
            ip: entry.ip.clone(),
            user_agent: entry.agent.clone(),
            detail: entry.detail.to_string(),
            prev_hash,
            hash: Vec::new(),
        }
    }

    /// SHA-256 over the hash before and the row as a JSON array, which tells fields apart.
    fn own_hash(&self) -> Vec<u8> {
        let row = json!([
            self.seq,
            self.at,
            self.event,
            self.outcome,
            self.user_id,
            self.client_id,
            self.session_id,
            self.ip,
            self.user_agent,
            self.detail,
        ]);
        let mut hash = Sha256::new();
        hash.update(&self.prev_hash);
        hash.update(row.to_string());
        hash.finalize().to_vec()
    }
}

//! The audit: who did what, and when. Rows are only ever appended, and each carries the hash of
//! the one before, so that a row changed or taken out later breaks the chain.
//!
//! Each is also a line of the log. What is older than the time to keep goes, oldest first, and the
//! chain goes on from the hash that it had there. Never in it: passwords, codes, tokens, addresses
//! of mail.

mod chain;
mod keep;
mod list;
#[cfg(test)]
mod tests;

use kit::db::{DbResult, Tx, exec, params};
use schemars::JsonSchema;
use sea_orm::{ConnectionTrait as _, DbBackend};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use chain::{Verdict, verify};
pub(crate) use keep::tidy;
pub(crate) use list::{Filter, Listed, list};

use chain::Stored;

use crate::accounts::Actor;
use crate::visitor::Visitor;

/// Serialises writers of the chain on PostgreSQL; SQLite has one writer anyway.
const CHAIN_LOCK: &str = "SELECT pg_advisory_xact_lock(727370)";

/// How long the audit is kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// Days after which an entry goes, at least 30. The rest can still be verified.
    pub keep_days: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self { keep_days: 400 }
    }
}

impl Keep {
    /// What is wrong with it.
    pub(crate) fn refusal(&self) -> Option<String> {
        let days = self.keep_days;
        (days < 30).then(|| format!("audit.keep_days ({days}) must be at least 30"))
    }
}

/// By whose hand something was done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hand<'a> {
    /// Of the person or app that it belongs to.
    Visitor(&'a Visitor),
    /// Of who administers.
    Actor(&'a Actor),
    /// Of nobody: it was time.
    Nobody,
}

impl<'a> From<&'a Visitor> for Hand<'a> {
    fn from(visitor: &'a Visitor) -> Self {
        Self::Visitor(visitor)
    }
}

impl<'a> From<&'a Actor> for Hand<'a> {
    fn from(actor: &'a Actor) -> Self {
        Self::Actor(actor)
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    event: &'static str,
    outcome: &'static str,
    user: Option<Uuid>,
    actor: Option<Uuid>,
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
            actor: None,
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

    /// The same for somebody who was here before.
    pub(crate) fn by(mut self, ip: &str, agent: &str) -> Self {
        ip.clone_into(&mut self.ip);
        agent.clone_into(&mut self.agent);
        self
    }

    /// Further facts; no secrets, no addresses.
    pub(crate) fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }

    /// By whose hand; say it after [`Entry::detail`].
    pub(crate) fn hand(self, hand: Hand<'_>) -> Self {
        match hand {
            Hand::Visitor(visitor) => self.visitor(visitor),
            Hand::Actor(actor) => self.actor(actor),
            Hand::Nobody => self,
        }
    }

    /// Who did it to somebody else; say it after [`Entry::detail`].
    pub(crate) fn actor(mut self, actor: &Actor) -> Self {
        match actor {
            Actor::Operator => self.detail["by"] = json!("operator"),
            Actor::Person(person) => {
                self.actor = Some(person.id);
                self.detail["by"] = json!(person.role);
                self.client.get_or_insert_with(|| person.client_id.clone());
                self.ip.clone_from(&person.ip);
                self.agent.clone_from(&person.agent);
            }
        }
        self
    }
}

/// Appends `entry`. Make it the last statement of its transaction: on PostgreSQL the chain is
/// locked from here to the commit.
pub(crate) async fn record(tx: &Tx, entry: &Entry) -> DbResult<()> {
    lock(tx).await?;
    let row = chain::next(tx, entry).await?;
    let hash = row.own_hash();
    log(&row);
    let sql = "INSERT INTO audit (seq, at, event, outcome, user_id, client_id, session_id, ip, \
               user_agent, detail, prev_hash, hash, actor_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
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
        row.actor_id,
    ];
    exec(tx, sql, values).await.map(drop)
}

/// Holds the chain until the transaction ends.
async fn lock(tx: &Tx) -> DbResult<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        exec(tx, CHAIN_LOCK, vec![]).await?;
    }
    Ok(())
}

/// The same as a line of the log, for who watches or keeps it elsewhere.
fn log(row: &Stored) {
    let id = |id: &Option<Uuid>| id.map(|id| id.to_string());
    tracing::info!(
        target: "audit",
        seq = row.seq,
        event = row.event,
        outcome = row.outcome,
        user = id(&row.user_id),
        actor = id(&row.actor_id),
        client = row.client_id,
        session = id(&row.session_id),
        ip = row.ip,
        detail = row.detail,
        "{} {}",
        row.event,
        row.outcome
    );
}

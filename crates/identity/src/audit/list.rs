//! Reading the audit.

use kit::db::{Conditions, DbResult, Sql, all};
use uuid::Uuid;

use super::chain::{COLUMNS, Stored};

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// What happened: all of it (`login.ok`) or its first word and a dot (`login.`).
    pub(crate) event: Option<String>,
    /// `ok` or `failed`.
    pub(crate) outcome: Option<&'static str>,
    /// Whom it is about.
    pub(crate) user: Option<Uuid>,
    /// Who did it to somebody else.
    pub(crate) actor: Option<Uuid>,
    /// Which app was part of it.
    pub(crate) client: Option<String>,
    /// In which session.
    pub(crate) session: Option<Uuid>,
    /// From then on, milliseconds.
    pub(crate) since: Option<i64>,
    /// Until then, milliseconds, without that moment.
    pub(crate) until: Option<i64>,
    /// Older than this entry.
    pub(crate) before: Option<i64>,
}

/// An entry.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) event: String,
    pub(crate) outcome: String,
    pub(crate) user: Option<Uuid>,
    pub(crate) actor: Option<Uuid>,
    pub(crate) client: Option<String>,
    pub(crate) session: Option<Uuid>,
    pub(crate) ip: String,
    pub(crate) agent: String,
    pub(crate) detail: serde_json::Value,
}

/// Entries that fit, the newest first.
pub(crate) async fn list(c: &impl Sql, filter: &Filter, limit: i64) -> DbResult<Vec<Listed>> {
    let mut conditions = Conditions::default();
    match &filter.event {
        Some(event) if event.ends_with('.') => {
            let beginning = format!("SUBSTR(event, 1, {}) =", event.chars().count());
            conditions.add(&beginning, event.clone());
        }
        Some(event) => conditions.add("event =", event.clone()),
        None => {}
    }
    conditions.add_if("outcome =", filter.outcome);
    conditions.add_if("user_id =", filter.user);
    conditions.add_if("actor_id =", filter.actor);
    conditions.add_if("client_id =", filter.client.clone());
    conditions.add_if("session_id =", filter.session);
    conditions.add_if("at >=", filter.since);
    conditions.add_if("at <", filter.until);
    conditions.add_if("seq <", filter.before);
    let (condition, limited, values) = conditions.limited(limit);
    let sql = format!("SELECT {COLUMNS} FROM audit{condition} ORDER BY seq DESC{limited}");
    let rows: Vec<Stored> = all(c, &sql, values).await?;
    Ok(rows.into_iter().map(Listed::from).collect())
}

impl From<Stored> for Listed {
    fn from(row: Stored) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            event: row.event,
            outcome: row.outcome,
            user: row.user_id,
            actor: row.actor_id,
            client: row.client_id,
            session: row.session_id,
            ip: row.ip,
            agent: row.user_agent,
            detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        }
    }
}

//! What the pages of apps ask.

use kit::db::{DbResult, Row, Sql, all, one, params};
use uuid::Uuid;

/// Nobody looks through more.
const LISTED_MAX: i64 = 200;
/// How many failures are shown.
const FAILURES_SHOWN: i64 = 10;
/// After so long without a sign of life a grant without a refresh token is over.
const ACCESS_MS: i64 = 300_000;

/// An app that a person agreed to.
#[derive(Debug, Clone, Row)]
pub(super) struct Granted {
    /// Its id.
    pub id: String,
    /// What people are shown.
    pub name: String,
    /// Who registered it.
    pub kind: String,
    /// What it may do.
    pub scopes: String,
    /// Since when, milliseconds.
    pub since: i64,
    /// When the person last signed in to it.
    pub signed_in_at: Option<i64>,
    /// When it last asked for new tokens.
    pub refreshed_at: Option<i64>,
}

impl Granted {
    /// When it was last used.
    pub(super) fn last_used_at(&self) -> Option<i64> {
        self.signed_in_at.max(self.refreshed_at)
    }
}

/// The apps that a person agreed to and did not take back, by name.
pub(super) async fn granted(c: &impl Sql, user: Uuid) -> DbResult<Vec<Granted>> {
    let sql = "SELECT c.id, c.name, c.kind, k.scopes, k.granted_at AS since, \
               (SELECT MAX(g.created_at) FROM grants g WHERE g.user_id = k.user_id \
               AND g.client_id = k.client_id) AS signed_in_at, \
               (SELECT MAX(r.issued_at) FROM refresh_tokens r JOIN grants g ON g.id = r.grant_id \
               WHERE g.user_id = k.user_id AND g.client_id = k.client_id) AS refreshed_at \
               FROM consents k JOIN clients c ON c.id = k.client_id \
               WHERE k.user_id = $1 AND k.revoked_at IS NULL ORDER BY c.name, c.id LIMIT $2";
    all(c, sql, params![user, LISTED_MAX]).await
}

/// How an app is used, in numbers.
#[derive(Debug, Clone, Row)]
pub(super) struct Usage {
    /// Sign-ins since the day asked for.
    pub sign_ins: i64,
    /// People who signed in since then.
    pub people: i64,
    /// Sign-ins with which it can still do something.
    pub live: i64,
    /// What went wrong since then.
    pub failures: i64,
}

/// The numbers of an app since a time.
pub(super) async fn usage(c: &impl Sql, client: &str, since: i64, now: i64) -> DbResult<Usage> {
    let sql = "SELECT \
               (SELECT COUNT(*) FROM grants WHERE client_id = $1 AND created_at > $2) AS sign_ins, \
               (SELECT COUNT(DISTINCT user_id) FROM grants WHERE client_id = $1 \
               AND created_at > $2) AS people, \
               (SELECT COUNT(*) FROM grants g WHERE g.client_id = $1 AND g.revoked_at IS NULL \
               AND (g.created_at > $4 OR EXISTS (SELECT 1 FROM refresh_tokens r \
               WHERE r.grant_id = g.id AND r.used_at IS NULL AND r.idle_expires_at > $3))) \
               AS live, \
               (SELECT COUNT(*) FROM audit WHERE client_id = $1 AND outcome = 'failed' \
               AND at > $2) AS failures";
    let usage = one(c, sql, params![client, since, now, now - ACCESS_MS]).await?;
    Ok(usage.unwrap_or(Usage { sign_ins: 0, people: 0, live: 0, failures: 0 }))
}

/// Something that went wrong with an app.
#[derive(Debug, Clone, Row)]
pub(super) struct Failure {
    /// When, milliseconds.
    pub at: i64,
    /// What, in the words of the audit.
    pub event: String,
}

/// What went wrong with an app lately, the newest first.
pub(super) async fn failures(c: &impl Sql, client: &str, since: i64) -> DbResult<Vec<Failure>> {
    let sql = "SELECT at, event FROM audit WHERE client_id = $1 AND outcome = 'failed' \
               AND at > $2 ORDER BY seq DESC LIMIT $3";
    all(c, sql, params![client, since, FAILURES_SHOWN]).await
}

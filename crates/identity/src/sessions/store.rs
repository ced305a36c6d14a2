//! Sessions of a person, as they are listed.

use kit::clock::now_ms;
use kit::db::{Conditions, DbResult, Row, Sql, all, params, scalar};
use uuid::Uuid;

use crate::Identity;

/// Nobody looks through more.
const LISTED_MAX: i64 = 100;

/// A session that can still be used.
#[derive(Debug, Clone, Row)]
pub(crate) struct Listed {
    /// Of the row.
    pub(crate) id: Uuid,
    /// Whose it is.
    pub(crate) user_id: Uuid,
    /// How strong its sign-in was.
    pub(crate) acr: String,
    /// The address of its last sign-in.
    pub(crate) ip: String,
    /// The browser, as it names itself.
    pub(crate) user_agent: String,
    /// When its person signed in, milliseconds.
    pub(crate) created_at: i64,
    /// When its browser was last here.
    seen_at: i64,
    /// When one of its apps last asked for tokens.
    used_at: Option<i64>,
}

impl Listed {
    /// When it was last used, here or by an app.
    pub(crate) fn last_seen_at(&self) -> i64 {
        self.used_at.map_or(self.seen_at, |used| used.max(self.seen_at))
    }
}

/// The sessions of a person that can be used, or whose apps can get new tokens; the newest first.
pub(crate) async fn live(identity: &Identity, c: &impl Sql, user: Uuid) -> DbResult<Vec<Listed>> {
    page(identity, c, (Some(user), None), LISTED_MAX).await
}

/// Such sessions of one person or of everybody, begun before the session `before`.
pub(crate) async fn page(
    identity: &Identity,
    c: &impl Sql,
    (user, before): (Option<Uuid>, Option<Uuid>),
    limit: i64,
) -> DbResult<Vec<Listed>> {
    let idle_ms = i64::from(identity.config.settings.sessions.idle_s) * 1000;
    let live = format!(
        "((s.expires_at > ? AND (s.keep OR s.last_seen_at + {idle_ms} > ?)) OR EXISTS \
         (SELECT 1 FROM grants g JOIN refresh_tokens r ON r.grant_id = g.id \
         WHERE g.session_id = s.id AND g.revoked_at IS NULL AND r.used_at IS NULL \
         AND r.idle_expires_at > ?))"
    );
    let mut conditions = Conditions::default();
    conditions.add_if("s.user_id =", user);
    conditions.add_if("s.id <", before);
    conditions.also("s.ended_at IS NULL", None);
    conditions.also(&live, Some(now_ms().into()));
    let (place, last, values) = conditions.limited(limit);
    let sql = format!(
        "SELECT s.id, s.user_id, s.acr, s.ip, s.user_agent, s.created_at, \
         s.last_seen_at AS seen_at, (SELECT MAX(r.issued_at) FROM refresh_tokens r \
         JOIN grants g ON g.id = r.grant_id WHERE g.session_id = s.id) AS used_at \
         FROM sessions s{place} ORDER BY s.id DESC{last}"
    );
    all(c, &sql, values).await
}

/// Whose a session is, whether it has ended or not.
pub(super) async fn owner(c: &impl Sql, id: Uuid) -> DbResult<Option<Uuid>> {
    scalar(c, "SELECT user_id FROM sessions WHERE id = $1", params![id]).await
}

/// An app that a session let in.
#[derive(Debug, Clone, Row)]
pub(crate) struct App {
    /// The session.
    pub(crate) session_id: Uuid,
    /// Its name.
    pub(crate) name: String,
}

/// The apps that sessions of a person let in and that were not stopped since.
pub(crate) async fn apps_of(c: &impl Sql, user: Uuid) -> DbResult<Vec<App>> {
    let sql = "SELECT sc.session_id, c.name FROM session_clients sc \
               JOIN sessions s ON s.id = sc.session_id JOIN clients c ON c.id = sc.client_id \
               WHERE s.user_id = $1 AND s.ended_at IS NULL AND EXISTS (SELECT 1 FROM grants g \
               WHERE g.session_id = sc.session_id AND g.client_id = sc.client_id \
               AND g.revoked_at IS NULL) ORDER BY c.name, sc.client_id";
    all(c, sql, params![user]).await
}

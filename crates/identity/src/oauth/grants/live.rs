//! Grants as who administers sees them.

use kit::clock::now_ms;
use kit::db::{Conditions, DbResult, Row, Sql, Tx, all};
use uuid::Uuid;

use super::{find, revoke};
use crate::Identity;
use crate::accounts::{self, AccountError, Actor};
use crate::audit::{self, Entry};
use crate::oauth::backchannel;

/// Which grants.
#[derive(Debug, Default)]
pub(crate) struct GivenTo {
    /// Of this person only.
    pub(crate) user: Option<Uuid>,
    /// To this app only.
    pub(crate) client: Option<String>,
    /// Older than this one.
    pub(crate) before: Option<Uuid>,
}

/// A grant that nobody ended.
#[derive(Debug, Row)]
pub(crate) struct LiveGrant {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) client_id: String,
    pub(crate) session_id: Option<Uuid>,
    pub(crate) scopes: String,
    pub(crate) resource: Option<String>,
    pub(crate) created_at: i64,
}

/// Grants that nobody ended, the newest first.
pub(crate) async fn live_grants(
    c: &impl Sql,
    which: &GivenTo,
    limit: i64,
) -> DbResult<Vec<LiveGrant>> {
    let mut conditions = Conditions::default();
    conditions.add_if("user_id =", which.user);
    conditions.add_if("client_id =", which.client.clone());
    conditions.add_if("id <", which.before);
    conditions.also("revoked_at IS NULL", None);
    let (place, last, values) = conditions.limited(limit);
    let sql = format!(
        "SELECT id, user_id, client_id, session_id, scopes, resource, created_at \
         FROM grants{place} ORDER BY id DESC{last}"
    );
    all(c, &sql, values).await
}

/// Ends a grant and tells its app; answers whether it was still good.
pub(crate) async fn revoke_grant(
    identity: &Identity,
    by: &Actor,
    id: Uuid,
) -> Result<bool, AccountError> {
    let now = now_ms();
    let work = async |tx: &Tx| {
        let grant = find(tx, id).await?.ok_or(AccountError::Unknown)?;
        accounts::touched(identity, tx, by, grant.user_id).await?;
        if !revoke(tx, id, "ended by an administrator", now).await? {
            return Ok(false);
        }
        backchannel::grant_ended(tx, &grant, now).await?;
        let entry = Entry::new("token.revoked").user(grant.user_id).client(&grant.client_id);
        audit::record(tx, &entry.actor(by)).await?;
        Ok::<_, AccountError>(true)
    };
    let revoked = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(revoked)
}

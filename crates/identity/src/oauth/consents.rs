//! What people agreed to, per app.

use kit::db::{DbResult, Sql, Tx, exec, params, scalar};
use uuid::Uuid;

use super::authorize::Request;
use super::backchannel;
use super::clients::Client;
use super::scope::Scopes;

/// Whether the person must be asked. Apps of ours never ask; an app without a secret that wants
/// to stay signed in asks each time (OpenID Connect Core 11).
pub(crate) async fn needed(
    c: &impl Sql,
    user: Uuid,
    client: &Client,
    request: &Request,
) -> DbResult<bool> {
    if client.first_party {
        return Ok(false);
    }
    let scopes = request.scopes();
    if request.prompt.consent || (client.is_public() && scopes.has("offline_access")) {
        return Ok(true);
    }
    Ok(!given(c, user, &client.id).await?.contains(scopes))
}

/// What the person agreed to so far.
async fn given(c: &impl Sql, user: Uuid, client_id: &str) -> DbResult<Scopes> {
    let sql = "SELECT scopes FROM consents WHERE user_id = $1 AND client_id = $2 \
               AND revoked_at IS NULL";
    let scopes: Option<String> = scalar(c, sql, params![user, client_id]).await?;
    Ok(Scopes::parse(&scopes.unwrap_or_default()))
}

/// Keeps that the person agreed, besides what they agreed to before.
pub(crate) async fn give(
    tx: &Tx,
    user: Uuid,
    client_id: &str,
    scopes: Scopes,
    now: i64,
) -> DbResult<()> {
    let all = given(tx, user, client_id).await?.or(scopes);
    let sql = "INSERT INTO consents (user_id, client_id, scopes, granted_at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, client_id) DO UPDATE \
               SET scopes = excluded.scopes, revoked_at = NULL, granted_at = CASE \
               WHEN consents.revoked_at IS NULL THEN consents.granted_at \
               ELSE excluded.granted_at END";
    exec(tx, sql, params![user, client_id, all.to_string(), now]).await.map(drop)
}

/// Keeps that the person takes back what they agreed to; answers whether there was anything. The
/// caller wakes the sender of logout tokens after the commit.
pub(crate) async fn take_back(tx: &Tx, user: Uuid, client_id: &str, now: i64) -> DbResult<bool> {
    let sql = "UPDATE consents SET revoked_at = $3 WHERE user_id = $1 AND client_id = $2 \
               AND revoked_at IS NULL";
    if exec(tx, sql, params![user, client_id, now]).await? == 0 {
        return Ok(false);
    }
    backchannel::app_ended(tx, user, client_id).await?;
    Ok(true)
}

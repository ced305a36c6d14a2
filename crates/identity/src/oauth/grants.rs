//! Grants: what a person let an app do in one sign-in, and the codes and refresh tokens of it.
//!
//! A code or refresh token is spent by one conditional `UPDATE`, in the transaction that writes
//! what comes next; of many who try at once one wins. Using one again that was spent revokes the
//! whole grant: the family of its refresh tokens and, by its id, its access tokens.

mod codes;
mod live;
mod refresh;

use kit::clock::{random_token, uuid_v7};
use kit::db::{DbResult, Row, Sql, Tx, exec, for_update, one, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub(crate) use codes::{CodeFor, Shown, Spent, issue_code, of_code, spend_code};
pub(crate) use live::{GivenTo, LiveGrant, live_grants, revoke_grant};
pub(crate) use refresh::{Rotated, first_refresh, hold, rotate};
pub(crate) use refresh::{live_refresh_token, of_refresh_token};

use super::scope::Scopes;
use super::tokens::Subject;
use refresh::IDLE_MS;

const DAY_MS: i64 = 86_400_000;

/// What a person let an app do.
#[derive(Debug, Clone, Row)]
pub(crate) struct Grant {
    /// Its id, which is in every token of it.
    pub id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// The app.
    pub client_id: String,
    /// The sign-in at this issuer; none for a token made on the command line.
    pub session_id: Option<Uuid>,
    /// The sign-in, as the app knows it.
    pub sid: Option<String>,
    scopes: String,
    /// The API that access tokens are for.
    pub resource: Option<String>,
    /// How the person proved who they are.
    pub acr: String,
    /// By which means.
    pub amr: String,
    /// When, milliseconds.
    pub auth_time: i64,
    /// When it ended.
    pub revoked_at: Option<i64>,
    /// The key that its refresh tokens are bound to (RFC 9449 section 5); a confidential client's
    /// are bound to the client already.
    pub jkt: Option<String>,
}

const COLUMNS: &str = "id, user_id, client_id, session_id, sid, scopes, resource, acr, amr, \
                       auth_time, revoked_at, jkt";

/// The columns of grants that are called `name` in a join.
fn columns_of(name: &str) -> String {
    let columns = COLUMNS.split(", ").map(|column| format!("{name}.{column}"));
    columns.collect::<Vec<_>>().join(", ")
}

impl Grant {
    /// What the app may do.
    pub(crate) fn scopes(&self) -> Scopes {
        Scopes::parse(&self.scopes)
    }

    /// What tokens say about it; `sub` is the account's name on the wire.
    pub(crate) fn subject(&self, sub: String) -> Subject {
        Subject {
            grant: self.id,
            sub,
            client_id: self.client_id.clone(),
            sid: self.sid.clone(),
            acr: self.acr.clone(),
            amr: self.amr.clone(),
            auth_time: self.auth_time,
        }
    }
}

/// What a new grant is made of.
#[derive(Debug, Clone)]
pub(crate) struct NewGrant {
    /// The person.
    pub user_id: Uuid,
    /// The app.
    pub client_id: String,
    /// The sign-in at this issuer.
    pub session_id: Option<Uuid>,
    /// What the app may do.
    pub scopes: Scopes,
    /// The API that access tokens are for.
    pub resource: Option<String>,
    /// How the person proved who they are.
    pub acr: String,
    /// By which means.
    pub amr: String,
    /// When, milliseconds.
    pub auth_time: i64,
}

/// Opens a grant, and the app's name for the sign-in if it has none yet.
pub(crate) async fn open(tx: &Tx, new: &NewGrant, now: i64) -> DbResult<Uuid> {
    let sid = match new.session_id {
        Some(session) => Some(sid(tx, session, &new.client_id, now).await?),
        None => None,
    };
    let id = uuid_v7();
    let sql = "INSERT INTO grants (id, user_id, client_id, session_id, sid, scopes, resource, \
               acr, amr, auth_time, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
               $11)";
    let values = params![
        id,
        new.user_id,
        new.client_id.clone(),
        new.session_id,
        sid,
        new.scopes.to_string(),
        new.resource.clone(),
        new.acr.clone(),
        new.amr.clone(),
        new.auth_time,
        now
    ];
    exec(tx, sql, values).await?;
    Ok(id)
}

/// Ends a grant; nothing of it can be refreshed, its access tokens are of no use here.
pub(crate) async fn revoke(tx: &Tx, grant: Uuid, reason: &str, now: i64) -> DbResult<bool> {
    let sql = "UPDATE grants SET revoked_at = $2, revoke_reason = $3 WHERE id = $1 \
               AND revoked_at IS NULL";
    Ok(exec(tx, sql, params![grant, now, reason]).await? == 1)
}

/// Ends the access token with this id, which would have been good until then; answers whether it
/// had not ended.
pub(crate) async fn end_token(tx: &Tx, token_id: &str, until: i64) -> DbResult<bool> {
    let sql = "INSERT INTO revoked (kind, value, until) VALUES ('jti', $1, $2) \
               ON CONFLICT (kind, value) DO NOTHING";
    Ok(exec(tx, sql, params![token_id, until]).await? == 1)
}

/// Binds the refresh tokens of a grant to a key, for good.
pub(crate) async fn bind(tx: &Tx, grant: Uuid, jkt: &str) -> DbResult<()> {
    let sql = "UPDATE grants SET jkt = $2 WHERE id = $1 AND jkt IS NULL";
    exec(tx, sql, params![grant, jkt]).await.map(drop)
}

/// The grant with this id.
pub(crate) async fn find(c: &impl Sql, id: Uuid) -> DbResult<Option<Grant>> {
    one(c, &format!("SELECT {COLUMNS} FROM grants WHERE id = $1"), params![id]).await
}

/// The grant with this id, unless it or the token with this id of its own has ended.
pub(crate) async fn live(c: &impl Sql, id: Uuid, token_id: &str) -> DbResult<Option<Grant>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM grants WHERE id = $1 AND revoked_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM revoked WHERE kind = 'jti' AND value = $2)"
    );
    one(c, &sql, params![id, token_id]).await
}

/// Removes what is of no use any more; spent refresh tokens stay as long as their family may
/// live, so that their reuse is noticed.
pub(crate) async fn purge(tx: &Tx, now: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM codes WHERE expires_at < $1", params![now - IDLE_MS]).await?;
    exec(tx, "DELETE FROM refresh_tokens WHERE expires_at < $1", params![now]).await?;
    exec(tx, "DELETE FROM revoked WHERE until < $1", params![now]).await?;
    // Who signed in where is nobody's business for longer than something of it can be good; a
    // token of the command line lives a day.
    let over = "DELETE FROM grants WHERE created_at < $1 AND NOT EXISTS (SELECT 1 FROM codes c \
                WHERE c.grant_id = grants.id) AND NOT EXISTS (SELECT 1 FROM refresh_tokens r \
                WHERE r.grant_id = grants.id)";
    exec(tx, over, params![now - 2 * DAY_MS]).await.map(drop)
}

/// The app's name for a sign-in; the same for as long as the sign-in lasts.
async fn sid(tx: &Tx, session: Uuid, client_id: &str, now: i64) -> DbResult<String> {
    #[derive(Row)]
    struct Sid {
        sid: String,
    }
    let sql = "INSERT INTO session_clients (session_id, client_id, sid, last_code_at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (session_id, client_id) \
               DO UPDATE SET last_code_at = excluded.last_code_at RETURNING sid";
    let fresh = random_token()[..22].to_owned();
    let row = one::<Sid>(tx, sql, params![session, client_id, fresh, now]).await?;
    row.map(|row| row.sid).ok_or_else(|| kit::db::DbErr::RecordNotFound("sid".to_owned()))
}

/// The grant, held until the transaction ends: its tokens change one at a time.
async fn lock(tx: &Tx, id: Uuid) -> DbResult<Option<Grant>> {
    let sql = format!("SELECT {COLUMNS} FROM grants WHERE id = $1{}", for_update(tx));
    one(tx, &sql, params![id]).await
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
pub(super) mod tests;

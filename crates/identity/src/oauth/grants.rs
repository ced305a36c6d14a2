//! Grants: what a person let an app do in one sign-in, and the codes and refresh tokens of it.
//!
//! A code or refresh token is spent by one conditional `UPDATE`, in the transaction that writes
//! what comes next; of many who try at once one wins. Using one again that was spent revokes the
//! whole grant: the family of its refresh tokens and, by its id, its access tokens.

use kit::clock::{random_token, uuid_v7};
use kit::db::{DbResult, Row, Sql, Tx, exec, for_update, one, params};
use kit::keys::KeyRing;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::clients::Client;
use super::pkce;
use super::scope::Scopes;
use super::tokens::Subject;

/// How long a code may take to come back, milliseconds.
const CODE_LIFE_MS: i64 = 60_000;
/// A refresh token unused for this long is of no use any more.
const IDLE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// A grant cannot be refreshed for longer than this.
const LIFE_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// For so long a confidential client may ask again for a successor that it did not use.
const LEEWAY_MS: i64 = 60_000;
/// What successors of refresh tokens are derived for.
const SUCCESSOR: &str = "oauth:refresh-successor";

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
}

const COLUMNS: &str = "id, user_id, client_id, session_id, sid, scopes, resource, acr, amr, \
                       auth_time, revoked_at";

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

/// What a code is bound to.
#[derive(Debug, Clone)]
pub(crate) struct CodeFor {
    /// Where it is sent.
    pub redirect_uri: String,
    /// The `S256` challenge.
    pub challenge: String,
    /// Copied into the ID token.
    pub nonce: Option<String>,
}

/// What became of a code.
#[derive(Debug)]
pub(crate) enum Spent {
    /// It was good, and is spent now.
    Now(Box<Grant>, Option<String>),
    /// It was spent before, by who could spend it: the grant is revoked.
    Again(Box<Grant>),
    /// Unknown, too old, another client's, or the verifier does not fit.
    Useless,
}

/// What became of a refresh token.
#[derive(Debug)]
pub(crate) enum Rotated {
    /// It was good, and has this successor.
    Now(Box<Grant>, String),
    /// It was spent before: the grant is revoked.
    Again(Box<Grant>),
    /// Unknown, too old, another client's or revoked.
    Useless,
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

/// Writes a code for a grant; answers it.
pub(crate) async fn issue_code(tx: &Tx, grant: Uuid, code: &CodeFor, now: i64) -> DbResult<String> {
    let secret = format!("ac_{}", random_token());
    let sql = "INSERT INTO codes (hash, grant_id, redirect_uri, challenge, nonce, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let values = params![
        hash(&secret),
        grant,
        code.redirect_uri.clone(),
        code.challenge.clone(),
        code.nonce.clone(),
        now + CODE_LIFE_MS
    ];
    exec(tx, sql, values).await?;
    Ok(secret)
}

/// Spends a code. Who cannot show the right client, URI and verifier neither spends nor revokes.
pub(crate) async fn spend_code(
    tx: &Tx,
    client: &Client,
    code: &str,
    (redirect_uri, verifier): (&str, &str),
    now: i64,
) -> DbResult<Spent> {
    #[derive(Row)]
    struct CodeRow {
        grant_id: Uuid,
        redirect_uri: String,
        challenge: String,
        nonce: Option<String>,
        expires_at: i64,
    }
    let sql = "SELECT grant_id, redirect_uri, challenge, nonce, expires_at FROM codes \
               WHERE hash = $1";
    let Some(row) = one::<CodeRow>(tx, sql, params![hash(code)]).await? else {
        return Ok(Spent::Useless);
    };
    let Some(grant) = lock(tx, row.grant_id).await? else { return Ok(Spent::Useless) };
    let theirs = grant.client_id == client.id && row.redirect_uri == redirect_uri;
    if !theirs || !pkce::fits(verifier, &row.challenge) {
        return Ok(Spent::Useless);
    }
    let sql = "UPDATE codes SET used_at = $2 WHERE hash = $1 AND used_at IS NULL \
               AND expires_at > $2";
    if exec(tx, sql, params![hash(code), now]).await? == 1 {
        let live = grant.revoked_at.is_none();
        return Ok(if live { Spent::Now(Box::new(grant), row.nonce) } else { Spent::Useless });
    }
    if row.expires_at <= now && !was_used(tx, code).await? {
        return Ok(Spent::Useless);
    }
    revoke(tx, grant.id, "code replay", now).await?;
    Ok(Spent::Again(Box::new(grant)))
}

/// Writes the first refresh token of a grant; answers it.
pub(crate) async fn first_refresh(tx: &Tx, grant: Uuid, now: i64) -> DbResult<String> {
    let token = format!("rt_{}", random_token());
    let row = NewToken { token: &token, grant, parent: None, expires_at: now + LIFE_MS };
    insert_token(tx, row, now).await?;
    Ok(token)
}

/// Spends a refresh token and writes its successor.
///
/// The successor is derived from the token with a key of ours, so that it can be given again
/// within the leeway and is nowhere stored. Public clients have no leeway.
pub(crate) async fn rotate(
    tx: &Tx,
    ring: &KeyRing,
    client: &Client,
    token: &str,
    now: i64,
) -> DbResult<Rotated> {
    let Some(row) = find_token(tx, token).await? else { return Ok(Rotated::Useless) };
    let Some(grant) = lock(tx, row.grant_id).await? else { return Ok(Rotated::Useless) };
    if grant.client_id != client.id || grant.revoked_at.is_some() {
        return Ok(Rotated::Useless);
    }
    let next = successor(ring, token);
    let sql = "UPDATE refresh_tokens SET used_at = $2, successor_hash = $3 WHERE hash = $1 \
               AND used_at IS NULL AND idle_expires_at > $2 AND expires_at > $2";
    if exec(tx, sql, params![hash(token), now, hash(&next)]).await? == 1 {
        let parent = Some(hash(token));
        let new = NewToken { token: &next, grant: grant.id, parent, expires_at: row.expires_at };
        insert_token(tx, new, now).await?;
        return Ok(Rotated::Now(Box::new(grant), next));
    }
    // The row again: between the first look and the update somebody else may have spent it.
    let Some(row) = find_token(tx, token).await? else { return Ok(Rotated::Useless) };
    let Some(used_at) = row.used_at else { return Ok(Rotated::Useless) };
    let unused = find_token(tx, &next).await?.is_some_and(|next| next.used_at.is_none());
    if !client.is_public() && unused && now - used_at <= LEEWAY_MS {
        return Ok(Rotated::Now(Box::new(grant), next));
    }
    revoke(tx, grant.id, "refresh token reuse", now).await?;
    Ok(Rotated::Again(Box::new(grant)))
}

/// Ends a grant; nothing of it can be refreshed, its access tokens are of no use here.
pub(crate) async fn revoke(tx: &Tx, grant: Uuid, reason: &str, now: i64) -> DbResult<bool> {
    let sql = "UPDATE grants SET revoked_at = $2, revoke_reason = $3 WHERE id = $1 \
               AND revoked_at IS NULL";
    Ok(exec(tx, sql, params![grant, now, reason]).await? == 1)
}

/// The grant with this id.
pub(crate) async fn find(c: &impl Sql, id: Uuid) -> DbResult<Option<Grant>> {
    one(c, &format!("SELECT {COLUMNS} FROM grants WHERE id = $1"), params![id]).await
}

/// The grant that a code belongs to.
pub(crate) async fn of_code(c: &impl Sql, code: &str) -> DbResult<Option<Grant>> {
    let columns = COLUMNS.replace("id, user_id", "g.id, user_id");
    let sql = format!(
        "SELECT {columns} FROM codes JOIN grants g ON g.id = codes.grant_id WHERE hash = $1"
    );
    one(c, &sql, params![hash(code)]).await
}

/// The grant that a refresh token belongs to.
pub(crate) async fn of_refresh_token(c: &impl Sql, token: &str) -> DbResult<Option<Grant>> {
    match find_token(c, token).await? {
        Some(row) => find(c, row.grant_id).await,
        None => Ok(None),
    }
}

/// Removes what is of no use any more; spent refresh tokens stay as long as their family may
/// live, so that their reuse is noticed.
pub(crate) async fn purge(tx: &Tx, now: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM codes WHERE expires_at < $1", params![now - IDLE_MS]).await?;
    exec(tx, "DELETE FROM refresh_tokens WHERE expires_at < $1", params![now]).await?;
    exec(tx, "DELETE FROM revoked WHERE until < $1", params![now]).await.map(drop)
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

struct NewToken<'a> {
    token: &'a str,
    grant: Uuid,
    parent: Option<Vec<u8>>,
    expires_at: i64,
}

async fn insert_token(tx: &Tx, new: NewToken<'_>, now: i64) -> DbResult<()> {
    let idle = (now + IDLE_MS).min(new.expires_at);
    let sql = "INSERT INTO refresh_tokens (hash, grant_id, parent_hash, issued_at, \
               idle_expires_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = params![hash(new.token), new.grant, new.parent, now, idle, new.expires_at];
    exec(tx, sql, values).await.map(drop)
}

#[derive(Row)]
struct TokenRow {
    grant_id: Uuid,
    expires_at: i64,
    used_at: Option<i64>,
}

async fn find_token(c: &impl Sql, token: &str) -> DbResult<Option<TokenRow>> {
    let sql = "SELECT grant_id, expires_at, used_at FROM refresh_tokens WHERE hash = $1";
    one(c, sql, params![hash(token)]).await
}

/// The grant, held until the transaction ends: its tokens change one at a time.
async fn lock(tx: &Tx, id: Uuid) -> DbResult<Option<Grant>> {
    let sql = format!("SELECT {COLUMNS} FROM grants WHERE id = $1{}", for_update(tx));
    one(tx, &sql, params![id]).await
}

async fn was_used(tx: &Tx, code: &str) -> DbResult<bool> {
    #[derive(Row)]
    struct Used {
        used_at: Option<i64>,
    }
    let sql = "SELECT used_at FROM codes WHERE hash = $1";
    let row = one::<Used>(tx, sql, params![hash(code)]).await?;
    Ok(row.is_some_and(|row| row.used_at.is_some()))
}

fn successor(ring: &KeyRing, token: &str) -> String {
    use base64::Engine as _;
    let mac = ring.mac(SUCCESSOR, token.as_bytes());
    format!("rt_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests;

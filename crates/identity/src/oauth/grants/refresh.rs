//! Refresh tokens: what an app asks for new access tokens with, each of them once.

use kit::clock::random_token;
use kit::db::{DbResult, Row, Sql, Tx, exec, one, params};
use kit::keys::KeyRing;
use uuid::Uuid;

use super::{Grant, find, hash, lock, revoke};
use crate::oauth::clients::Client;

/// A refresh token unused for this long is of no use any more.
pub(super) const IDLE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// A grant cannot be refreshed for longer than this.
const LIFE_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// For so long a confidential client may ask again for a successor that it did not use.
pub(super) const LEEWAY_MS: i64 = 60_000;
/// What successors of refresh tokens are derived for.
const SUCCESSOR: &str = "oauth:refresh-successor";

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

/// The grant that a refresh token belongs to.
pub(crate) async fn of_refresh_token(c: &impl Sql, token: &str) -> DbResult<Option<Grant>> {
    match find_token(c, token).await? {
        Some(row) => find(c, row.grant_id).await,
        None => Ok(None),
    }
}

/// When a refresh token was made and when it is of no use any more, milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// When it was made.
    pub issued_at: i64,
    /// When it ends if nobody uses it.
    pub ends_at: i64,
}

/// The grant of a refresh token that could be used now.
pub(crate) async fn live_refresh_token(
    c: &impl Sql,
    token: &str,
    now: i64,
) -> DbResult<Option<(Grant, Times)>> {
    let Some(row) = find_token(c, token).await? else { return Ok(None) };
    let times =
        Times { issued_at: row.issued_at, ends_at: row.idle_expires_at.min(row.expires_at) };
    if row.used_at.is_some() || times.ends_at <= now {
        return Ok(None);
    }
    let grant = find(c, row.grant_id).await?.filter(|grant| grant.revoked_at.is_none());
    Ok(grant.map(|grant| (grant, times)))
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
    issued_at: i64,
    idle_expires_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

async fn find_token(c: &impl Sql, token: &str) -> DbResult<Option<TokenRow>> {
    let sql = "SELECT grant_id, issued_at, idle_expires_at, expires_at, used_at \
               FROM refresh_tokens WHERE hash = $1";
    one(c, sql, params![hash(token)]).await
}

fn successor(ring: &KeyRing, token: &str) -> String {
    use base64::Engine as _;
    let mac = ring.mac(SUCCESSOR, token.as_bytes());
    format!("rt_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac))
}

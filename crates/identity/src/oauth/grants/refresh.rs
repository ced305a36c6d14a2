//! Refresh tokens: what an app asks for new access tokens with, each of them once.

use kit::clock::random_token;
use kit::db::{DbErr, DbResult, Row, Sql, Tx, exec, for_update, one, params};
use kit::keys::KeyRing;
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{Grant, columns_of, hash, revoke};
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
    /// Too old or revoked.
    Useless,
}

/// Writes the first refresh token of a grant; answers it.
pub(crate) async fn first_refresh(tx: &Tx, grant: Uuid, now: i64) -> DbResult<String> {
    let token = format!("rt_{}", random_token());
    let row = NewToken { token: &token, grant, parent: None, expires_at: now + LIFE_MS };
    insert_token(tx, row, now).await?;
    Ok(token)
}

/// A refresh token and its grant, which nobody changes until the transaction ends: the tokens of a
/// grant change one at a time.
pub(crate) struct Held<'a> {
    token: &'a str,
    known: Known,
}

impl Held<'_> {
    /// The grant that the token belongs to.
    pub(crate) fn grant(&self) -> &Grant {
        &self.known.grant
    }
}

/// Holds a refresh token of `client`, if there is such a one.
pub(crate) async fn hold<'a>(
    tx: &Tx,
    client: &Client,
    token: &'a str,
) -> DbResult<Option<Held<'a>>> {
    let known = find_known(tx, token, for_update(tx)).await?;
    let known = known.filter(|known| known.grant.client_id == client.id);
    Ok(known.map(|known| Held { token, known }))
}

/// Spends a refresh token that `client` holds and writes its successor.
///
/// The successor is derived from the token with a key of ours, so that it can be given again
/// within the leeway and is nowhere stored. Public clients have no leeway.
pub(crate) async fn rotate(
    tx: &Tx,
    ring: &KeyRing,
    client: &Client,
    held: Held<'_>,
    now: i64,
) -> DbResult<Rotated> {
    let Held { token, known: Known { grant, expires_at, used_at, .. } } = held;
    if grant.revoked_at.is_some() {
        return Ok(Rotated::Useless);
    }
    let next = successor(ring, token);
    let sql = "UPDATE refresh_tokens SET used_at = $2, successor_hash = $3 WHERE hash = $1 \
               AND used_at IS NULL AND idle_expires_at > $2 AND expires_at > $2";
    if exec(tx, sql, params![hash(token), now, hash(&next)]).await? == 1 {
        let parent = Some(hash(token));
        let new = NewToken { token: &next, grant: grant.id, parent, expires_at };
        insert_token(tx, new, now).await?;
        return Ok(Rotated::Now(Box::new(grant), next));
    }
    let Some(used_at) = used_at else { return Ok(Rotated::Useless) };
    let unused = find_known(tx, &next, "").await?.is_some_and(|next| next.used_at.is_none());
    if !client.is_public() && unused && now - used_at <= LEEWAY_MS {
        return Ok(Rotated::Now(Box::new(grant), next));
    }
    revoke(tx, grant.id, "refresh token reuse", now).await?;
    Ok(Rotated::Again(Box::new(grant)))
}

/// The grant that a refresh token belongs to.
pub(crate) async fn of_refresh_token(c: &impl Sql, token: &str) -> DbResult<Option<Grant>> {
    Ok(find_known(c, token, "").await?.map(|known| known.grant))
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
    let known = find_known(c, token, "").await?;
    let live = known.filter(|known| known.used_at.is_none() && known.grant.revoked_at.is_none());
    let shown = live.map(|known| {
        let ends_at = known.idle_expires_at.min(known.expires_at);
        (known.grant, Times { issued_at: known.issued_at, ends_at })
    });
    Ok(shown.filter(|(_, times)| times.ends_at > now))
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

/// A refresh token and the grant that it is of.
struct Known {
    issued_at: i64,
    idle_expires_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    grant: Grant,
}

impl Row for Known {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            issued_at: row.try_get(prefix, "issued_at")?,
            idle_expires_at: row.try_get(prefix, "idle_expires_at")?,
            expires_at: row.try_get(prefix, "expires_at")?,
            used_at: row.try_get(prefix, "used_at")?,
            grant: Grant::from_query_result(row, prefix)?,
        })
    }
}

async fn find_known(c: &impl Sql, token: &str, lock: &str) -> DbResult<Option<Known>> {
    let columns = columns_of("g");
    let sql = format!(
        "SELECT t.issued_at, t.idle_expires_at, t.expires_at, t.used_at, {columns} \
         FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.hash = $1{lock}"
    );
    one(c, &sql, params![hash(token)]).await
}

fn successor(ring: &KeyRing, token: &str) -> String {
    use base64::Engine as _;
    let mac = ring.mac(SUCCESSOR, token.as_bytes());
    format!("rt_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac))
}

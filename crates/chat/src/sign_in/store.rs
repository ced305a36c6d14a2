//! Rows of browser sessions and of sign-ins that have ended.

use kit::caller::{Caller, LEEWAY_S};
use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params, scalar};
use uuid::Uuid;

/// A session unused for this long ends.
const IDLE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// A session ends after this long, used or not.
const LIFE_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// How long an ended sign-in is remembered: as long as a token of it may live.
const REMEMBER_MS: i64 = (24 * 60 * 60 + LEEWAY_S) * 1000;
/// How long one attempt to refresh keeps others from trying.
const REFRESHING_MS: i64 = 30_000;

/// A session as a request needs it.
#[derive(Debug, Row)]
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) person_id: Uuid,
    pub(super) sid: Option<String>,
    pub(super) scopes: String,
    pub(super) access_expires_at: i64,
    pub(super) last_seen_at: i64,
    pub(super) blocked: bool,
}

/// A session as refreshing it needs it.
#[derive(Debug, Row)]
pub(super) struct Kept {
    pub(super) id: Uuid,
    pub(super) sid: Option<String>,
    pub(super) refresh_token: Option<Vec<u8>>,
    pub(super) id_token: Option<Vec<u8>>,
}

/// The owner of a token.
#[derive(Debug, Row)]
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) blocked: bool,
    pub(super) ended: i64,
}

pub(super) struct NewSession {
    pub(super) id: Uuid,
    pub(super) token_hash: Vec<u8>,
    pub(super) person: Uuid,
    pub(super) sid: Option<String>,
    pub(super) scopes: String,
    pub(super) refresh_token: Option<Vec<u8>>,
    pub(super) id_token: Vec<u8>,
    pub(super) access_expires_at: i64,
}

/// The session with this cookie, if it has not ended.
pub(super) async fn live(c: &impl Sql, hash: &[u8], now: i64) -> DbResult<Option<Session>> {
    let sql = "SELECT s.id, s.person_id, s.sid, s.scopes, s.access_expires_at, s.last_seen_at, \
               p.blocked FROM browser_sessions s JOIN people p ON p.id = s.person_id \
               WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 \
               AND s.last_seen_at > $3";
    one(c, sql, params![hash.to_vec(), now, now - IDLE_MS]).await
}

/// Whether the session has not ended.
pub(super) async fn is_live(c: &impl Sql, id: Uuid, now: i64) -> DbResult<bool> {
    let sql = "SELECT last_seen_at FROM browser_sessions WHERE id = $1 AND ended_at IS NULL \
               AND expires_at > $2 AND last_seen_at > $3";
    Ok(scalar::<i64>(c, sql, params![id, now, now - IDLE_MS]).await?.is_some())
}

/// Begins a session.
pub(super) async fn insert(tx: &Tx, new: NewSession, now: i64) -> DbResult<()> {
    let sql = "INSERT INTO browser_sessions (id, token_hash, person_id, sid, scopes, \
               refresh_token, id_token, access_expires_at, refreshing_until, created_at, \
               last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9, $10)";
    let values = params![
        new.id,
        new.token_hash,
        new.person,
        new.sid,
        new.scopes,
        new.refresh_token,
        new.id_token,
        new.access_expires_at,
        now,
        now + LIFE_MS
    ];
    exec(tx, sql, values).await.map(drop)
}

/// Notes that the session is in use.
pub(super) async fn saw(tx: &Tx, id: Uuid, now: i64) -> DbResult<()> {
    let sql = "UPDATE browser_sessions SET last_seen_at = $2 WHERE id = $1";
    exec(tx, sql, params![id, now]).await.map(drop)
}

/// Takes the right to refresh a session whose access token has expired, unless somebody has it.
pub(super) async fn lease(tx: &Tx, id: Uuid, now: i64) -> DbResult<Option<Kept>> {
    let sql = "UPDATE browser_sessions SET refreshing_until = $3 WHERE id = $1 \
               AND ended_at IS NULL AND access_expires_at <= $2 AND refreshing_until <= $2 \
               RETURNING id, sid, refresh_token, id_token";
    one(tx, sql, params![id, now, now + REFRESHING_MS]).await
}

/// Writes what a refresh brought, and gives the right to refresh back.
pub(super) async fn refreshed(
    tx: &Tx,
    id: Uuid,
    refresh_token: Option<Vec<u8>>,
    access_expires_at: i64,
) -> DbResult<()> {
    let sql = "UPDATE browser_sessions SET refreshing_until = 0, access_expires_at = $3, \
               refresh_token = COALESCE($2, refresh_token) WHERE id = $1";
    exec(tx, sql, params![id, refresh_token, access_expires_at]).await.map(drop)
}

/// Keeps the right to refresh until `next`, when it is tried again by whoever comes first.
pub(super) async fn postpone(tx: &Tx, id: Uuid, next: i64) -> DbResult<()> {
    let sql = "UPDATE browser_sessions SET refreshing_until = $2 WHERE id = $1";
    exec(tx, sql, params![id, next]).await.map(drop)
}

/// Sessions whose refreshing was cut short, by a crash for one.
pub(super) async fn interrupted(c: &impl Sql, now: i64) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct Id {
        id: Uuid,
    }
    let sql = "SELECT id FROM browser_sessions WHERE refreshing_until > 0 \
               AND refreshing_until <= $1 AND ended_at IS NULL LIMIT 1000";
    let ids = all::<Id>(c, sql, params![now]).await?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

/// Gives back every right to refresh: nobody can have one when this process begins.
pub(super) async fn release_all(tx: &Tx) -> DbResult<()> {
    let sql = "UPDATE browser_sessions SET refreshing_until = 1 WHERE refreshing_until > 1";
    exec(tx, sql, params![]).await.map(drop)
}

/// Ends one session; answers what it kept, if it was live.
pub(super) async fn end(tx: &Tx, id: Uuid, reason: &str, now: i64) -> DbResult<Option<Kept>> {
    let sql = "SELECT id, sid, refresh_token, id_token FROM browser_sessions WHERE id = $1";
    let kept = one(tx, sql, params![id]).await?;
    let sql = "UPDATE browser_sessions SET ended_at = $2, end_reason = $3, refresh_token = NULL, \
               id_token = NULL WHERE id = $1 AND ended_at IS NULL";
    let ended = exec(tx, sql, params![id, now, reason]).await?;
    Ok(kept.filter(|_| ended == 1))
}

/// Ends the sessions of a sign-in, and remembers it for tokens.
pub(super) async fn end_sid(tx: &Tx, sid: &str, now: i64) -> DbResult<()> {
    let sql = "UPDATE browser_sessions SET ended_at = $2, end_reason = 'backchannel', \
               refresh_token = NULL, id_token = NULL WHERE sid = $1 AND ended_at IS NULL";
    exec(tx, sql, params![sid, now]).await?;
    remember(tx, "sid", sid, now).await
}

/// Ends all sessions of an account, and remembers it for tokens made until now.
pub(super) async fn end_sub(tx: &Tx, sub: &str, person: Option<Uuid>, now: i64) -> DbResult<()> {
    let sql = "UPDATE browser_sessions SET ended_at = $2, end_reason = 'backchannel', \
               refresh_token = NULL, id_token = NULL WHERE person_id = $1 AND ended_at IS NULL";
    if let Some(person) = person {
        exec(tx, sql, params![person, now]).await?;
    }
    remember(tx, "sub", sub, now).await
}

/// Who a token speaks for, if they were here before, and whether its sign-in has ended.
pub(super) async fn known(c: &impl Sql, caller: &Caller) -> DbResult<Option<Known>> {
    let sql = "SELECT p.id, p.blocked, (SELECT COUNT(*) FROM ended_sign_ins \
               WHERE (kind = 'sid' AND value = $3) OR (kind = 'sub' AND value = $2 \
               AND at >= $4)) AS ended FROM people p WHERE p.iss = $1 AND p.sub = $2";
    let sid = caller.sid.clone().unwrap_or_default();
    let issued = caller.iat.saturating_mul(1000);
    one(c, sql, params![caller.iss.clone(), caller.sub.clone(), sid, issued]).await
}

/// Whether a sign-in has ended.
pub(super) async fn sid_has_ended(c: &impl Sql, sid: &str) -> DbResult<bool> {
    let sql = "SELECT at FROM ended_sign_ins WHERE kind = 'sid' AND value = $1";
    Ok(scalar::<i64>(c, sql, params![sid]).await?.is_some())
}

/// Whether all sign-ins of an account ended at `since` or later.
pub(super) async fn sub_has_ended(c: &impl Sql, sub: &str, since: i64) -> DbResult<bool> {
    let sql = "SELECT at FROM ended_sign_ins WHERE kind = 'sub' AND value = $1 AND at >= $2";
    Ok(scalar::<i64>(c, sql, params![sub, since]).await?.is_some())
}

/// Removes what is of no use any more.
pub(super) async fn purge(tx: &Tx, now: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM ended_sign_ins WHERE until < $1", params![now]).await?;
    let sql = "DELETE FROM browser_sessions WHERE expires_at < $1 OR last_seen_at < $2 \
               OR ended_at < $2";
    exec(tx, sql, params![now, now - IDLE_MS]).await.map(drop)
}

async fn remember(tx: &Tx, kind: &str, value: &str, now: i64) -> DbResult<()> {
    let sql = "INSERT INTO ended_sign_ins (kind, value, at, until) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (kind, value) DO UPDATE SET at = excluded.at, until = excluded.until";
    exec(tx, sql, params![kind, value, now, now + REMEMBER_MS]).await.map(drop)
}

/// Sessions that ended, by whatever way, after `since`.
pub(super) async fn ended_after(c: &impl Sql, since: i64, now: i64) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct Ended {
        id: Uuid,
    }
    let sql = "SELECT id FROM browser_sessions \
               WHERE ended_at > $1 OR (expires_at > $1 AND expires_at <= $2)";
    let ended: Vec<Ended> = kit::db::all(c, sql, params![since, now]).await?;
    Ok(ended.into_iter().map(|session| session.id).collect())
}

//! Sessions: who is signed in, in which browser, since when.

use http::{HeaderMap, HeaderValue};
use kit::clock::{now_ms, random_token, uuid_v7};
use kit::cookie::{self, Life};
use kit::db::{DbResult, Row, Tx, all, exec, one, params, scalar};
use uuid::Uuid;

use super::links::token_hash;
use super::proof::told;
use super::{Acr, Proof, Proved};
use crate::Identity;
use crate::accounts::{self, AccountError, Status};
use crate::addresses;
use crate::audit::{self, Entry, Hand};
use crate::oauth::backchannel;
use crate::visitor::Visitor;

const COOKIE: &str = "idsid";
/// `last_seen_at` is not written more often than this.
const SEEN_EVERY_MS: i64 = 60_000;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Of the row.
    pub(crate) id: Uuid,
    /// Whose it is.
    pub(crate) user_id: Uuid,
    /// How strong the sign-in was.
    pub(crate) acr: Acr,
    /// By which means, separated by spaces (RFC 8176).
    pub(crate) amr: String,
    /// A recovery code was its second step.
    pub(crate) recovered: bool,
    /// When the person last proved who they are, milliseconds.
    pub(crate) auth_time: i64,
    /// It outlives the browser.
    pub(crate) keep: bool,
}

#[derive(Row)]
struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    acr: String,
    amr: String,
    auth_time: i64,
    keep: bool,
    last_seen_at: i64,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        let (amr, recovered) = told(&row.amr);
        Self {
            id: row.id,
            user_id: row.user_id,
            // A level that this version does not know is not believed.
            acr: row.acr.parse().unwrap_or(Acr::Pwd),
            amr,
            recovered,
            auth_time: row.auth_time,
            keep: row.keep,
        }
    }
}

/// How somebody has just proved who they are.
#[derive(Debug, Clone)]
pub(crate) struct Fresh {
    /// The level reached.
    pub(crate) acr: Acr,
    /// By which means, separated by spaces.
    pub(crate) amr: String,
    /// The session is to outlive the browser.
    pub(crate) keep: bool,
    /// When, milliseconds, if that was not just now.
    pub(crate) at: Option<i64>,
}

impl Fresh {
    /// By the link that confirms the address of somebody who has just chosen a password.
    pub(crate) fn password() -> Self {
        let Proved { amr, .. } = Proved::default().with(Proof::Password);
        Self { acr: Acr::Pwd, amr, keep: false, at: None }
    }

    /// By that link alone, of somebody who has no password.
    pub(crate) fn link() -> Self {
        Self { acr: Acr::Pwd, amr: String::new(), keep: false, at: None }
    }
}

/// The session of this browser, if its person is signed in and may be.
pub(crate) async fn current_session(
    identity: &Identity,
    headers: &HeaderMap,
) -> DbResult<Option<Session>> {
    let Some(token) = cookie::read(headers, &identity.config.issuer, COOKIE) else {
        return Ok(None);
    };
    let now = now_ms();
    let idle_ms = i64::from(identity.config.settings.sessions.idle_s) * 1000;
    let sql = "SELECT s.id, s.user_id, s.acr, s.amr, s.auth_time, s.keep, s.last_seen_at \
               FROM sessions s JOIN users u ON u.id = s.user_id \
               WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 \
               AND (s.keep OR s.last_seen_at > $3) AND u.status = 'active'";
    let values = params![token_hash(token), now, now - idle_ms];
    let session: Option<SessionRow> = one(identity.db.reader(), sql, values).await?;
    if let Some(session) = &session
        && now - session.last_seen_at > SEEN_EVERY_MS
    {
        let sql = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1";
        let seen = params![session.id, now];
        identity.db.write(async |tx: &Tx| exec(tx, sql, seen).await).await?;
    }
    Ok(session.map(Session::from))
}

/// Holds a session until the transaction ends; answers whether it is still going on. What is
/// made for a session is made after this, or it may outlive the session.
pub(crate) async fn hold_session(tx: &Tx, id: Uuid) -> DbResult<bool> {
    let sql = "UPDATE sessions SET last_seen_at = last_seen_at \
               WHERE id = $1 AND ended_at IS NULL AND expires_at > $2";
    Ok(exec(tx, sql, params![id, now_ms()]).await? == 1)
}

/// Holds the account and the session of somebody who changes what opens the account, until the
/// transaction ends: a session that has ended meanwhile changes nothing. The account comes first,
/// as everything that ends sessions holds them.
pub(crate) async fn hold(tx: &Tx, session: &Session) -> Result<(), AccountError> {
    let status = accounts::lock(tx, session.user_id).await?;
    if status == Some(Status::Active) && hold_session(tx, session.id).await? {
        Ok(())
    } else {
        Err(AccountError::SignedOut)
    }
}

/// Holds all sessions of a person until the transaction ends. What changes the key of an account
/// does this first, or it waits for who holds a session and waits for the account.
pub(crate) async fn hold_sessions(tx: &Tx, user: Uuid) -> DbResult<()> {
    let sql = "UPDATE sessions SET last_seen_at = last_seen_at \
               WHERE user_id = $1 AND ended_at IS NULL";
    exec(tx, sql, params![user]).await.map(drop)
}

/// A session to be.
#[derive(Debug)]
pub(crate) struct NewSession {
    pub(crate) id: Uuid,
    user: Uuid,
    fresh: Fresh,
    token: String,
    life_s: u32,
    ip: String,
    agent: String,
}

impl NewSession {
    /// A session for `user` in the visitor's browser.
    pub(crate) fn new(identity: &Identity, user: Uuid, visitor: &Visitor, fresh: Fresh) -> Self {
        let sessions = &identity.config.settings.sessions;
        Self {
            id: uuid_v7(),
            user,
            token: random_token(),
            life_s: if fresh.keep { sessions.kept_life_s } else { sessions.life_s },
            fresh,
            ip: visitor.ip.to_string(),
            agent: visitor.agent.clone(),
        }
    }

    /// Its level.
    pub(super) fn acr(&self) -> Acr {
        self.fresh.acr
    }

    /// Stores it.
    pub(crate) async fn insert(&self, tx: &Tx) -> DbResult<()> {
        let now = now_ms();
        let sql = "INSERT INTO sessions (id, token_hash, user_id, acr, amr, auth_time, ip, \
                   user_agent, keep, created_at, last_seen_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)";
        let values = params![
            self.id,
            token_hash(&self.token),
            self.user,
            self.fresh.acr.as_str(),
            self.fresh.amr.clone(),
            self.fresh.at.unwrap_or(now),
            self.ip.clone(),
            self.agent.clone(),
            self.fresh.keep,
            now,
            now + i64::from(self.life_s) * 1000,
        ];
        exec(tx, sql, values).await?;
        let detail = serde_json::json!({"acr": self.fresh.acr});
        let entry = Entry::new("session.started").user(self.user).session(self.id);
        audit::record(tx, &entry.by(&self.ip, &self.agent).detail(detail)).await
    }

    /// Gives a session that goes on a new token, because its person signed in once more; answers
    /// whether it went on.
    pub(crate) async fn renew(&mut self, tx: &Tx, session: Uuid) -> DbResult<bool> {
        let until = now_ms() + i64::from(self.life_s) * 1000;
        self.replace(tx, session, Some(until)).await
    }

    /// Gives a session a new token and a new level, because its person took one step more; it
    /// ends when it would have ended. Answers whether it went on.
    pub(crate) async fn step_up(&mut self, tx: &Tx, session: Uuid) -> DbResult<bool> {
        self.replace(tx, session, None).await
    }

    async fn replace(&mut self, tx: &Tx, session: Uuid, until: Option<i64>) -> DbResult<bool> {
        let now = now_ms();
        let sql = "UPDATE sessions SET token_hash = $2, acr = $3, amr = $4, auth_time = $5, \
                   last_seen_at = $6, keep = $7, expires_at = COALESCE($8, expires_at), \
                   ip = $9, user_agent = $10 WHERE id = $1 AND ended_at IS NULL";
        let values = params![
            session,
            token_hash(&self.token),
            self.fresh.acr.as_str(),
            self.fresh.amr.clone(),
            self.fresh.at.unwrap_or(now),
            now,
            self.fresh.keep,
            until,
            self.ip.clone(),
            self.agent.clone(),
        ];
        let goes_on = exec(tx, sql, values).await? == 1;
        if goes_on {
            self.id = session;
        }
        Ok(goes_on)
    }

    /// Its cookie.
    pub(crate) fn cookie(&self, identity: &Identity) -> HeaderValue {
        let life =
            if self.fresh.keep { Life::Seconds(u64::from(self.life_s)) } else { Life::Session };
        cookie::set(&identity.config.issuer, COOKIE, &self.token, life)
    }
}

/// Ends a session, tells its applications, and answers the cookie that removes it.
pub(crate) async fn end_session(
    identity: &Identity,
    visitor: &Visitor,
    id: Uuid,
    reason: &str,
) -> DbResult<HeaderValue> {
    identity.db.write(async |tx: &Tx| end_in(tx, visitor, id, reason).await).await?;
    identity.oauth.wake_sender();
    Ok(gone_cookie(identity))
}

/// Removes the cookie of a session.
pub(crate) fn gone_cookie(identity: &Identity) -> HeaderValue {
    cookie::set(&identity.config.issuer, COOKIE, "", Life::Gone)
}

/// Ends a session, and answers whose it was if it went on until now; the caller wakes the sender
/// of logout tokens after the commit.
pub(crate) async fn end_in(
    tx: &Tx,
    hand: impl Into<Hand<'_>>,
    id: Uuid,
    reason: &str,
) -> DbResult<Option<Uuid>> {
    let ended = end_each_in(tx, hand, &[id], reason).await?;
    Ok(ended.first().map(|(user, _)| *user))
}

/// Ends several sessions: all of them before the audit, whose chain nobody may hold who still
/// waits for a session. Answers whose they were and which. The caller wakes the sender of logout
/// tokens after the commit.
pub(crate) async fn end_each_in(
    tx: &Tx,
    hand: impl Into<Hand<'_>>,
    ids: &[Uuid],
    reason: &str,
) -> DbResult<Vec<(Uuid, Uuid)>> {
    let hand = hand.into();
    let mut ended = Vec::new();
    for id in ids {
        if let Some(user) = end_row(tx, *id, reason).await? {
            ended.push((user, *id));
        }
    }
    for (user, id) in &ended {
        let detail = serde_json::json!({"reason": reason});
        let entry = Entry::new("session.ended").user(*user).session(*id).detail(detail);
        audit::record(tx, &entry.hand(hand)).await?;
    }
    Ok(ended)
}

/// Ends a session of this person and nobody else's; answers whether there was one. The caller
/// writes the audit, and wakes the sender of logout tokens after the commit.
pub(crate) async fn end_of_in(tx: &Tx, (user, id): (Uuid, Uuid), reason: &str) -> DbResult<bool> {
    let sql = "SELECT id FROM sessions WHERE id = $1 AND user_id = $2";
    match scalar::<Uuid>(tx, sql, params![id, user]).await? {
        Some(own) => Ok(end_row(tx, own, reason).await?.is_some()),
        None => Ok(false),
    }
}

/// Answers whose it was, unless it had ended before.
async fn end_row(tx: &Tx, id: Uuid, reason: &str) -> DbResult<Option<Uuid>> {
    let sql = "UPDATE sessions SET ended_at = $2, end_reason = $3 \
               WHERE id = $1 AND ended_at IS NULL RETURNING user_id";
    let user: Option<Uuid> = scalar(tx, sql, params![id, now_ms(), reason]).await?;
    if user.is_some() {
        backchannel::session_ended(tx, id).await?;
    }
    Ok(user)
}

/// Ends all sessions of a person, and every grant that lives without one.
pub(crate) async fn end_all_in(
    tx: &Tx,
    hand: impl Into<Hand<'_>>,
    user: Uuid,
    reason: &str,
) -> DbResult<()> {
    let hand = hand.into();
    accounts::lock(tx, user).await?;
    end_halves(tx, user).await?;
    let sql = "UPDATE sessions SET ended_at = $2, end_reason = $3 \
               WHERE user_id = $1 AND ended_at IS NULL";
    let ended = exec(tx, sql, params![user, now_ms(), reason]).await?;
    backchannel::user_ended(tx, user).await?;
    let detail = serde_json::json!({"reason": reason, "sessions": ended});
    let entry = Entry::new("logout.everywhere").user(user).detail(detail);
    audit::record(tx, &entry.hand(hand)).await
}

/// What was proved in a sign-in that is half done counts no more, nor does a change of address
/// that waits.
async fn end_halves(tx: &Tx, user: Uuid) -> DbResult<()> {
    let sql = "UPDATE interactions SET user_id = NULL, acr = NULL, amr = '', upstream = NULL \
               WHERE user_id = $1";
    exec(tx, sql, params![user]).await?;
    addresses::end_pending(tx, user).await
}

/// Ends all sessions of a person but this one, in which they want it.
pub(crate) async fn end_others_in(
    tx: &Tx,
    visitor: &Visitor,
    (user, but): (Uuid, Uuid),
    reason: &str,
) -> DbResult<()> {
    #[derive(Row)]
    struct Id {
        id: Uuid,
    }
    accounts::lock(tx, user).await?;
    end_halves(tx, user).await?;
    let sql = "SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL";
    let others: Vec<Id> = all(tx, sql, params![user, but]).await?;
    for other in &others {
        end_row(tx, other.id, reason).await?;
    }
    let detail = serde_json::json!({"reason": reason, "sessions": others.len()});
    let entry = Entry::new("session.ended").user(user).visitor(visitor).detail(detail);
    audit::record(tx, &entry).await
}

//! Telling apps that somebody signed out (OpenID Connect Back-Channel Logout 1.0).
//!
//! Whoever ends a sign-in queues the logout tokens in the same transaction; the sender takes them
//! up at once, and again after 5 s, 30 s, 5 min and 1 h if an app does not answer.

use std::collections::HashMap;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use kit::clock::{now_ms, uuid_v7};
use kit::db::{DbErr, DbResult, Row, Sql, Tx, all, exec, params, scalar};
use kit::egress;
use serde_json::json;
use uuid::Uuid;

use super::grants::{self, Grant};
use super::ground::{self, About};
use super::keys::Alg;
use super::{Provider, Scopes, tokens};
use crate::audit::Hand;

/// When to try again after the first, second, … attempt.
const RETRY_MS: [i64; 4] = [5_000, 30_000, 300_000, 3_600_000];
/// Another process may queue too, so the sender looks this often even if nobody rings.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How many are sent at once.
const AT_ONCE: usize = 200;
/// How many are sent at once to one app.
const EACH_AT_ONCE: i64 = 8;
/// So long after a code or a refresh there can be a good access token.
const TOKENS_LIVE_MS: i64 = tokens::LIFE_S * 1000 + 120_000;
/// How often a delivery is sent at once because what it says changed while it was under way.
const CHANGES_MAX: usize = 3;
/// How long an app may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// The sign-in `session` has ended: its apps are told, and what they got for it is revoked, apart
/// from what a person gave another's app to keep (`offline_access`). The APIs of ours are told of
/// each app that used them there, whether or not anybody opened them.
pub(crate) async fn session_ended(tx: &Tx, session: Uuid) -> DbResult<()> {
    let now = now_ms();
    let sql = "SELECT u.sub FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1";
    let Some(sub) = scalar::<Uuid>(tx, sql, params![session]).await? else { return Ok(()) };
    let sql = "UPDATE grants SET revoked_at = $2, revoke_reason = 'signed out' \
               WHERE session_id = $1 AND revoked_at IS NULL AND (scopes NOT LIKE \
               '%offline_access%' OR client_id IN (SELECT id FROM clients WHERE first_party))";
    exec(tx, sql, params![session, now]).await?;
    for app in to_tell(tx, session, now).await? {
        queue(tx, &app, sub, now).await?;
    }
    Ok(())
}

/// Who is to hear that `session` has ended, whose grants were revoked at `now`: its apps, and the
/// APIs of ours for which such a grant can have given an access token that is good now. Not if the
/// app goes on there, by what it was given to keep: its next tokens name the same sign-in.
async fn to_tell(tx: &Tx, session: Uuid, now: i64) -> DbResult<Vec<App>> {
    let sql = "SELECT sc.client_id, sc.sid, c.backchannel_uri AS uri FROM session_clients sc \
               JOIN clients c ON c.id = sc.client_id \
               WHERE sc.session_id = $1 AND c.backchannel_uri IS NOT NULL \
               UNION SELECT c.id, g.sid, c.backchannel_uri FROM grants g CROSS JOIN clients c \
               WHERE g.session_id = $1 AND g.revoked_at = $2 AND g.sid IS NOT NULL \
               AND g.resource IS NOT NULL AND (g.created_at > $3 OR EXISTS (SELECT 1 \
               FROM refresh_tokens r WHERE r.grant_id = g.id AND r.issued_at > $3)) \
               AND NOT EXISTS (SELECT 1 FROM grants k WHERE k.session_id = $1 \
               AND k.sid = g.sid AND k.revoked_at IS NULL) \
               AND c.first_party AND c.backchannel_uri IS NOT NULL";
    all(tx, sql, params![session, now, now - TOKENS_LIVE_MS]).await
}

/// Everything of `user` has ended (blocked, password reset, signed out everywhere): all apps they
/// ever used are told, and nothing that any app got is good any more.
pub(crate) async fn user_ended(tx: &Tx, user: Uuid) -> DbResult<()> {
    let now = now_ms();
    let sql = "SELECT sub FROM users WHERE id = $1";
    let Some(sub) = scalar::<Uuid>(tx, sql, params![user]).await? else { return Ok(()) };
    let sql = "SELECT c.id AS client_id, NULL AS sid, c.backchannel_uri AS uri FROM clients c \
               WHERE c.backchannel_uri IS NOT NULL AND (c.first_party OR c.id IN \
               (SELECT client_id FROM grants WHERE user_id = $1))";
    for app in all::<App>(tx, sql, params![user]).await? {
        queue(tx, &app, sub, now).await?;
    }
    let sql = "UPDATE grants SET revoked_at = $2, revoke_reason = 'ended everywhere' \
               WHERE user_id = $1 AND revoked_at IS NULL";
    exec(tx, sql, params![user, now]).await.map(drop)
}

/// A blocked account is open again: the chat is told, which shows nobody who is blocked. To any
/// other app it would be a sign-out of nothing.
pub(crate) async fn account_opened(tx: &Tx, user: Uuid) -> DbResult<()> {
    let sql = "SELECT sub FROM users WHERE id = $1";
    let Some(sub) = scalar::<Uuid>(tx, sql, params![user]).await? else { return Ok(()) };
    let sql = "SELECT id AS client_id, NULL AS sid, backchannel_uri AS uri FROM clients \
               WHERE first_party AND ' ' || scopes || ' ' LIKE '% chat %' \
               AND backchannel_uri IS NOT NULL";
    for app in all::<App>(tx, sql, params![]).await? {
        queue(tx, &app, sub, now_ms()).await?;
    }
    Ok(())
}

/// A grant that was misused has ended: its app is told that this sign-in of its is over.
pub(crate) async fn grant_ended(tx: &Tx, grant: &Grant, now: i64) -> DbResult<()> {
    grants::revoke(tx, grant.id, "misuse", now).await?;
    let sql = "SELECT sub FROM users WHERE id = $1";
    let sub = scalar::<Uuid>(tx, sql, params![grant.user_id]).await?;
    // One of ours is told with the APIs.
    let sql = "SELECT id AS client_id, NULL AS sid, backchannel_uri AS uri FROM clients \
               WHERE id = $1 AND backchannel_uri IS NOT NULL AND NOT first_party";
    let app = kit::db::one::<App>(tx, sql, params![grant.client_id.clone()]).await?;
    let (Some(sub), Some(sid)) = (sub, grant.sid.clone()) else { return Ok(()) };
    if let Some(app) = app {
        queue(tx, &App { sid: Some(sid.clone()), ..app }, sub, now).await?;
    }
    tell_apis(tx, &[Told { sub, sid: sid.clone() }], now).await?;
    // If its person signs in there once more, that is another sign-in for the app.
    exec(tx, "DELETE FROM session_clients WHERE sid = $1", params![sid]).await.map(drop)
}

/// An app gave a refresh token back: the APIs of ours that it used for that sign-in are told,
/// unless it goes on there by another grant. An app of ours has ended it there itself.
pub(super) async fn given_back(tx: &Tx, grant: &Grant, now: i64) -> DbResult<()> {
    #[derive(Row)]
    struct Over {
        sub: Uuid,
    }
    let Some(sid) = grant.sid.clone() else { return Ok(()) };
    let sql = "SELECT u.sub FROM users u WHERE u.id = $1 AND EXISTS (SELECT 1 FROM clients c \
               WHERE c.id = $2 AND NOT c.first_party) AND NOT EXISTS (SELECT 1 FROM grants g \
               WHERE g.sid = $3 AND g.revoked_at IS NULL)";
    let values = params![grant.user_id, grant.client_id.clone(), sid.clone()];
    let Some(Over { sub }) = kit::db::one(tx, sql, values).await? else { return Ok(()) };
    tell_apis(tx, &[Told { sub, sid: sid.clone() }], now).await?;
    // If its person signs in there once more, that is another sign-in for the app.
    exec(tx, "DELETE FROM session_clients WHERE sid = $1", params![sid]).await.map(drop)
}

/// A person took back what they let an app do: nothing that it got is good any more, it is told
/// that they are signed out there, and so are the APIs of ours that it used for them.
pub(crate) async fn app_ended(tx: &Tx, user: Uuid, client_id: &str) -> DbResult<()> {
    let now = now_ms();
    let sql = "SELECT sub FROM users WHERE id = $1";
    let sub = scalar::<Uuid>(tx, sql, params![user]).await?;
    let sql = "SELECT id AS client_id, NULL AS sid, backchannel_uri AS uri FROM clients \
               WHERE id = $1 AND backchannel_uri IS NOT NULL";
    let app = kit::db::one::<App>(tx, sql, params![client_id]).await?;
    if let (Some(sub), Some(app)) = (sub, app) {
        queue(tx, &app, sub, now).await?;
    }
    let told = with_tokens(tx, client_id, Some(user), now).await?;
    tell_apis(tx, &told, now).await?;
    let sql = "UPDATE grants SET revoked_at = $3, revoke_reason = 'taken back' \
               WHERE user_id = $1 AND client_id = $2 AND revoked_at IS NULL";
    exec(tx, sql, params![user, client_id, now]).await?;
    // If they agree once more, that is another sign-in for the app.
    let sql = "DELETE FROM session_clients WHERE client_id = $2 AND session_id IN \
               (SELECT id FROM sessions WHERE user_id = $1)";
    exec(tx, sql, params![user, client_id]).await.map(drop)
}

/// An app is about to be removed: the APIs of ours that it used are told.
pub(super) async fn app_removed(tx: &Tx, client_id: &str) -> DbResult<()> {
    let now = now_ms();
    let told = with_tokens(tx, client_id, None, now).await?;
    tell_apis(tx, &told, now).await
}

/// A sign-in in an app, as its access tokens name it.
#[derive(Row)]
struct Told {
    sub: Uuid,
    sid: String,
}

/// The sign-ins in an app for which there can be access tokens that are good now.
async fn with_tokens(
    tx: &Tx,
    client_id: &str,
    user: Option<Uuid>,
    now: i64,
) -> DbResult<Vec<Told>> {
    let sql = "SELECT DISTINCT u.sub, g.sid FROM grants g JOIN users u ON u.id = g.user_id \
               WHERE g.client_id = $1 AND ($2 IS NULL OR g.user_id = $2) \
               AND g.sid IS NOT NULL AND g.revoked_at IS NULL \
               AND (g.created_at > $3 OR EXISTS (SELECT 1 FROM refresh_tokens r \
               WHERE r.grant_id = g.id AND r.issued_at > $3))";
    all(tx, sql, params![client_id, user, now - TOKENS_LIVE_MS]).await
}

/// Tells the APIs of ours that sign-ins in an app of others are over: they know them by the
/// access tokens, and would otherwise take these until they expire.
async fn tell_apis(tx: &Tx, over: &[Told], now: i64) -> DbResult<()> {
    if over.is_empty() {
        return Ok(());
    }
    let sql = "SELECT id AS client_id, NULL AS sid, backchannel_uri AS uri FROM clients \
               WHERE first_party AND backchannel_uri IS NOT NULL";
    for api in all::<App>(tx, sql, params![]).await? {
        for Told { sub, sid } in over {
            let told = App { sid: Some(sid.clone()), ..api.clone() };
            queue(tx, &told, *sub, now).await?;
        }
    }
    Ok(())
}

/// Sends what is queued, for as long as the process runs. An app that is slow to answer keeps only
/// its own [`EACH_AT_ONCE`] waiting.
pub(super) async fn send(provider: &Provider) {
    let mut under_way = FuturesUnordered::new();
    let mut busy = HashMap::<String, i64>::new();
    loop {
        match due(provider.db.reader(), now_ms()).await {
            Ok(found) => {
                for delivery in found {
                    let own = busy.entry(delivery.client_id.clone()).or_default();
                    if *own < EACH_AT_ONCE && under_way.len() < AT_ONCE {
                        *own += 1;
                        under_way.push(attempt(provider, delivery));
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "could not read the queue of logout tokens: {error}");
                tokio::time::sleep(LOOK_EVERY * 10).await;
            }
        }
        tokio::select! {
            Some(client) = under_way.next() => done(&mut busy, &client),
            _ = tokio::time::timeout(LOOK_EVERY, provider.due.notified()) => {}
        }
    }
}

fn done(busy: &mut HashMap<String, i64>, client: &str) {
    if let Some(own) = busy.get_mut(client) {
        *own -= 1;
    }
    busy.retain(|_, own| *own > 0);
}

#[derive(Clone, Row)]
struct App {
    client_id: String,
    sid: Option<String>,
    uri: String,
}

#[derive(Row)]
struct Delivery {
    id: Uuid,
    client_id: String,
    uri: String,
    sub: String,
    sid: Option<String>,
    tries: i32,
    next_at: i64,
    first_party: bool,
    scopes: String,
    id_token_alg: String,
}

impl Delivery {
    /// Whether it is for the chat, and about all sign-ins of somebody: it shows nobody who is
    /// blocked, and so has to know. What others get says no more than the specification does.
    fn tells_blocked(&self) -> bool {
        self.first_party && self.sid.is_none() && Scopes::parse(&self.scopes).has("chat")
    }
}

async fn queue(tx: &Tx, app: &App, sub: Uuid, now: i64) -> DbResult<()> {
    let sql = "INSERT INTO logout_deliveries (id, client_id, uri, sub, sid, tries, next_at, \
               created_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $6)";
    let (client, uri) = (app.client_id.clone(), app.uri.clone());
    let values = params![uuid_v7(), client, uri, sub.to_string(), app.sid.clone(), now];
    exec(tx, sql, values).await.map(drop)
}

/// The next few of each app, ours first: what a stranger's app keeps us from does not keep our
/// own from ending its sockets.
async fn due(c: &impl Sql, now: i64) -> DbResult<Vec<Delivery>> {
    let sql = "SELECT d.id, d.client_id, d.uri, d.sub, d.sid, d.tries, d.next_at, \
               c.first_party, c.scopes, c.id_token_alg FROM (SELECT *, ROW_NUMBER() OVER \
               (PARTITION BY client_id ORDER BY next_at) AS place FROM logout_deliveries \
               WHERE done_at IS NULL AND next_at <= $1) d JOIN clients c ON c.id = d.client_id \
               WHERE d.place <= $2 ORDER BY c.first_party DESC, d.next_at LIMIT $3";
    let at_once = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    all(c, sql, params![now, EACH_AT_ONCE, at_once]).await
}

/// Tries one delivery; answers whose it was.
async fn attempt(provider: &Provider, delivery: Delivery) -> String {
    if let Err(error) = try_once(provider, &delivery).await {
        tracing::error!(%error, "could not keep a logout delivery: {error}");
    }
    delivery.client_id
}

/// Takes the delivery, unless another process has; sends it; writes what came of it.
async fn try_once(provider: &Provider, delivery: &Delivery) -> DbResult<()> {
    let tries = usize::try_from(delivery.tries).unwrap_or(RETRY_MS.len());
    let next = now_ms() + RETRY_MS.get(tries).copied().unwrap_or(RETRY_MS[RETRY_MS.len() - 1]);
    let sql = "UPDATE logout_deliveries SET tries = tries + 1, next_at = $3 \
               WHERE id = $1 AND next_at = $2 AND done_at IS NULL";
    let values = params![delivery.id, delivery.next_at, next];
    if provider.db.write(async |tx| exec(tx, sql, values).await).await? == 0 {
        return Ok(());
    }
    match post(provider, delivery).await {
        Ok(()) => close(provider, delivery).await,
        Err(reason) => {
            let client = delivery.client_id.as_str();
            tracing::warn!(client, reason, "{client} did not take a logout token: {reason}");
            if tries < RETRY_MS.len() {
                return Ok(());
            }
            close(provider, delivery).await?;
            let about = About { client: Some(client), ..About::default() };
            let detail = json!({"sub": delivery.sub, "reason": reason});
            ground::record_failure(provider, "logout.bcl_failed", about, (Hand::Nobody, detail))
                .await;
            Ok(())
        }
    }
}

async fn close(provider: &Provider, delivery: &Delivery) -> DbResult<()> {
    let sql = "UPDATE logout_deliveries SET done_at = $2 WHERE id = $1";
    let values = params![delivery.id, now_ms()];
    provider.db.write(async |tx| exec(tx, sql, values).await).await.map(drop)
}

/// Whether the account is blocked now, if the app is to know. What counts is now and not when it
/// was queued: whatever comes late says what is so all the same.
async fn blocked(provider: &Provider, delivery: &Delivery) -> Result<Option<bool>, String> {
    if !delivery.tells_blocked() {
        return Ok(None);
    }
    let sub = Uuid::parse_str(&delivery.sub).map_err(|error| error.to_string())?;
    let sql = "SELECT status FROM users WHERE sub = $1";
    let status = scalar::<String>(provider.db.reader(), sql, params![sub]).await;
    let status = status.map_err(|error| error.to_string())?;
    Ok(status.map(|status| status == "blocked"))
}

/// Sends the token; once more if the account was blocked or opened meanwhile, since it may have
/// overtaken, or been overtaken by, the one that says so.
async fn post(provider: &Provider, delivery: &Delivery) -> Result<(), String> {
    let mut now = blocked(provider, delivery).await?;
    for _ in 0..CHANGES_MAX {
        let said = now;
        send_one(provider, delivery, said).await?;
        now = blocked(provider, delivery).await?;
        if now == said {
            return Ok(());
        }
    }
    Err("the account is blocked and opened again and again".to_owned())
}

async fn send_one(
    provider: &Provider,
    delivery: &Delivery,
    blocked: Option<bool>,
) -> Result<(), String> {
    let who = (delivery.sub.as_str(), delivery.sid.as_deref(), blocked);
    let alg = Alg::named(&delivery.id_token_alg).unwrap_or(Alg::Es256);
    let client = (delivery.client_id.as_str(), alg);
    let token = tokens::logout(&provider.keys, &provider.issuer, client, who, now_ms() / 1000)
        .map_err(|error| error.to_string())?;
    let request = if delivery.first_party {
        provider.http.post(&delivery.uri).timeout(ANSWER_TIMEOUT)
    } else {
        provider.guard.post(&delivery.uri).map_err(|error| error.to_string())?
    };
    let answer = request.form(&[("logout_token", token)]).send().await;
    let status = answer.map_err(|error| egress::unreachable(error).to_string())?.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
}

/// Removes deliveries that are done.
pub(super) async fn purge(tx: &Tx, now: i64) -> Result<(), DbErr> {
    let sql = "DELETE FROM logout_deliveries WHERE done_at < $1";
    exec(tx, sql, params![now - RETRY_MS[3]]).await.map(drop)
}

#[cfg(test)]
mod tests;

//! Signing in and out: one form, sessions, and what carries an application's request through it.
//!
//! The order is fixed: budgets first, then the look-up, then the hash (of the account or of
//! nobody), and only after the right password is anything told about the account. A sign-in
//! always gets a new session token.

mod acr;
mod budget;
mod device;
mod half;
mod interaction;
pub(crate) mod links;
mod needed;
mod proof;
#[cfg(test)]
mod same_work;
mod second;
mod sensitive;
mod session;
mod sign_in;
mod sign_out;
mod throttle;

pub(crate) use acr::Acr;
pub(crate) use budget::Budgets;
pub(crate) use device::device_cookie;
pub(crate) use half::{HalfDone, half_done, proved, vouched};
pub(crate) use interaction::{
    Interaction, Waiting, begin_interaction, browser_hash_of, destination, finish_interaction,
    form_action, interaction, interaction_of, is_browser, prolong_interaction,
};
pub(crate) use needed::Needed;
pub(crate) use proof::{Proof, Proved};
pub(crate) use second::{MIGRATION as SECOND_MISSES, forget as forget_second_misses};
pub(crate) use sensitive::{guarding, guarding_with_password, sensitive};
pub(crate) use session::{
    Fresh, NewSession, Session, current_session, end_all_in, end_each_in, end_in, end_of_in,
    end_others_in, end_session, gone_cookie, hold, hold_session, hold_sessions,
};
pub(crate) use sign_in::{missed, own_page, throttled};
pub(crate) use throttle::{MIGRATION as THROTTLE, Throttle, Turn};

use std::time::Duration;

use axum::Router;
use kit::clock::now_ms;
use kit::db::{DbResult, Tx, exec, params};

use crate::{Identity, accounts, addresses, factors, sms};

const TIDY_EVERY: Duration = Duration::from_mins(10);
const DAY_MS: i64 = 86_400_000;

/// The pages `/login` and `/logout`.
pub(crate) fn router() -> Router<Identity> {
    Router::new().merge(sign_in::router()).merge(sign_out::router()).merge(second::router())
}

/// Forgets what is over, for as long as the process runs.
pub(crate) async fn tidy(identity: Identity) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        identity.limits.tidy();
        if let Err(error) = identity.db.write(async |tx| forget(tx, now_ms()).await).await {
            tracing::error!(%error, "could not remove old sessions and links: {error}");
        }
    }
}

async fn forget(tx: &Tx, now: i64) -> DbResult<()> {
    let day_ago = now - DAY_MS;
    exec(tx, "DELETE FROM interactions WHERE expires_at < $1", params![now]).await?;
    exec(tx, "DELETE FROM action_tokens WHERE expires_at < $1", params![day_ago]).await?;
    let pending = "DELETE FROM users WHERE status = 'pending' \
                   AND COALESCE(invited_at, created_at) < $1";
    exec(tx, pending, params![now - 7 * DAY_MS]).await?;
    // A session is kept for as long as an app that it let in may go on, so that it can be ended.
    let sessions = "DELETE FROM sessions WHERE ended_at < $1 OR (expires_at < $1 AND NOT EXISTS \
                    (SELECT 1 FROM grants g JOIN refresh_tokens r ON r.grant_id = g.id \
                    WHERE g.session_id = sessions.id AND g.revoked_at IS NULL \
                    AND r.used_at IS NULL AND r.idle_expires_at > $2))";
    exec(tx, sessions, params![now - 30 * DAY_MS, now]).await?;
    accounts::forget(tx, now).await?;
    addresses::forget(tx, now).await?;
    let names = "DELETE FROM session_clients WHERE NOT EXISTS \
                 (SELECT 1 FROM sessions s WHERE s.id = session_clients.session_id)";
    exec(tx, names, params![]).await?;
    factors::forget(tx, now).await?;
    sms::forget(tx, now).await?;
    throttle::forget(tx, day_ago).await
}

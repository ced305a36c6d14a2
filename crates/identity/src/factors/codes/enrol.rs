//! Making a destination a factor: a code goes there, and comes back.

use axum::response::Response;
use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::check::{Answer, Typed, check_in, entry};
use super::send::{Errand, Sending, send};
use super::{Destination, store};
use crate::Identity;
use crate::accounts::AccountError;
use crate::audit;
use crate::factors::store as table;
use crate::factors::{Change, Enrolled, Kind, changed, recovery};
use crate::login::{self, Session};
use crate::pages::{PageError, redirect, with_cookie};
use crate::visitor::Visitor;

/// Phones of one person.
pub(super) const PHONES_MAX: usize = 5;
/// What is told to somebody who asks for codes too often; the budget is one of an hour.
const RETRY_AFTER_S: u64 = 720;

/// Sends a code to a destination that is to become a factor, and leads to the page that asks for
/// it.
pub(super) async fn begin(
    identity: &Identity,
    visitor: &Visitor,
    user: Uuid,
    destination: Destination,
) -> Result<Response, PageError> {
    identity.limits.mail_from(visitor)?;
    if !identity.limits.mail_to(identity, &format!("codes for {user}")) {
        return Err(PageError::Throttled { retry_after_s: RETRY_AFTER_S });
    }
    let request = json!({"enrol": destination.kind().as_str(), "back": "/account/security"});
    let (ix, cookie) = login::begin_interaction(identity, &visitor.headers, &request).await?;
    send(identity, visitor, &Errand { ix, user, factor: None, destination }).await?;
    let response = redirect(&identity.path(&format!("{}?ix={ix}", super::pages::PATH)));
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

/// Sends another code to the same destination.
pub(super) async fn again(
    identity: &Identity,
    visitor: &Visitor,
    (ix, user): (Uuid, Uuid),
) -> Result<Sending, PageError> {
    let challenge = store::challenge(identity.db.reader(), ix).await?;
    let challenge = challenge.filter(|one| one.user_id == user && one.factor_id.is_none());
    let Some(challenge) = challenge else { return Ok(Sending::Over) };
    let destination = challenge.destination(&identity.keys, ix)?;
    let errand = Errand { ix, user, factor: None, destination };
    Ok(send(identity, visitor, &errand).await?)
}

/// What a code for a new destination came to.
pub(super) enum Outcome {
    /// It is a factor now; with the first one come recovery codes.
    Added(Vec<String>),
    /// The account has it already.
    Known,
    /// There are too many phones.
    TooMany,
    /// The code was not right.
    Wrong,
    /// The interaction is over.
    Over,
}

/// The right code makes the destination a factor.
pub(super) async fn confirm(
    identity: &Identity,
    visitor: &Visitor,
    (session, typed): (&Session, &Typed<'_>),
    name: &str,
) -> Result<Outcome, AccountError> {
    let work = async |tx: &Tx| {
        login::hold(tx, session).await?;
        let (answer, found) = check_in(tx, (identity, visitor), typed).await?;
        match (answer, found) {
            (Answer::Right, Some((None, destination))) => {
                login::finish_interaction(tx, typed.ix).await?;
                keep(tx, (identity, visitor), typed, (name, &destination)).await
            }
            (Answer::Over, _) => Ok(Outcome::Over),
            _ => Ok(Outcome::Wrong),
        }
    };
    let outcome = identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(outcome)
}

async fn keep(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    typed: &Typed<'_>,
    (name, destination): (&str, &Destination),
) -> Result<Outcome, AccountError> {
    let enrolled = table::of(tx, typed.user).await?;
    let outcome = add(tx, identity, (typed.user, &enrolled), (name, destination)).await?;
    audit::record(tx, &entry(visitor, typed, "otp.ok")).await?;
    if matches!(outcome, Outcome::Added(_)) {
        changed(tx, (identity, visitor), typed.user, (typed.kind, Change::Added)).await?;
    }
    Ok(outcome)
}

async fn add(
    tx: &Tx,
    identity: &Identity,
    (user, enrolled): (Uuid, &[Enrolled]),
    (name, destination): (&str, &Destination),
) -> Result<Outcome, AccountError> {
    let phones = enrolled.iter().filter(|factor| factor.kind == Kind::Sms).count();
    if destination.kind() == Kind::Sms && phones >= PHONES_MAX {
        return Ok(Outcome::TooMany);
    }
    let Some(id) = table::add(tx, user, destination.kind(), name).await? else {
        return Ok(Outcome::Known);
    };
    if let Destination::Sms(number) = destination
        && !store::add_phone(tx, &identity.keys, (user, id), number).await?
    {
        table::remove(tx, user, id).await?;
        return Ok(Outcome::Known);
    }
    Ok(Outcome::Added(recovery::first(identity, tx, user, enrolled).await?))
}

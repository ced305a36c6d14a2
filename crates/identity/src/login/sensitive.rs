//! The way to pages on which something is changed that guards the account.

use axum::response::Response;
use kit::clock::now_ms;
use serde_json::json;

use super::{Acr, Needed, Session, begin_interaction, current_session};
use crate::Identity;
use crate::accounts;
use crate::factors::{self, Enrolled};
use crate::pages::{PageError, redirect, with_cookie};
use crate::visitor::Visitor;

/// How old the last proof may be (OWASP ASVS 5.0, 7.5.1).
const AGE_MS_MAX: i64 = 5 * 60_000;

/// The session of somebody who has just proved who they are, with a second step if the account
/// has one. Others are sent to prove it, and come back to `back`, a path below the issuer.
pub(crate) async fn sensitive(
    identity: &Identity,
    visitor: &Visitor,
    back: &str,
) -> Result<Result<Session, Response>, PageError> {
    let needed = |enrolled: &[Enrolled]| Some(Needed::level(factors::required(enrolled)));
    proven(identity, visitor, back, needed).await
}

/// The same for pages that change how the account is opened: a second step weaker than the
/// strongest that the account has is not enough there ([`factors::guard`]).
pub(crate) async fn guarding(
    identity: &Identity,
    visitor: &Visitor,
    back: &str,
) -> Result<Result<Session, Response>, PageError> {
    proven(identity, visitor, back, |enrolled| Some(factors::guard(identity, enrolled))).await
}

/// The same where the form itself asks for the password, which is the first step once more: an
/// account with nothing but that is asked for nothing else.
pub(crate) async fn guarding_with_password(
    identity: &Identity,
    visitor: &Visitor,
    back: &str,
) -> Result<Result<Session, Response>, PageError> {
    let needed = |enrolled: &[Enrolled]| {
        Some(factors::guard(identity, enrolled)).filter(|needed| needed.level > Acr::Pwd)
    };
    proven(identity, visitor, back, needed).await
}

async fn proven(
    identity: &Identity,
    visitor: &Visitor,
    back: &str,
    needed: impl FnOnce(&[Enrolled]) -> Option<Needed>,
) -> Result<Result<Session, Response>, PageError> {
    let Some(session) = current_session(identity, &visitor.headers).await? else {
        let to: String = back.trim_start_matches('/').chars().take_while(|c| *c != '?').collect();
        return Ok(Err(redirect(&identity.path(&format!("/login?to={to}")))));
    };
    let enrolled = factors::of(identity.db.reader(), session.user_id).await?;
    let Some(needed) = needed(&enrolled) else { return Ok(Ok(session)) };
    let is_fresh = now_ms() - session.auth_time <= AGE_MS_MAX;
    if is_fresh && needed.is_met(session.acr, session.recovered) {
        return Ok(Ok(session));
    }
    ask(identity, visitor, (&session, needed), back).await.map(Err)
}

/// Leads to the step that is missing.
async fn ask(
    identity: &Identity,
    visitor: &Visitor,
    (session, needed): (&Session, Needed),
    back: &str,
) -> Result<Response, PageError> {
    let Needed { level, or_recovery } = needed;
    let account = accounts::for_claims(identity, session.user_id).await?;
    let name = account.map(|account| account.username);
    let request =
        json!({"back": back, "acr": level, "or_recovery": or_recovery, "login_hint": name});
    let (ix, cookie) = begin_interaction(identity, &visitor.headers, &request).await?;
    let page = if level > Acr::Pwd { "/login/2fa" } else { "/login" };
    let response = redirect(&identity.path(&format!("{page}?ix={ix}")));
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

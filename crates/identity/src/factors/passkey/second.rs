//! `/login/2fa/passkey`: a passkey as the second step.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use kit::json::Json;
use kit::problem::{ApiError, Kind as ProblemKind};
use serde::Deserialize;
use uuid::Uuid;
use webauthn_rs_core::proto::{PublicKeyCredential, UserVerificationPolicy};

use super::check::check;
use super::sign_in::{challenge, for_script};
use super::ticket::Purpose;
use super::{PasskeyWords, store};
use crate::Identity;
use crate::factors::{self, FactorWords, Kind};
use crate::login::{self, Acr, HalfDone, Interaction};
use crate::pages::{PageError, Shell, check_form, redirect, show_with_script};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route("/login/2fa/passkey", get(page).post(verify))
        .route("/login/2fa/passkey/options", post(options))
}

#[derive(Deserialize)]
struct Arrival {
    ix: Option<String>,
}

#[derive(Template)]
#[template(path = "second_passkey.html")]
struct SecondPage<'a> {
    shell: &'a Shell,
    t: &'static PasskeyWords,
    ix: Uuid,
    ways: Vec<(&'static str, &'static str)>,
    instead: &'static str,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let Some(half) = login::half_done(&identity, &visitor, arrival.ix.as_deref()).await? else {
        return Ok(redirect(&identity.path("/login")));
    };
    let ix = half.ix().ok_or(PageError::NotFound)?;
    let shell = Shell::of(&identity, &visitor);
    let words = FactorWords::of(shell.lang());
    let enrolled = factors::of(identity.db.reader(), half.user).await?;
    let here = (half.needed(&enrolled), Kind::Passkey);
    let ways = factors::ways(&identity, &enrolled, here, words);
    let t = PasskeyWords::of(shell.lang());
    let page = SecondPage { shell: &shell, t, ix, ways, instead: words.instead };
    let form_action = half.interaction.as_ref().and_then(Interaction::form_action);
    Ok(show_with_script(&identity, StatusCode::OK, (&page, &shell), form_action.as_deref()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    csrf: String,
}

async fn options(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
    Json(body): Json<Begin>,
) -> Result<Response, ApiError> {
    check_form(&identity, &visitor.headers, &body.csrf)?;
    let (half, purpose) = waiting(&identity, &visitor, &arrival).await?;
    let enrolled = factors::of(identity.db.reader(), half.user).await?;
    let policy = match half.needed(&enrolled).level {
        Acr::Phr => UserVerificationPolicy::Required,
        _ => UserVerificationPolicy::Preferred,
    };
    let known = store::of(identity.db.reader(), half.user).await?;
    if known.is_empty() {
        return Err(ApiError::new(ProblemKind::NotFound, "there is no passkey to ask for"));
    }
    let offer = challenge(&identity, &visitor, purpose, (policy, known))?;
    Ok(Json(offer).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    csrf: String,
    ticket: String,
    credential: PublicKeyCredential,
}

async fn verify(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
    Json(body): Json<Answer>,
) -> Result<Response, ApiError> {
    check_form(&identity, &visitor.headers, &body.csrf)?;
    identity.limits.sign_in_from(&visitor)?;
    let (half, purpose) = waiting(&identity, &visitor, &arrival).await?;
    let shown = check(&identity, &visitor, purpose, (&body.ticket, &body.credential)).await?;
    let response = login::proved(&identity, &visitor, &half, shown.proof).await?;
    for_script(response)
}

/// The sign-in that waits for its second step.
async fn waiting(
    identity: &Identity,
    visitor: &Visitor,
    arrival: &Arrival,
) -> Result<(HalfDone, Purpose), ApiError> {
    let half = login::half_done(identity, visitor, arrival.ix.as_deref()).await?;
    let missing = || ApiError::new(ProblemKind::Unauthenticated, "the first step comes first");
    let half = half.ok_or_else(missing)?;
    let purpose = Purpose::Second(half.user, half.ix().ok_or_else(missing)?);
    Ok((half, purpose))
}

//! `/login/2fa`: the second step of a sign-in, or one more step for a session.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use kit::db::Tx;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::throttle::SecondSteps;
use super::{HalfDone, Interaction, Proof, Turn, half_done, proved};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::factors::{self, FactorWords, Kind};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route("/login/2fa", get(choose))
        .route("/login/2fa/{kind}", get(page).post(submit))
}

#[derive(Deserialize)]
struct Arrival {
    ix: Option<String>,
}

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage<'a> {
    shell: &'a Shell,
    t: &'static FactorWords,
    ix: Uuid,
    by_app: bool,
    notice: Option<Notice>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct SecondForm {
    csrf: String,
    code: String,
}

/// The strongest kind that the person has.
async fn choose(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let Some(half) = half_done(&identity, &visitor, arrival.ix.as_deref()).await? else {
        return Ok(redirect(&identity.path("/login")));
    };
    let enrolled = factors::of(identity.db.reader(), half.user).await?;
    let kind = enrolled.first().map_or(Kind::Totp, |factor| factor.kind);
    let ix = half.ix().ok_or(PageError::NotFound)?;
    Ok(redirect(&identity.path(&format!("/login/2fa/{}?ix={ix}", kind.as_str()))))
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(kind): Path<String>,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let kind = shown(&kind)?;
    match half_done(&identity, &visitor, arrival.ix.as_deref()).await? {
        Some(half) => form_page(&identity, &visitor, &half, (kind, StatusCode::OK, None)),
        None => Ok(redirect(&identity.path("/login"))),
    }
}

/// Counts the attempt, looks at the code, and goes on or says no.
async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(kind): Path<String>,
    Query(arrival): Query<Arrival>,
    FormFields(form): FormFields<SecondForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let kind = shown(&kind)?;
    let Some(half) = half_done(&identity, &visitor, arrival.ix.as_deref()).await? else {
        return Ok(redirect(&identity.path("/login")));
    };
    let w = Shell::of(&identity, &visitor).w;
    let steps = SecondSteps::of(&identity, half.user);
    if let Turn::Wait { seconds } = steps.take(&identity).await? {
        let refused = (kind, StatusCode::TOO_MANY_REQUESTS, Some(Notice::bad(w.wait(seconds))));
        let mut response = form_page(&identity, &visitor, &half, refused)?;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let right = factors::accept(&identity, &visitor, (half.user, kind), &form.code).await?;
    // A recovery code that was right is already in the audit, together with its mail.
    if !right || kind == Kind::Totp {
        record(&identity, &visitor, &half, (kind, right)).await?;
    }
    if !right {
        let t = FactorWords::of(visitor.lang);
        let refused = (kind, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::bad(t.wrong_code)));
        return form_page(&identity, &visitor, &half, refused);
    }
    identity.db.write(async |tx: &Tx| steps.clear(tx).await).await?;
    let proof = if kind == Kind::Totp { Proof::Totp } else { Proof::Recovery };
    proved(&identity, &visitor, &half, proof).await
}

/// The kinds that have a form here.
fn shown(kind: &str) -> Result<Kind, PageError> {
    let kind = Kind::of(kind).filter(|kind| matches!(kind, Kind::Totp | Kind::Recovery));
    kind.ok_or(PageError::NotFound)
}

async fn record(
    identity: &Identity,
    visitor: &Visitor,
    half: &HalfDone,
    (kind, right): (Kind, bool),
) -> Result<(), PageError> {
    let event = if right { "factor.used" } else { "factor.failed" };
    let entry = Entry::new(event).user(half.user).visitor(visitor);
    let entry = entry.detail(json!({"kind": kind.as_str()}));
    let entry = if right { entry } else { entry.failed() };
    Ok(identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await?)
}

fn form_page(
    identity: &Identity,
    visitor: &Visitor,
    half: &HalfDone,
    (kind, status, notice): (Kind, StatusCode, Option<Notice>),
) -> Result<Response, PageError> {
    let shell = Shell::of(identity, visitor);
    let t = FactorWords::of(shell.lang());
    let ix = half.ix().ok_or(PageError::NotFound)?;
    let page = SecondPage { shell: &shell, t, ix, by_app: kind == Kind::Totp, notice };
    let form_action = half.interaction.as_ref().and_then(Interaction::form_action);
    Ok(show(status, &page, &shell, form_action.as_deref()))
}

//! `/login/2fa/{kind}`: a code that is typed, whoever made it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use kit::db::Tx;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::misses::{self, Attempt};
use super::{Arrival, code};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::factors::codes::{self, Answer};
use crate::factors::{self, CodeWords, FactorWords, Kind};
use crate::login::throttle::SecondSteps;
use crate::login::{HalfDone, Interaction, Proof, Turn, half_done, proved};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage<'a> {
    shell: &'a Shell,
    t: &'static FactorWords,
    ix: Uuid,
    by_app: bool,
    ways: Vec<(&'static str, &'static str)>,
    notice: Option<Notice>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct SecondForm {
    csrf: String,
    code: String,
}

/// What a page says besides its form.
pub(super) type Said = (StatusCode, Option<Notice>);

pub(super) async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(kind): Path<String>,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let kind = shown(&identity, &kind)?;
    match half_done(&identity, &visitor, arrival.ix.as_deref()).await? {
        Some(half) => form_page(&identity, &visitor, (&half, kind), (StatusCode::OK, None)).await,
        None => Ok(redirect(&identity.path("/login"))),
    }
}

/// Counts the attempt, looks at the code, and goes on or says no.
pub(super) async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(kind): Path<String>,
    Query(arrival): Query<Arrival>,
    FormFields(form): FormFields<SecondForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let kind = shown(&identity, &kind)?;
    let Some(half) = half_done(&identity, &visitor, arrival.ix.as_deref()).await? else {
        return Ok(redirect(&identity.path("/login")));
    };
    let w = Shell::of(&identity, &visitor).w;
    let steps = SecondSteps::of(&identity, half.user);
    if let Turn::Wait { seconds } = steps.take(&identity).await? {
        let said = (StatusCode::TOO_MANY_REQUESTS, Some(Notice::bad(w.wait(seconds))));
        let mut response = form_page(&identity, &visitor, (&half, kind), said).await?;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let Some(attempt) = Attempt::begin(&identity, half.user, kind).await? else {
        let notice = Notice::bad(FactorWords::of(visitor.lang).too_many_misses);
        let said = (StatusCode::TOO_MANY_REQUESTS, Some(notice));
        return form_page(&identity, &visitor, (&half, kind), said).await;
    };
    let answer = look(&identity, &visitor, (&half, kind), &form.code).await?;
    if answer != Answer::Right {
        attempt.missed(&identity, &visitor, half.user).await?;
    }
    match answer {
        Answer::Right => {
            let forget = async |tx: &Tx| {
                steps.clear(tx).await?;
                misses::forget(tx, half.user).await
            };
            identity.db.write(forget).await?;
            proved(&identity, &visitor, &half, proof(kind)).await
        }
        Answer::Over => Ok(code::over(&identity, &visitor)),
        Answer::Wrong => {
            let text = match kind {
                Kind::Mail | Kind::Sms => CodeWords::of(visitor.lang).wrong,
                _ => FactorWords::of(visitor.lang).wrong_code,
            };
            let said = (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::bad(text)));
            form_page(&identity, &visitor, (&half, kind), said).await
        }
    }
}

async fn look(
    identity: &Identity,
    visitor: &Visitor,
    (half, kind): (&HalfDone, Kind),
    typed: &str,
) -> Result<Answer, PageError> {
    let answer = if matches!(kind, Kind::Mail | Kind::Sms) {
        let ix = half.ix().ok_or(PageError::NotFound)?;
        codes::accept(identity, visitor, (ix, half.user), (kind, typed)).await?
    } else if factors::accept(identity, visitor, (half.user, kind), typed).await? {
        Answer::Right
    } else {
        Answer::Wrong
    };
    let is_right = answer == Answer::Right;
    // A recovery code that was right is already in the audit, together with its mail.
    if !is_right || kind != Kind::Recovery {
        record(identity, visitor, half, (kind, is_right)).await?;
    }
    Ok(answer)
}

fn proof(kind: Kind) -> Proof {
    match kind {
        Kind::Mail => Proof::Mail,
        Kind::Sms => Proof::Sms,
        Kind::Totp => Proof::Totp,
        Kind::Recovery | Kind::Passkey => Proof::Recovery,
    }
}

/// The kinds that have a form here.
pub(super) fn shown(identity: &Identity, kind: &str) -> Result<Kind, PageError> {
    let kind = Kind::of(kind).filter(|kind| *kind != Kind::Passkey);
    kind.filter(|kind| factors::offered(identity, *kind)).ok_or(PageError::NotFound)
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

pub(super) async fn form_page(
    identity: &Identity,
    visitor: &Visitor,
    (half, kind): (&HalfDone, Kind),
    (status, notice): Said,
) -> Result<Response, PageError> {
    if matches!(kind, Kind::Mail | Kind::Sms) {
        return code::form_page(identity, visitor, (half, kind), (status, notice)).await;
    }
    let shell = Shell::of(identity, visitor);
    let t = FactorWords::of(shell.lang());
    let ix = half.ix().ok_or(PageError::NotFound)?;
    let enrolled = factors::of(identity.db.reader(), half.user).await?;
    let ways = factors::ways(identity, &enrolled, (half.needed(&enrolled), kind), t);
    let page = SecondPage { shell: &shell, t, ix, by_app: kind == Kind::Totp, ways, notice };
    let form_action = half.interaction.as_ref().and_then(Interaction::form_action);
    Ok(show(status, &page, &shell, form_action.as_deref()))
}

//! `/account/security/code`: the code that makes a destination a factor.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use uuid::Uuid;

use super::check::Typed;
use super::enrol::{self, Outcome};
use super::{CodeWords, Sending, Waiting, waiting};
use crate::Identity;
use crate::accounts;
use crate::factors::{Kind, page as security, recovery};
use crate::login::{self, Session};
use crate::pages::{
    FormFields, Notice, PageError, Shell, check_form, message_page, redirect, show,
};
use crate::visitor::Visitor;

/// The page, below the issuer.
pub(super) const PATH: &str = "/account/security/code";

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route(PATH, get(page).post(submit))
        .route("/account/security/code/send", post(resend))
}

#[derive(Template)]
#[template(path = "account/code.html")]
struct CodePage<'a> {
    shell: &'a Shell,
    t: &'static CodeWords,
    ix: Uuid,
    waiting: Waiting,
    name: &'a str,
    notice: Option<Notice>,
}

#[derive(Deserialize)]
struct Arrival {
    ix: Option<String>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct CodeForm {
    csrf: String,
    name: String,
    code: String,
}

/// Who confirms what.
struct Enrolment {
    ix: Uuid,
    session: Session,
    kind: Kind,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    match enrolment(&identity, &visitor, &arrival).await? {
        Ok(enrolment) => form_page(&identity, &visitor, &enrolment, None).await,
        Err(response) => Ok(response),
    }
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
    FormFields(form): FormFields<CodeForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let enrolment = match enrolment(&identity, &visitor, &arrival).await? {
        Ok(enrolment) => enrolment,
        Err(response) => return Ok(response),
    };
    let name = accounts::display_name(&form.name).ok_or(PageError::Malformed)?;
    let Enrolment { ix, kind, ref session } = enrolment;
    let typed = Typed { ix, user: session.user_id, kind, is_new: true, code: &form.code };
    let done = |word| Ok(redirect(&identity.path(&format!("{}?done={word}", security::PATH))));
    match enrol::confirm(&identity, &visitor, (session, &typed), &name).await? {
        Outcome::Added(codes) if !codes.is_empty() => {
            Ok(recovery::page(&identity, &visitor, codes))
        }
        Outcome::Added(_) => done("added"),
        Outcome::Known | Outcome::TooMany => done("known"),
        Outcome::Over => Ok(over(&identity, &visitor)),
        Outcome::Wrong => {
            let text = CodeWords::of(visitor.lang).wrong;
            let refused = Some((StatusCode::UNPROCESSABLE_ENTITY, text.to_owned(), &*form.name));
            form_page(&identity, &visitor, &enrolment, refused).await
        }
    }
}

async fn resend(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
    FormFields(form): FormFields<CodeForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let enrolment = match enrolment(&identity, &visitor, &arrival).await? {
        Ok(enrolment) => enrolment,
        Err(response) => return Ok(response),
    };
    let t = CodeWords::of(visitor.lang);
    let Enrolment { ix, ref session, .. } = enrolment;
    let too_many = |text| Some((StatusCode::TOO_MANY_REQUESTS, text, ""));
    match enrol::again(&identity, &visitor, (ix, session.user_id)).await? {
        Sending::Done => Ok(redirect(&identity.path(&format!("{PATH}?ix={ix}")))),
        Sending::Over => Ok(over(&identity, &visitor)),
        Sending::Enough => {
            form_page(&identity, &visitor, &enrolment, too_many(t.no_more.to_owned())).await
        }
        Sending::Wait { seconds } => {
            let text = t.too_soon.replace("{}", &seconds.to_string());
            let mut response = form_page(&identity, &visitor, &enrolment, too_many(text)).await?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
    }
}

/// Who confirms what; somebody without a fresh session, or without anything to confirm, is led
/// elsewhere.
async fn enrolment(
    identity: &Identity,
    visitor: &Visitor,
    arrival: &Arrival,
) -> Result<Result<Enrolment, Response>, PageError> {
    let found = login::interaction_of(identity, &visitor.headers, arrival.ix.as_deref()).await?;
    let kind = found.as_ref().and_then(|ix| Kind::of(ix.text("enrol")?));
    let (Some(found), Some(kind)) = (found, kind) else {
        return Ok(Err(redirect(&identity.path(security::PATH))));
    };
    let back = format!("{PATH}?ix={}", found.id);
    Ok(match login::guarding(identity, visitor, &back).await? {
        Ok(session) => Ok(Enrolment { ix: found.id, session, kind }),
        Err(response) => Err(response),
    })
}

async fn form_page(
    identity: &Identity,
    visitor: &Visitor,
    enrolment: &Enrolment,
    refused: Option<(StatusCode, String, &str)>,
) -> Result<Response, PageError> {
    let shell = Shell::of(identity, visitor);
    let t = CodeWords::of(shell.lang());
    let (ix, kind) = (enrolment.ix, enrolment.kind);
    let whose = (ix, enrolment.session.user_id);
    let found = waiting(&identity.keys, identity.db.reader(), whose, (kind, true)).await?;
    let Some(waiting) = found else { return Ok(redirect(&identity.path(security::PATH))) };
    let (status, notice, name) = match refused {
        Some((status, text, name)) => (status, Some(Notice::bad(text)), name),
        None => (StatusCode::OK, None, ""),
    };
    let default = if kind == Kind::Mail { t.mail_name } else { t.phone_name };
    let name = if name.is_empty() { default } else { name };
    let page = CodePage { shell: &shell, t, ix, waiting, name, notice };
    Ok(show(status, &page, &shell, None))
}

fn over(identity: &Identity, visitor: &Visitor) -> Response {
    let shell = Shell::of(identity, visitor);
    let t = CodeWords::of(shell.lang());
    let action = Some((t.confirm_again, security::PATH));
    message_page(&shell, StatusCode::TOO_MANY_REQUESTS, (t.over_title, t.over_text), action)
}

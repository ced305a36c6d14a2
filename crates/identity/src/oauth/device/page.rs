//! The page where a person types the code of a device, sees which app it is, and decides.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use kit::clock::now_ms;
use kit::db::DbErr;
use kit::limit::RateLimited;
use serde::Deserialize;
use serde_json::json;

use super::UserCode;
use super::store::{self, Waiting};
use super::words::DeviceWords;
use crate::Identity;
use crate::login::{self, Session};
use crate::oauth::clients::{self, Client};
use crate::oauth::grants::NewGrant;
use crate::oauth::ground::{self, About};
use crate::oauth::pages::{OauthWords, wishes};
use crate::oauth::scope::Scopes;
use crate::oauth::{consents, redirect::with_query};
use crate::pages::{
    self, FormFields, Notice, PageError, Shell, check_form, message_page, with_cookie,
};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "oauth/device.html")]
struct Entry<'a> {
    shell: &'a Shell,
    d: &'static DeviceWords,
    code: &'a str,
    notice: Option<Notice>,
}

#[derive(Template)]
#[template(path = "oauth/device_confirm.html")]
struct Confirm<'a> {
    shell: &'a Shell,
    o: &'static OauthWords,
    d: &'static DeviceWords,
    client: &'a Client,
    code: String,
    wishes: Vec<&'static str>,
}

/// How somebody comes to the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Arrival {
    #[serde(default)]
    user_code: String,
}

/// `GET /device`. A code in the address is only written into the form.
pub(crate) async fn show(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let code = UserCode::parse(&arrival.user_code);
    if login::current_session(&identity, &visitor.headers).await?.is_none() {
        return sign_in_first(&identity, &visitor, code).await;
    }
    let code = code.map(|code| code.to_string()).unwrap_or_default();
    Ok(entry(&Shell::of(&identity, &visitor), StatusCode::OK, &code, None))
}

/// What the person typed, and in the second step decided.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Answer {
    csrf: String,
    user_code: String,
    decision: Option<String>,
}

/// `POST /device`.
pub(crate) async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(answer): FormFields<Answer>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &answer.csrf)?;
    let (shell, code) = (Shell::of(&identity, &visitor), UserCode::parse(&answer.user_code));
    let Some(session) = login::current_session(&identity, &visitor.headers).await? else {
        return sign_in_first(&identity, &visitor, code).await;
    };
    let provider = &identity.oauth;
    let Some(code) = code else { return Ok(wrong(&shell, &answer.user_code)) };
    if let Err(limited) = provider.budgets.try_user_code(&visitor, session.user_id) {
        return Ok(too_many(&shell, &answer.user_code, limited));
    }
    let reader = provider.db.reader();
    let waiting = store::waiting(reader, &provider.ring, code, now_ms()).await?;
    let client = match &waiting {
        Some(waiting) => clients::find(reader, &waiting.client_id).await?,
        None => None,
    };
    let (Some(waiting), Some(client)) = (waiting, client) else {
        let about = About { user: Some(session.user_id), ..About::default() };
        ground::record_failure(provider, "device.wrong_code", about, (&visitor, json!({}))).await;
        return Ok(wrong(&shell, &answer.user_code));
    };
    let decided = match answer.decision.as_deref() {
        None => return Ok(confirm(&shell, &client, &waiting, code)),
        Some("allow") => allow(&identity, &visitor, (&session, &waiting), code).await?,
        Some(_) => deny(&identity, &visitor, (&session, &waiting), code).await?,
    };
    let d = DeviceWords::of(shell.lang());
    Ok(match decided {
        Some(Decided::Allowed) => {
            message_page(&shell, StatusCode::OK, (d.allowed_title, d.allowed), None)
        }
        Some(Decided::Denied) => {
            message_page(&shell, StatusCode::OK, (d.denied_title, d.denied), None)
        }
        Some(Decided::SignedOut) => sign_in_first(&identity, &visitor, Some(code)).await?,
        None => wrong(&shell, ""),
    })
}

enum Decided {
    Allowed,
    Denied,
    /// The session ended in the meantime.
    SignedOut,
}

/// Lets the device have what it asked for; nothing if it was decided or expired in the meantime.
async fn allow(
    identity: &Identity,
    visitor: &Visitor,
    (session, waiting): (&Session, &Waiting),
    code: UserCode,
) -> Result<Option<Decided>, DbErr> {
    let (provider, now) = (&identity.oauth, now_ms());
    // What the person's role allows may be less than what the app may ask for.
    let scopes = Scopes::parse(&waiting.scopes);
    let scopes = ground::allowed(identity, session.user_id, scopes).await?;
    if scopes.is_empty() {
        return deny(identity, visitor, (session, waiting), code).await;
    }
    let new = NewGrant {
        user_id: session.user_id,
        client_id: waiting.client_id.clone(),
        session_id: Some(session.id),
        scopes,
        resource: waiting.resource.clone(),
        acr: session.acr.to_string(),
        amr: session.amr.clone(),
        auth_time: session.auth_time,
    };
    let work = async |tx: &kit::db::Tx| {
        if !login::hold_session(tx, session.id).await? {
            return Ok(Some(Decided::SignedOut));
        }
        if !store::allow(tx, &provider.ring, (code, &new), now).await? {
            return Ok(None);
        }
        consents::give(tx, session.user_id, &waiting.client_id, scopes, now).await?;
        for event in ["consent.granted", "device.allowed"] {
            let about = about(session, waiting);
            ground::record_from(tx, event, about, (visitor, json!({}))).await?;
        }
        Ok(Some(Decided::Allowed))
    };
    provider.db.write(work).await
}

async fn deny(
    identity: &Identity,
    visitor: &Visitor,
    (session, waiting): (&Session, &Waiting),
    code: UserCode,
) -> Result<Option<Decided>, DbErr> {
    let (provider, now) = (&identity.oauth, now_ms());
    let work = async |tx: &kit::db::Tx| {
        if !store::deny(tx, &provider.ring, code, now).await? {
            return Ok(None);
        }
        let about = about(session, waiting);
        ground::record_from(tx, "device.denied", about, (visitor, json!({}))).await?;
        Ok(Some(Decided::Denied))
    };
    provider.db.write(work).await
}

fn about<'a>(session: &Session, waiting: &'a Waiting) -> About<'a> {
    About {
        user: Some(session.user_id),
        client: Some(&waiting.client_id),
        session: Some(session.id),
    }
}

/// Sends the browser to sign in, and back here with the code.
async fn sign_in_first(
    identity: &Identity,
    visitor: &Visitor,
    code: Option<UserCode>,
) -> Result<Response, PageError> {
    identity.limits.begin_from(visitor)?;
    let back = match code {
        Some(code) => with_query("/device", &[("user_code", code.to_string())]),
        None => "/device".to_owned(),
    };
    let kept = json!({"back": back});
    let (ix, cookie) = login::begin_interaction(identity, &visitor.headers, &kept).await?;
    let response = pages::redirect(&identity.path(&format!("/login?ix={ix}")));
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

fn confirm(shell: &Shell, client: &Client, waiting: &Waiting, code: UserCode) -> Response {
    let o = OauthWords::of(shell.lang());
    let page = Confirm {
        shell,
        o,
        d: DeviceWords::of(shell.lang()),
        client,
        code: code.to_string(),
        wishes: wishes(o, Scopes::parse(&waiting.scopes)),
    };
    pages::show(StatusCode::OK, &page, shell, None)
}

fn entry(shell: &Shell, status: StatusCode, code: &str, notice: Option<Notice>) -> Response {
    let d = DeviceWords::of(shell.lang());
    pages::show(status, &Entry { shell, d, code, notice }, shell, None)
}

fn wrong(shell: &Shell, typed: &str) -> Response {
    let notice = Notice::bad(DeviceWords::of(shell.lang()).wrong);
    entry(shell, StatusCode::UNPROCESSABLE_ENTITY, &shown(typed), Some(notice))
}

fn too_many(shell: &Shell, typed: &str, limited: RateLimited) -> Response {
    let notice = Notice::bad(shell.w.wait(limited.retry_after_s));
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut response = entry(shell, status, &shown(typed), Some(notice));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(limited.retry_after_s));
    response
}

/// What somebody typed, to be mended; not more than fits into the field.
fn shown(typed: &str) -> String {
    typed.chars().take(20).collect()
}

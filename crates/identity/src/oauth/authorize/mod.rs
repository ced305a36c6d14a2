//! The authorization endpoint: an app sends a person here, and gets a code back.
//!
//! What the app asked for waits in an interaction while the person signs in or agrees; the URL
//! carries only its id. An error goes to the app only once its redirect URI is known to be its.

mod acr;
pub(crate) mod consent;
mod read;
mod request;
mod standing;

use std::sync::Arc;

use axum::extract::{Query, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use kit::clock::now_ms;
use kit::db::DbErr;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use read::pushed;
pub(crate) use request::{Mode, NoTarget, Refusal, Request, Target, jkt, resource, scopes};

use super::again::again;
use super::clients::Client;
use super::grants::{self, CodeFor, NewGrant};
use super::ground::{self, About};
use super::pages::{self, Failed};
use super::scope::Scopes;
use super::{Provider, consents, redirect};
use crate::Identity;
use crate::login::{self, Session};
use crate::visitor::Visitor;
use read::Refused;
use standing::{Standing, standing};

/// What the endpoint needs of an HTTP request.
pub(crate) struct From {
    /// Who is there.
    pub visitor: Visitor,
    /// With which cookies.
    pub headers: HeaderMap,
}

/// A request on its way.
pub(crate) struct Asked {
    /// The app.
    pub client: Arc<Client>,
    /// What it wants.
    pub request: Request,
    /// The interaction it waits in, and since when, if it had to wait.
    pub waiting: Option<(Uuid, i64)>,
}

/// `GET /oauth/authorize`.
pub(crate) async fn by_query(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    begin(&identity, From { visitor, headers }, query.as_bytes()).await
}

/// `POST /oauth/authorize`. It brings no cookie from another site, so the browser comes again.
pub(crate) async fn by_form(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match again(&identity, &headers, "/oauth/authorize", &body).await {
        Ok(Some(response)) => response,
        Ok(None) => begin(&identity, From { visitor, headers }, &body).await,
        Err(error) => pages::failed(&identity, &visitor, &error.into()),
    }
}

/// The interaction to go on with.
#[derive(Debug, Deserialize)]
pub(crate) struct Ix {
    ix: Uuid,
}

/// `GET /oauth/authorize/continue`: after signing in or up.
pub(crate) async fn go_on(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(Ix { ix }): Query<Ix>,
) -> Response {
    let from = From { visitor, headers };
    match resumed(&identity, &from, ix).await {
        Ok(asked) => step(&identity, &from, asked).await,
        Err(failed) => pages::failed(&identity, &from.visitor, &failed),
    }
}

/// The request that waits in an interaction of this browser.
pub(crate) async fn resumed(identity: &Identity, from: &From, ix: Uuid) -> Result<Asked, Failed> {
    let found = login::interaction(identity, &from.headers, ix).await?.ok_or(Failed::TooOld)?;
    let request: Request = serde_json::from_value(found.request["request"].clone())
        .map_err(|error| Failed::Store(DbErr::Custom(error.to_string())))?;
    let client = identity.oauth.client(&request.target.client_id).await?;
    let client = client.ok_or(Failed::NoTarget(NoTarget::Client))?;
    Ok(Asked { client, request, waiting: Some((found.id, found.created_at)) })
}

/// What the `form-action` of a page in this interaction must allow besides our own origin: the
/// browser applies it to the redirects that follow the form, too.
pub(crate) fn form_action_of(interaction: &Value) -> Option<String> {
    redirect::form_action(interaction["request"]["target"]["redirect_uri"].as_str()?)
}

/// Sends an error to the app.
pub(crate) fn refuse(
    identity: &Identity,
    from: &From,
    target: &Target,
    refusal: &Refusal,
) -> Response {
    answer(identity, from, target, told_of(refusal))
}

fn told_of(refusal: &Refusal) -> Vec<(&'static str, String)> {
    vec![("error", refusal.code.to_owned()), ("error_description", refusal.description.clone())]
}

/// Gives the app a code for what `session`'s person lets it do.
pub(crate) async fn grant(
    identity: &Identity,
    from: &From,
    asked: &Asked,
    session: &Session,
) -> Result<Response, Failed> {
    let scopes = ground::allowed(identity, session.user_id, asked.request.scopes()).await?;
    if scopes.is_empty() {
        let refusal = Refusal::new("access_denied", "the person's role does not allow it");
        return Ok(refuse(identity, from, &asked.request.target, &refusal));
    }
    let issued = issue(&identity.oauth, from, asked, (session, scopes)).await?;
    let code = issued.ok_or(Failed::TooOld)?;
    Ok(answer(identity, from, &asked.request.target, vec![("code", code)]))
}

async fn begin(identity: &Identity, from: From, raw: &[u8]) -> Response {
    match read::read(&identity.oauth, raw).await {
        Ok(Ok(asked)) => step(identity, &from, asked).await,
        Ok(Err(refused)) => told(identity, &from, &refused)
            .await
            .unwrap_or_else(|error| pages::failed(identity, &from.visitor, &Failed::Store(error))),
        Err(failed) => pages::failed(identity, &from.visitor, &failed),
    }
}

/// Tells the app of a request that cannot be read. Nobody is sent from here to an app that nobody
/// checked before they signed in, or an address of ours would lead anywhere (RFC 9700 section
/// 4.11.2): they see where the app is, and go there if they want.
async fn told(
    identity: &Identity,
    from: &From,
    Refused { client, target, refusal }: &Refused,
) -> Result<Response, DbErr> {
    let trusted = client.kind.is_checked()
        || login::current_session(identity, &from.headers).await?.is_some();
    if trusted {
        return Ok(refuse(identity, from, target, refusal));
    }
    let back = answer_url(identity, target, told_of(refusal));
    Ok(pages::misled(identity, &from.visitor, client, (&target.redirect_uri, &back)))
}

/// Does the next thing that the request needs: sign in, agree, or the code.
async fn step(identity: &Identity, from: &From, asked: Asked) -> Response {
    match next(identity, from, &asked).await {
        Ok(response) => response,
        Err(failed) => pages::failed(identity, &from.visitor, &failed),
    }
}

async fn next(identity: &Identity, from: &From, asked: &Asked) -> Result<Response, Failed> {
    let (prompt, first) = (asked.request.prompt, asked.waiting.is_none());
    let refused = |code, reason: &str| {
        Ok(refuse(identity, from, &asked.request.target, &Refusal::new(code, reason)))
    };
    let session = match standing(identity, from, asked).await? {
        Standing::Good(session) => session,
        Standing::Unable => {
            let reason = "the person cannot sign in as strongly as that";
            return refused("unmet_authentication_requirements", reason);
        }
        Standing::Nobody if prompt.none => return refused("login_required", "nobody is signed in"),
        Standing::Weak if prompt.none => {
            return refused("login_required", "the person is to take one more step");
        }
        Standing::Another if prompt.none || !first => {
            return refused("login_required", "somebody else is signed in");
        }
        Standing::Nobody if prompt.create && first => {
            return wait(identity, from, asked, "/signup").await;
        }
        Standing::Weak if !prompt.wants_anew() => {
            return wait(identity, from, asked, "/login/2fa").await;
        }
        _ => return wait(identity, from, asked, "/login").await,
    };
    let reader = identity.oauth.db.reader();
    if consents::needed(reader, session.user_id, &asked.client, &asked.request).await? {
        if prompt.none {
            return refused("consent_required", "the person has not agreed yet");
        }
        return wait(identity, from, asked, "/consent").await;
    }
    grant(identity, from, asked, &session).await
}

/// Sends the browser to one of our pages, with the request in an interaction.
async fn wait(
    identity: &Identity,
    from: &From,
    asked: &Asked,
    page: &str,
) -> Result<Response, Failed> {
    let (ix, cookie) = if let Some((ix, _)) = asked.waiting {
        (ix, None)
    } else {
        let kept = json!({
            "request": asked.request,
            "client_name": asked.client.name,
            "first_party": asked.client.first_party,
            "login_hint": asked.request.login_hint,
            "ui_locales": asked.request.locale,
        });
        login::begin_interaction(identity, &from.headers, &kept).await?
    };
    let mut url = format!("{}?ix={ix}", identity.oauth.url(page));
    if let Some(locale) = &asked.request.locale {
        url = redirect::with_query(&url, &[("ui_locales", locale.clone())]);
    }
    let mut response = Redirect::to(&url).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A code for the request, or none if it was answered in the meantime or the session is over.
async fn issue(
    provider: &Provider,
    from: &From,
    asked: &Asked,
    (session, scopes): (&Session, Scopes),
) -> Result<Option<String>, DbErr> {
    let new = NewGrant {
        user_id: session.user_id,
        client_id: asked.client.id.clone(),
        session_id: Some(session.id),
        scopes,
        resource: asked.request.resource.clone(),
        acr: asked.request.acr.told(session.acr).to_string(),
        amr: session.amr.clone(),
        auth_time: session.auth_time,
    };
    let code = CodeFor {
        redirect_uri: asked.request.target.redirect_uri.clone(),
        challenge: asked.request.challenge.clone(),
        nonce: asked.request.nonce.clone(),
        jkt: asked.request.jkt.clone(),
    };
    let now = now_ms();
    provider
        .db
        .write(async |tx| {
            let waits = match asked.waiting {
                Some((ix, _)) => login::finish_interaction(tx, ix).await?,
                None => true,
            };
            if !waits || !login::hold_session(tx, session.id).await? {
                return Ok(None);
            }
            let grant = grants::open(tx, &new, now).await?;
            let code = grants::issue_code(tx, grant, &code, now).await?;
            let client = Some(asked.client.id.as_str());
            let about = About { user: Some(session.user_id), client, session: Some(session.id) };
            ground::record_from(tx, "code.issued", about, (&from.visitor, json!({}))).await?;
            Ok(Some(code))
        })
        .await
}

/// Sends `pairs`, `state` and `iss` (RFC 9207) to the app.
fn answer(
    identity: &Identity,
    from: &From,
    target: &Target,
    pairs: Vec<(&'static str, String)>,
) -> Response {
    match target.mode {
        Mode::FormPost => {
            let pairs = with_state(identity, target, pairs);
            pages::form_post(identity, &from.visitor, &target.redirect_uri, &pairs)
        }
        Mode::Query => {
            let url = answer_url(identity, target, pairs);
            redirect::see_other(&url).unwrap_or_else(|| {
                let failed = Failed::NoTarget(NoTarget::RedirectUri);
                pages::failed(identity, &from.visitor, &failed)
            })
        }
    }
}

fn answer_url(identity: &Identity, target: &Target, pairs: Vec<(&'static str, String)>) -> String {
    redirect::with_query(&target.redirect_uri, &with_state(identity, target, pairs))
}

fn with_state(
    identity: &Identity,
    target: &Target,
    mut pairs: Vec<(&'static str, String)>,
) -> Vec<(&'static str, String)> {
    pairs.extend(target.state.iter().map(|state| ("state", state.clone())));
    pairs.push(("iss", identity.oauth.issuer.clone()));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn request(change: impl FnOnce(&mut Request)) -> Request {
        let mut request: Request = serde_json::from_value(json!({
            "target": {"client_id": "app", "redirect_uri": "https://app.example/cb",
                       "mode": "query", "state": null},
            "scope": "openid", "challenge": "", "nonce": null, "max_age_s": null,
            "login_hint": null, "locale": null, "resource": null,
            "prompt": {"none": false, "login": false, "consent": false,
                       "select_account": false, "create": false},
        }))
        .unwrap();
        change(&mut request);
        request
    }

    #[test]
    fn pages_of_an_interaction_let_its_form_end_at_the_app() {
        let kept = json!({"request": request(|_| ())});
        assert_eq!(form_action_of(&kept).as_deref(), Some("https://app.example"));
        assert_eq!(form_action_of(&json!({})), None);
    }
}

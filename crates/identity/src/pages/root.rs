//! The edges: 404, errors as pages, the language switch, well-known addresses.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, Query, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use kit::cookie::{self, Life};
use serde::Deserialize;

use super::{Lang, PageError, Shell, assets, lang, redirect, with_cookie};
use crate::Identity;
use crate::visitor::Visitor;

/// Where applications begin a sign-in, without anybody being signed in.
const BEGINS: &str = "/oauth/authorize";
const LANGUAGE_REMEMBERED_S: u64 = 365 * 86_400;

/// Style sheet, fonts, language switch, and the way in.
pub(crate) fn router() -> Router<Identity> {
    Router::new()
        .route(
            "/",
            get(async |State(identity): State<Identity>| redirect(&identity.path("/account"))),
        )
        .route("/language", get(choose_language))
        .merge(assets::router())
}

/// What must be at the root of the origin, whatever the issuer's path is.
pub(crate) fn root_router(identity: &Identity) -> Router {
    let change = identity.path("/account#password");
    Router::new().route(
        "/.well-known/change-password",
        get(async move || Redirect::temporary(&change).into_response()),
    )
}

/// Adds the 404 page, and turns refusals into pages in the visitor's language.
pub(crate) fn with_edges(routes: Router<Identity>, identity: &Identity) -> Router<Identity> {
    let missing = async || PageError::NotFound.into_response();
    routes
        .fallback(missing)
        .layer(middleware::from_fn_with_state(identity.clone(), refusals_as_pages))
}

async fn refusals_as_pages(
    State(identity): State<Identity>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, &identity).await;
    if parts.uri.path() == BEGINS
        && let Err(limited) = identity.limits.begin_from(&visitor)
    {
        return PageError::from(limited).page(&Shell::of(&identity, &visitor));
    }
    let response = next.run(Request::from_parts(parts, body)).await;
    let refusal = response.extensions().get::<Arc<PageError>>().cloned();
    match refusal {
        Some(refusal) => refusal.page(&Shell::of(&identity, &visitor)),
        None => response,
    }
}

#[derive(Deserialize)]
struct Choice {
    to: String,
    #[serde(default)]
    back: String,
}

/// Remembers a language and goes back to the page, which must be one of ours.
async fn choose_language(
    State(identity): State<Identity>,
    Query(choice): Query<Choice>,
) -> Response {
    // Browsers take tabs and line ends out of addresses, and read `\` as `/`.
    let own = choice.back.starts_with('/')
        && !choice.back.starts_with("//")
        && choice.back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let back = if own { choice.back.as_str() } else { "/login" };
    let response = redirect(&identity.path(back));
    match Lang::of_tag(&choice.to) {
        Some(language) => {
            let life = Life::Seconds(LANGUAGE_REMEMBERED_S);
            let issuer = &identity.config.issuer;
            with_cookie(response, cookie::set(issuer, lang::COOKIE, language.code(), life))
        }
        None => response,
    }
}

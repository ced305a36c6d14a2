//! To the provider: `GET /auth/login`.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, header};
use kit::clock::now_ms;
use kit::json::Query;
use kit::problem::ApiError;
use serde::Deserialize;
use url::Url;

use super::SignInError;
use super::flow::Flow;
use crate::Chat;

/// What a browser's session may do.
pub(super) const SCOPES: &str = "openid profile email offline_access chat";

#[derive(Debug, Deserialize)]
pub(super) struct Ask {
    return_to: Option<String>,
    hint: Option<Hint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Hint {
    Signup,
    Login,
}

/// Sends the browser to the provider's sign-in page.
pub(super) async fn start(
    State(chat): State<Chat>,
    Query(ask): Query<Ask>,
) -> Result<Response, ApiError> {
    let flow = Flow::new(ask.return_to.as_deref(), now_ms());
    let endpoints = chat.issuer.endpoints().await?;
    let url = authorization_url(&chat, &endpoints.authorization, &flow, ask.hint)?;
    let mut response = Redirect::to(&url).into_response();
    response.headers_mut().append(header::SET_COOKIE, flow.cookie(&chat)?);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Where the provider sends the browser back to.
pub(super) fn redirect_uri(chat: &Chat) -> String {
    format!("{}/auth/callback", chat.config.public_url.as_str().trim_end_matches('/'))
}

fn authorization_url(
    chat: &Chat,
    endpoint: &str,
    flow: &Flow,
    hint: Option<Hint>,
) -> Result<String, SignInError> {
    let mut url = Url::parse(endpoint)
        .map_err(|error| SignInError::Provider(format!("its authorization endpoint: {error}")))?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &chat.config.client_id)
        .append_pair("redirect_uri", &redirect_uri(chat))
        .append_pair("scope", SCOPES)
        .append_pair("resource", &chat.config.resource)
        .append_pair("state", &flow.state)
        .append_pair("nonce", &flow.nonce)
        .append_pair("code_challenge", &flow.challenge())
        .append_pair("code_challenge_method", "S256");
    if hint == Some(Hint::Signup) {
        url.query_pairs_mut().append_pair("prompt", "create");
    }
    Ok(url.into())
}

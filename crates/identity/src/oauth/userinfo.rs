//! Who the owner of an access token is (OpenID Connect Core 5.3).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kit::clock::now_ms;
use kit::problem::ApiError;
use serde_json::{Map, Value, json};

use super::ground::{self, Person};
use super::scope::Scopes;
use super::verify;
use crate::Identity;

/// Answers `GET` and `POST /oauth/userinfo`; the token comes in the header only.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(token) = bearer(&headers) else {
        return Ok(challenge(StatusCode::UNAUTHORIZED, "Bearer"));
    };
    let provider = &identity.oauth;
    let now_s = now_ms() / 1000;
    let Some((access, grant)) = verify::access(provider, token, now_s).await? else {
        let text = "Bearer error=\"invalid_token\", error_description=\"it is not valid any more\"";
        return Ok(challenge(StatusCode::UNAUTHORIZED, text));
    };
    let scopes = Scopes::parse(&access.scope);
    if !scopes.has("openid") {
        let text = "Bearer error=\"insufficient_scope\", scope=\"openid\"";
        return Ok(challenge(StatusCode::FORBIDDEN, text));
    }
    let person = ground::person(&identity, grant.user_id).await?.filter(|person| person.active);
    let Some(person) = person.filter(|person| person.sub == access.sub) else {
        let text = "Bearer error=\"invalid_token\", error_description=\"the account has ended\"";
        return Ok(challenge(StatusCode::UNAUTHORIZED, text));
    };
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    Ok((no_store, Json(claims(person, scopes))).into_response())
}

/// The token in the `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn claims(person: Person, scopes: Scopes) -> Value {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(person.sub));
    if scopes.has("profile") {
        claims.insert("preferred_username".to_owned(), json!(person.username));
        claims.insert("name".to_owned(), json!(person.display_name));
        if let Some(locale) = person.locale {
            claims.insert("locale".to_owned(), json!(locale));
        }
    }
    if scopes.has("email")
        && let Some(email) = person.email
    {
        claims.insert("email".to_owned(), json!(email));
        claims.insert("email_verified".to_owned(), json!(person.email_verified));
    }
    Value::Object(claims)
}

fn challenge(status: StatusCode, text: &'static str) -> Response {
    let headers = [
        (header::WWW_AUTHENTICATE, HeaderValue::from_static(text)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers).into_response()
}

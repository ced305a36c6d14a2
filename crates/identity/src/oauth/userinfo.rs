//! Who the owner of an access token is (OpenID Connect Core 5.3).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use kit::clock::now_ms;
use kit::db::DbResult;
use kit::dpop::bound_to;
use kit::jose::ALGORITHMS;
use kit::problem::ApiError;
use serde_json::{Map, Value, json};

use super::ground::{self, Person};
use super::scope::Scopes;
use super::verify::{self, Access};
use super::{Provider, dpop};
use crate::Identity;

/// Answers `GET` and `POST /oauth/userinfo`; the token comes in the header only.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(shown) = Shown::of(&headers) else {
        return Ok(challenge(StatusCode::UNAUTHORIZED, &[Scheme::Bearer, Scheme::Dpop], ""));
    };
    let refuse = |error| Ok(challenge(StatusCode::UNAUTHORIZED, &[shown.scheme], error));
    let provider = &identity.oauth;
    let Some((access, grant)) = verify::access(provider, shown.token, now_ms() / 1000).await?
    else {
        return refuse(r#"error="invalid_token", error_description="it is not valid any more""#);
    };
    if let Err(error) = shown.is_whose(provider, (&method, &headers), &access).await? {
        return refuse(error);
    }
    let scopes = Scopes::parse(&access.scope);
    if !scopes.has("openid") {
        let error = r#"error="insufficient_scope", scope="openid""#;
        return Ok(challenge(StatusCode::FORBIDDEN, &[shown.scheme], error));
    }
    let person = ground::person(&identity, grant.user_id).await?.filter(|person| person.active);
    let Some(person) = person.filter(|person| person.sub == access.sub) else {
        return refuse(r#"error="invalid_token", error_description="the account has ended""#);
    };
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    Ok((no_store, Json(claims(person, scopes))).into_response())
}

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// Only whoever has its key (RFC 9449).
    Dpop,
}

/// The token in the `Authorization` header.
struct Shown<'h> {
    scheme: Scheme,
    token: &'h str,
}

impl<'h> Shown<'h> {
    fn of(headers: &'h HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (name, token) = value.split_once(' ')?;
        let known = [("bearer", Scheme::Bearer), ("dpop", Scheme::Dpop)];
        let (_, scheme) = known.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
        Some(Self { scheme: *scheme, token: token.trim() })
    }

    /// Whether who shows the token may: a token that is bound to a key is no bearer token, and the
    /// other way round (RFC 9449 section 7.1).
    async fn is_whose(
        &self,
        provider: &Provider,
        (method, headers): (&Method, &HeaderMap),
        access: &Access,
    ) -> DbResult<Result<(), &'static str>> {
        let place = (method.as_str(), "/oauth/userinfo");
        match (self.scheme, bound_to(access.cnf.as_ref())) {
            (Scheme::Bearer, Ok(None)) => Ok(Ok(())),
            (Scheme::Dpop, Ok(Some(jkt))) => {
                let proved = dpop::is_proved(provider, headers, place, (self.token, jkt)).await?;
                Ok(proved.map_err(|_| r#"error="invalid_dpop_proof""#))
            }
            _ => Ok(Err(r#"error="invalid_token", error_description="show it in the other way""#)),
        }
    }
}

/// The token in the `Authorization` header, if whoever has it may use it.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    Shown::of(headers).filter(|shown| shown.scheme == Scheme::Bearer).map(|shown| shown.token)
}

/// What an app may know of a person.
pub(crate) fn claims(person: Person, scopes: Scopes) -> Map<String, Value> {
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
    claims
}

/// Says how to come, and what was wrong; where both ways are open, both are named.
fn challenge(status: StatusCode, schemes: &[Scheme], error: &str) -> Response {
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")]).into_response();
    for scheme in schemes {
        let algorithms = format!("algs=\"{}\"", ALGORITHMS.join(" "));
        let (name, parts) = match scheme {
            Scheme::Bearer => ("Bearer", [error, ""]),
            Scheme::Dpop => ("DPoP", [error, algorithms.as_str()]),
        };
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let text = format!("{name} {}", parts.join(", "));
        if let Ok(value) = HeaderValue::from_str(text.trim_end()) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, value);
        }
    }
    response
}

//! Whether a token is good, for the API that it is for and for the app that got it (RFC 7662).
//!
//! To everybody else every token is `{"active": false}`, so that nothing can be learned here about
//! tokens of others.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kit::clock::now_ms;
use kit::db::DbResult;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::clients::Client;
use super::endpoint::{self, Failure, INVALID_CLIENT};
use super::ground;
use super::scope::Scopes;
use super::verify::{Access, Holder};
use super::{Provider, client_auth, grants, userinfo, verify};
use crate::Identity;
use crate::visitor::Visitor;

/// Answers `POST /oauth/introspect`.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    let body = endpoint::form(&headers, &body)?;
    let caller = client_auth::authenticate(provider, &visitor, &headers, &body).await?;
    if caller.is_public() {
        // Its id is no secret, so anybody could ask in its name (RFC 7662 section 2.1).
        return Err(INVALID_CLIENT.into());
    }
    let missing = endpoint::refuse("invalid_request", "token is required");
    let token = body.get("token").ok_or(missing)?;
    let told = tell(&identity, &caller, token, now_ms()).await?;
    let told = told.unwrap_or_else(|| json!({"active": false}));
    Ok(endpoint::fresh(StatusCode::OK, Json(told)))
}

async fn tell(
    identity: &Identity,
    caller: &Client,
    token: &str,
    now: i64,
) -> DbResult<Option<Value>> {
    let provider = &identity.oauth;
    // A refresh token has no dots; looking first at what it can be saves a query.
    if token.contains('.') {
        let found = verify::any_access(provider, token, now / 1000).await?;
        let theirs = found.filter(|(access, _)| concerns(provider, caller, access));
        let Some((access, holder)) = theirs else { return Ok(None) };
        return match holder {
            Holder::Person(grant) if caller.first_party && access.cnf.is_some() => {
                of_person(identity, &access, grant.user_id).await
            }
            Holder::Person(_) | Holder::App => Ok(Some(Value::Object(of_access(&access)))),
        };
    }
    let found = grants::live_refresh_token(provider.db.reader(), token, now).await?;
    let Some((grant, times)) = found.filter(|(grant, _)| grant.client_id == caller.id) else {
        return Ok(None);
    };
    let person = ground::person(identity, grant.user_id).await?;
    let Some(person) = person.filter(|person| person.active) else { return Ok(None) };
    let mut told = json!({
        "active": true,
        "iss": provider.issuer,
        "client_id": grant.client_id,
        "sub": person.sub,
        "scope": grant.scopes().to_string(),
        "iat": times.issued_at.div_euclid(1000),
        "exp": times.ends_at.div_euclid(1000),
    });
    if let Some(jkt) = &grant.jkt {
        told["cnf"] = json!({ "jkt": jkt });
    }
    Ok(Some(told))
}

/// Whether the caller may know of a token: it got it, or serves the API that it is for.
fn concerns(provider: &Provider, caller: &Client, access: &Access) -> bool {
    let ours = caller.first_party && provider.resources.contains(&access.aud);
    access.client_id == caller.id || access.aud == caller.id || ours
}

/// What an API of ours is told besides of a token that is bound to a key: who the person is, as
/// far as the app may know. It cannot ask userinfo, which wants a proof that only the app can make.
async fn of_person(identity: &Identity, access: &Access, user: Uuid) -> DbResult<Option<Value>> {
    let person = ground::person(identity, user).await?.filter(|person| person.active);
    let Some(person) = person else { return Ok(None) };
    let mut told = userinfo::claims(person, Scopes::parse(&access.scope));
    if let Some(name) = told.get("preferred_username").cloned() {
        told.insert("username".to_owned(), name);
    }
    told.extend(of_access(access));
    Ok(Some(Value::Object(told)))
}

fn of_access(access: &Access) -> Map<String, Value> {
    let mut told = Map::new();
    told.insert("active".to_owned(), json!(true));
    let kind = if access.cnf.is_some() { "DPoP" } else { "Bearer" };
    told.insert("token_type".to_owned(), json!(kind));
    if let Ok(Value::Object(claims)) = serde_json::to_value(access) {
        told.extend(claims);
    }
    told
}

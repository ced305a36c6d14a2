//! Apps that register themselves (RFC 7591), and change what they say about themselves (RFC 7592).
//!
//! Who registers an app gets a token for it, which is kept as a hash: with it, and with nothing
//! else, the app is read, changed and removed here. Nobody checked such an app, and people are
//! told so when it wants something from them. Secrets are told once and never again.

mod document;
mod failure;
mod initial;
mod metadata;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use kit::clock::{now_ms, random_token};
use kit::db::Tx;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

pub(crate) use document::document;
pub(crate) use failure::Failure;
pub(crate) use initial::{RegistrationToken, make as make_token, purge};

use super::clients::{self, Client};
use super::ground::{self, About};
use super::{Provider, endpoint};
use crate::Identity;
use crate::apps::Registration;
use crate::visitor::Visitor;
use metadata::Metadata;

/// Answers `POST /oauth/register`.
pub(crate) async fn create(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    if provider.apps.registration == Registration::Off {
        return Err(Failure::Off);
    }
    provider.budgets.register(&visitor)?;
    let token = match (provider.apps.registration, bearer(&headers)) {
        (Registration::Open, token) => token,
        (_, Some(token)) => Some(token),
        (_, None) => return Err(Failure::NoToken),
    };
    if token.is_none() {
        provider.budgets.register_openly(&visitor)?;
    }
    let mut client = read(&headers, &body)?.client()?;
    client.id = clients::new_id();
    clients::check_others(provider, &client)?;
    let secret = clients::new_secret(&mut client);
    let access = format!("ra_{}", random_token());
    client.registration_hash = Some(clients::hash(&access));
    keep(provider, &visitor, &client, token).await?;
    Ok(answer(provider, StatusCode::CREATED, &client, (secret, &access)))
}

/// Stores a new app, at the cost of the token that allows it.
async fn keep(
    provider: &Provider,
    visitor: &Visitor,
    client: &Client,
    token: Option<&str>,
) -> Result<(), Failure> {
    let work = async |tx: &Tx| {
        if let Some(token) = token
            && !initial::spend(tx, token, now_ms()).await?
        {
            return Err(Failure::BadToken);
        }
        clients::store(tx, client).await?;
        let detail = json!({"kind": client.kind.as_str(), "name": client.name});
        Ok(ground::record_from(tx, "client.registered", about(client), (visitor, detail)).await?)
    };
    provider.db.write(work).await
}

/// Answers `GET /oauth/register/{id}`: everything but secrets.
pub(crate) async fn show(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    provider.budgets.register(&visitor)?;
    let access = bearer(&headers).ok_or(Failure::NoToken)?;
    let client = clients::find(provider.db.reader(), &id).await?;
    let client = owned(client, access)?;
    Ok(answer(provider, StatusCode::OK, &client, (None, access)))
}

/// Answers `PUT /oauth/register/{id}`: what is left out is not said any more.
pub(crate) async fn replace(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    provider.budgets.register(&visitor)?;
    let access = bearer(&headers).ok_or(Failure::NoToken)?;
    let work = async |tx: &Tx| {
        let known = owned(clients::lock(tx, &id).await?, access)?;
        let said = read(&headers, &body)?;
        if said.client_id.as_ref() != Some(&known.id) {
            return Err(Failure::Metadata("client_id must be the app's own".to_owned()));
        }
        let now = now_ms();
        if said.client_secret.as_ref().is_some_and(|own| !clients::is_secret(&known, own, now)) {
            return Err(Failure::Metadata("client_secret cannot be chosen".to_owned()));
        }
        let mut client = Client {
            id: known.id,
            created_at: known.created_at,
            last_used_at: known.last_used_at,
            registration_hash: known.registration_hash,
            secret_hash: known.secret_hash,
            old_secret: known.old_secret,
            ..said.client()?
        };
        clients::check_others(provider, &client)?;
        // A secret is given to who needs one now and has none, and taken from who needs none.
        let had = client.secret_hash.is_some();
        let secret =
            if client.has_secret() && had { None } else { clients::new_secret(&mut client) };
        if !client.has_secret() {
            client.old_secret = None;
        }
        clients::change(tx, &client, &visitor).await?;
        Ok((client, secret))
    };
    let (client, secret) = provider.db.write(work).await?;
    provider.clients.forget(&client.id);
    Ok(answer(provider, StatusCode::OK, &client, (secret, access)))
}

/// Answers `DELETE /oauth/register/{id}`: everything that people gave the app ends with it.
pub(crate) async fn remove(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    provider.budgets.register(&visitor)?;
    let access = bearer(&headers).ok_or(Failure::NoToken)?;
    let work = async |tx: &Tx| {
        owned(clients::lock(tx, &id).await?, access)?;
        Ok::<_, Failure>(clients::remove(tx, &id, &visitor).await?)
    };
    provider.db.write(work).await?;
    provider.clients.forget(&id);
    provider.wake_sender();
    Ok(endpoint::fresh(StatusCode::NO_CONTENT, ().into_response()))
}

/// The client, if this is its token; whether there is such a client is nobody else's business.
fn owned(client: Option<Client>, access: &str) -> Result<Client, Failure> {
    let client = client.ok_or(Failure::BadToken)?;
    let kept = client.registration_hash.as_deref().ok_or(Failure::BadToken)?;
    if bool::from(clients::hash(access).ct_eq(kept)) { Ok(client) } else { Err(Failure::BadToken) }
}

fn read(headers: &HeaderMap, body: &Bytes) -> Result<Metadata, Failure> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Failure::Metadata("the body must be application/json".to_owned()));
    }
    Metadata::read(body)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// What is kept of an app, and what its developer needs to use and change it.
fn answer(
    provider: &Provider,
    status: StatusCode,
    client: &Client,
    (secret, access): (Option<String>, &str),
) -> Response {
    let mut told = metadata::described(client);
    if let Some(secret) = secret {
        told.insert("client_secret".to_owned(), json!(secret));
        told.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    let own = provider.url(&format!("/oauth/register/{}", client.id));
    told.insert("registration_client_uri".to_owned(), json!(own));
    told.insert("registration_access_token".to_owned(), json!(access));
    endpoint::fresh(status, Json(Value::Object(told)))
}

fn about(client: &Client) -> About<'_> {
    About { client: Some(&client.id), ..About::default() }
}

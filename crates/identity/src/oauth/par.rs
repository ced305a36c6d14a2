//! Requests that an app pushes before it sends a person here (RFC 9126).
//!
//! What was pushed is checked at once, is good for a minute and once, and only for the app that
//! pushed it.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kit::clock::{now_ms, random_token};
use kit::db::{DbErr, DbResult, Row, Tx, exec, one, params};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::authorize::{self, Request};
use super::clients::Client;
use super::endpoint::{self, Failure};
use super::{Provider, client_auth, dpop};
use crate::Identity;
use crate::visitor::Visitor;

/// How long the person's browser may take to get here.
const LIFE_S: i64 = 60;
/// What the name of a pushed request begins with.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// Answers `POST /oauth/par`.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    let body = endpoint::form(&headers, &body).map_err(|failure| match failure {
        Failure::TooLong(_) => Failure::TooLarge,
        other => other,
    })?;
    let client = client_auth::authenticate(provider, &visitor, &headers, &body).await?;
    provider.budgets.push(&visitor, &client)?;
    let mut request = authorize::pushed(provider, &body, &client)?;
    let key = dpop::key(provider, &headers, "/oauth/par").await?;
    request.jkt = dpop::agreed(request.jkt, key)?;
    let uri = keep(provider, &client, &request).await?;
    let answer = Json(json!({"request_uri": uri, "expires_in": LIFE_S}));
    Ok(endpoint::fresh(StatusCode::CREATED, answer))
}

/// Whether a `request_uri` names a pushed request, or could.
pub(crate) fn is_ours(uri: &str) -> bool {
    uri.starts_with(PREFIX)
}

/// What `client` pushed under this name; of many who ask at once one gets it.
pub(crate) async fn take(
    provider: &Provider,
    client: &Client,
    uri: &str,
) -> DbResult<Option<Request>> {
    #[derive(Row)]
    struct Pushed {
        request: String,
    }
    let Some(secret) = uri.strip_prefix(PREFIX) else { return Ok(None) };
    let sql = "UPDATE par_requests SET used_at = $3 WHERE hash = $1 AND client_id = $2 \
               AND used_at IS NULL AND expires_at > $3 RETURNING request";
    let values = params![hash(secret), client.id.clone(), now_ms()];
    let row: DbResult<Option<Pushed>> =
        provider.db.write(async |tx| one(tx, sql, values).await).await;
    let read = |row: Pushed| serde_json::from_str(&row.request);
    row?.map(read).transpose().map_err(|error| DbErr::Custom(error.to_string()))
}

/// Removes what nobody can use any more.
pub(crate) async fn purge(tx: &Tx, now: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM par_requests WHERE expires_at < $1", params![now]).await.map(drop)
}

async fn keep(provider: &Provider, client: &Client, request: &Request) -> DbResult<String> {
    let text = serde_json::to_string(request).map_err(|e| DbErr::Custom(e.to_string()))?;
    let secret = random_token();
    let sql = "INSERT INTO par_requests (hash, client_id, request, expires_at) \
               VALUES ($1, $2, $3, $4)";
    let values = params![hash(&secret), client.id.clone(), text, now_ms() + LIFE_S * 1000];
    let kept: DbResult<u64> = provider.db.write(async |tx| exec(tx, sql, values).await).await;
    kept?;
    Ok(format!("{PREFIX}{secret}"))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

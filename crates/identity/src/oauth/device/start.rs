//! A device begins (RFC 8628 section 3.1).

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kit::clock::now_ms;
use kit::db::DbResult;
use serde_json::json;

use super::store::{self, INTERVAL_S, LIFE_S, NewDevice};
use super::{GRANT_TYPE, UserCode};
use crate::Identity;
use crate::oauth::endpoint::{self, Failure};
use crate::oauth::redirect::with_query;
use crate::oauth::{authorize, client_auth, dpop};
use crate::visitor::Visitor;

/// Answers `POST /oauth/device`.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    let body = endpoint::form(&headers, &body)?;
    let client = client_auth::authenticate(provider, &visitor, &headers, &body).await?;
    client_auth::may(&client, GRANT_TYPE)?;
    provider.budgets.begin_device(&visitor)?;
    let key = dpop::key(provider, &headers, "/oauth/device").await?;
    let new = NewDevice {
        client_id: client.id.clone(),
        scopes: authorize::scopes(&body, &client)?.to_string(),
        resource: authorize::resource(&body, &provider.resources)?,
        jkt: dpop::agreed(authorize::jkt(&body)?, key)?,
    };
    let (ring, now) = (&provider.ring, now_ms());
    let begun: DbResult<(String, UserCode)> =
        provider.db.write(async |tx| store::begin(tx, ring, &new, now).await).await;
    let (device_code, user_code) = begun?;
    let page = provider.url("/device");
    let complete = with_query(&page, &[("user_code", user_code.to_string())]);
    let told = json!({
        "device_code": device_code,
        "user_code": user_code.to_string(),
        "verification_uri": page,
        "verification_uri_complete": complete,
        "expires_in": LIFE_S,
        "interval": INTERVAL_S,
    });
    Ok(endpoint::fresh(StatusCode::OK, Json(told)))
}

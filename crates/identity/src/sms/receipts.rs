//! `/hooks/sms/{gateway}`: a provider tells what has become of a message.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use kit::problem::ApiError;

use super::store;
use crate::Identity;

/// Below it each gateway has its own address.
pub(crate) const PATH: &str = "/hooks/sms";
const BODY_BYTES_MAX: usize = 16 * 1024;

pub(crate) fn router() -> Router<Identity> {
    let route = Router::new().route("/hooks/sms/{gateway}", post(receive));
    route.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// Only what the provider signed is believed. A message that is not ours any more is no error of
/// the provider's, which would tell the same again for days.
async fn receive(
    State(identity): State<Identity>,
    Path(gateway): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let receipt = identity.sms.receipt(&gateway, &headers, &body)?;
    let state = receipt.state.as_str();
    if store::told(&identity, &gateway, &receipt).await? {
        tracing::info!(sms.gateway = %gateway, sms.state = state,
            "SMS gateway {gateway} tells: {state}");
    } else {
        tracing::warn!(sms.gateway = %gateway, "SMS gateway {gateway} tells of an unknown message");
    }
    Ok(StatusCode::NO_CONTENT)
}

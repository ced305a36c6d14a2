//! `/providers`: who vouches for people here.

use axum::extract::State;
use kit::json::Json;
use kit::problem::ApiError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Reader;
use crate::Identity;
use crate::oauth;

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Somebody who vouches for people.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
struct ProviderBody {
    /// `local`: this issuer, which signs the tokens of this installation.
    kind: &'static str,
    /// Its name in tokens.
    issuer: String,
    /// What it signs with.
    algorithms: Vec<&'static str>,
    /// The APIs that tokens of it can be for.
    resources: Vec<String>,
}

/// Who vouches for people here; written in the configuration.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderList)]
struct ProviderList {
    items: Vec<ProviderBody>,
}

/// Who vouches for people here, as the configuration says.
#[utoipa::path(get, path = "/providers", tag = "providers", operation_id = "listProviders",
    responses((status = 200, body = ProviderList)))]
async fn list(
    State(identity): State<Identity>,
    _by: Reader,
) -> Result<Json<ProviderList>, ApiError> {
    let local = ProviderBody {
        kind: "local",
        issuer: identity.config.issuer_text().to_owned(),
        algorithms: oauth::algorithms(),
        resources: identity.oauth.resources(),
    };
    Ok(Json(ProviderList { items: vec![local] }))
}

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
use crate::upstream::{Upstream, UpstreamKind};

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Somebody who vouches for people.
#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
struct ProviderBody {
    /// `local`: this issuer, which signs the tokens of this installation; `oidc` and `oauth2`:
    /// others that people may sign in with.
    kind: &'static str,
    /// Its name in addresses, `/federation/{name}/…`; absent for this issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What buttons and mails call it; absent for this issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Its name in tokens.
    issuer: String,
    /// What this issuer signs with; empty for others.
    algorithms: Vec<&'static str>,
    /// The APIs that tokens of this issuer can be for; empty for others.
    resources: Vec<String>,
    /// Whether new people get an account by it; absent for this issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    creates_accounts: Option<bool>,
}

/// Who vouches for people here; written in the configuration.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderList)]
struct ProviderList {
    /// This issuer first, then the others in the operator's order.
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
        name: None,
        label: None,
        issuer: identity.config.issuer_text().to_owned(),
        algorithms: oauth::algorithms(),
        resources: identity.oauth.resources(),
        creates_accounts: None,
    };
    let others = identity.config.settings.upstream.iter().map(ProviderBody::of);
    Ok(Json(ProviderList { items: std::iter::once(local).chain(others).collect() }))
}

impl ProviderBody {
    /// Another provider; nothing of our secret there is told.
    fn of(told: &Upstream) -> Self {
        Self {
            kind: match told.kind {
                UpstreamKind::Oidc => "oidc",
                UpstreamKind::OAuth2 => "oauth2",
            },
            name: Some(told.name.clone()),
            label: Some(told.label.trim().to_owned()),
            issuer: told.issuer.clone(),
            algorithms: Vec::new(),
            resources: Vec::new(),
            creates_accounts: Some(told.create_accounts),
        }
    }
}

//! `/grants`: what people let apps do.

use axum::extract::State;
use http::StatusCode;
use kit::clock::rfc3339;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::caller::{Changer, Reader};
use super::paging;
use crate::Identity;
use crate::oauth::{GivenTo, LiveGrant, live_grants, revoke_grant};

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(revoke))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Of this person only.
    user: Option<Uuid>,
    /// To this app only.
    #[param(max_length = 80)]
    client: Option<String>,
    /// `next` of the page before.
    #[param(max_length = 200)]
    cursor: Option<String>,
    /// How many, 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// What a person let an app do in one sign-in.
#[derive(Serialize, ToSchema)]
#[schema(as = Grant)]
struct GrantBody {
    id: Uuid,
    /// Who.
    user: Uuid,
    /// Which app.
    client: String,
    /// In which session of theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Uuid>,
    /// What it may do, separated by spaces.
    scope: String,
    /// The API that it may do it at.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    /// Since when.
    created_at: String,
}

impl From<LiveGrant> for GrantBody {
    fn from(grant: LiveGrant) -> Self {
        Self {
            id: grant.id,
            user: grant.user_id,
            client: grant.client_id,
            session: grant.session_id,
            scope: grant.scopes,
            resource: grant.resource,
            created_at: rfc3339(grant.created_at),
        }
    }
}

/// Grants, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = GrantList)]
struct GrantList {
    items: Vec<GrantBody>,
    /// The cursor of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What people let apps do and nobody ended, the newest first.
#[utoipa::path(get, path = "/grants", tag = "grants", operation_id = "listGrants",
    params(Asked), responses((status = 200, body = GrantList)))]
async fn list(
    State(identity): State<Identity>,
    _by: Reader,
    Query(asked): Query<Asked>,
) -> Result<Json<GrantList>, ApiError> {
    let limit = paging::limit(asked.limit)?;
    let which = GivenTo {
        user: asked.user,
        client: paging::text("client", asked.client)?,
        before: paging::after(asked.cursor.as_deref())?,
    };
    let found = live_grants(identity.db.reader(), &which, limit).await?;
    let next = paging::next(&found, limit, |last| last.id.to_string());
    Ok(Json(GrantList { items: found.into_iter().map(GrantBody::from).collect(), next }))
}

/// End what a person let an app do: nothing of it can be refreshed, and the app is told that they
/// are signed out. Again is the same.
#[utoipa::path(delete, path = "/grants/{grant}", tag = "grants", operation_id = "revokeGrant",
    params(("grant" = Uuid, Path)), responses((status = 204)))]
async fn revoke(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(grant): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    revoke_grant(&identity, &by, grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

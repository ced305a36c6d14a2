//! `/sessions`: where people are signed in.

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
use crate::sessions::{self, Listed};

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(end)).routes(routes!(end_all))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Of this person only.
    user: Option<Uuid>,
    /// `next` of the page before.
    #[param(max_length = 200)]
    cursor: Option<String>,
    /// How many, 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Somewhere a person is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    id: Uuid,
    /// Whose it is.
    user: Uuid,
    /// How strong its sign-in was.
    acr: String,
    /// The address of its last sign-in.
    ip: String,
    /// The browser, as it names itself.
    user_agent: String,
    /// When its person signed in.
    created_at: String,
    /// When it was last used, here or by an app.
    last_seen_at: String,
}

impl From<&Listed> for SessionBody {
    fn from(session: &Listed) -> Self {
        Self {
            id: session.id,
            user: session.user_id,
            acr: session.acr.clone(),
            ip: session.ip.clone(),
            user_agent: session.user_agent.clone(),
            created_at: rfc3339(session.created_at),
            last_seen_at: rfc3339(session.last_seen_at()),
        }
    }
}

/// Sessions, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionList)]
struct SessionList {
    items: Vec<SessionBody>,
    /// The cursor of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where people are signed in, the newest first; only what can still be used.
#[utoipa::path(get, path = "/sessions", tag = "sessions", operation_id = "listSessions",
    params(Asked), responses((status = 200, body = SessionList)))]
async fn list(
    State(identity): State<Identity>,
    _by: Reader,
    Query(asked): Query<Asked>,
) -> Result<Json<SessionList>, ApiError> {
    let limit = paging::limit(asked.limit)?;
    let which = (asked.user, paging::after(asked.cursor.as_deref())?);
    let found = sessions::list(&identity, identity.db.reader(), which, limit).await?;
    let next = paging::next(&found, limit, |last| last.id.to_string());
    Ok(Json(SessionList { items: found.iter().map(SessionBody::from).collect(), next }))
}

/// End a session, and the sign-ins of its apps; again is the same.
#[utoipa::path(delete, path = "/sessions/{session}", tag = "sessions", operation_id = "endSession",
    params(("session" = Uuid, Path)), responses((status = 204)))]
async fn end(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(session): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    sessions::end(&identity, &by, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all sessions of a person, and everything that apps got from them.
#[utoipa::path(delete, path = "/users/{user}/sessions", tag = "sessions",
    operation_id = "endSessionsOf", params(("user" = Uuid, Path)), responses((status = 204)))]
async fn end_all(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(user): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    sessions::end_all(&identity, &by, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Endpoints of saved messages.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use protocol::SavedList;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::keep;
use crate::limits::{Changer, Reader};
use crate::{Chat, messages};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(list_saved)).routes(routes!(save_message, unsave_message))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// `next` of the page before.
    cursor: Option<Uuid>,
    /// 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// The messages that you saved, the one saved last first; not those of rooms that you left.
#[utoipa::path(get, path = "/saved", tag = "saved", operation_id = "listSaved",
    params(Page), responses((status = 200, body = SavedList)))]
async fn list_saved(
    State(chat): State<Chat>,
    by: Reader,
    Query(page): Query<Page>,
) -> Result<Json<SavedList>, ApiError> {
    let limit = messages::check_limit(page.limit)?;
    let before = page.cursor.unwrap_or(Uuid::max());
    Ok(Json(keep::list(&chat, by.0, before, limit).await?))
}

/// Save a message for later, at most 10,000; again is the same. Nobody else learns of it.
#[utoipa::path(put, path = "/rooms/{room}/messages/{message}/saved", tag = "saved",
    operation_id = "saveMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), responses((status = 204)))]
async fn save_message(
    State(chat): State<Chat>,
    by: Changer,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    keep::save(&chat, by.0, place).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a message from those that you saved; again is the same.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{message}/saved", tag = "saved",
    operation_id = "unsaveMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), responses((status = 204)))]
async fn unsave_message(
    State(chat): State<Chat>,
    by: Changer,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    keep::unsave(&chat, by.0, place).await?;
    Ok(StatusCode::NO_CONTENT)
}

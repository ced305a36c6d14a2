//! Endpoints that save a message and remove it.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Path, Query};
use kit::problem::ApiError;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::keep;
use crate::Chat;
use crate::limits::Changer;

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(save_message, unsave_message))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Save {
    /// Undoes that you removed it: within 10 minutes it has its former place and time again.
    #[serde(default)]
    undo: bool,
}

/// Save a message for later, at most 10,000; again is the same. Nobody else learns of it.
#[utoipa::path(put, path = "/rooms/{room}/messages/{message}/saved", tag = "saved",
    operation_id = "saveMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path), Save), responses((status = 204)))]
async fn save_message(
    State(chat): State<Chat>,
    by: Changer,
    Path(place): Path<(Uuid, Uuid)>,
    Query(asked): Query<Save>,
) -> Result<StatusCode, ApiError> {
    if asked.undo {
        keep::restore(&chat, by.0, place).await?;
    } else {
        keep::save(&chat, by.0, place).await?;
    }
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

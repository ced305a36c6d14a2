//! Endpoints of the browsers that are told.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path};
use kit::problem::ApiError;
use protocol::{NewPushDevice, PushDevice, PushSettings};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{devices, mail};
use crate::limits::{Changer, Reader};
use crate::{Chat, Viewer};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(get_push, add_push_device))
        .routes(routes!(end_push_device))
        .merge(mail::router())
}

/// What a browser needs to be told of messages while no page is open, and which of yours are.
#[utoipa::path(get, path = "/me/push", tag = "notices", operation_id = "getPush",
    responses((status = 200, body = PushSettings)))]
async fn get_push(State(chat): State<Chat>, by: Reader) -> Result<Json<PushSettings>, ApiError> {
    Ok(Json(devices::settings(&chat, by.0).await?))
}

/// Be told in this browser, until you sign out of it; the same once more changes nothing.
#[utoipa::path(post, path = "/me/push", tag = "notices", operation_id = "addPushDevice",
    request_body = NewPushDevice, responses((status = 201, body = PushDevice)))]
async fn add_push_device(
    State(chat): State<Chat>,
    viewer: Viewer,
    Json(body): Json<NewPushDevice>,
) -> Result<(StatusCode, Json<PushDevice>), ApiError> {
    chat.limits.changes.check(&viewer.person)?;
    Ok((StatusCode::CREATED, Json(devices::add(&chat, &viewer, body).await?)))
}

/// Be told in this browser no more.
#[utoipa::path(delete, path = "/me/push/{device}", tag = "notices",
    operation_id = "endPushDevice",
    params(("device" = Uuid, Path)), responses((status = 204)))]
async fn end_push_device(
    State(chat): State<Chat>,
    by: Changer,
    Path(device): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    devices::remove(&chat, by.0, device).await?;
    Ok(StatusCode::NO_CONTENT)
}

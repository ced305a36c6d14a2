//! Endpoints of the choices.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path};
use kit::problem::ApiError;
use protocol::{NoticeChoices, Notices, PutRoomNotices, RoomNotices};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::choices;
use crate::Chat;
use crate::limits::{Changer, Reader};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(get_notices, put_notices)).routes(routes!(put_room_notices))
}

/// Of what you want to be told, everywhere and in each room.
#[utoipa::path(get, path = "/me/notices", tag = "notices", operation_id = "getNotices",
    responses((status = 200, body = Notices)))]
async fn get_notices(State(chat): State<Chat>, by: Reader) -> Result<Json<Notices>, ApiError> {
    Ok(Json(choices::all(&chat, by.0).await?))
}

/// Say of what you want to be told where a room has no choice of its own, and when not.
#[utoipa::path(put, path = "/me/notices", tag = "notices", operation_id = "putNotices",
    request_body = NoticeChoices, responses((status = 204)))]
async fn put_notices(
    State(chat): State<Chat>,
    by: Changer,
    Json(body): Json<NoticeChoices>,
) -> Result<StatusCode, ApiError> {
    choices::put(&chat, by.0, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say of what you want to be told of a room, or mute it.
#[utoipa::path(put, path = "/rooms/{room}/notices", tag = "notices",
    operation_id = "putRoomNotices",
    params(("room" = Uuid, Path)), request_body = PutRoomNotices,
    responses((status = 200, body = RoomNotices)))]
async fn put_room_notices(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
    Json(body): Json<PutRoomNotices>,
) -> Result<Json<RoomNotices>, ApiError> {
    Ok(Json(choices::put_room(&chat, by.0, room, body).await?))
}

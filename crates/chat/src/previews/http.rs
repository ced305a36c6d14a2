//! Endpoints of link previews.

use ::http::{HeaderValue, StatusCode, header};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use kit::json::{Json, Path};
use kit::problem::ApiError;
use protocol::{LinkPreview, LinkPreviews};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::find;
use crate::Chat;
use crate::limits::Reader;

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(previews)).routes(routes!(preview))
}

/// Whether links are shown with what is behind them.
#[utoipa::path(get, path = "/previews", tag = "previews", operation_id = "getLinkPreviews",
    responses((status = 200, body = LinkPreviews)))]
async fn previews(State(chat): State<Chat>, _by: Reader) -> Json<LinkPreviews> {
    Json(LinkPreviews { enabled: chat.previews.guard.is_some() })
}

/// What is behind the first link of a message (200), or that nothing is to be shown (204): there
/// is no link, its page does not answer or is no page, or the server asks no pages.
///
/// The first who asks has the server ask the page, which may take some seconds.
#[utoipa::path(get, path = "/rooms/{room}/messages/{message}/preview", tag = "previews",
    operation_id = "getLinkPreview",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)),
    responses((status = 200, body = LinkPreview), (status = 204)))]
async fn preview(
    State(chat): State<Chat>,
    by: Reader,
    Path((room, message)): Path<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let Some(preview) = find::preview(&chat, by.0, room, message).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let mut response = Json(preview).into_response();
    let an_hour = HeaderValue::from_static("private, max-age=3600");
    response.headers_mut().insert(header::CACHE_CONTROL, an_hour);
    Ok(response)
}

//! Endpoints of drafts.

use axum::extract::State;
use kit::json::{Json, Path};
use kit::problem::ApiError;
use protocol::{Draft, DraftList, PutDraft};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::keep;
use crate::Chat;
use crate::limits::{Author, Reader};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(list_drafts))
        .routes(routes!(put_draft))
        .routes(routes!(put_thread_draft))
}

/// What you have begun to write, the one changed last first.
#[utoipa::path(get, path = "/drafts", tag = "drafts", operation_id = "listDrafts",
    responses((status = 200, body = DraftList)))]
async fn list_drafts(State(chat): State<Chat>, by: Reader) -> Result<Json<DraftList>, ApiError> {
    Ok(Json(keep::list(&chat, by.0).await?))
}

/// Keep what you have begun to write in a room; an empty text forgets it.
#[utoipa::path(put, path = "/rooms/{room}/draft", tag = "drafts", operation_id = "putDraft",
    params(("room" = Uuid, Path)), request_body = PutDraft,
    responses((status = 200, body = Draft)))]
async fn put_draft(
    State(chat): State<Chat>,
    by: Author,
    Path(room): Path<Uuid>,
    Json(body): Json<PutDraft>,
) -> Result<Json<Draft>, ApiError> {
    Ok(Json(keep::put(&chat, by.0, (room, None), &body.text).await?))
}

/// Keep what you have begun to write in a thread; an empty text forgets it.
#[utoipa::path(put, path = "/rooms/{room}/threads/{message}/draft", tag = "drafts",
    operation_id = "putThreadDraft",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), request_body = PutDraft,
    responses((status = 200, body = Draft)))]
async fn put_thread_draft(
    State(chat): State<Chat>,
    by: Author,
    Path((room, thread)): Path<(Uuid, Uuid)>,
    Json(body): Json<PutDraft>,
) -> Result<Json<Draft>, ApiError> {
    Ok(Json(keep::put(&chat, by.0, (room, Some(thread)), &body.text).await?))
}

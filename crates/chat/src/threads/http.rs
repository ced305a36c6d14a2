//! Endpoints of threads.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use protocol::{ReadMarker, ThreadList, ThreadPage};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{follow, page};
use crate::Chat;
use crate::limits::{Changer, Reader};
use crate::messages::{HistoryPage, check_place};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(list_threads))
        .routes(routes!(get_thread))
        .routes(routes!(follow_thread, unfollow_thread))
        .routes(routes!(mark_thread_read))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Cursor {
    /// `next` of the page before.
    cursor: Option<Uuid>,
}

/// The threads that you follow, the one replied to last first.
#[utoipa::path(get, path = "/threads", tag = "threads", operation_id = "listThreads",
    params(Cursor), responses((status = 200, body = ThreadList)))]
async fn list_threads(
    State(chat): State<Chat>,
    by: Reader,
    Query(asked): Query<Cursor>,
) -> Result<Json<ThreadList>, ApiError> {
    let before = asked.cursor.unwrap_or(Uuid::max());
    Ok(Json(page::followed(&chat, by.0, before).await?))
}

/// A page of a thread in order of `seq`; the newest replies if nothing else is asked for. Here
/// `message` is the thread's root.
#[utoipa::path(get, path = "/rooms/{room}/threads/{message}", tag = "threads",
    operation_id = "getThread",
    params(("room" = Uuid, Path), ("message" = Uuid, Path), HistoryPage),
    responses((status = 200, body = ThreadPage)))]
async fn get_thread(
    State(chat): State<Chat>,
    by: Reader,
    Path(place): Path<(Uuid, Uuid)>,
    Query(asked): Query<HistoryPage>,
) -> Result<Json<ThreadPage>, ApiError> {
    let (from, limit) = asked.check()?;
    Ok(Json(page::page(&chat, by.0, place, from, limit).await?))
}

/// Follow a thread.
#[utoipa::path(put, path = "/rooms/{room}/threads/{message}/follow", tag = "threads",
    operation_id = "followThread",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), responses((status = 204)))]
async fn follow_thread(
    State(chat): State<Chat>,
    by: Changer,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    follow::follow(&chat, by.0, place).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Follow a thread no more, until you write in it.
#[utoipa::path(delete, path = "/rooms/{room}/threads/{message}/follow", tag = "threads",
    operation_id = "unfollowThread",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), responses((status = 204)))]
async fn unfollow_thread(
    State(chat): State<Chat>,
    by: Changer,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    follow::unfollow(&chat, by.0, place).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say how far you have read a thread; it never moves back nor beyond the newest reply.
#[utoipa::path(put, path = "/rooms/{room}/threads/{message}/read", tag = "threads",
    operation_id = "markThreadRead",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), request_body = ReadMarker,
    responses((status = 204)))]
async fn mark_thread_read(
    State(chat): State<Chat>,
    by: Changer,
    Path(place): Path<(Uuid, Uuid)>,
    Json(marker): Json<ReadMarker>,
) -> Result<StatusCode, ApiError> {
    check_place(Some(marker.seq))?;
    follow::mark_read(&chat, by.0, place, marker.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Endpoints of the inbox.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use protocol::{Inbox, ReceivedReactions, SavedList, Unread};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::kept;
use super::list::{self, Asked};
use super::numbers::numbers;
use super::received;
use crate::limits::{Changer, Reader};
use crate::{Chat, messages};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(list_mentions))
        .routes(routes!(read_mention, unread_mention))
        .routes(routes!(read_all_mentions))
        .routes(routes!(list_received_reactions))
        .routes(routes!(read_received_reactions))
        .routes(routes!(list_saved))
        .routes(routes!(get_unread))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Only what was not read.
    #[serde(default)]
    unread: bool,
    /// `next` of the page before.
    cursor: Option<Uuid>,
    /// 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// What calls you, newest first: by your name, as everyone, by a reply or a quote.
#[utoipa::path(get, path = "/mentions", tag = "inbox", operation_id = "listMentions",
    params(Page), responses((status = 200, body = Inbox)))]
async fn list_mentions(
    State(chat): State<Chat>,
    by: Reader,
    Query(page): Query<Page>,
) -> Result<Json<Inbox>, ApiError> {
    let limit = messages::check_limit(page.limit)?;
    let before = page.cursor.unwrap_or(Uuid::max());
    let asked = Asked { unread: page.unread, before, limit };
    Ok(Json(list::list(&chat, by.0, &asked).await?))
}

/// Mark one message of your inbox as read.
#[utoipa::path(put, path = "/mentions/{message}/read", tag = "inbox",
    operation_id = "readMention",
    params(("message" = Uuid, Path)), responses((status = 204)))]
async fn read_mention(
    State(chat): State<Chat>,
    by: Changer,
    Path(message): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    list::mark(&chat, by.0, message, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark one message of your inbox as not read.
#[utoipa::path(delete, path = "/mentions/{message}/read", tag = "inbox",
    operation_id = "unreadMention",
    params(("message" = Uuid, Path)), responses((status = 204)))]
async fn unread_mention(
    State(chat): State<Chat>,
    by: Changer,
    Path(message): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    list::mark(&chat, by.0, message, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Until {
    /// The newest message that was seen; absent: all.
    until: Option<Uuid>,
}

/// Mark your whole inbox as read, up to a message.
#[utoipa::path(post, path = "/mentions/read", tag = "inbox", operation_id = "readAllMentions",
    params(Until), responses((status = 204)))]
async fn read_all_mentions(
    State(chat): State<Chat>,
    by: Changer,
    Query(asked): Query<Until>,
) -> Result<StatusCode, ApiError> {
    list::mark_all(&chat, by.0, asked.until.unwrap_or(Uuid::max())).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OnePage {
    /// `next` of the page before.
    cursor: Option<Uuid>,
    /// 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Who reacted to your messages, newest first; not who left the room, and not in rooms you left.
#[utoipa::path(get, path = "/reactions", tag = "inbox", operation_id = "listReceivedReactions",
    params(OnePage), responses((status = 200, body = ReceivedReactions)))]
async fn list_received_reactions(
    State(chat): State<Chat>,
    by: Reader,
    Query(page): Query<OnePage>,
) -> Result<Json<ReceivedReactions>, ApiError> {
    let limit = messages::check_limit(page.limit)?;
    let before = page.cursor.unwrap_or(Uuid::max());
    Ok(Json(received::list(&chat, by.0, before, limit).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// The newest reaction that was seen; absent: all.
    until: Option<Uuid>,
}

/// Say up to which reaction to your messages you have looked; never moves back.
#[utoipa::path(post, path = "/reactions/read", tag = "inbox",
    operation_id = "readReceivedReactions",
    params(Seen), responses((status = 204)))]
async fn read_received_reactions(
    State(chat): State<Chat>,
    by: Changer,
    Query(asked): Query<Seen>,
) -> Result<StatusCode, ApiError> {
    received::mark(&chat, by.0, asked.until.unwrap_or(Uuid::max())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The messages that you saved, the one saved last first; not those of rooms that you left.
#[utoipa::path(get, path = "/saved", tag = "saved", operation_id = "listSaved",
    params(OnePage), responses((status = 200, body = SavedList)))]
async fn list_saved(
    State(chat): State<Chat>,
    by: Reader,
    Query(page): Query<OnePage>,
) -> Result<Json<SavedList>, ApiError> {
    let limit = messages::check_limit(page.limit)?;
    let before = page.cursor.unwrap_or(Uuid::max());
    Ok(Json(kept::list(&chat, by.0, before, limit).await?))
}

/// What is unread: your inbox, the threads that you follow, and the rooms that have anything.
#[utoipa::path(get, path = "/unread", tag = "inbox", operation_id = "getUnread",
    responses((status = 200, body = Unread)))]
async fn get_unread(State(chat): State<Chat>, by: Reader) -> Result<Json<Unread>, ApiError> {
    Ok(Json(numbers(&chat, by.0).await?))
}

//! Endpoints of messages, history and the log.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use protocol::{
    EditMessage, EventList, LinkPreview, Message, MessageList, PostMessage, RevisionList,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::history::{self, From, Scope, history};
use super::revisions::revisions;
use super::{Draft, MessageError, Refers, delete, edit, events_after, post};
use crate::limits::{Author, Reader};
use crate::{Chat, events, previews, rooms};

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(get_message, put_message, edit_message, delete_message))
        .routes(routes!(list_revisions))
        .routes(routes!(get_preview))
        .routes(routes!(list_messages))
        .routes(routes!(list_events))
}

/// One message, wherever it stands: what a link to it leads to.
#[utoipa::path(get, path = "/rooms/{room}/messages/{message}", tag = "messages",
    operation_id = "getMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)),
    responses((status = 200, body = Message)))]
async fn get_message(
    State(chat): State<Chat>,
    by: Reader,
    Path((room, message)): Path<(Uuid, Uuid)>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(history::one(&chat, by.0, room, message).await?))
}

/// Every text that a message had; none when it was deleted.
#[utoipa::path(get, path = "/rooms/{room}/messages/{message}/revisions", tag = "messages",
    operation_id = "listRevisions",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)),
    responses((status = 200, body = RevisionList)))]
async fn list_revisions(
    State(chat): State<Chat>,
    by: Reader,
    Path((room, message)): Path<(Uuid, Uuid)>,
) -> Result<Json<RevisionList>, ApiError> {
    Ok(Json(revisions(&chat, by.0, room, message).await?))
}

/// Post a message under an id of your choice.
///
/// Here `message` is the message's `client_message_id`, best a `UUIDv7`. The same id again answers
/// with the message stored first (200); with another room or text it is a conflict. With `thread`
/// it is a reply beside the room's timeline.
#[utoipa::path(put, path = "/rooms/{room}/messages/{message}", tag = "messages",
    operation_id = "putMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)),
    request_body = PostMessage,
    responses((status = 201, body = Message), (status = 200, body = Message)))]
async fn put_message(
    State(chat): State<Chat>,
    by: Author,
    Path((room, client_message_id)): Path<(Uuid, Uuid)>,
    Json(body): Json<PostMessage>,
) -> Result<(StatusCode, Json<Message>), ApiError> {
    let refers = Refers { thread: body.thread, also_to_room: body.also_to_room, quote: body.quote };
    let draft = Draft { client_message_id, text: body.text, files: body.files, refers };
    let posted = post(&chat, by.0, room, draft).await?;
    let status = if posted.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(posted.message)))
}

/// Give your own message another text; the former one is kept as a revision.
#[utoipa::path(patch, path = "/rooms/{room}/messages/{message}", tag = "messages",
    operation_id = "editMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), request_body = EditMessage,
    responses((status = 200, body = Message)))]
async fn edit_message(
    State(chat): State<Chat>,
    by: Author,
    Path((room, message)): Path<(Uuid, Uuid)>,
    Json(body): Json<EditMessage>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(edit(&chat, by.0, (room, message), &body.text).await?))
}

/// Delete a message: your own, or anyone's as owner or moderator; its text is withheld.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{message}", tag = "messages",
    operation_id = "deleteMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)), responses((status = 204)))]
async fn delete_message(
    State(chat): State<Chat>,
    by: Author,
    Path((room, message)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    delete(&chat, by.0, room, message).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is behind the first link of a message (200), or that nothing is to be shown (204): there
/// is no link, its page does not answer or is no page, or the server asks no pages.
///
/// The first who asks has the server ask the page, which may take some seconds.
#[utoipa::path(get, path = "/rooms/{room}/messages/{message}/preview", tag = "previews",
    operation_id = "getLinkPreview",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)),
    responses((status = 200, body = LinkPreview), (status = 204)))]
async fn get_preview(
    State(chat): State<Chat>,
    by: Reader,
    Path((room, message)): Path<(Uuid, Uuid)>,
) -> Result<Response, ApiError> {
    let message = history::one(&chat, by.0, room, message).await?;
    let Some(preview) = previews::preview(&chat, &message).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let mut response = Json(preview).into_response();
    let an_hour = HeaderValue::from_static("private, max-age=3600");
    response.headers_mut().insert(header::CACHE_CONTROL, an_hour);
    Ok(response)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryPage {
    /// Messages before this `seq`, the nearest last.
    #[param(minimum = 0)]
    before: Option<i64>,
    /// Messages after this `seq`.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Messages around this one.
    around: Option<Uuid>,
    /// 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl HistoryPage {
    /// From where, and how many.
    pub(crate) fn check(&self) -> Result<(From, i64), ApiError> {
        let limit = check_limit(self.limit)?;
        check_place(self.before.or(self.after))?;
        let from = match (self.before, self.after, self.around) {
            (None, None, None) => From::End,
            (Some(seq), None, None) => From::Before(seq),
            (None, Some(seq), None) => From::After(seq),
            (None, None, Some(id)) => From::Around(id),
            _ => {
                let detail = "only one of before, after and around";
                return Err(ApiError::field("before", "not_allowed", detail));
            }
        };
        Ok((from, limit))
    }
}

/// A page of a room's timeline in order of `seq`, replies in threads apart; the newest if neither
/// `before`, `after` nor `around`.
#[utoipa::path(get, path = "/rooms/{room}/messages", tag = "messages",
    operation_id = "listMessages",
    params(("room" = Uuid, Path), HistoryPage), responses((status = 200, body = MessageList)))]
async fn list_messages(
    State(chat): State<Chat>,
    by: Reader,
    Path(room): Path<Uuid>,
    Query(page): Query<HistoryPage>,
) -> Result<Json<MessageList>, ApiError> {
    let (from, limit) = page.check()?;
    Ok(Json(history(&chat, by.0, Scope::Room(room), from, limit).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventPage {
    /// Events after this `seq`; 0 if absent.
    #[serde(default)]
    #[param(minimum = 0)]
    after: i64,
    /// 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// The log of a room after a `seq`: what heals any loss on the socket.
#[utoipa::path(get, path = "/rooms/{room}/events", tag = "messages", operation_id = "listEvents",
    params(("room" = Uuid, Path), EventPage), responses((status = 200, body = EventList)))]
async fn list_events(
    State(chat): State<Chat>,
    by: Reader,
    Path(room): Path<Uuid>,
    Query(page): Query<EventPage>,
) -> Result<Json<EventList>, ApiError> {
    let limit = check_limit(page.limit)?;
    check_place(Some(page.after))?;
    let db = chat.db.reader();
    rooms::membership(db, room, by.0).await?.ok_or(MessageError::NoRoom)?;
    let head = events::head(db, room).await?.ok_or(MessageError::NoRoom)?;
    let logged = events_after(&chat, room, page.after, limit).await?;
    let items: Vec<_> = logged.into_iter().map(|logged| logged.event).collect();
    let last = items.last().map(protocol::RoomEvent::seq);
    let next = last.filter(|last| *last < head.last_seq);
    Ok(Json(EventList { items, head: head.last_seq, log_id: head.log_id, next }))
}

pub(crate) fn check_place(seq: Option<i64>) -> Result<(), ApiError> {
    match seq {
        Some(seq) if seq < 0 => {
            Err(ApiError::field("seq", "out_of_range", "a place in a log is 0 or more"))
        }
        _ => Ok(()),
    }
}

/// How many items a page has: as many as were asked for, or 50; at most 200.
pub(crate) fn check_limit(limit: Option<i64>) -> Result<i64, ApiError> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(ApiError::field("limit", "out_of_range", "a page has 1 to 200 items"))
}

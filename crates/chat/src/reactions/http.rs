//! Endpoints of reactions.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path};
use kit::problem::ApiError;
use protocol::ReactionList;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::react;
use crate::Chat;
use crate::limits::{Author, Reader};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(list_reactions))
        .routes(routes!(add_reaction, remove_reaction))
}

/// Who reacted to a message.
#[utoipa::path(get, path = "/rooms/{room}/messages/{message}/reactions", tag = "reactions",
    operation_id = "listReactions",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)),
    responses((status = 200, body = ReactionList)))]
async fn list_reactions(
    State(chat): State<Chat>,
    by: Reader,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<Json<ReactionList>, ApiError> {
    Ok(Json(react::list(&chat, by.0, place).await?))
}

/// React to a message with one emoji; again is the same.
#[utoipa::path(put, path = "/rooms/{room}/messages/{message}/reactions/{emoji}",
    tag = "reactions", operation_id = "addReaction",
    params(("room" = Uuid, Path), ("message" = Uuid, Path), ("emoji" = String, Path)),
    responses((status = 204)))]
async fn add_reaction(
    State(chat): State<Chat>,
    by: Author,
    Path((room, message, emoji)): Path<(Uuid, Uuid, String)>,
) -> Result<StatusCode, ApiError> {
    react::add(&chat, by.0, (room, message), &emoji).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take your reaction back; again is the same.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{message}/reactions/{emoji}",
    tag = "reactions", operation_id = "removeReaction",
    params(("room" = Uuid, Path), ("message" = Uuid, Path), ("emoji" = String, Path)),
    responses((status = 204)))]
async fn remove_reaction(
    State(chat): State<Chat>,
    by: Author,
    Path((room, message, emoji)): Path<(Uuid, Uuid, String)>,
) -> Result<StatusCode, ApiError> {
    react::remove(&chat, by.0, (room, message), &emoji).await?;
    Ok(StatusCode::NO_CONTENT)
}

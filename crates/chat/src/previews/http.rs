//! Whether there are link previews at all; one of them is asked for beside its message.

use axum::extract::State;
use kit::json::Json;
use protocol::LinkPreviews;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Chat;
use crate::limits::Reader;

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(previews))
}

/// Whether links are shown with what is behind them.
#[utoipa::path(get, path = "/previews", tag = "previews", operation_id = "getLinkPreviews",
    responses((status = 200, body = LinkPreviews)))]
async fn previews(State(chat): State<Chat>, _by: Reader) -> Json<LinkPreviews> {
    Json(LinkPreviews { enabled: chat.previews.guard.is_some() })
}

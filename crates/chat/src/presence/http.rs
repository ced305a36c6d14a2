//! Endpoints of presence.

use axum::extract::State;
use http::StatusCode;
use kit::db::DbErr;
use kit::json::Json;
use kit::problem::ApiError;
use protocol::PresenceChoice;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store;
use crate::Chat;
use crate::limits::{Changer, Reader};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(get_presence_choice, set_presence_choice))
}

/// Whether others see that you are here.
#[utoipa::path(get, path = "/me/presence", tag = "people", operation_id = "getPresenceChoice",
    responses((status = 200, body = PresenceChoice)))]
async fn get_presence_choice(
    State(chat): State<Chat>,
    by: Reader,
) -> Result<Json<PresenceChoice>, ApiError> {
    let hidden = store::is_hidden(chat.db.reader(), by.0).await.map_err(ApiError::from)?;
    Ok(Json(PresenceChoice { hidden }))
}

/// Let others see that you are here, or not.
#[utoipa::path(put, path = "/me/presence", tag = "people", operation_id = "setPresenceChoice",
    request_body = PresenceChoice, responses((status = 204)))]
async fn set_presence_choice(
    State(chat): State<Chat>,
    by: Changer,
    Json(choice): Json<PresenceChoice>,
) -> Result<StatusCode, ApiError> {
    let written = chat.db.write(async |tx| {
        store::set_hidden(tx, by.0, choice.hidden).await?;
        Ok::<_, DbErr>(())
    });
    written.await.map_err(ApiError::from)?;
    chat.presence.hide(by.0, choice.hidden);
    Ok(StatusCode::NO_CONTENT)
}

//! Endpoints of the choice.

use axum::extract::State;
use http::StatusCode;
use kit::json::Json;
use kit::problem::ApiError;
use protocol::{MailNotices, PutMailNotices};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::choice;
use crate::Chat;
use crate::limits::{Changer, Reader};

/// The endpoints, below `/api`.
pub(in crate::delivery) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(get_mail_notices, put_mail_notices))
}

/// When you are written to about messages that call you and stay unread, and with which words.
#[utoipa::path(get, path = "/me/notices/mail", tag = "notices", operation_id = "getMailNotices",
    responses((status = 200, body = MailNotices)))]
async fn get_mail_notices(
    State(chat): State<Chat>,
    by: Reader,
) -> Result<Json<MailNotices>, ApiError> {
    Ok(Json(choice::of(&chat, by.0).await?))
}

/// Say when you want to be written to, and whether with the texts. What waits already is told as
/// you want it now.
#[utoipa::path(put, path = "/me/notices/mail", tag = "notices", operation_id = "putMailNotices",
    request_body = PutMailNotices, responses((status = 204)))]
async fn put_mail_notices(
    State(chat): State<Chat>,
    by: Changer,
    Json(body): Json<PutMailNotices>,
) -> Result<StatusCode, ApiError> {
    choice::put(&chat, by.0, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

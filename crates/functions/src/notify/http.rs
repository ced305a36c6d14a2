//! The function's door.

use std::time::Duration;

use ::http::{HeaderMap, StatusCode};
use axum::body::Bytes;
use axum::extract::State;
use kit::mail::{Mail, MailError};
use kit::problem::{ApiError, Kind};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Notice, Post, letter};
use crate::http::{Functions, signed};

/// The name that is signed.
const NAME: &str = "notify";
/// A mail server that has not taken a mail by then is asked again; the caller waits longer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The door of notices.
pub(crate) fn router() -> OpenApiRouter<Functions> {
    OpenApiRouter::new().routes(routes!(notify))
}

/// Mail what somebody has not read. The answer comes when the mail server has taken the mail: 503
/// says that another try may help, 422 that none will.
#[utoipa::path(post, path = "/notify", tag = "notify", operation_id = "notify",
    request_body = Notice, responses((status = 204)),
    security(("signature" = [])))]
async fn notify(
    State(functions): State<Functions>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let notice: Notice = signed(&functions, NAME, &headers, &body)?;
    if let Some(field) = notice.out_of_bounds() {
        return Err(ApiError::field(field, "out_of_range", "it is missing, too long, or no link"));
    }
    let mail = letter::of(&notice).map_err(|error| {
        tracing::error!(%error, "the letter of notify is broken: {error}");
        ApiError::new(Kind::Internal, Kind::Internal.title())
    })?;
    hand_over(&functions.post, &mail).await.map_err(|error| refusal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hand_over(post: &Post, mail: &Mail) -> Result<(), MailError> {
    let late = |_| MailError::Later("it took too long".to_owned());
    tokio::time::timeout(TIMEOUT, post.mailer()?.send(mail)).await.map_err(late)?
}

/// A mail server repeats addresses in what it says, so it is nobody's to read here.
fn refusal(error: &MailError) -> ApiError {
    match error {
        MailError::Refused(_) => ApiError::field("to", "refused", "no mail server takes this mail"),
        MailError::Later(_) => ApiError {
            retry_after_s: Some(TIMEOUT.as_secs()),
            ..ApiError::new(Kind::Unavailable, "the mail server takes no mail now")
        },
    }
}

//! What the endpoints that programs call have in common: a form, and errors in the words of
//! RFC 6749.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kit::db::DbErr;
use kit::limit::RateLimited;
use serde_json::json;

use super::authorize::Refusal;
use super::keys::SigningError;
use super::params::{Params, ParamsError};

/// An error of an endpoint that programs call (RFC 6749 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub(crate) struct TokenError {
    /// The word of the specification.
    pub code: &'static str,
    /// For the client's developer.
    pub description: &'static str,
}

/// Makes a [`TokenError`].
pub(crate) const fn refuse(code: &'static str, description: &'static str) -> TokenError {
    TokenError { code, description }
}

/// The client was not recognised; the same words whatever the reason.
pub(crate) const INVALID_CLIENT: TokenError =
    refuse("invalid_client", "the client is not known or did not prove who it is");
/// The code or token is of no use; the same words whatever the reason.
pub(crate) const INVALID_GRANT: TokenError =
    refuse("invalid_grant", "it is not valid, has expired, was used or belongs to another client");

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The client's fault, told in the words of RFC 6749.
    #[error(transparent)]
    Refused(#[from] TokenError),
    /// What it asks for is not right, told in the words of the authorization endpoint.
    #[error(transparent)]
    Request(#[from] Refusal),
    /// The client's fault, and its secret came in the header.
    #[error("the client in the header is not accepted")]
    Basic,
    /// More than anybody needs.
    #[error(transparent)]
    TooLong(ParamsError),
    /// The same, where there is a status for it (RFC 9126 section 2.3).
    #[error("the request is too long")]
    TooLarge,
    /// Too many wrong secrets, or too many requests from one place.
    #[error("too many requests; try again in {0} s")]
    TooMany(u64),
    /// Nothing can be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The cause goes to the log, never to the caller.
    #[error("the token store failed")]
    Store(#[from] DbErr),
}

impl From<RateLimited> for Failure {
    fn from(limited: RateLimited) -> Self {
        Self::TooMany(limited.retry_after_s)
    }
}

impl Failure {
    fn parts(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::Refused(error) if error.code == INVALID_CLIENT.code => {
                (StatusCode::UNAUTHORIZED, error.code, error.description.to_owned())
            }
            Self::Basic => {
                let error = INVALID_CLIENT;
                (StatusCode::UNAUTHORIZED, error.code, error.description.to_owned())
            }
            Self::Refused(error) => {
                (StatusCode::BAD_REQUEST, error.code, error.description.to_owned())
            }
            Self::Request(refusal) => {
                (StatusCode::BAD_REQUEST, refusal.code, refusal.description.clone())
            }
            Self::TooLong(_) => (StatusCode::BAD_REQUEST, "invalid_request", self.to_string()),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", self.to_string()),
            Self::TooMany(_) => {
                (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", self.to_string())
            }
            Self::Signing(_) | Self::Store(_) => {
                tracing::error!(error = ?self, "an endpoint of the provider failed: {self}");
                let text = "something broke on our side".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text)
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error, description) = self.parts();
        let body = json!({"error": error, "error_description": description});
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self, Self::Basic) {
            let scheme = HeaderValue::from_static("Basic realm=\"token\", charset=\"UTF-8\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Self::TooMany(seconds) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The form of a request, with nothing twice.
pub(crate) fn form(headers: &HeaderMap, body: &Bytes) -> Result<Params, Failure> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let text = "the body must be application/x-www-form-urlencoded";
        return Err(refuse("invalid_request", text).into());
    }
    let params = Params::parse(body).map_err(|error| match error {
        ParamsError::TooLong => Failure::TooLong(error),
        ParamsError::NotText => refuse("invalid_request", "the body cannot be read").into(),
    })?;
    match params.repeated() {
        Some(_) => Err(refuse("invalid_request", "a parameter is given twice").into()),
        None => Ok(params),
    }
}

/// An answer that nobody may keep.
pub(crate) fn fresh(status: StatusCode, body: impl IntoResponse) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    (status, no_store, body).into_response()
}

//! Why an app is not registered, in the words of RFC 7591 section 3.2.2 and RFC 6750 section 3.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kit::db::DbErr;
use kit::limit::RateLimited;
use serde_json::json;

use super::super::clients::ClientError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A redirect URI that nothing may be sent to.
    #[error("{0}")]
    RedirectUri(String),
    /// Something else that it says about itself.
    #[error("{0}")]
    Metadata(String),
    /// No token came.
    #[error("a token is needed")]
    NoToken,
    /// The token is not good for this, or not any more.
    #[error("the token is not known, has expired or was used")]
    BadToken,
    /// There is nothing here.
    #[error("apps cannot be registered here")]
    Off,
    /// More than anybody needs.
    #[error("the request is too long")]
    TooLong,
    /// Too many from one place.
    #[error("too many requests; try again in {} s", .0.retry_after_s)]
    TooMany(#[from] RateLimited),
    /// The cause goes to the log, never to the caller.
    #[error("the client store failed")]
    Store(#[from] DbErr),
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Store(error) => Self::Store(error),
            ClientError::Uri { .. } | ClientError::NoRedirect => {
                Self::RedirectUri(error.to_string())
            }
            other => Self::Metadata(other.to_string()),
        }
    }
}

impl Failure {
    fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::RedirectUri(_) => (StatusCode::BAD_REQUEST, "invalid_redirect_uri"),
            Self::Metadata(_) => (StatusCode::BAD_REQUEST, "invalid_client_metadata"),
            Self::NoToken | Self::BadToken => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::Off => (StatusCode::NOT_FOUND, "not_found"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_client_metadata"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable"),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        }
    }

    /// Tells a program that sent no token only that one is needed (RFC 6750 section 3.1).
    fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Bearer realm=\"registration\""),
            Self::BadToken => Some("Bearer realm=\"registration\", error=\"invalid_token\""),
            _ => None,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error) = self.parts();
        let description = if let Self::Store(cause) = &self {
            tracing::error!(error = %cause, "registration failed: {cause}");
            "something broke on our side".to_owned()
        } else {
            self.to_string()
        };
        let body = json!({"error": error, "error_description": description});
        let mut response = super::super::endpoint::fresh(status, Json(body));
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Self::TooMany(limited) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(limited.retry_after_s));
        }
        response
    }
}

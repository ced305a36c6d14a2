//! How any error leaves a service: RFC 9457 problem details.
//!
//! A verb has its own error enum, which implements [`Problem`]; `?` in a handler turns it into an
//! [`ApiError`]. A 5xx hides its text from the caller and logs it once, here.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use sea_orm::RuntimeErr;

use crate::db::DbErr;

/// The kinds of problem there are; each has a page `/problems/<kind>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No valid token or session.
    Unauthenticated,
    /// Known, but not allowed to do this.
    Forbidden,
    /// Not there, or not yours to see.
    NotFound,
    /// Another state of things is in the way.
    Conflict,
    /// Understood, but refused as it stands.
    Invalid,
    /// Not understood: broken JSON, a wrong type, an unknown field.
    Malformed,
    /// Over a size limit.
    TooLarge,
    /// Small enough by itself, but one's share of the space is used up.
    OverQuota,
    /// Too many requests; try again after the time given.
    RateLimited,
    /// A part is missing for the moment; try again.
    Unavailable,
    /// Our fault.
    Internal,
}

impl Kind {
    /// Every kind, for documents and checks.
    pub const ALL: [Self; 11] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::Invalid,
        Self::Malformed,
        Self::TooLarge,
        Self::OverQuota,
        Self::RateLimited,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::OverQuota => "over_quota",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge | Self::OverQuota => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The same words for every problem of this kind.
    pub fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "Sign in first",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::Conflict => "In conflict with the present state",
            Self::Invalid => "Not acceptable as it stands",
            Self::Malformed => "Not understood",
            Self::TooLarge => "Too large",
            Self::OverQuota => "No space left",
            Self::RateLimited => "Too many requests",
            Self::Unavailable => "Not available now",
            Self::Internal => "Something broke on our side",
        }
    }
}

/// One field that was refused.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, as the request spelled it.
    pub field: String,
    /// What is wrong with it: `required`, `too_long`, `taken`, …
    pub kind: String,
}

/// An error that knows how it looks from outside. `Display` is the `detail`.
pub trait Problem: std::error::Error {
    /// Which kind it is.
    fn kind(&self) -> Kind;

    /// One sentence for the caller.
    fn detail(&self) -> String {
        self.to_string()
    }

    /// The fields at fault, for `invalid`.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// Seconds after which trying again makes sense.
    fn retry_after_s(&self) -> Option<u64> {
        None
    }
}

impl Problem for DbErr {
    fn kind(&self) -> Kind {
        match self {
            Self::ConnectionAcquire(_) | Self::Conn(_) => Kind::Unavailable,
            Self::Query(RuntimeErr::SqlxError(error))
            | Self::Exec(RuntimeErr::SqlxError(error)) => sql_kind(error),
            _ => Kind::Internal,
        }
    }

    fn detail(&self) -> String {
        match self.kind() {
            Kind::Malformed => "a text has a character that cannot be stored".to_owned(),
            kind => kind.title().to_owned(),
        }
    }
}

/// What PostgreSQL's error codes and lost connections mean to a caller.
fn sql_kind(error: &sea_orm::sqlx::Error) -> Kind {
    use sea_orm::sqlx::Error;
    match error {
        Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed => Kind::Unavailable,
        Error::Database(error) => match error.code().as_deref() {
            // A NUL, which is a character elsewhere.
            Some("22021" | "22P05") => Kind::Malformed,
            // Shutting down, deadlock, serialisation failure: again is well.
            Some("57P01" | "57P02" | "57P03" | "40P01" | "40001") => Kind::Unavailable,
            _ => Kind::Internal,
        },
        _ => Kind::Internal,
    }
}

/// What every handler answers when it cannot do what was asked.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// Which kind of problem.
    pub kind: Kind,
    /// One sentence for the person who can mend it.
    pub detail: String,
    /// Fields at fault.
    pub errors: Vec<FieldError>,
    /// Seconds until trying again makes sense.
    pub retry_after_s: Option<u64>,
}

impl ApiError {
    /// A problem without fields.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// A refused field.
    pub fn field(field: &str, kind: &str, detail: impl Into<String>) -> Self {
        let error = FieldError { field: field.to_owned(), kind: kind.to_owned() };
        Self {
            kind: Kind::Invalid,
            detail: detail.into(),
            errors: vec![error],
            retry_after_s: None,
        }
    }

    /// The problem object; the same over HTTP and in socket acknowledgements.
    pub fn body(&self) -> Value {
        let name = self.kind.name();
        let mut body = json!({
            "type": format!("/problems/{name}"),
            "kind": name,
            "title": self.kind.title(),
            "status": self.kind.status().as_u16(),
            "detail": self.detail,
        });
        if let Some(request_id) = crate::http::current_request_id() {
            body["instance"] = json!(request_id);
        }
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        if let Some(seconds) = self.retry_after_s {
            body["retry_after_s"] = json!(seconds);
        }
        body
    }
}

impl<E: Problem> From<E> for ApiError {
    fn from(error: E) -> Self {
        let kind = error.kind();
        let detail = if kind.status().is_server_error() {
            let chain = chain(&error);
            tracing::error!(kind = kind.name(), error = %chain, "request failed: {chain}");
            kind.title().to_owned()
        } else {
            error.detail()
        };
        Self { kind, detail, errors: error.fields(), retry_after_s: error.retry_after_s() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let mut response = (self.kind.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

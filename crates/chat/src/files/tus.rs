//! The headers of the tus protocol 1.0.

use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use kit::problem::{ApiError, Kind};

use super::error::FileError;
use super::upload::Progress;
use crate::Chat;

const VERSION: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OVERRIDE: &str = "x-http-method-override";
const TYPE: &str = "application/offset+octet-stream";

/// What an answer to `OPTIONS` says of uploads.
pub(crate) fn tell_tus(chat: &Chat, headers: &mut HeaderMap) {
    let max = HeaderValue::from(chat.config.settings.files.bytes_max);
    headers.insert(RESUMABLE, HeaderValue::from_static(VERSION));
    headers.insert("tus-version", HeaderValue::from_static(VERSION));
    headers.insert("tus-extension", HeaderValue::from_static("creation,expiration,termination"));
    headers.insert("tus-max-size", max);
}

/// The refusal of a client of another version of the protocol, if it is one.
pub(super) fn other_version(headers: &HeaderMap) -> Option<Response> {
    if headers.get(RESUMABLE).is_some_and(|value| value == VERSION) {
        return None;
    }
    let detail = "uploads follow tus 1.0.0: send the header Tus-Resumable: 1.0.0";
    let status = StatusCode::PRECONDITION_FAILED;
    let mut body = ApiError::new(Kind::Malformed, detail).body();
    body["status"] = status.as_u16().into();
    let told = [
        (header::CONTENT_TYPE, "application/problem+json; charset=utf-8"),
        (HeaderName::from_static("tus-version"), VERSION),
    ];
    Some((status, told, body.to_string()).into_response())
}

/// Which of the methods of an upload a `POST` stands for: for clients that can send no other.
pub(super) fn meant(headers: &HeaderMap) -> Result<Method, FileError> {
    let named = |method: &Method| names(headers, method);
    let found = [Method::PATCH, Method::HEAD, Method::DELETE].into_iter().find(named);
    found.ok_or(FileError::Header(OVERRIDE))
}

/// Refuses a request of `method` whose headers say that it is one of another.
pub(super) fn check_method(headers: &HeaderMap, method: &Method) -> Result<(), FileError> {
    let other = headers.contains_key(OVERRIDE) && !names(headers, method);
    if other { Err(FileError::Header(OVERRIDE)) } else { Ok(()) }
}

/// Once and whatever its letters.
fn names(headers: &HeaderMap, method: &Method) -> bool {
    let mut said = headers.get_all(OVERRIDE).iter();
    let first = said.next().and_then(|value| value.to_str().ok());
    said.next().is_none() && first.is_some_and(|value| value.eq_ignore_ascii_case(method.as_str()))
}

/// Refuses a part that does not say that it is one.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), FileError> {
    let said = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == TYPE);
    if said { Ok(()) } else { Err(FileError::Header("content-type")) }
}

/// A number that a header must have.
pub(super) fn number(headers: &HeaderMap, name: &'static str) -> Result<u64, FileError> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).ok_or(FileError::Header(name))
}

/// The `filename` of `Upload-Metadata`, or nothing.
pub(super) fn file_name(headers: &HeaderMap) -> Result<String, FileError> {
    let Some(all) = headers.get("upload-metadata") else { return Ok(String::new()) };
    let bad = || FileError::Header("upload-metadata");
    let all = all.to_str().map_err(|_| bad())?;
    let pairs = all.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let Some((_, value)) = pairs.into_iter().find(|(key, _)| *key == "filename") else {
        return Ok(String::new());
    };
    let bytes = STANDARD.decode(value.trim()).map_err(|_| bad())?;
    String::from_utf8(bytes).map_err(|_| bad())
}

/// An answer about an upload.
pub(super) fn answer(status: StatusCode, at: &Progress) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(VERSION));
    headers.insert("upload-offset", HeaderValue::from(at.offset));
    headers.insert("upload-length", HeaderValue::from(at.length));
    if let Some(Ok(date)) = http_date(at.expires_at).map(|date| HeaderValue::from_str(&date)) {
        headers.insert("upload-expires", date);
    }
    response
}

fn http_date(ms: i64) -> Option<String> {
    let seconds = u64::try_from(ms / 1000).ok()?;
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    Some(httpdate::fmt_http_date(at))
}

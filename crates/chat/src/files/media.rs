//! The bytes of files, by their links.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, header};
use kit::blobs::BlobName;
use kit::json::{Path, Query};
use kit::problem::ApiError;
use kit::range::Part;
use uuid::Uuid;

use super::error::FileError;
use super::kept::{self, Kept, Size};
use super::link::{self, Claim};
use super::store::{self, FileRow};
use super::{name, picture, upload};
use crate::signed_link::for_any_origin;
use crate::{Chat, people};

/// How long what is public is good.
pub(crate) const FOREVER: &str = "public, max-age=31536000, immutable";
/// As long as a link is good at least.
const A_WHILE: &str = "private, max-age=300";

/// The files of rooms that are not public, for mounting at the root.
pub(crate) fn media_router() -> Router<Chat> {
    Router::new().route("/media/files/{file}/{size}", get(signed))
}

/// A file by a signed link, as long as its person may see it.
async fn signed(
    State(chat): State<Chat>,
    Path((id, size)): Path<(Uuid, Size)>,
    Query(claim): Query<Claim>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        if !link::is_good(&chat, id, size, &claim) {
            return Err(FileError::NoFile);
        }
        let row = store::visible(chat.db.reader(), claim.person, id).await?;
        let row = row.ok_or(FileError::NoFile)?;
        let kept = Kept::of(&row, size).ok_or(FileError::NoFile)?;
        serve(&chat, (&row, &kept), &headers, A_WHILE).await
    };
    answer(found.await)
}

/// What anybody may have: a file of a public room, as long as its message is there, or somebody's
/// picture. Nothing when the blob is neither.
pub(crate) async fn public(
    chat: &Chat,
    blob: &BlobName,
    headers: &HeaderMap,
) -> Result<Option<Response>, FileError> {
    let Some(row) = store::public(chat.db.reader(), blob.as_str()).await? else {
        return portrait(chat, blob).await;
    };
    let kept = Size::ALL.into_iter().filter_map(|size| Kept::of(&row, size));
    let kept = kept.into_iter().find(|kept| kept.blob == *blob).ok_or(FileError::NoFile)?;
    serve(chat, (&row, &kept), headers, FOREVER).await.map(Some)
}

async fn portrait(chat: &Chat, blob: &BlobName) -> Result<Option<Response>, FileError> {
    if !people::has_picture(chat.db.reader(), blob.as_str()).await? {
        return Ok(None);
    }
    let found = chat.blobs.get(blob, None).await?.ok_or(FileError::NoFile)?;
    let mut response = found.bytes().await?.into_response();
    protect(response.headers_mut(), Some(picture::kind_of_square()), FOREVER);
    Ok(Some(response))
}

async fn serve(
    chat: &Chat,
    (row, kept): (&FileRow, &Kept),
    asked: &HeaderMap,
    cache: &'static str,
) -> Result<Response, FileError> {
    let part = Part::asked(asked, kept.bytes);
    let range = part.range(kept.bytes);
    let length = range.end - range.start;
    let body = if length == 0 {
        Body::empty()
    } else {
        Body::from_stream(kept::open(chat, row, kept, range).await?)
    };
    let key = chat.room_keys.of(chat, row.room_id).await?.ok_or(FileError::NoFile)?;
    let disposition = disposition(kept.picture, &upload::open_name(&key, row)?);
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let status = part.tell(kept.bytes, headers);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    protect(headers, kept.picture, cache);
    *response.status_mut() = status;
    Ok(response)
}

/// Pictures that the server made are shown; all else is only ever a download.
pub(super) fn disposition(picture: Option<&str>, called: &str) -> String {
    name::disposition(if picture.is_some() { "inline" } else { "attachment" }, called)
}

/// What is said that a file is, whatever it is.
pub(super) fn said(picture: Option<&'static str>) -> &'static str {
    picture.unwrap_or("application/octet-stream")
}

/// Says what it is and that it is nothing else, whatever is in it.
fn protect(headers: &mut HeaderMap, picture: Option<&'static str>, cache: &'static str) {
    let fixed = [
        (header::CONTENT_TYPE, said(picture)),
        (header::CACHE_CONTROL, cache),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn answer(found: Result<Response, FileError>) -> Response {
    for_any_origin(found.unwrap_or_else(|error| ApiError::from(error).into_response()))
}

//! Endpoints of uploads and files.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::head;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use kit::json::{Json, Path};
use kit::problem::ApiError;
use protocol::Person;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::error::FileError;
use super::kept::Size;
use super::{portrait, read, tus, upload};
use crate::Chat;
use crate::limits::{Author, Changer, Reader};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(create_upload))
        .routes(routes!(append_upload, give_up_upload, upload_by_post))
        .route("/uploads/{upload}", head(upload_progress))
        .routes(routes!(get_file))
        .routes(routes!(get_thumbnail))
        .routes(routes!(put_picture, remove_picture))
}

/// Begin an upload to a room, by the tus protocol 1.0: any client of it can be used.
///
/// `Upload-Length` says how many bytes will come, `Upload-Metadata` may have a `filename`. The
/// answer's `Location` is where to send them; the file's id is its last part, for `files` of a
/// message. What no message takes within a day is cleared away. A client that cannot send `PATCH`,
/// `HEAD` or `DELETE` there sends `POST` with the one that it means in `X-HTTP-Method-Override`.
#[utoipa::path(post, path = "/rooms/{room}/uploads", tag = "files", operation_id = "createUpload",
    params(("room" = Uuid, Path),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Length" = u64, Header, description = "How many bytes will come."),
        ("Upload-Metadata" = Option<String>, Header, description = "`filename` and base64.")),
    responses((status = 201, description = "Where to send the bytes."),
        (status = 412, description = "Another version of the protocol.")))]
async fn create_upload(
    State(chat): State<Chat>,
    by: Author,
    Path(room): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    upload::check_room(&chat, by.0, room).await?;
    if let Some(refused) = tus::other_version(&headers) {
        return Ok(refused);
    }
    tus::check_method(&headers, &Method::POST)?;
    let (called, bytes) = (tus::file_name(&headers)?, tus::number(&headers, "upload-length")?);
    let at = upload::create(&chat, by.0, room, (&called, bytes)).await?;
    let mut response = tus::answer(StatusCode::CREATED, &at);
    if let Ok(place) = HeaderValue::from_str(&format!("/api/uploads/{}", at.id)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// How far your upload is: from `Upload-Offset` it goes on.
async fn upload_progress(
    State(chat): State<Chat>,
    by: Reader,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(refused) = tus::other_version(&headers) {
        return Ok(refused);
    }
    tus::check_method(&headers, &Method::HEAD)?;
    Ok(tus::answer(StatusCode::OK, &upload::progress(&chat, by.0, id).await?))
}

/// Send a part of your upload; `HEAD` says how far it is.
///
/// The last one makes it a file, unless its content is refused.
#[utoipa::path(patch, path = "/uploads/{upload}", tag = "files", operation_id = "appendUpload",
    params(("upload" = Uuid, Path),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Offset" = u64, Header, description = "Where the part goes on.")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "`Upload-Offset` is where to go on."),
        (status = 412, description = "Another version of the protocol.")))]
async fn append_upload(
    State(chat): State<Chat>,
    by: Author,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    if let Some(refused) = tus::other_version(&headers) {
        return Ok(refused);
    }
    tus::check_method(&headers, &Method::PATCH)?;
    tus::check_type(&headers)?;
    let offset = tus::number(&headers, "upload-offset")?;
    let at = upload::append(&chat, by.0, (id, offset), body.into_data_stream()).await?;
    Ok(tus::answer(StatusCode::NO_CONTENT, &at))
}

/// What `X-HTTP-Method-Override` says, for clients that can send only `POST`.
///
/// Who may do it is told by the request as it came: with the cookie it is from our own page, even
/// to read, and a proof is for `POST`.
#[utoipa::path(post, path = "/uploads/{upload}", tag = "files", operation_id = "uploadByPost",
    params(("upload" = Uuid, Path),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("X-HTTP-Method-Override" = String, Header, description = "`PATCH`, `HEAD` or `DELETE`"),
        ("Upload-Offset" = Option<u64>, Header, description = "Where the part goes on.")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 200, description = "`HEAD`: `Upload-Offset` is where to go on."),
        (status = 204, description = "Taken, or given up."),
        (status = 412, description = "Another version of the protocol.")))]
async fn upload_by_post(
    state: State<Chat>,
    by: Author,
    place: Path<Uuid>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    match tus::meant(&headers)? {
        Method::PATCH => append_upload(state, by, place, headers, body).await,
        Method::DELETE => give_up_upload(state, by, place, headers).await,
        _ => upload_progress(state, Reader(by.0), place, headers).await,
    }
}

/// Give your upload up, as long as no message has it.
#[utoipa::path(delete, path = "/uploads/{upload}", tag = "files", operation_id = "giveUpUpload",
    params(("upload" = Uuid, Path),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`")),
    responses((status = 204, description = "It is gone."),
        (status = 412, description = "Another version of the protocol.")))]
async fn give_up_upload(
    State(chat): State<Chat>,
    by: Author,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(refused) = tus::other_version(&headers) {
        return Ok(refused);
    }
    tus::check_method(&headers, &Method::DELETE)?;
    upload::give_up(&chat, by.0, id).await?;
    let version = [(HeaderName::from_static("tus-resumable"), "1.0.0")];
    Ok((StatusCode::NO_CONTENT, version).into_response())
}

/// A file of a message, for members of its room as long as the message is there.
///
/// The answer leads to the bytes: by a link that is for you alone, lasts ten minutes at most and
/// ends with your membership, or by one that lasts, when the room is public. Ranges can be asked
/// for there. Pictures that the server made anew are shown; all else is only ever a download.
#[utoipa::path(get, path = "/files/{file}", tag = "files", operation_id = "getFile",
    params(("file" = Uuid, Path)),
    responses((status = 302, description = "`Location` is where the bytes are.")))]
async fn get_file(
    State(chat): State<Chat>,
    by: Reader,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    Ok(lead(&read::find(&chat, by.0, id, Size::Whole).await?))
}

/// A small version of a picture, for whoever may see the picture.
#[utoipa::path(get, path = "/files/{file}/thumbnail", tag = "files", operation_id = "getThumbnail",
    params(("file" = Uuid, Path)),
    responses((status = 302, description = "`Location` is where the bytes are.")))]
async fn get_thumbnail(
    State(chat): State<Chat>,
    by: Reader,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    Ok(lead(&read::find(&chat, by.0, id, Size::Small).await?))
}

/// Make a picture yours, for everyone to see: the middle square of a JPEG, PNG, WebP or GIF file.
///
/// At most 8 MiB. It is written anew, without metadata.
#[utoipa::path(put, path = "/me/picture", tag = "people", operation_id = "putPicture",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Person)))]
async fn put_picture(
    State(chat): State<Chat>,
    by: Changer,
    body: Body,
) -> Result<Json<Person>, ApiError> {
    let too_large = |_| FileError::Length { max: portrait::BYTES_MAX as u64 };
    let bytes = axum::body::to_bytes(body, portrait::BYTES_MAX).await.map_err(too_large)?;
    Ok(Json(portrait::set(&chat, by.0, bytes).await?))
}

/// Have no picture any more.
#[utoipa::path(delete, path = "/me/picture", tag = "people", operation_id = "removePicture",
    responses((status = 200, body = Person)))]
async fn remove_picture(State(chat): State<Chat>, by: Changer) -> Result<Json<Person>, ApiError> {
    Ok(Json(portrait::remove(&chat, by.0).await?))
}

fn lead(link: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(place) = HeaderValue::from_str(link) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

//! Endpoints of speech, and the clips themselves.

use std::ops::Range;

use ::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use kit::blobs::{BlobName, Folder};
use kit::json::{Json, Path, Query};
use kit::problem::{ApiError, Kind};
use kit::range::Part;
use protocol::{Clip, ClipState, RoomKind, Speech};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::error::SpeechError;
use super::link::{self, Claim};
use super::{MEDIA_TYPE, ask, store};
use crate::limits::{Changer, Reader};
use crate::signed_link::for_any_origin;
use crate::{Chat, files, rooms};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(speech)).routes(routes!(speak_message))
}

/// The clips, and whatever is public, for mounting at the root.
pub(crate) fn media_router() -> Router<Chat> {
    Router::new()
        .route("/media/clips/{message}/{revision}", get(clip))
        .route("/media/public/{folder}/{name}", get(public))
}

/// Whether messages can be heard here.
#[utoipa::path(get, path = "/speech", tag = "speech", operation_id = "getSpeech",
    responses((status = 200, body = Speech)))]
async fn speech(State(chat): State<Chat>, _by: Reader) -> Json<Speech> {
    Json(Speech { available: chat.speech.offered().await })
}

/// Hear a message: its clip (200), or that it is being made (202).
///
/// The clip is made once, however many ask. Your sockets are told by `clipChanged`; asking again
/// is good, too. The link is for you alone, lasts five minutes and ends with your membership; in
/// a public room it is the same for everyone and lasts as long as the message stands.
#[utoipa::path(post, path = "/rooms/{room}/messages/{message}/speech", tag = "speech",
    operation_id = "speakMessage",
    params(("room" = Uuid, Path), ("message" = Uuid, Path)),
    responses((status = 200, body = Clip), (status = 202, body = Clip)))]
async fn speak_message(
    State(chat): State<Chat>,
    by: Changer,
    Path((room, message)): Path<(Uuid, Uuid)>,
) -> Result<(StatusCode, Json<Clip>), ApiError> {
    let clip = ask::ask(&chat, by.0, room, message).await?;
    let ready = clip.state == ClipState::Ready;
    Ok((if ready { StatusCode::OK } else { StatusCode::ACCEPTED }, Json(clip)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    person: Uuid,
    expires: i64,
    signature: String,
}

/// A clip by its link; whoever has the link needs nothing else, from any origin.
async fn clip(
    State(chat): State<Chat>,
    Path((message, revision)): Path<(Uuid, i32)>,
    Query(signed): Query<Signed>,
    headers: HeaderMap,
) -> Response {
    let claim = Claim { message, revision, person: signed.person, expires: signed.expires };
    for_any_origin(match find(&chat, &claim, &signed.signature).await {
        Ok(wav) => answer(&wav, &headers, "private, max-age=300"),
        Err(error) => ApiError::from(error).into_response(),
    })
}

/// The bytes of a clip, if the link is good, its person is a member and the message stands.
async fn find(chat: &Chat, claim: &Claim, signature: &str) -> Result<Bytes, SpeechError> {
    if !link::is_good(chat, claim, signature) {
        return Err(SpeechError::NoClip);
    }
    let db = chat.db.reader();
    let standing = store::standing(db, claim.message, claim.person).await?;
    let stands = |it: &store::Standing| it.deleted_at.is_none() && it.revision == claim.revision;
    let standing = standing.filter(stands).ok_or(SpeechError::NoClip)?;
    let row = store::clip(db, claim.message, claim.revision).await?;
    let name = row.and_then(|row| row.name()).ok_or(SpeechError::NoClip)?;
    let open = name.folder() == Folder::Public;
    if open && rooms::kind_from(&standing.room_kind) != RoomKind::Public {
        return Err(SpeechError::NoClip);
    }
    let blob = chat.blobs.get(&name, None).await?.ok_or(SpeechError::NoClip)?;
    let bytes = blob.bytes().await?;
    if open {
        return Ok(bytes);
    }
    let key = chat.room_keys.of(chat, standing.room_id).await?.ok_or(SpeechError::NoClip)?;
    Ok(key.open_blob(name.as_str(), &bytes)?.into())
}

/// What is public: a file, somebody's picture, or a clip of a public room as long as its message
/// stands.
async fn public(
    State(chat): State<Chat>,
    Path((folder, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let nothing = || ApiError::new(Kind::NotFound, "there is no such file, or it has expired");
        let name = BlobName::parse(&format!("public/{folder}/{hash}")).ok_or_else(nothing)?;
        if let Some(response) = files::public(&chat, &name, &headers).await? {
            return Ok(response);
        }
        let clip = public_clip(&chat, &name).await?.ok_or_else(nothing)?;
        Ok(answer(&clip, &headers, files::FOREVER))
    };
    for_any_origin(found.await.unwrap_or_else(|error: ApiError| error.into_response()))
}

async fn public_clip(chat: &Chat, name: &BlobName) -> Result<Option<Bytes>, SpeechError> {
    if !store::is_public(chat.db.reader(), name.as_str()).await? {
        return Ok(None);
    }
    Ok(match chat.blobs.get(name, None).await? {
        Some(blob) => Some(blob.bytes().await?),
        None => None,
    })
}

/// The clip, or the part of it that was asked for: a player that jumps asks for parts.
fn answer(wav: &Bytes, asked: &HeaderMap, cache: &'static str) -> Response {
    let all = wav.len() as u64;
    let part = Part::asked(asked, all);
    let Range { start, end } = part.range(all);
    let of = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let mut response = wav.slice(of(start)..of(end)).into_response();
    let headers = response.headers_mut();
    let status = part.tell(all, headers);
    let fixed = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, cache)];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    *response.status_mut() = status;
    response
}

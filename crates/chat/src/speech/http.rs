//! Endpoints of speech, and the clips themselves.

use std::ops::Range;

use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use kit::blobs::{BlobName, Folder};
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use protocol::{Clip, ClipState, Speech};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::error::SpeechError;
use super::link::{self, Claim};
use super::{ask, store};
use crate::Chat;
use crate::limits::{Changer, Reader};

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(speech)).routes(routes!(speak_message))
}

/// The clips, for mounting at the root.
pub(crate) fn media_router() -> Router<Chat> {
    Router::new().route("/media/clips/{message}/{revision}", get(clip))
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
/// is good, too. The link is for you alone, lasts five minutes and ends with your membership.
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
    let mut response = match find(&chat, &claim, &signed.signature).await {
        Ok(wav) => answer(wav, &headers),
        Err(error) => ApiError::from(error).into_response(),
    };
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "accept-ranges, content-length, content-range"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in allowed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
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
    let name = row.and_then(|row| BlobName::parse(row.blob.as_deref()?));
    let name = name.ok_or(SpeechError::NoClip)?;
    let blob = chat.blobs.get(&name, None).await?.ok_or(SpeechError::NoClip)?;
    let bytes = blob.bytes().await?;
    if name.folder() == Folder::Public {
        return Ok(bytes);
    }
    let key = chat.room_keys.of(chat, standing.room_id).await?.ok_or(SpeechError::NoClip)?;
    Ok(key.open_blob(name.as_str(), &bytes)?.into())
}

/// The clip, or the part of it that was asked for: a player that jumps asks for parts.
fn answer(wav: Bytes, headers: &HeaderMap) -> Response {
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let all = wav.len();
    let (status, body, content_range) = match asked.map_or(Part::All, |asked| part(asked, all)) {
        Part::All => (StatusCode::OK, wav, None),
        Part::Outside => {
            (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), Some(format!("bytes */{all}")))
        }
        Part::Of(range) => {
            let said = format!("bytes {}-{}/{all}", range.start, range.end - 1);
            (StatusCode::PARTIAL_CONTENT, wav.slice(range), Some(said))
        }
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "audio/wav"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(Ok(value)) = content_range.map(|text| HeaderValue::from_str(&text)) {
        headers.insert(header::CONTENT_RANGE, value);
    }
    response
}

/// Which bytes to answer.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    All,
    Of(Range<usize>),
    Outside,
}

/// One range of bytes (RFC 9110 section 14.1.2); all of them when it is not one.
fn part(asked: &str, size: usize) -> Part {
    match range(asked, size) {
        None => Part::All,
        Some(range) if range.is_empty() => Part::Outside,
        Some(range) => Part::Of(range),
    }
}

fn range(asked: &str, size: usize) -> Option<Range<usize>> {
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        return Some(size.saturating_sub(last.parse().ok()?)..size);
    }
    let first: usize = first.parse().ok()?;
    if last.is_empty() {
        return Some(first..size);
    }
    let last: usize = last.parse().ok()?;
    (first <= last).then(|| first..last.saturating_add(1).min(size))
}

#[cfg(test)]
mod tests {
    use super::{Part, part};

    #[test]
    fn a_range_is_what_the_standard_says() {
        let inside = |asked| part(asked, 10);
        assert_eq!(inside("bytes=0-3"), Part::Of(0..4));
        assert_eq!(inside("bytes=4-"), Part::Of(4..10));
        assert_eq!(inside("bytes=-3"), Part::Of(7..10));
        assert_eq!(inside("bytes=0-999"), Part::Of(0..10));
        assert_eq!(inside("bytes=10-"), Part::Outside);
        assert_eq!(inside("bytes=-0"), Part::Outside);
        for not_one in ["bytes=3-1", "bytes=0-1,4-5", "lines=0-1", "bytes=", "bytes=a-b"] {
            assert_eq!(inside(not_one), Part::All, "{not_one}");
        }
    }
}

//! Leaving: by the person here, or because the provider says so.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kit::caller::CallerError;
use kit::clock::now_ms;
use kit::cookie::{self, Life};
use kit::db::DbErr;
use kit::json::Json;
use kit::problem::{ApiError, Kind, Problem};
use serde::Serialize;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::callback::TOKEN_CONTEXT;
use super::store::{self, Kept};
use super::{COOKIE, SignInError, Viewer, provider};
use crate::{Chat, people, rooms};

/// Longest body that is looked at, bytes.
const BODY_BYTES_MAX: usize = 32 * 1024;

#[derive(Debug, Serialize)]
struct Left {
    /// Where the browser goes next, to leave the provider too.
    logout_url: String,
}

/// Ends this browser's session at once, and says where to leave the provider.
pub(super) async fn leave(State(chat): State<Chat>, viewer: Viewer) -> Result<Response, ApiError> {
    let Some(session) = viewer.session else {
        return Err(ApiError::new(Kind::Forbidden, "a token is given back to who issued it"));
    };
    let now = now_ms();
    let ended = chat.db.write(async |tx| store::end(tx, session, "left", now).await).await;
    let kept = ended.map_err(SignInError::Store)?;
    super::end_sockets(&chat, move |other| other.session == Some(session));
    let home = chat.config.public_url.to_string();
    let logout_url = match kept {
        Some(kept) => leave_provider(&chat, &kept).await.unwrap_or(home),
        None => home,
    };
    let mut response = Json(Left { logout_url }).into_response();
    let gone = cookie::set(&chat.config.public_url, COOKIE, "", Life::Gone);
    response.headers_mut().append(header::SET_COOKIE, gone);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The provider tells us that a sign-in has ended (Back-Channel Logout 2.5).
pub(super) async fn backchannel(State(chat): State<Chat>, body: Bytes) -> Response {
    let mut response = match end_sign_in(&chat, &body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) if error.kind().status().is_server_error() => {
            ApiError::from(error).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "refused a logout token: {error}");
            let body = serde_json::json!({"error": "invalid_request",
                                          "error_description": error.to_string()});
            (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn end_sign_in(chat: &Chat, body: &[u8]) -> Result<(), SignInError> {
    let token = logout_token(body).ok_or(CallerError::Refused("there is none"))?;
    let token = chat.issuer.logout_token(&token, &chat.config.client_id).await?;
    let (now, blocked) = (now_ms(), token.blocked());
    if let Some(sid) = token.sid {
        chat.db.write(async |tx| store::end_sid(tx, &sid, now).await).await?;
        super::end_sockets(chat, move |viewer| viewer.sid.as_ref() == Some(&sid));
    } else if let Some(sub) = token.sub {
        end_account(chat, &token.iss, &sub, blocked, now).await?;
    }
    Ok(())
}

/// Ends all that an account has here, and keeps whether it is blocked if the provider says so.
/// Who was blocked and is no longer has nothing here that could end, or has just come in again.
async fn end_account(
    chat: &Chat,
    iss: &str,
    sub: &str,
    blocked: Option<bool>,
    now: i64,
) -> Result<(), SignInError> {
    let known = people::by_account(chat.db.reader(), iss, sub).await?;
    let opened = blocked == Some(false) && known.as_ref().is_some_and(|row| row.blocked);
    let person = known.map(|row| row.id);
    let written = chat.db.write(async |tx| {
        let changed = match (person, blocked) {
            (Some(person), Some(blocked)) => people::set_blocked(tx, person, blocked).await?,
            _ => false,
        };
        if !opened {
            store::end_sub(tx, sub, person, now).await?;
        }
        Ok::<_, DbErr>(changed)
    });
    if let (true, Some(person)) = (written.await?, person) {
        rooms::tell_peers(chat, person).await;
    }
    if !opened {
        super::end_sockets(chat, move |viewer| Some(viewer.person) == person);
    }
    Ok(())
}

/// The only `logout_token` of a form body.
fn logout_token(body: &[u8]) -> Option<String> {
    if body.len() > BODY_BYTES_MAX {
        return None;
    }
    let mut tokens = form_urlencoded::parse(body).filter(|(name, _)| name == "logout_token");
    let (_, token) = tokens.next()?;
    tokens.next().is_none().then(|| token.into_owned())
}

/// Gives the refresh token back and builds the URL of RP-initiated logout.
async fn leave_provider(chat: &Chat, kept: &Kept) -> Option<String> {
    if let Some(token) = open(chat, kept.id, kept.refresh_token.as_ref()) {
        let chat = chat.clone();
        tokio::spawn(async move { provider::revoke(&chat, &token).await });
    }
    let endpoint = chat.issuer.endpoints().await.ok()?.end_session?;
    let mut url = Url::parse(&endpoint).ok()?;
    let home = chat.config.public_url.as_str();
    url.query_pairs_mut()
        .append_pair("client_id", &chat.config.client_id)
        .append_pair("post_logout_redirect_uri", home);
    if let Some(id_token) = open(chat, kept.id, kept.id_token.as_ref()) {
        url.query_pairs_mut().append_pair("id_token_hint", &id_token);
    }
    Some(url.into())
}

fn open(chat: &Chat, session: Uuid, sealed: Option<&Vec<u8>>) -> Option<String> {
    let plain = chat.keys.open_value(TOKEN_CONTEXT, session.as_bytes(), sealed?).ok()?;
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_one_logout_token() {
        assert_eq!(logout_token(b"a=1&logout_token=x.y.z"), Some("x.y.z".to_owned()));
        assert_eq!(logout_token(b"logout_token=x&logout_token=x"), None);
        assert_eq!(logout_token(b""), None);
        assert_eq!(logout_token(&vec![b'a'; BODY_BYTES_MAX + 1]), None);
    }
}

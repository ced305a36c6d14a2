//! One click in a mail ends such mails (RFC 8058), without signing in.
//!
//! Programs that look at links before a person does must not end anything, so the link only asks;
//! the button, and a mail program's own, is a POST to the same address.

use askama::Template as _;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use kit::problem::{ApiError, Kind};
use protocol::{MailPace, PutMailNotices};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::choice;
use crate::{Chat, people};

const CONTEXT: &str = "delivery:unsubscribe";
const MAC_BYTES: usize = 16;
const STYLE: &str = include_str!("../../../templates/unsubscribe.css");

/// The page; a whole path, for mounting at the root.
pub(crate) fn router() -> Router<Chat> {
    Router::new().route("/unsubscribe/{token}", get(ask).post(end))
}

/// Where one click ends mails to `person`. It has no end of its own: an old mail must still be
/// able to end the new ones, and it can do nothing else.
pub(super) fn path(chat: &Chat, person: Uuid) -> String {
    let token = [person.as_bytes().as_slice(), &mac(chat, person)].concat();
    format!("/unsubscribe/{}", URL_SAFE_NO_PAD.encode(token))
}

fn mac(chat: &Chat, person: Uuid) -> [u8; MAC_BYTES] {
    let mac = chat.keys.mac(CONTEXT, person.as_bytes());
    *mac.first_chunk().expect("a hash of 32 bytes")
}

/// Whom a link is for; it cannot be made from a person's id.
fn person_of(chat: &Chat, token: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, sent) = bytes.split_first_chunk::<16>()?;
    let id = Uuid::from_bytes(*id);
    let same: bool = mac(chat, id).as_slice().ct_eq(sent).into();
    same.then_some(id)
}

async fn ask(
    State(chat): State<Chat>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(person) = person_of(&chat, &token) else {
        return Ok(page(Step::Unknown, of_browser(&headers)));
    };
    Ok(page(Step::Ask, language(&chat, person, &headers).await?))
}

async fn end(
    State(chat): State<Chat>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(person) = person_of(&chat, &token) else {
        return Ok(page(Step::Unknown, of_browser(&headers)));
    };
    let never = PutMailNotices { pace: MailPace::Never, show_text: None };
    choice::put(&chat, person, never).await?;
    Ok(page(Step::Done, language(&chat, person, &headers).await?))
}

/// The person's own language, else the browser's.
async fn language(
    chat: &Chat,
    person: Uuid,
    headers: &HeaderMap,
) -> Result<&'static Words, ApiError> {
    let locale = people::addressee(chat, person).await?.and_then(|found| found.locale);
    Ok(locale.map_or_else(|| of_browser(headers), |locale| of_tag(&locale)))
}

fn of_browser(headers: &HeaderMap) -> &'static Words {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    of_tag(wanted.unwrap_or_default())
}

fn of_tag(tag: &str) -> &'static Words {
    if tag.trim_start().to_ascii_lowercase().starts_with("es") { &ES } else { &EN }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Ask,
    Done,
    Unknown,
}

#[derive(askama::Template)]
#[template(path = "unsubscribe.html")]
struct Page {
    words: &'static Words,
    style: &'static str,
    step: Step,
}

struct Words {
    lang: &'static str,
    ask: &'static str,
    ask_about: &'static str,
    yes: &'static str,
    done: &'static str,
    done_about: &'static str,
    unknown: &'static str,
    unknown_about: &'static str,
    settings: &'static str,
}

const ES: Words = Words {
    lang: "es",
    ask: "¿Dejar de escribirte?",
    ask_about: "No recibirás más correos sobre mensajes sin leer.",
    yes: "No más de estos correos",
    done: "Ya no te escribiremos",
    done_about: "Puedes elegir otra cosa en tus ajustes cuando quieras.",
    unknown: "Este enlace no vale",
    unknown_about: "No es de ningún correo nuestro, o no está entero. En tus ajustes puedes elegir \
                    cuándo te escribimos.",
    settings: "Abrir los ajustes",
};

const EN: Words = Words {
    lang: "en",
    ask: "Shall we stop writing to you?",
    ask_about: "You will get no more mails about unread messages.",
    yes: "No more of these mails",
    done: "We will write no more",
    done_about: "You can choose something else in your settings at any time.",
    unknown: "This link is not valid",
    unknown_about: "It is of no mail of ours, or not whole. In your settings you can choose when \
                    we write to you.",
    settings: "Open the settings",
};

fn page(step: Step, words: &'static Words) -> Response {
    let Ok(text) = (Page { words, style: STYLE, step }).render() else {
        return ApiError::new(Kind::Internal, Kind::Internal.title()).into_response();
    };
    let status = if step == Step::Unknown { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let mut response = (status, Html(text)).into_response();
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let referrer = HeaderName::from_static("referrer-policy");
    headers.insert(referrer, HeaderValue::from_static("no-referrer"));
    response
}

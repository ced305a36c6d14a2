//! Signing in: the browser's session here, and tokens of other apps.
//!
//! Chat is an ordinary client of an OpenID provider and a backend for its browser app
//! (RFC 10017): tokens stay in this server, the browser has a cookie that is worth nothing
//! elsewhere. A token wins over the cookie; one that is bound to a key comes with a proof of it
//! (RFC 9449), for each request and once for a socket. Who signed out, here or at the provider, is
//! out at once: the row is ended in the transaction that learns it, and sockets are told.

mod callback;
mod flow;
mod login;
mod logout;
mod provider;
mod refresh;
mod store;
#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::Router;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderMap, Method, header};
use kit::caller::{Caller, CallerError, Proved};
use kit::clock::now_ms;
use kit::cookie;
use kit::db::{DbErr, DbResult, Tx};
use kit::dpop::{self, BadProof};
use kit::keys::KeyError;
use kit::problem::{ApiError, Kind, Problem};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub(crate) use refresh::{release, resume};

use crate::Chat;
use crate::people::{self, MeError};
use crate::rooms;

/// Ends the sockets of sessions that ended lately, in case whoever ended them could not tell.
pub(crate) async fn end_lost_sockets(chat: &Chat) {
    let now = now_ms();
    match store::ended_after(chat.db.reader(), now - LOST_AFTER_MS, now).await {
        Ok(ended) if ended.is_empty() => {}
        Ok(ended) => {
            let ended: std::collections::HashSet<Uuid> = ended.into_iter().collect();
            chat.end_sockets(move |viewer| viewer.session.is_some_and(|id| ended.contains(&id)));
        }
        Err(error) => tracing::error!(%error, "ended sessions could not be looked for"),
    }
}

/// Ends the sockets of tokens whose key the issuer publishes no longer, since somebody else may
/// know it: such a token's `exp` is what they like. If the issuer cannot be asked, nothing ends.
pub(crate) async fn end_sockets_of_lost_keys(chat: &Chat) {
    match chat.issuer.keys().await {
        Ok(keys) => chat
            .end_sockets(move |viewer| viewer.kid.as_ref().is_some_and(|kid| !keys.contains(kid))),
        Err(error) => tracing::warn!(%error, "the sign-in service's keys could not be looked at"),
    }
}

/// How far back [`end_lost_sockets`] looks, milliseconds.
const LOST_AFTER_MS: i64 = 180_000;
/// The cookie of a browser's session.
const COOKIE: &str = "tertulia";
/// The scope without which a token opens nothing here.
const SCOPE: &str = "chat";
/// The header that a page of another origin cannot send.
const CSRF_HEADER: &str = "x-tertulia-csrf";
/// How old `last_seen_at` may become before it is written again.
const SEEN_EVERY_MS: i64 = 60_000;
/// How long letting a socket in may take, from looking at its session to knowing the socket.
const LET_IN_WITHIN: Duration = Duration::from_millis(700);

/// Who asks, and by what right.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The person.
    pub person: Uuid,
    /// The sign-in at the issuer, as logout tokens name it.
    pub sid: Option<String>,
    /// The browser's session here; absent for a token.
    pub session: Option<Uuid>,
    /// When a token ends, milliseconds; absent for a session.
    pub expires_at: Option<i64>,
    /// The issuer's key that signed the token; absent for a session.
    pub kid: Option<String>,
    /// What they may do.
    pub scopes: Vec<String>,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// No token, no cookie, or a session that has ended.
    #[error("sign in first")]
    Missing,
    /// A token that is not accepted, or an issuer that cannot be asked.
    #[error(transparent)]
    Token(#[from] CallerError),
    /// The sign-in behind the token has ended.
    #[error("this sign-in has ended")]
    Ended,
    /// A token for other things.
    #[error("the token has no scope \"{SCOPE}\"")]
    Scope,
    /// A token of an app that speaks for itself.
    #[error("this token is an app's own; chat needs one that a person gave it")]
    App,
    /// A cookie from a page that is not ours.
    #[error("a request with the cookie needs the same origin and the header X-Tertulia-Csrf: 1")]
    CrossSite,
    /// The person may not use chat.
    #[error("this person is blocked")]
    Blocked,
    /// The issuer did not say who the token's owner is.
    #[error("the sign-in service did not say who this is: {0}")]
    Provider(String),
    /// A sealed value does not open.
    #[error("the session cannot be read")]
    Keys(#[from] KeyError),
    /// The cause goes to the log, never to the caller.
    #[error("the session store failed")]
    Store(#[from] DbErr),
}

impl Problem for SignInError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing | Self::Ended => Kind::Unauthenticated,
            Self::Scope | Self::App | Self::CrossSite | Self::Blocked => Kind::Forbidden,
            Self::Token(error) => error.kind(),
            Self::Provider(_) => Kind::Unavailable,
            Self::Keys(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl From<MeError> for SignInError {
    fn from(error: MeError) -> Self {
        match error {
            MeError::Unknown => Self::Missing,
            MeError::Keys(error) => Self::Keys(error),
            MeError::Store(error) => Self::Store(error),
        }
    }
}

/// Whether a browser's session has not ended.
pub(crate) async fn is_live(chat: &Chat, session: Uuid) -> Result<bool, SignInError> {
    Ok(store::is_live(chat.db.reader(), session, now_ms()).await?)
}

/// The endpoints of the browser's session; whole paths.
pub(crate) fn router() -> Router<Chat> {
    Router::new()
        .route("/auth/login", get(login::start))
        .route("/auth/callback", get(callback::finish))
        .route("/auth/logout", post(logout::leave))
        .route("/auth/backchannel-logout", post(logout::backchannel))
}

/// Who sends a request. Says nothing about where a request with the cookie comes from: use
/// [`Viewer`] as an extractor, or [`authenticate_socket`].
async fn authenticate(chat: &Chat, sent: &Sent<'_>) -> Result<Viewer, SignInError> {
    let Some(value) = sent.headers.get(header::AUTHORIZATION) else {
        return by_cookie(chat, sent.headers).await;
    };
    let (scheme, token) = value.to_str().unwrap_or_default().split_once(' ').unwrap_or_default();
    let proof = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => None,
        "dpop" => {
            let proof = dpop::of(sent.headers).map_err(CallerError::from)?;
            Some(proof.ok_or(CallerError::from(BadProof("there is none")))?)
        }
        _ => return Err(SignInError::Missing),
    };
    by_token(chat, Shown { token: token.trim(), proof }, sent).await
}

/// A request, as far as a proof says which one it is for.
struct Sent<'r> {
    method: &'r str,
    path: &'r str,
    headers: &'r HeaderMap,
}

/// A token, and the proof of its key if it is bound to one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'t> {
    pub(crate) token: &'t str,
    pub(crate) proof: Option<&'t str>,
}

/// Who opens a socket: by `shown`, else as the headers say; the cookie counts only from a page of
/// our own origin.
///
/// The proof of a socket is for `GET /socket.io/`, whichever transport carries it. It is asked for
/// once and not with every command: a socket ends with its token, five minutes at most, and goes
/// on only with a new token and a new proof.
pub(crate) async fn authenticate_socket(
    chat: &Chat,
    shown: Option<Shown<'_>>,
    headers: &HeaderMap,
) -> Result<Viewer, SignInError> {
    let sent = Sent { method: "GET", path: "/socket.io/", headers };
    if let Some(shown) = shown {
        return by_token(chat, shown, &sent).await;
    }
    let viewer = authenticate(chat, &sent).await?;
    if viewer.session.is_some() && !from_own_page(chat, headers) {
        return Err(SignInError::CrossSite);
    }
    Ok(viewer)
}

/// Whether a handshake comes from a page of our own origin. Browsers send no `Origin` with a GET
/// to their own origin, but `Sec-Fetch-Site`, which no page can set (Fetch Metadata, section 2.1).
fn from_own_page(chat: &Chat, headers: &HeaderMap) -> bool {
    if headers.contains_key(header::ORIGIN) {
        return cookie::same_origin(headers, &chat.config.public_url);
    }
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin")
}

impl FromRequestParts<Chat> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, chat: &Chat) -> Result<Self, ApiError> {
        // A router inside another sees only the rest of the path.
        let whole = parts.extensions.get::<OriginalUri>();
        let path = whole.map_or(parts.uri.path(), |uri| uri.path());
        let sent = Sent { method: parts.method.as_str(), path, headers: &parts.headers };
        let viewer = authenticate(chat, &sent).await?;
        if viewer.session.is_some() {
            same_site(chat, &parts.method, &parts.headers)?;
        }
        Ok(viewer)
    }
}

/// An unsafe request with the cookie comes from our own page.
fn same_site(chat: &Chat, method: &Method, headers: &HeaderMap) -> Result<(), SignInError> {
    if method.is_safe() {
        return Ok(());
    }
    let marked = headers.get(CSRF_HEADER).is_some_and(|value| value.as_bytes() == b"1");
    if marked && cookie::same_origin(headers, &chat.config.public_url) {
        return Ok(());
    }
    Err(SignInError::CrossSite)
}

async fn by_token(
    chat: &Chat,
    Shown { token, proof }: Shown<'_>,
    sent: &Sent<'_>,
) -> Result<Viewer, SignInError> {
    let resource = &chat.config.resource;
    let caller = match proof {
        None => chat.issuer.access(token, resource).await?,
        Some(proof) => {
            let origin = chat.config.public_url.origin().ascii_serialization();
            let url = format!("{origin}{}", sent.path);
            let proved = Proved { proof, method: sent.method, url: &url };
            chat.issuer.bound_access(token, resource, proved).await?
        }
    };
    if caller.is_app() {
        return Err(SignInError::App);
    }
    if !caller.scopes.iter().any(|scope| scope == SCOPE) {
        return Err(SignInError::Scope);
    }
    let known = store::known(chat.db.reader(), &caller).await?;
    let person = match known {
        Some(known) if known.ended > 0 => return Err(SignInError::Ended),
        Some(known) if !known.blocked => known.id,
        // The issuer answers for nobody who is blocked.
        _ => first_sight(chat, token, &caller).await?,
    };
    Ok(Viewer {
        person,
        sid: caller.sid,
        session: None,
        expires_at: Some(caller.exp.saturating_mul(1000)),
        kid: Some(caller.kid),
        scopes: caller.scopes,
    })
}

/// The issuer lets nobody in who is blocked: whoever it lets in is not any more, although we may
/// have missed that. Unless it said that they are after it made this token. Answers whether they
/// were blocked before.
async fn let_in(tx: &Tx, person: Uuid, caller: &Caller) -> DbResult<bool> {
    if store::sub_has_ended(tx, &caller.sub, caller.iat.saturating_mul(1000)).await? {
        return Ok(false);
    }
    people::set_blocked(tx, person, false).await
}

/// Asks the issuer who the token's owner is, and keeps it.
async fn first_sight(chat: &Chat, token: &str, caller: &Caller) -> Result<Uuid, SignInError> {
    let account = provider::account(chat, token, caller).await?;
    let now = now_ms();
    let recorded = chat.db.write(async |tx| {
        let (person, _) = people::record(tx, chat, &account, now).await?;
        let opened = let_in(tx, person, caller).await?;
        Ok::<_, SignInError>((person, opened))
    });
    let (person, opened) = recorded.await?;
    if opened {
        rooms::tell_peers(chat, person).await;
    }
    welcome(chat, person, &account.username).await;
    Ok(person)
}

/// Lets a person into the rooms that waited for their name. Not letting them in is no reason not
/// to sign them in; the next sign-in tries again.
async fn welcome(chat: &Chat, person: Uuid, username: &str) {
    let name = people::normalise(username);
    if let Err(error) = rooms::accept_pending(chat, person, &name).await {
        tracing::warn!(%person, %error, "could not accept pending invitations of {person}");
    }
}

async fn by_cookie(chat: &Chat, headers: &HeaderMap) -> Result<Viewer, SignInError> {
    let secret = cookie::read(headers, &chat.config.public_url, COOKIE);
    let secret = secret.ok_or(SignInError::Missing)?;
    let now = now_ms();
    let found = store::live(chat.db.reader(), &hash(secret), now).await?;
    let session = found.ok_or(SignInError::Missing)?;
    if session.blocked {
        return Err(SignInError::Blocked);
    }
    if session.access_expires_at <= now && !refresh::keep(chat, session.id).await? {
        return Err(SignInError::Missing);
    }
    if session.last_seen_at < now - SEEN_EVERY_MS {
        chat.db.write(async |tx| store::saw(tx, session.id, now).await).await?;
    }
    Ok(Viewer {
        person: session.person_id,
        sid: session.sid,
        session: Some(session.id),
        expires_at: None,
        kid: None,
        scopes: session.scopes.split_ascii_whitespace().map(str::to_owned).collect(),
    })
}

/// Ends the sockets of who signed out: now, and those that were just being let in.
fn end_sockets(chat: &Chat, filter: impl Fn(&Viewer) -> bool + Clone + Send + Sync + 'static) {
    chat.end_sockets(filter.clone());
    let chat = chat.clone();
    tokio::spawn(async move {
        tokio::time::sleep(LET_IN_WITHIN).await;
        chat.end_sockets(filter);
    });
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

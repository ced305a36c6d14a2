//! Back from the provider: `GET /auth/callback`.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};
use kit::caller::Caller;
use kit::clock::{now_ms, random_token, uuid_v7};
use kit::cookie::{self, Life};
use url::form_urlencoded;
use uuid::Uuid;

use super::flow::Flow;
use super::provider::{self, Exchange, Tokens};
use super::{COOKIE, SignInError, store, welcome};
use crate::Chat;
use crate::people::{self, Account};
use crate::rooms;

/// What tokens of a session are sealed for.
pub(super) const TOKEN_CONTEXT: &str = "browser_session:token";
/// Longest query that is looked at, bytes.
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// The provider's answer (RFC 6749 section 4.1.2, RFC 9207 section 2).
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Why a sign-in did not end well; a word for the page that the person sees next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// The person said no.
    Denied,
    /// Too old, begun in another browser, or already used.
    Expired,
    /// The provider did not do its part.
    Failed,
}

/// Checks the provider's answer and begins a session.
pub(super) async fn finish(
    State(chat): State<Chat>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let answer = Answer::read(query.as_deref().unwrap_or_default());
    let state = answer.as_ref().and_then(|answer| answer.state.clone());
    let mut response = match signed_in(&chat, &headers, answer).await {
        Ok((return_to, session)) => {
            let mut response = Redirect::to(&return_to).into_response();
            response.headers_mut().append(header::SET_COOKIE, session);
            response
        }
        Err(failure) => Redirect::to(failure.page()).into_response(),
    };
    if let Some(state) = state {
        response.headers_mut().append(header::SET_COOKIE, Flow::gone(&chat, &state));
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn signed_in(
    chat: &Chat,
    headers: &HeaderMap,
    answer: Option<Answer>,
) -> Result<(String, HeaderValue), Failure> {
    let answer = answer.ok_or(Failure::Failed)?;
    let state = answer.state.as_deref().ok_or(Failure::Failed)?;
    let flow = Flow::of(chat, headers, state, now_ms()).ok_or(Failure::Expired)?;
    if answer.iss.as_deref() != Some(chat.issuer.url()) {
        tracing::warn!("refused a sign-in whose answer came from another issuer");
        return Err(Failure::Failed);
    }
    if let Some(error) = &answer.error {
        let denied = error == "access_denied";
        return Err(if denied { Failure::Denied } else { Failure::Failed });
    }
    let code = answer.code.as_deref().ok_or(Failure::Failed)?;
    match begin(chat, headers, code, &flow).await {
        Ok(Some(cookie)) => Ok((flow.return_to, cookie)),
        Ok(None) => Err(Failure::Expired),
        Err(error) => {
            tracing::warn!(%error, "a sign-in failed: {error}");
            Err(Failure::Failed)
        }
    }
}

/// Spends the code and begins a session; nothing if the code is of no use.
async fn begin(
    chat: &Chat,
    headers: &HeaderMap,
    code: &str,
    flow: &Flow,
) -> Result<Option<HeaderValue>, SignInError> {
    let tokens = match provider::exchange(chat, code, flow).await? {
        Exchange::Tokens(tokens) => tokens,
        Exchange::Refused(error) => {
            tracing::info!(error, "the provider refused a code: {error}");
            return Ok(None);
        }
    };
    let id_token = tokens.id_token.as_deref().unwrap_or_default();
    let client_id = &chat.config.client_id;
    let who = chat.issuer.id_token(id_token, client_id, Some(&flow.nonce)).await?;
    let caller = chat.issuer.access(&tokens.access_token, &chat.config.resource).await?;
    if caller.sub != who.sub || caller.sid != who.sid {
        return Err(SignInError::Provider("its tokens are about different people".to_owned()));
    }
    let account = provider::account(chat, &tokens.access_token, &caller).await?;
    let secret = random_token();
    let new = New { caller, tokens: *tokens, secret: &secret };
    let Came { person, opened, before } = keep(chat, headers, &account, new).await?;
    if opened {
        rooms::tell_peers(chat, person).await;
    }
    if let Some(before) = before {
        chat.end_sockets(move |viewer| viewer.session == Some(before));
    }
    welcome(chat, person, &account.username).await;
    let life = Life::Seconds(90 * 24 * 60 * 60);
    Ok(Some(cookie::set(&chat.config.public_url, COOKIE, &secret, life)))
}

struct New<'a> {
    caller: Caller,
    tokens: Tokens,
    secret: &'a str,
}

/// Who came in.
struct Came {
    person: Uuid,
    /// They were blocked before.
    opened: bool,
    /// The session that this browser had before.
    before: Option<Uuid>,
}

/// Writes the person and the session; ends the session that this browser had before.
async fn keep(
    chat: &Chat,
    headers: &HeaderMap,
    account: &Account,
    new: New<'_>,
) -> Result<Came, SignInError> {
    let id = uuid_v7();
    let seal = |token: String| chat.keys.seal(TOKEN_CONTEXT, id.as_bytes(), token.as_bytes());
    let refresh_token = new.tokens.refresh_token.map(seal).transpose()?;
    let id_token = seal(new.tokens.id_token.unwrap_or_default())?;
    let before = cookie::read(headers, &chat.config.public_url, COOKIE).map(super::hash);
    let now = now_ms();
    chat.db
        .write(async |tx| {
            if let Some(sid) = &new.caller.sid
                && store::sid_has_ended(tx, sid).await?
            {
                return Err(SignInError::Ended);
            }
            let former = match &before {
                Some(before) => store::live(tx, before, now).await?.map(|session| session.id),
                None => None,
            };
            if let Some(former) = former {
                store::end(tx, former, "signed in again", now).await?;
            }
            let (person, _) = people::record(tx, chat, account, now).await?;
            let opened = super::let_in(tx, person, &new.caller).await?;
            let session = store::NewSession {
                id,
                token_hash: super::hash(new.secret),
                person,
                sid: new.caller.sid.clone(),
                scopes: new.caller.scopes.join(" "),
                refresh_token: refresh_token.clone(),
                id_token: id_token.clone(),
                access_expires_at: new.caller.exp.saturating_mul(1000),
            };
            store::insert(tx, session, now).await?;
            Ok(Came { person, opened, before: former })
        })
        .await
}

impl Answer {
    /// Reads the query; nothing if a parameter comes twice.
    fn read(query: &str) -> Option<Self> {
        if query.len() > QUERY_BYTES_MAX {
            return None;
        }
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = match name.as_ref() {
                "code" => &mut answer.code,
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "error" => &mut answer.error,
                _ => continue,
            };
            if field.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(answer)
    }
}

impl Failure {
    fn page(self) -> &'static str {
        match self {
            Self::Denied => "/?sign_in=denied",
            Self::Expired => "/?sign_in=expired",
            Self::Failed => "/?sign_in=failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_everything_once() {
        let answer =
            Answer::read("code=a%20b&state=s&iss=https%3A%2F%2Fx&other=1&other=2").unwrap();
        assert_eq!(answer.code.as_deref(), Some("a b"));
        assert_eq!(answer.iss.as_deref(), Some("https://x"));
        assert_eq!(Answer::read("code=a&code=b&state=s"), None);
        assert_eq!(Answer::read("state=a&state=a"), None);
        assert_eq!(Answer::read(""), Some(Answer::default()));
    }
}

//! An app sends a person here to sign out (OpenID Connect RP-Initiated Logout 1.0).

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use kit::db::{DbResult, Row, Tx, one, params};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::again::again;
use super::clients::{self, Client};
use super::ground::{self, About};
use super::pages::{self, Failed};
use super::params::Params;
use super::verify::{self, Hint};
use super::{Provider, redirect};
use crate::Identity;
use crate::login;
use crate::pages::{FormFields, check_form};
use crate::visitor::Visitor;

/// Longest `state`, bytes.
const STATE_BYTES_MAX: usize = 2048;

/// What an app asks for.
struct Asked {
    client: Option<Client>,
    hint: Option<Hint>,
    /// Where to go afterwards, known to be the client's.
    then: Option<String>,
    state: Option<String>,
    /// Its ID token is of the sign-in of this very browser.
    is_at_home: bool,
}

impl Asked {
    /// Where the browser goes on by itself, or may go on: to an app that nobody checked only if
    /// it has shown that the person who sees this is signed in there. Anybody can send anybody
    /// here, and the person believes to be led by us.
    fn onward(&self) -> Onward<'_> {
        match (&self.then, &self.client) {
            (Some(uri), Some(client)) if client.is_unverified() && !self.is_at_home => {
                Onward::Offered(client, self.with_state(uri))
            }
            (Some(uri), _) => Onward::There(self.with_state(uri)),
            (None, _) => Onward::Nowhere,
        }
    }

    fn with_state(&self, uri: &str) -> String {
        match &self.state {
            Some(state) => redirect::with_query(uri, &[("state", state.clone())]),
            None => uri.to_owned(),
        }
    }
}

/// Where who has signed out goes.
enum Onward<'a> {
    Nowhere,
    There(String),
    /// Behind a link, by their own will.
    Offered(&'a Client, String),
}

/// `GET /oauth/logout`.
pub(crate) async fn by_query(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    begin(&identity, &visitor, &headers, query.unwrap_or_default().as_bytes()).await
}

/// `POST /oauth/logout`. It brings no cookie from another site: without a hint that tells whose
/// sign-in is meant the browser comes again, with its cookie.
pub(crate) async fn by_form(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let hinted = Sent::parse(&body).is_some_and(|sent| sent.hint.is_some());
    if hinted {
        return begin(&identity, &visitor, &headers, &body).await;
    }
    match again(&identity, &headers, "/oauth/logout", &body).await {
        Ok(Some(response)) => response,
        Ok(None) => begin(&identity, &visitor, &headers, &body).await,
        Err(error) => pages::failed(&identity, &visitor, &error.into()),
    }
}

/// What the person confirmed.
#[derive(Debug, Deserialize)]
pub(crate) struct Confirmed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    post_logout_redirect_uri: String,
    #[serde(default)]
    state: String,
}

/// `POST /oauth/logout/confirm`.
pub(crate) async fn confirm(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    FormFields(form): FormFields<Confirmed>,
) -> Response {
    if let Err(error) = check_form(&identity, &headers, &form.csrf) {
        return error.into_response();
    }
    let pairs = [
        ("client_id", form.client_id),
        ("post_logout_redirect_uri", form.post_logout_redirect_uri),
        ("state", form.state),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let done = async {
        let asked = read(&identity.oauth, query.as_bytes()).await?;
        let session = login::current_session(&identity, &headers).await?;
        leave(&identity, &visitor, &asked, session.map(|session| session.id)).await
    };
    done.await.unwrap_or_else(|failed| pages::failed(&identity, &visitor, &failed))
}

async fn begin(
    identity: &Identity,
    visitor: &Visitor,
    headers: &HeaderMap,
    raw: &[u8],
) -> Response {
    let done = async {
        let mut asked = read(&identity.oauth, raw).await?;
        let session = login::current_session(identity, headers).await?.map(|session| session.id);
        let hinted = match &asked.hint {
            Some(hint) => hinted_session(&identity.oauth, hint).await?,
            None => None,
        };
        asked.is_at_home = session.is_some() && session == hinted;
        // The app's ID token is of this sign-in, or of one whose cookie a post from another site
        // does not bring.
        if session.is_none() || session == hinted {
            return leave(identity, visitor, &asked, hinted).await;
        }
        let fields = Fields {
            client_id: asked.client.as_ref().map_or("", |client| &client.id),
            post_logout_redirect_uri: asked.then.as_deref().unwrap_or_default(),
            state: asked.state.as_deref().unwrap_or_default(),
        };
        Ok(pages::confirm_logout(identity, visitor, &fields, asked.client.as_ref()))
    };
    done.await.unwrap_or_else(|failed| pages::failed(identity, visitor, &failed))
}

/// What the confirmation page carries on.
pub(crate) struct Fields<'a> {
    /// The app.
    pub client_id: &'a str,
    /// Where to go afterwards.
    pub post_logout_redirect_uri: &'a str,
    /// What comes back to the app.
    pub state: &'a str,
}

/// The parameters as they come (OpenID Connect RP-Initiated Logout 1.0 section 2).
#[derive(Debug, PartialEq, Eq)]
struct Sent {
    hint: Option<String>,
    client_id: Option<String>,
    then: Option<String>,
    /// Left out if it is longer than [`STATE_BYTES_MAX`].
    state: Option<String>,
}

impl Sent {
    /// Reads a query or a form; nothing if it cannot be read, or has something twice.
    fn parse(raw: &[u8]) -> Option<Self> {
        let params = Params::parse(raw).ok().filter(|params| params.repeated().is_none())?;
        let get = |name| params.get(name).map(str::to_owned);
        Some(Self {
            hint: get("id_token_hint"),
            client_id: get("client_id"),
            then: get("post_logout_redirect_uri"),
            state: get("state").filter(|state| state.len() <= STATE_BYTES_MAX),
        })
    }
}

async fn read(provider: &Provider, raw: &[u8]) -> Result<Asked, Failed> {
    let sent = Sent::parse(raw).ok_or(Failed::Logout)?;
    let hint = sent.hint.as_ref().and_then(|token| verify::hint(provider, token));
    // One that cannot be believed, of a key that somebody else may know, is no hint; whoever is
    // sent by an app that says its name is asked then, as if it had brought none.
    if sent.hint.is_some() && hint.is_none() && sent.client_id.is_none() {
        return Err(Failed::Logout);
    }
    let hinted = hint.as_ref().map(|hint| hint.aud.as_str());
    let named = sent.client_id.as_deref();
    if named.is_some() && hinted.is_some() && named != hinted {
        return Err(Failed::Logout);
    }
    let client = match named.or(hinted) {
        Some(id) => Some(clients::find(provider.db.reader(), id).await?.ok_or(Failed::Logout)?),
        None => None,
    };
    let known =
        |uri: &String| client.as_ref().is_some_and(|client| client.post_logout_uris.contains(uri));
    if sent.then.as_ref().is_some_and(|uri| !known(uri)) {
        return Err(Failed::Logout);
    }
    Ok(Asked { state: sent.state, client, hint, then: sent.then, is_at_home: false })
}

/// The live session that an ID token was made in.
async fn hinted_session(provider: &Provider, hint: &Hint) -> DbResult<Option<Uuid>> {
    #[derive(Row)]
    struct Found {
        session_id: Uuid,
    }
    let Some(sid) = hint.sid.clone() else { return Ok(None) };
    let Ok(sub) = hint.sub.parse::<Uuid>() else { return Ok(None) };
    let sql = "SELECT sc.session_id FROM session_clients sc \
               JOIN sessions s ON s.id = sc.session_id JOIN users u ON u.id = s.user_id \
               WHERE sc.sid = $1 AND sc.client_id = $2 AND u.sub = $3 AND s.ended_at IS NULL";
    let values = params![sid, hint.aud.clone(), sub];
    let found = one::<Found>(provider.db.reader(), sql, values).await?;
    Ok(found.map(|found| found.session_id))
}

/// Ends the session, if there is one, and goes where the app wants if it may.
async fn leave(
    identity: &Identity,
    visitor: &Visitor,
    asked: &Asked,
    session: Option<Uuid>,
) -> Result<Response, Failed> {
    let cookie = match session {
        Some(session) => Some(end(identity, visitor, asked, session).await?),
        None => None,
    };
    let mut response = match asked.onward() {
        Onward::Nowhere => pages::signed_out(identity, visitor),
        Onward::There(url) => Redirect::to(&url).into_response(),
        Onward::Offered(client, url) => {
            pages::signed_out_of_unchecked(identity, visitor, client, &url)
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Ends the session because its person left an app.
async fn end(
    identity: &Identity,
    visitor: &Visitor,
    asked: &Asked,
    session: Uuid,
) -> DbResult<HeaderValue> {
    let client = asked.client.as_ref().map(|client| client.id.as_str());
    let work = async |tx: &Tx| {
        let user = login::end_in(tx, visitor, session, "signed out").await?;
        let about = About { user, client, session: Some(session) };
        ground::record_from(tx, "logout.rp", about, (visitor, json!({}))).await
    };
    identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(login::gone_cookie(identity))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::form_urlencoded::Serializer;

    use super::*;

    #[test]
    fn twice_is_refused_and_a_long_state_left_out() {
        assert_eq!(Sent::parse(b"client_id=chat&client_id=other"), None);
        let long = "x".repeat(STATE_BYTES_MAX + 1);
        let sent = Sent::parse(format!("client_id=chat&state={long}").as_bytes()).unwrap();
        assert_eq!((sent.client_id.as_deref(), sent.state), (Some("chat"), None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Some(sent) = Sent::parse(&raw) {
                let fields = [&sent.hint, &sent.client_id, &sent.then, &sent.state];
                prop_assert!(fields.iter().all(|field| field.as_deref() != Some("")));
            }
        }

        #[test]
        fn what_an_app_writes_is_read(fields in proptest::array::uniform4("[^\u{FFFD}\0]{0,40}")) {
            let names = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
            let pairs = names.iter().zip(&fields);
            let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
            let [hint, client_id, then, state] =
                fields.map(|field| Some(field).filter(|field| !field.is_empty()));
            let expected = Sent { hint, client_id, then, state };
            prop_assert_eq!(Sent::parse(query.as_bytes()), Some(expected));
        }
    }
}

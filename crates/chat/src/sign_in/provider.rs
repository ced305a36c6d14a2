//! What this server says to the provider: codes and refresh tokens for tokens, who somebody is,
//! and that a token is not needed any more.

use http::StatusCode;
use kit::caller::Caller;
use reqwest::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::SignInError;
use super::flow::Flow;
use super::login::redirect_uri;
use crate::Chat;
use crate::people::Account;

/// Longest answer that is read, bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What the token endpoint answers.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) token_type: String,
    pub(super) refresh_token: Option<String>,
    pub(super) id_token: Option<String>,
}

/// What became of a request to the token endpoint.
pub(super) enum Exchange {
    /// Here they are.
    Tokens(Box<Tokens>),
    /// The provider says no, and will say so again.
    Refused(String),
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// What userinfo and introspection tell of a person.
#[derive(Deserialize)]
struct UserInfo {
    #[serde(default)]
    active: bool,
    #[serde(default)]
    sub: String,
    preferred_username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    locale: Option<String>,
}

/// Spends an authorization code.
pub(super) async fn exchange(
    chat: &Chat,
    code: &str,
    flow: &Flow,
) -> Result<Exchange, SignInError> {
    let redirect_uri = redirect_uri(chat);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", &flow.verifier),
    ];
    tokens(chat, &form).await
}

/// Spends a refresh token.
pub(super) async fn refresh(chat: &Chat, token: &str) -> Result<Exchange, SignInError> {
    tokens(chat, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// Tells the provider that a refresh token is not needed any more. Best effort.
pub(super) async fn revoke(chat: &Chat, token: &str) {
    let Ok(endpoints) = chat.issuer.endpoints().await else { return };
    let Some(url) = endpoints.revocation else { return };
    let request =
        chat.http.post(url).form(&[("token", token), ("token_type_hint", "refresh_token")]);
    if let Err(error) = signed(chat, request).send().await {
        tracing::warn!(%error, "could not revoke a refresh token: {error}");
    }
}

/// Asks who the owner of an access token is.
pub(super) async fn account(
    chat: &Chat,
    token: &str,
    caller: &Caller,
) -> Result<Account, SignInError> {
    let found = match &caller.jkt {
        None => userinfo(chat, token).await?,
        // Only the app has the key that userinfo wants to see; we ask as the API that it is for.
        Some(_) => introspected(chat, token).await?,
    };
    if found.sub != caller.sub {
        return Err(failed("its answer is about somebody else"));
    }
    let username =
        found.preferred_username.ok_or_else(|| failed("it told no preferred_username"))?;
    Ok(Account {
        iss: caller.iss.clone(),
        sub: found.sub,
        display_name: found.name.unwrap_or_else(|| username.clone()),
        username,
        role: caller.roles.first().cloned(),
        // An address that may be somebody else's is never written to.
        email: found.email.filter(|_| found.email_verified != Some(false)),
        locale: found.locale,
    })
}

async fn userinfo(chat: &Chat, token: &str) -> Result<UserInfo, SignInError> {
    let endpoints = chat.issuer.endpoints().await?;
    let url = endpoints.userinfo.ok_or_else(|| failed("it has no userinfo endpoint"))?;
    let answer = chat.http.get(url).bearer_auth(token).send().await.map_err(|e| failed(&e))?;
    match answer.status() {
        StatusCode::UNAUTHORIZED => Err(SignInError::Ended),
        StatusCode::FORBIDDEN => Err(SignInError::Scope),
        _ => read(answer).await,
    }
}

async fn introspected(chat: &Chat, token: &str) -> Result<UserInfo, SignInError> {
    let endpoints = chat.issuer.endpoints().await?;
    let url = endpoints.introspection.ok_or_else(|| failed("it has no introspection endpoint"))?;
    let request = signed(chat, chat.http.post(url).form(&[("token", token)]));
    let found: UserInfo = read(request.send().await.map_err(|error| failed(&error))?).await?;
    if !found.active {
        return Err(SignInError::Ended);
    }
    Ok(found)
}

async fn tokens(chat: &Chat, form: &[(&str, &str)]) -> Result<Exchange, SignInError> {
    let endpoints = chat.issuer.endpoints().await?;
    let mut form = form.to_vec();
    form.push(("resource", &chat.config.resource));
    let request = signed(chat, chat.http.post(endpoints.token).form(&form));
    let answer = request.send().await.map_err(|error| failed(&error))?;
    if matches!(answer.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
        let refusal: Refusal = body(answer).await?;
        return Ok(Exchange::Refused(refusal.error));
    }
    let tokens: Tokens = read(answer).await?;
    if !tokens.token_type.eq_ignore_ascii_case("bearer") {
        return Err(failed("its token is no bearer token"));
    }
    Ok(Exchange::Tokens(Box::new(tokens)))
}

/// `client_secret_basic` (RFC 6749 section 2.3.1).
fn signed(chat: &Chat, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    let form = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    request.basic_auth(form(&chat.config.client_id), Some(form(&chat.config.client_secret)))
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, SignInError> {
    if !answer.status().is_success() {
        return Err(failed(&format!("it answered {}", answer.status())));
    }
    body(answer).await
}

async fn body<T: DeserializeOwned>(mut answer: Response) -> Result<T, SignInError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(failed("its answer is too long"));
        }
        bytes.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&bytes).map_err(|error| failed(&error))
}

fn failed(reason: &(impl std::fmt::Display + ?Sized)) -> SignInError {
    SignInError::Provider(reason.to_string())
}

//! What an app asks for at the authorization endpoint; no I/O.
//!
//! Reading goes in two steps, because an error may only be sent to a redirect URI that is known
//! to be the client's: [`Target::of`] first, then [`Request::read`].

use kit::dpop;
use serde::{Deserialize, Serialize};

use super::acr::{Claims, Wanted};
use crate::oauth::clients::Client;
use crate::oauth::params::Params;
use crate::oauth::scope::Scopes;
use crate::oauth::{pkce, redirect};

/// Longest `state`, bytes; it comes back as it was.
const STATE_BYTES_MAX: usize = 2048;
/// Longest `nonce`, bytes.
const NONCE_BYTES_MAX: usize = 512;
/// Longest hint, bytes.
const HINT_BYTES_MAX: usize = 320;

/// Why nothing may be sent to the client: its page says so to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoTarget {
    /// No such client, or named twice.
    #[error("the app that sent you here is not known")]
    Client,
    /// Not a redirect URI of this client, missing, or given twice.
    #[error("the address to return to does not belong to the app that sent you here")]
    RedirectUri,
}

/// How the answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// In the redirect URI's query.
    Query,
    /// In a form that the browser posts.
    FormPost,
}

/// Where the answer goes, known to be the client's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    /// The client.
    pub client_id: String,
    /// One of its redirect URIs, as it was asked for.
    pub redirect_uri: String,
    /// How the answer travels.
    pub mode: Mode,
    /// Returned as it came.
    pub state: Option<String>,
}

/// An error for the client (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub(crate) struct Refusal {
    /// The word of the specification.
    pub code: &'static str,
    /// For the client's developer.
    pub description: String,
}

impl Refusal {
    /// A refusal with a reason.
    pub(crate) fn new(code: &'static str, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }
}

/// What `prompt` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own in the request")]
pub(crate) struct Prompt {
    /// Show nothing, or answer with an error.
    pub none: bool,
    /// Ask for the password even if signed in.
    pub login: bool,
    /// Ask for consent even if given.
    pub consent: bool,
    /// Let the person choose an account.
    pub select_account: bool,
    /// Begin with signing up.
    pub create: bool,
}

impl Prompt {
    /// Whether who is signed in already does not count.
    pub(crate) fn wants_anew(self) -> bool {
        self.login || self.select_account || self.create
    }
}

/// A valid request; kept in the interaction until the person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Where the answer goes.
    pub target: Target,
    /// What the app wants, in canonical order.
    pub scope: String,
    /// The `S256` challenge.
    pub challenge: String,
    /// Copied into the ID token.
    pub nonce: Option<String>,
    /// What to show.
    pub prompt: Prompt,
    /// How old the sign-in may be, seconds.
    pub max_age_s: Option<u32>,
    /// Who is expected.
    pub login_hint: Option<String>,
    /// The first language of `ui_locales` that has pages.
    pub locale: Option<String>,
    /// The API that the access token is for.
    pub resource: Option<String>,
    /// The only account that will do: the subject of `id_token_hint`, or of the claim `sub`.
    #[serde(default)]
    pub expected_sub: Option<String>,
    /// How strong the sign-in is to be.
    #[serde(default)]
    pub acr: Wanted,
    /// The key that the code is bound to (RFC 9449 section 10).
    #[serde(default)]
    pub jkt: Option<String>,
}

impl Target {
    /// Finds out where to answer. `client` is who `client_id` names, if anybody.
    pub(crate) fn of(params: &Params, client: Option<&Client>) -> Result<Self, NoTarget> {
        let client = client.filter(|_| !params.repeats("client_id")).ok_or(NoTarget::Client)?;
        if params.repeats("redirect_uri") {
            return Err(NoTarget::RedirectUri);
        }
        let asked = params.get("redirect_uri").ok_or(NoTarget::RedirectUri)?;
        if !client.redirect_uris.iter().any(|known| redirect::matches(known, asked)) {
            return Err(NoTarget::RedirectUri);
        }
        let form =
            !params.repeats("response_mode") && params.get("response_mode") == Some("form_post");
        let state = params.get("state").filter(|state| state.len() <= STATE_BYTES_MAX);
        Ok(Self {
            client_id: client.id.clone(),
            redirect_uri: asked.to_owned(),
            mode: if form { Mode::FormPost } else { Mode::Query },
            state: state.filter(|_| !params.repeats("state")).map(str::to_owned),
        })
    }
}

impl Request {
    /// Reads the rest. `resources` are the APIs that tokens can be made for.
    pub(crate) fn read(
        params: &Params,
        client: &Client,
        target: Target,
        resources: &[String],
    ) -> Result<Self, Refusal> {
        well_formed(params)?;
        if params.get("response_type") != Some("code") {
            let code = "unsupported_response_type";
            return Err(Refusal::new(code, "response_type must be code"));
        }
        let scopes = scopes(params, client)?;
        let claims = Claims::read(params)?;
        Ok(Self {
            scope: scopes.to_string(),
            challenge: challenge(params)?,
            nonce: bounded(params, "nonce", NONCE_BYTES_MAX)?,
            prompt: prompt(params)?,
            max_age_s: max_age(params)?,
            login_hint: bounded(params, "login_hint", HINT_BYTES_MAX)?,
            locale: locale(params),
            resource: resource(params, resources)?,
            expected_sub: claims.sub().map(str::to_owned),
            acr: Wanted::read(params, &claims)?,
            jkt: jkt(params)?,
            target,
        })
    }

    /// The scopes asked for.
    pub(crate) fn scopes(&self) -> Scopes {
        Scopes::parse(&self.scope)
    }
}

/// The one resource asked for (RFC 8707 section 2).
pub(crate) fn resource(params: &Params, known: &[String]) -> Result<Option<String>, Refusal> {
    let mut asked = params.all("resource");
    let Some(resource) = asked.next() else { return Ok(None) };
    let refuse = |reason| Err(Refusal::new("invalid_target", reason));
    if asked.next().is_some() {
        return refuse("only one resource can be asked for");
    }
    if !known.iter().any(|one| one == resource) {
        return refuse("no such resource");
    }
    Ok(Some(resource.to_owned()))
}

fn well_formed(params: &Params) -> Result<(), Refusal> {
    if let Some(name) = params.repeated() {
        // A description has neither quotes nor backslashes (RFC 6749 section 4.1.2.1).
        let plain = |c: &char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
        let shown: String = name.chars().filter(plain).take(40).collect();
        return Err(invalid(format!("{shown} is given twice")));
    }
    for (name, code) in
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
    {
        if params.get(name).is_some() {
            return Err(Refusal::new(code, "request objects are not supported"));
        }
    }
    if !matches!(params.get("response_mode"), None | Some("query" | "form_post")) {
        return Err(invalid("response_mode must be query or form_post"));
    }
    if params.get("state").is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return Err(invalid(format!("state has more than {STATE_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// The scopes asked for, all of which the client registered.
pub(crate) fn scopes(params: &Params, client: &Client) -> Result<Scopes, Refusal> {
    let refuse = |reason: String| Err(Refusal::new("invalid_scope", reason));
    let asked = Scopes::parse(params.get("scope").unwrap_or_default());
    if asked.is_empty() {
        return refuse("scope names nothing that exists".to_owned());
    }
    match asked.words().find(|scope| !client.scopes.has(scope)) {
        Some(scope) => refuse(format!("this client may not ask for {scope}")),
        None => Ok(asked),
    }
}

fn challenge(params: &Params) -> Result<String, Refusal> {
    let challenge =
        params.get("code_challenge").ok_or_else(|| invalid("code_challenge is required"))?;
    if params.get("code_challenge_method") != Some("S256") {
        return Err(invalid("code_challenge_method must be S256"));
    }
    if !pkce::is_challenge(challenge) {
        return Err(invalid("code_challenge must be 43 characters of base64url"));
    }
    Ok(challenge.to_owned())
}

fn prompt(params: &Params) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt::default();
    let words = params.get("prompt").unwrap_or_default();
    for word in words.split_ascii_whitespace() {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            "create" => prompt.create = true,
            _ => return Err(invalid("prompt has a word that is not supported")),
        }
    }
    if prompt.none && words.split_ascii_whitespace().count() > 1 {
        return Err(invalid("prompt=none stands alone"));
    }
    Ok(prompt)
}

fn max_age(params: &Params) -> Result<Option<u32>, Refusal> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits);
    seconds.map(Some).ok_or_else(|| invalid("max_age must be a number of seconds"))
}

fn bounded(params: &Params, name: &str, bytes_max: usize) -> Result<Option<String>, Refusal> {
    match params.get(name) {
        Some(value) if value.len() > bytes_max => {
            Err(invalid(format!("{name} has more than {bytes_max} bytes")))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

/// The key that is named to bind to (RFC 9449 section 10).
pub(crate) fn jkt(params: &Params) -> Result<Option<String>, Refusal> {
    match params.get("dpop_jkt") {
        Some(jkt) if !dpop::is_thumbprint(jkt) => {
            Err(invalid("dpop_jkt must be 43 characters of base64url"))
        }
        jkt => Ok(jkt.map(str::to_owned)),
    }
}

fn locale(params: &Params) -> Option<String> {
    let asked = params.get("ui_locales")?;
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    asked.split_ascii_whitespace().map(primary).find(|tag| tag == "es" || tag == "en")
}

fn invalid(description: impl Into<String>) -> Refusal {
    Refusal::new("invalid_request", description)
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;

//! What a developer writes about an app, and what is wrong with it.

use serde::Deserialize;

use super::super::AppWords;
use crate::oauth::clients::{AuthMethod, Client, Details};
use crate::oauth::redirect::{self, UriError};
use crate::oauth::scope::Scopes;
use crate::oauth::{Provider, device};

/// Longest name, characters.
const NAME_CHARS_MAX: usize = 100;
/// Most addresses of one kind.
const URIS_MAX: usize = 20;

/// The form of an app, as it was filled in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    /// Against forged forms.
    pub csrf: String,
    /// What people are shown.
    pub name: String,
    /// `server`, `browser` or `native`; only of a new app.
    pub kind: String,
    /// One address a line.
    pub redirect_uris: String,
    /// One address a line.
    pub post_logout_uris: String,
    /// Where it hears that somebody signed out.
    pub backchannel_uri: String,
    /// Its page.
    pub client_uri: String,
    /// What it does with data.
    pub policy_uri: String,
    /// Where its public keys are; then it has no secret.
    pub jwks_uri: String,
    /// What it may ask for: ticked or not.
    pub profile: Option<String>,
    /// The same.
    pub email: Option<String>,
    /// The same.
    pub offline_access: Option<String>,
    /// The same.
    pub chat: Option<String>,
}

/// What is wrong, beside each field; empty means fine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) redirect_uris: String,
    pub(super) post_logout_uris: String,
    pub(super) backchannel_uri: String,
    pub(super) client_uri: String,
    pub(super) policy_uri: String,
    pub(super) jwks_uri: String,
}

impl Wrong {
    /// Whether something optional is wrong.
    pub(super) fn has_more(&self) -> bool {
        let more = [
            &self.post_logout_uris,
            &self.backchannel_uri,
            &self.client_uri,
            &self.policy_uri,
            &self.jwks_uri,
        ];
        more.iter().any(|text| !text.is_empty())
    }
}

impl Fields {
    /// The fields of a form for a new app.
    pub(super) fn blank() -> Self {
        let ticked = || Some("1".to_owned());
        Self {
            kind: "server".to_owned(),
            profile: ticked(),
            chat: ticked(),
            offline_access: ticked(),
            ..Self::default()
        }
    }

    /// The fields of a form for an app that there is.
    pub(super) fn of(client: &Client) -> Self {
        let ticked = |scope: &str| client.scopes.has(scope).then(|| "1".to_owned());
        let details = client.details.clone();
        Self {
            csrf: String::new(),
            name: client.name.clone(),
            kind: kind_of(client).to_owned(),
            redirect_uris: client.redirect_uris.join("\n"),
            post_logout_uris: client.post_logout_uris.join("\n"),
            backchannel_uri: client.backchannel_uri.clone().unwrap_or_default(),
            client_uri: details.client_uri.unwrap_or_default(),
            policy_uri: details.policy_uri.unwrap_or_default(),
            jwks_uri: details.jwks_uri.unwrap_or_default(),
            profile: ticked("profile"),
            email: ticked("email"),
            offline_access: ticked("offline_access"),
            chat: ticked("chat"),
        }
    }

    /// Brings `client` to what the form says, or tells what is wrong with that.
    pub(super) fn apply(
        &self,
        provider: &Provider,
        t: &AppWords,
        client: &mut Client,
    ) -> Result<(), Box<Wrong>> {
        let mut wrong = Wrong::default();
        let native = self.kind == "native";
        client.name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if client.name.is_empty() || client.name.chars().count() > NAME_CHARS_MAX {
            t.name_invalid.clone_into(&mut wrong.name);
        }
        client.method = match (self.kind.as_str(), self.jwks_uri.trim().is_empty()) {
            ("server", true) => AuthMethod::Secret,
            ("server", false) => AuthMethod::PrivateKeyJwt,
            _ => AuthMethod::None,
        };
        if !["server", "browser", "native"].contains(&self.kind.as_str()) {
            t.kind_invalid.clone_into(&mut wrong.kind);
        }
        client.redirect_uris = lines(&self.redirect_uris);
        client.post_logout_uris = lines(&self.post_logout_uris);
        wrong.redirect_uris = addresses(provider, t, native, &client.redirect_uris);
        if client.redirect_uris.is_empty() {
            t.redirect_missing.clone_into(&mut wrong.redirect_uris);
        }
        wrong.post_logout_uris = addresses(provider, t, native, &client.post_logout_uris);
        client.backchannel_uri = said(&self.backchannel_uri);
        wrong.backchannel_uri = asked(provider, t, client.backchannel_uri.as_deref());
        client.details = Details {
            native,
            client_uri: said(&self.client_uri),
            policy_uri: said(&self.policy_uri),
            jwks_uri: said(&self.jwks_uri).filter(|_| self.kind == "server"),
            ..client.details.clone()
        };
        wrong.client_uri = page(provider, t, client.details.client_uri.as_deref());
        wrong.policy_uri = page(provider, t, client.details.policy_uri.as_deref());
        wrong.jwks_uri = asked(provider, t, client.details.jwks_uri.as_deref());
        client.scopes = self.scopes();
        // What runs on a device may have no browser there.
        if native && !client.may(device::GRANT_TYPE) {
            client.grant_types.push(device::GRANT_TYPE.to_owned());
        }
        if wrong == Wrong::default() { Ok(()) } else { Err(Box::new(wrong)) }
    }

    /// Whether something optional is filled in.
    pub(super) fn has_more(&self) -> bool {
        let more = [
            &self.post_logout_uris,
            &self.backchannel_uri,
            &self.client_uri,
            &self.policy_uri,
            &self.jwks_uri,
        ];
        more.iter().any(|text| !text.trim().is_empty())
    }

    fn scopes(&self) -> Scopes {
        let all = [
            ("openid", true),
            ("profile", self.profile.is_some()),
            ("email", self.email.is_some()),
            ("offline_access", self.offline_access.is_some()),
            ("chat", self.chat.is_some()),
        ];
        let words = all.iter().filter(|(_, ticked)| *ticked).map(|(word, _)| *word);
        Scopes::parse(&words.collect::<Vec<_>>().join(" "))
    }
}

/// The kind of an app, in the words of the form.
pub(super) fn kind_of(client: &Client) -> &'static str {
    match (client.is_public(), client.details.native) {
        (false, _) => "server",
        (true, false) => "browser",
        (true, true) => "native",
    }
}

fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn lines(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text.lines().filter_map(said).collect();
    found.dedup();
    found
}

/// What is wrong with addresses that people are sent to.
fn addresses(provider: &Provider, t: &AppWords, native: bool, uris: &[String]) -> String {
    if uris.len() > URIS_MAX {
        return t.too_many.to_owned();
    }
    let refused = uris.iter().find_map(|uri| {
        let checked = redirect::registrable_by_others(uri, native, provider.loopback);
        checked.err().map(|error| format!("{}: {}", shortened(uri), reason(t, error)))
    });
    refused.unwrap_or_default()
}

/// What is wrong with an address that this server asks.
fn asked(provider: &Provider, t: &AppWords, uri: Option<&str>) -> String {
    let fits =
        |uri: &str| uri.len() <= redirect::URI_BYTES_MAX && provider.guard.check(uri).is_ok();
    let wrong = uri.is_some_and(|uri| !fits(uri));
    if wrong { t.place_invalid.to_owned() } else { String::new() }
}

/// What is wrong with the address of a page.
fn page(provider: &Provider, t: &AppWords, uri: Option<&str>) -> String {
    let fits = |uri: &str| {
        uri.len() <= redirect::URI_BYTES_MAX && redirect::page(uri, provider.loopback).is_ok()
    };
    let wrong = uri.is_some_and(|uri| !fits(uri));
    if wrong { t.page_invalid.to_owned() } else { String::new() }
}

fn reason(t: &AppWords, error: UriError) -> &'static str {
    match error {
        UriError::NotAbsolute => t.uri_not_absolute,
        UriError::Parts => t.uri_parts,
        UriError::Insecure => t.uri_insecure,
        UriError::Nameless => t.uri_nameless,
        UriError::NotNative => t.uri_not_native,
    }
}

fn shortened(uri: &str) -> String {
    let mut short: String = uri.chars().take(60).collect();
    if short.len() < uri.len() {
        short.push('…');
    }
    short
}

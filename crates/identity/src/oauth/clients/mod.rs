//! Clients: the apps that people sign in to.

mod administer;
mod change;
mod create;
mod known;
mod others;
mod store;

use kit::clock::now_ms;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub(crate) use administer::{Edit, delete, edit, new_secret_of};
pub(crate) use change::{change, forget_unused, remove, rotate_secret, used};
pub use create::ClientError;
pub(crate) use create::{NewClient, create, is_secret, new_id, new_secret};
pub(crate) use known::KnownClients;
pub(crate) use others::check as check_others;
pub(crate) use store::{Listed, count_of_owner, find, list, lock, of_owner, one_at_a_time, store};

use super::scope::Scopes;
use crate::Identity;

/// What a client may exchange when nobody says otherwise.
const GRANT_TYPES: [&str; 2] = ["authorization_code", "refresh_token"];
/// An app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its id on the wire.
    pub id: String,
    /// What people are shown.
    pub name: String,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Ours: no consent is asked.
    pub first_party: bool,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    pub post_logout_uris: Vec<String>,
    /// Where it hears that somebody signed out.
    pub backchannel_uri: Option<String>,
    /// SHA-256 of its secret, if it has one.
    pub secret_hash: Option<Vec<u8>>,
    /// The secret before that, for as long as its developer lets it be good.
    pub old_secret: Option<OldSecret>,
    /// SHA-256 of the token with which it changes what it says about itself (RFC 7592).
    pub registration_hash: Option<Vec<u8>>,
    /// How it proves who it is.
    pub method: AuthMethod,
    /// What it may exchange for tokens, in the words of RFC 7591: `authorization_code …`.
    pub grant_types: Vec<String>,
    /// Who registered it.
    pub kind: ClientKind,
    /// The account that looks after it, for an app of the developers' page.
    pub owner: Option<Uuid>,
    /// What else it says about itself.
    pub details: Details,
    /// Requests must be pushed first (RFC 9126 section 5).
    pub require_par: bool,
    /// Tokens are bound to a key of the client (RFC 9449).
    pub require_dpop: bool,
    /// What its ID tokens are signed with: `ES256` or `RS256`.
    pub id_token_alg: String,
    /// When it was registered, milliseconds.
    pub created_at: i64,
    /// When it last got a token, milliseconds, to the hour.
    pub last_used_at: Option<i64>,
}

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OldSecret {
    /// SHA-256 of it.
    pub hash: Vec<u8>,
    /// When it ends, milliseconds.
    pub until: i64,
}

/// How a client proves who it is at the token endpoint (OpenID Connect Core 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    /// It keeps no secret: a public client.
    None,
    /// A secret, in the header or in the body; what operators register.
    Secret,
    /// A secret, in the header.
    SecretBasic,
    /// A secret, in the body.
    SecretPost,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
}

impl AuthMethod {
    const ALL: [(Self, &'static str); 5] = [
        (Self::None, "none"),
        (Self::Secret, "client_secret"),
        (Self::SecretBasic, "client_secret_basic"),
        (Self::SecretPost, "client_secret_post"),
        (Self::PrivateKeyJwt, "private_key_jwt"),
    ];

    /// The word of RFC 7591; `client_secret` for either way of showing a secret.
    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(method, _)| *method == self).map_or("none", |(_, word)| word)
    }

    /// The method of a word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(method, _)| *method)
    }
}

/// Who registered a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientKind {
    /// The server, at its start.
    Configured,
    /// An operator or an administrator.
    Static,
    /// Somebody on the developers' page; nobody checked it.
    Developer,
    /// A program, at the registration endpoint; nobody checked it.
    Dynamic,
}

impl ClientKind {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Static => "static",
            Self::Developer => "developer",
            Self::Dynamic => "dynamic",
        }
    }

    /// Whether who runs this installation knows the app.
    pub(crate) fn is_checked(self) -> bool {
        matches!(self, Self::Configured | Self::Static)
    }

    /// As it was stored.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "configured" => Self::Configured,
            "developer" => Self::Developer,
            "dynamic" => Self::Dynamic,
            _ => Self::Static,
        }
    }
}

/// What a client says about itself besides (RFC 7591 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Details {
    /// An app of a phone or desk (`native`), not of a server (`web`).
    pub native: bool,
    /// Its public keys, a JWK set.
    pub jwks: Option<String>,
    /// Where its public keys are.
    pub jwks_uri: Option<String>,
    /// Its page.
    pub client_uri: Option<String>,
    /// Its picture.
    pub logo_uri: Option<String>,
    /// What it does with data.
    pub policy_uri: Option<String>,
    /// Its terms.
    pub tos_uri: Option<String>,
}

/// An app of the same installation, registered by the server at start.
#[derive(Debug, Clone)]
pub struct FirstParty<'s> {
    /// Its id on the wire.
    pub client_id: &'s str,
    /// What people are shown.
    pub name: &'s str,
    /// Its secret, kept by the server.
    pub secret: &'s str,
    /// Where codes are sent.
    pub redirect_uri: String,
    /// Where a browser may go after signing out.
    pub post_logout_redirect_uri: String,
    /// Where it hears that somebody signed out.
    pub backchannel_logout_uri: Option<String>,
    /// What it may ask for.
    pub scope: &'static str,
}

impl FirstParty<'_> {
    /// What the chat asks for.
    pub const CHAT: &'static str = super::scope::DEFAULT;
    /// What the console asks for.
    pub const CONSOLE: &'static str = super::scope::CONSOLE;
}

impl Identity {
    /// Registers an app of ours, or brings its row to what the server says at this start.
    pub async fn ensure_first_party(&self, app: FirstParty<'_>) -> Result<(), ClientError> {
        let client = Client {
            id: app.client_id.to_owned(),
            name: app.name.to_owned(),
            scopes: Scopes::parse(app.scope),
            first_party: true,
            kind: ClientKind::Configured,
            redirect_uris: vec![app.redirect_uri],
            post_logout_uris: vec![app.post_logout_redirect_uri],
            backchannel_uri: app.backchannel_logout_uri,
            secret_hash: Some(hash(app.secret)),
            method: AuthMethod::Secret,
            ..Client::blank()
        };
        create::check(&client)?;
        let stored = self.oauth.db.write(async |tx| store(tx, &client).await).await;
        stored.map_err(ClientError::Store)
    }
}

impl Client {
    /// Whether the client keeps no secret.
    pub(crate) fn is_public(&self) -> bool {
        self.method == AuthMethod::None
    }

    /// Whether its way of proving who it is needs a secret.
    pub(crate) fn has_secret(&self) -> bool {
        !matches!(self.method, AuthMethod::None | AuthMethod::PrivateKeyJwt)
    }

    /// Whether somebody other than the operator registered it, and nobody looked at it.
    pub(crate) fn is_unverified(&self) -> bool {
        !self.kind.is_checked()
    }

    /// Whether it registered for a grant type.
    pub(crate) fn may(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|own| own == grant_type)
    }

    /// A client that says nothing yet.
    pub(crate) fn blank() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            scopes: Scopes::default(),
            first_party: false,
            redirect_uris: Vec::new(),
            post_logout_uris: Vec::new(),
            backchannel_uri: None,
            secret_hash: None,
            old_secret: None,
            registration_hash: None,
            method: AuthMethod::None,
            grant_types: GRANT_TYPES.map(str::to_owned).to_vec(),
            kind: ClientKind::Static,
            owner: None,
            details: Details::default(),
            require_par: false,
            require_dpop: false,
            id_token_alg: "ES256".to_owned(),
            created_at: now_ms(),
            last_used_at: None,
        }
    }
}

/// What is kept of a secret.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// A public client for tests of the pure parts.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn sample() -> Client {
    Client {
        id: "app".to_owned(),
        name: "App".to_owned(),
        scopes: Scopes::parse(super::scope::DEFAULT),
        first_party: false,
        redirect_uris: vec!["https://app.example/cb".to_owned()],
        post_logout_uris: vec!["https://app.example/".to_owned()],
        backchannel_uri: None,
        ..Client::blank()
    }
}

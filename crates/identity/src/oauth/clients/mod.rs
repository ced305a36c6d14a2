//! Clients: the apps that people sign in to.

mod store;

use kit::clock::{now_ms, random_token};
use kit::db::{Db, DbErr};
use kit::problem::{Kind, Problem};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

pub(crate) use store::find;
use store::store;

use super::redirect;
use super::scope::Scopes;
use super::token::{Credentials, INVALID_CLIENT, TokenError};
use crate::Identity;

/// Most URIs of one kind.
const URIS_MAX: usize = 20;
/// What a client may exchange when nobody says otherwise.
const GRANT_TYPES: [&str; 2] = ["authorization_code", "refresh_token"];
/// Longest name, characters.
const NAME_CHARS_MAX: usize = 100;

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
            Self::Static => "static",
            Self::Developer => "developer",
            Self::Dynamic => "dynamic",
        }
    }

    fn of(word: &str) -> Self {
        match word {
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

/// Why a client cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A URI that nothing may be sent to.
    #[error("{uri}: {reason}")]
    Uri {
        /// Which one.
        uri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Too many or too few URIs, or a name that is empty or too long.
    #[error("a client has a name of 1 to {NAME_CHARS_MAX} characters and 1 to {URIS_MAX} URIs")]
    Size,
    /// No such scope.
    #[error("there is no scope {0:?}")]
    Scope(String),
    /// The cause goes to the log, never to the caller.
    #[error("the client store failed")]
    Store(#[from] DbErr),
}

impl Problem for ClientError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            _ => Kind::Invalid,
        }
    }
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
    pub backchannel_logout_uri: String,
}

/// What an operator says about a new client.
#[derive(Debug, Clone)]
pub(crate) struct NewClient {
    /// What people are shown.
    pub name: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    pub post_logout_uris: Vec<String>,
    /// Where it hears that somebody signed out.
    pub backchannel_uri: Option<String>,
    /// What it may ask for, separated by spaces.
    pub scope: String,
    /// An app that cannot keep a secret.
    pub public: bool,
}

impl Identity {
    /// Registers an app of ours, or brings its row to what the server says at this start.
    pub async fn ensure_first_party(&self, app: FirstParty<'_>) -> Result<(), ClientError> {
        let client = Client {
            id: app.client_id.to_owned(),
            name: app.name.to_owned(),
            scopes: Scopes::parse(super::scope::DEFAULT),
            first_party: true,
            redirect_uris: vec![app.redirect_uri],
            post_logout_uris: vec![app.post_logout_redirect_uri],
            backchannel_uri: Some(app.backchannel_logout_uri),
            secret_hash: Some(hash(app.secret)),
            method: AuthMethod::Secret,
            ..Client::blank()
        };
        check(&client)?;
        let stored = self.oauth.db.write(async |tx| store(tx, &client).await).await;
        stored.map_err(ClientError::Store)
    }
}

/// Registers an app; answers its id and, unless it is public, its secret.
pub(crate) async fn create(
    db: &Db,
    new: NewClient,
) -> Result<(String, Option<String>), ClientError> {
    let secret = (!new.public).then(|| format!("cs_{}", random_token()));
    let client = Client {
        id: kit::clock::uuid_v4().simple().to_string(),
        name: new.name,
        scopes: Scopes::parse_strictly(&new.scope).map_err(ClientError::Scope)?,
        first_party: false,
        redirect_uris: new.redirect_uris,
        post_logout_uris: new.post_logout_uris,
        backchannel_uri: new.backchannel_uri,
        secret_hash: secret.as_deref().map(hash),
        method: if new.public { AuthMethod::None } else { AuthMethod::Secret },
        ..Client::blank()
    };
    check(&client)?;
    let stored = db.write(async |tx| store(tx, &client).await).await;
    stored.map_err(ClientError::Store)?;
    Ok((client.id, secret))
}

impl Client {
    /// Whether the client keeps no secret.
    pub(crate) fn is_public(&self) -> bool {
        self.method == AuthMethod::None
    }

    /// A client that says nothing yet.
    fn blank() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            scopes: Scopes::default(),
            first_party: false,
            redirect_uris: Vec::new(),
            post_logout_uris: Vec::new(),
            backchannel_uri: None,
            secret_hash: None,
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

    /// Accepts what the client showed to prove who it is.
    pub(crate) fn accept(&self, shown: &Credentials) -> Result<(), TokenError> {
        let good = match (shown, &self.secret_hash) {
            (Credentials::None { .. }, None) => true,
            (Credentials::Secret { secret, .. }, Some(kept)) => hash(secret).ct_eq(kept).into(),
            _ => false,
        };
        if good { Ok(()) } else { Err(INVALID_CLIENT) }
    }
}

fn check(client: &Client) -> Result<(), ClientError> {
    let name = client.name.trim().chars().count();
    let uris = [client.redirect_uris.len(), client.post_logout_uris.len()];
    if name == 0 || name > NAME_CHARS_MAX || uris[0] == 0 || uris.iter().any(|n| *n > URIS_MAX) {
        return Err(ClientError::Size);
    }
    let redirects = client.redirect_uris.iter().chain(&client.post_logout_uris);
    for uri in redirects.chain(&client.backchannel_uri) {
        redirect::registrable(uri).map_err(|reason| {
            let (uri, reason) = (uri.clone(), reason.to_string());
            ClientError::Uri { uri, reason }
        })?;
    }
    Ok(())
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// A public client for tests of the pure parts.
#[cfg(test)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_proves_who_it_is_the_way_it_registered() {
        let none = Credentials::None { client_id: "app".to_owned() };
        let secret = |secret: &str| Credentials::Secret {
            client_id: "app".to_owned(),
            secret: secret.to_owned(),
            basic: true,
        };
        let public = sample();
        let confidential = Client { secret_hash: Some(hash("s")), ..sample() };
        assert!(public.accept(&none).is_ok());
        assert!(public.accept(&secret("s")).is_err());
        assert!(confidential.accept(&secret("s")).is_ok());
        assert!(confidential.accept(&secret("t")).is_err());
        assert!(confidential.accept(&none).is_err());
    }

    #[test]
    fn a_client_with_a_bad_uri_is_refused() {
        assert!(check(&sample()).is_ok());
        let bad = Client { redirect_uris: vec!["http://app.example/cb".to_owned()], ..sample() };
        assert!(matches!(check(&bad), Err(ClientError::Uri { .. })));
        assert!(check(&Client { redirect_uris: vec![], ..sample() }).is_err());
        assert!(check(&Client { name: "  ".to_owned(), ..sample() }).is_err());
    }
}

//! Clients: the apps that people sign in to.

use kit::clock::{now_ms, random_token};
use kit::db::{Db, DbErr, DbResult, Row, Sql, Tx, all, exec, one, params};
use kit::problem::{Kind, Problem};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::redirect;
use super::scope::Scopes;
use super::token::{Credentials, INVALID_CLIENT, TokenError};
use crate::Identity;

/// Most URIs of one kind.
const URIS_MAX: usize = 20;
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
    /// SHA-256 of its secret; a public client has none.
    pub secret_hash: Option<Vec<u8>>,
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
        };
        check(&client)?;
        let stored = self.oauth.db.write(async |tx| store(tx, &client, now_ms()).await).await;
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
    };
    check(&client)?;
    let stored = db.write(async |tx| store(tx, &client, now_ms()).await).await;
    stored.map_err(ClientError::Store)?;
    Ok((client.id, secret))
}

impl Client {
    /// Whether the client keeps no secret.
    pub(crate) fn is_public(&self) -> bool {
        self.secret_hash.is_none()
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

/// The client with this id.
pub(crate) async fn find(c: &impl Sql, id: &str) -> DbResult<Option<Client>> {
    let sql = "SELECT id, name, scopes, first_party, backchannel_uri, secret_hash \
               FROM clients WHERE id = $1";
    let Some(row) = one::<ClientRow>(c, sql, params![id]).await? else { return Ok(None) };
    let sql = "SELECT kind, uri FROM client_uris WHERE client_id = $1 ORDER BY uri";
    let uris = all::<UriRow>(c, sql, params![id]).await?;
    let of = |kind: &str| {
        let some = uris.iter().filter(|row| row.kind == kind);
        some.map(|row| row.uri.clone()).collect()
    };
    Ok(Some(Client {
        id: row.id,
        name: row.name,
        scopes: Scopes::parse(&row.scopes),
        first_party: row.first_party,
        redirect_uris: of("redirect"),
        post_logout_uris: of("post_logout"),
        backchannel_uri: row.backchannel_uri,
        secret_hash: row.secret_hash,
    }))
}

#[derive(Row)]
struct ClientRow {
    id: String,
    name: String,
    scopes: String,
    first_party: bool,
    backchannel_uri: Option<String>,
    secret_hash: Option<Vec<u8>>,
}

#[derive(Row)]
struct UriRow {
    kind: String,
    uri: String,
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

async fn store(tx: &Tx, client: &Client, now: i64) -> DbResult<()> {
    let sql = "INSERT INTO clients (id, name, auth_method, secret_hash, scopes, first_party, \
               backchannel_uri, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
               auth_method = excluded.auth_method, secret_hash = excluded.secret_hash, \
               scopes = excluded.scopes, first_party = excluded.first_party, \
               backchannel_uri = excluded.backchannel_uri";
    let method = if client.is_public() { "none" } else { "client_secret" };
    let values = params![
        client.id.clone(),
        client.name.clone(),
        method,
        client.secret_hash.clone(),
        client.scopes.to_string(),
        client.first_party,
        client.backchannel_uri.clone(),
        now
    ];
    exec(tx, sql, values).await?;
    exec(tx, "DELETE FROM client_uris WHERE client_id = $1", params![client.id.clone()]).await?;
    let redirects = client.redirect_uris.iter().map(|uri| ("redirect", uri));
    let afterwards = client.post_logout_uris.iter().map(|uri| ("post_logout", uri));
    for (kind, uri) in redirects.chain(afterwards) {
        let sql = "INSERT INTO client_uris (client_id, kind, uri) VALUES ($1, $2, $3) \
                   ON CONFLICT (client_id, kind, uri) DO NOTHING";
        exec(tx, sql, params![client.id.clone(), kind, uri.clone()]).await?;
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
        secret_hash: None,
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

//! What operators do on the command line: register an app, make a token.

use std::path::PathBuf;

use clap::Args;
use kit::clock::now_ms;
use kit::db::{DbErr, Tx, exec, params};
use kit::problem::{Kind, Problem};
use serde_json::{Value, json};

use super::clients::{self, AuthMethod, ClientError, NewClient};
use super::grants::{self, NewGrant};
use super::ground::{self, About};
use super::keys::SigningError;
use super::scope::{self, Scopes};
use super::tokens::{self, Right};
use crate::Identity;
use crate::accounts::{self, Actor};

/// The client that tokens of the command line belong to; it can do nothing else.
const CLI_CLIENT: &str = "tertulia-cli";
/// How many apps are read at a time.
const PAGE: i64 = 500;
/// Longest life of a token made here, seconds.
const TTL_S_MAX: u32 = 86_400;

/// Why the command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// No such account, or one that may not sign in.
    #[error("there is no active account named {0:?}")]
    NoUser(String),
    /// No API that a token could be for.
    #[error("no resource is configured")]
    NoResource,
    /// No such scope.
    #[error("there is no scope {0:?}")]
    Scope(String),
    /// No such way for an app to prove who it is.
    #[error("there is no auth method {0:?}")]
    Method(String),
    /// The file with an app's keys.
    #[error("the keys cannot be read: {0}")]
    Keys(std::io::Error),
    /// The app cannot be registered.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nothing can be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The database.
    #[error("identity's database: {0}")]
    Store(#[from] DbErr),
}

impl Problem for CliError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// Register an app.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct ClientCreate {
    /// What people are shown.
    #[arg(long)]
    pub name: String,
    /// Where codes may be sent; may be given again.
    #[arg(long)]
    pub redirect_uri: Vec<String>,
    /// Where a browser may go after signing out; may be given again.
    #[arg(long)]
    pub post_logout_redirect_uri: Vec<String>,
    /// Where the app hears that somebody signed out.
    #[arg(long)]
    pub backchannel_logout_uri: Option<String>,
    /// An app that cannot keep a secret (in a browser or on a phone).
    #[arg(long)]
    pub public: bool,
    /// What it may ask for.
    #[arg(long, default_value = scope::DEFAULT)]
    pub scope: String,
    /// How it proves who it is: `client_secret` (in the header or in the body),
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`.
    #[arg(long, conflicts_with = "public", default_value = "client_secret")]
    pub auth_method: String,
    /// A file with its public keys, a JWK set.
    #[arg(long)]
    pub jwks: Option<PathBuf>,
    /// Where its public keys are.
    #[arg(long)]
    pub jwks_uri: Option<String>,
    /// What it may exchange for tokens, such as `authorization_code`; may be given again.
    #[arg(long)]
    pub grant_type: Vec<String>,
    /// Its requests must be pushed before a person is sent here.
    #[arg(long)]
    pub require_par: bool,
    /// Its tokens must be bound to a key of its own (RFC 9449).
    #[arg(long)]
    pub require_dpop: bool,
    /// It belongs to this installation: nobody is asked for consent.
    #[arg(long)]
    pub first_party: bool,
}

/// An app.
#[derive(Debug, Clone, Args)]
pub struct ClientId {
    /// Its `client_id`.
    pub id: String,
}

/// Make an access token for the chat API, for tests and load tools.
#[derive(Debug, Clone, Args)]
pub struct TokenCreate {
    /// Whose token: user name or e-mail address.
    #[arg(long)]
    pub user: String,
    /// How long it lives, seconds, at most a day.
    #[arg(long, default_value_t = 3600)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(TTL_S_MAX)))]
    pub ttl: u32,
    /// What it may be used for.
    #[arg(long, default_value = "openid profile email chat")]
    pub scope: String,
}

/// Registers an app; answers `{client_id, client_secret?}`.
pub(crate) async fn client_create(
    identity: &Identity,
    args: ClientCreate,
) -> Result<Value, CliError> {
    let method = AuthMethod::of(if args.public { "none" } else { &args.auth_method });
    let method = method.ok_or_else(|| CliError::Method(args.auth_method.clone()))?;
    let read = |path| std::fs::read_to_string(path).map_err(CliError::Keys);
    let new = NewClient {
        name: args.name,
        redirect_uris: args.redirect_uri,
        post_logout_uris: args.post_logout_redirect_uri,
        backchannel_uri: args.backchannel_logout_uri,
        scope: args.scope,
        method,
        jwks: args.jwks.map(read).transpose()?,
        jwks_uri: args.jwks_uri,
        grant_types: args.grant_type,
        require_par: args.require_par,
        require_dpop: args.require_dpop,
        first_party: args.first_party,
    };
    let (id, secret) = clients::create(&identity.oauth, &Actor::Operator, new).await?;
    Ok(match secret {
        Some(secret) => json!({"client_id": id, "client_secret": secret}),
        None => json!({"client_id": id}),
    })
}

/// All apps that people can meet.
pub(crate) async fn client_list(identity: &Identity) -> Result<Value, CliError> {
    let time = |at: i64| kit::clock::rfc3339(at);
    let mut items = Vec::new();
    let mut after = String::new();
    loop {
        let page = clients::list(identity.oauth.db.reader(), &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        let told = page.iter().filter(|app| app.id != CLI_CLIENT).map(|app| {
            let mut item = json!({"client_id": app.id, "name": app.name, "kind": app.kind,
                                  "created_at": time(app.created_at)});
            if let Some(at) = app.last_used_at {
                item["last_used_at"] = json!(time(at));
            }
            item
        });
        items.extend(told);
    }
    Ok(json!({"items": items}))
}

/// Removes an app.
pub(crate) async fn client_delete(identity: &Identity, id: &str) -> Result<Value, CliError> {
    match clients::delete(identity, &Actor::Operator, id).await {
        Ok(()) => Ok(json!({"removed": true})),
        Err(ClientError::Unknown) => Ok(json!({"removed": false})),
        Err(error) => Err(error.into()),
    }
}

/// Makes an access token; answers it.
pub(crate) async fn token_create(
    identity: &Identity,
    args: TokenCreate,
) -> Result<String, CliError> {
    let provider = &identity.oauth;
    let scopes = Scopes::parse_strictly(&args.scope).map_err(CliError::Scope)?;
    let resource = provider.resources.first().cloned().ok_or(CliError::NoResource)?;
    let user = accounts::by_name(identity, &args.user).await?;
    let user = user.ok_or_else(|| CliError::NoUser(args.user.clone()))?;
    let person = ground::person(identity, user).await?.filter(|person| person.active);
    let person = person.ok_or_else(|| CliError::NoUser(args.user.clone()))?;
    let now = now_ms();
    let new = NewGrant {
        user_id: user,
        client_id: CLI_CLIENT.to_owned(),
        session_id: None,
        scopes,
        resource: Some(resource.clone()),
        acr: "0".to_owned(),
        amr: String::new(),
        auth_time: now,
    };
    let grant = provider.db.write(async |tx| {
        ensure_client(tx, now).await?;
        let grant = grants::open(tx, &new, now).await?;
        let about = About { user: Some(user), client: Some(CLI_CLIENT), session: None };
        ground::record(tx, "token.issued", about).await?;
        grants::find(tx, grant).await
    });
    let grant = grant.await?.ok_or_else(|| DbErr::RecordNotFound("grant".to_owned()))?;
    let right = Right {
        audience: resource,
        scope: scopes.of_role(person.role).to_string(),
        role: Some(person.role),
        life_s: i64::from(args.ttl),
        jkt: None,
    };
    let subject = grant.subject(person.sub);
    Ok(tokens::access(&provider.keys, &provider.issuer, &subject, &right, now / 1000)?)
}

/// The row that grants of the command line refer to; without redirect URIs and with a secret that
/// nobody has.
async fn ensure_client(tx: &Tx, now: i64) -> Result<(), DbErr> {
    let sql = "INSERT INTO clients (id, name, auth_method, secret_hash, scopes, first_party, \
               created_at, kind) VALUES ($1, 'Command line', 'client_secret', $2, '', FALSE, $3, \
               'configured') \
               ON CONFLICT (id) DO NOTHING";
    let nobodys = kit::clock::random_bytes::<32>().to_vec();
    exec(tx, sql, params![CLI_CLIENT, nobodys, now]).await.map(drop)
}

//! The OpenID provider: apps, sign-ins for them, and the tokens they get.
//!
//! Only the authorization code flow with PKCE (S256), as OAuth 2.1 and RFC 9700 want it. The
//! requests are read by pure functions (`params`, `authorize::Request`, `token::Grant`); the rest
//! asks the database or answers HTTP. Every URL is built from the configured issuer, never from
//! a request.

mod again;
mod authorize;
pub(crate) mod backchannel;
mod budget;
pub(crate) mod cli;
mod client_auth;
pub(crate) mod clients;
pub(crate) mod consents;
mod cors;
pub(crate) mod device;
mod discovery;
mod document;
mod dpop;
mod endpoint;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod grants;
pub(crate) mod ground;
mod introspect;
mod keys;
mod logout;
pub(crate) mod pages;
mod par;
mod params;
mod pkce;
pub(crate) mod redirect;
pub(crate) mod register;
pub(crate) mod replay;
mod revoke;
pub(crate) mod scope;
mod token;
mod tokens;
mod userinfo;
mod verified;
mod verify;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use kit::db::{Db, DbResult, Migration};
use kit::egress::{EgressConfig, Guard};
use kit::keys::KeyRing;
use tokio::sync::Notify;
use url::Url;

pub(crate) use authorize::form_action_of;
pub use clients::{ClientError, FirstParty};
pub(crate) use document::document;
pub(crate) use grants::{GivenTo, LiveGrant, live_grants, revoke_grant};
pub(crate) use ground::person;
pub use keys::Schedule;
pub(crate) use keys::cli::KeysCommand;
pub(crate) use keys::cli::answer as keys_command;
pub(crate) use keys::{Described, Rotation, described as described_keys};
pub(crate) use keys::{SigningError, SigningKeys};
pub(crate) use register::{RegistrationToken, make_token};
pub(crate) use scope::Scopes;
pub(crate) use userinfo::bearer;
pub(crate) use verify::{Access, access};

use crate::Identity;
use crate::accounts::Actor;
use crate::apps::Apps;
use budget::Budgets;
use client_auth::KeySets;
use clients::{Client, KnownClients};

/// How often what is over is removed.
const TIDY_EVERY: Duration = Duration::from_mins(10);

/// The tables of the provider; the last of identity's migrations.
pub(crate) const MIGRATION: Migration =
    Migration { name: "0100_oauth", sql: include_str!("schema.sql"), sqlite: &[], postgres: &[] };

/// What apps of others say about themselves.
pub(crate) const CLIENTS: Migration = Migration {
    name: "0110_clients",
    sql: include_str!("clients.sql"),
    sqlite: &[],
    postgres: &[],
};

/// At most one signing key of each kind at a time.
pub(crate) const KEYS: Migration =
    Migration { name: "0160_keys", sql: include_str!("keys.sql"), sqlite: &[], postgres: &[] };

/// What programs say to the provider: pushed requests, proofs, devices.
pub(crate) const WIRE: Migration =
    Migration { name: "0150_wire", sql: include_str!("wire.sql"), sqlite: &[], postgres: &[] };

/// What developers and people do with apps of others.
pub(crate) const APPS: Migration = Migration {
    name: "0210_apps",
    sql: include_str!("../../migrations/0210_apps.sql"),
    sqlite: &[],
    postgres: &[],
};

/// Grants that are over are found by their age.
pub(crate) const GRANTS_END: Migration = Migration {
    name: "0300_grants_end",
    sql: include_str!("../../migrations/0300_grants_end.sql"),
    sqlite: &[],
    postgres: &[],
};

/// Tells the chat who was blocked before it was told of that; it is no use to anybody later.
pub(crate) const TOLD_BLOCKED: Migration = Migration {
    name: "0340_told_blocked",
    sql: "",
    sqlite: &["INSERT INTO logout_deliveries (id, client_id, uri, sub, tries, next_at, \
         created_at) SELECT randomblob(16), c.id, c.backchannel_uri, \
         lower(substr(hex(u.sub), 1, 8) || '-' || substr(hex(u.sub), 9, 4) || '-' || \
         substr(hex(u.sub), 13, 4) || '-' || substr(hex(u.sub), 17, 4) || '-' || \
         substr(hex(u.sub), 21)), 0, u.updated_at, u.updated_at \
         FROM users u CROSS JOIN clients c WHERE u.status = 'blocked' AND c.first_party \
         AND ' ' || c.scopes || ' ' LIKE '% chat %' AND c.backchannel_uri IS NOT NULL"],
    postgres: &["INSERT INTO logout_deliveries (id, client_id, uri, sub, tries, next_at, \
         created_at) SELECT gen_random_uuid(), c.id, c.backchannel_uri, u.sub::text, \
         0, u.updated_at, u.updated_at \
         FROM users u CROSS JOIN clients c WHERE u.status = 'blocked' AND c.first_party \
         AND ' ' || c.scopes || ' ' LIKE '% chat %' AND c.backchannel_uri IS NOT NULL"],
};

/// What the provider is told.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The issuer: what `iss` says and every URL begins with.
    pub issuer: String,
    /// The APIs that access tokens can be made for; they are ours.
    pub resources: Vec<String>,
    /// When signing keys change.
    pub signing: keys::Schedule,
    /// Where URLs of apps may lead.
    pub egress: EgressConfig,
    /// Apps of others.
    pub apps: Apps,
}

/// The provider's handles. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Provider(Arc<Handles>);

/// What is inside a [`Provider`].
pub(crate) struct Handles {
    pub(super) db: Db,
    pub(super) ring: Arc<KeyRing>,
    pub(super) keys: SigningKeys,
    pub(super) issuer: String,
    pub(super) resources: Vec<String>,
    /// What apps of others may do.
    pub(crate) apps: Apps,
    /// This server is for its own machine only.
    pub(crate) loopback: bool,
    /// The admin API, as tokens for it say.
    pub(crate) admin_resource: String,
    /// For the apps of this installation, whose addresses its operator wrote.
    pub(super) http: reqwest::Client,
    /// For URLs that others wrote.
    pub(crate) guard: Guard,
    pub(super) budgets: Budgets,
    pub(super) key_sets: KeySets,
    pub(super) verified: verified::Verified,
    /// Apps that ask again and again.
    pub(crate) clients: KnownClients,
    /// Rings when logout tokens are waiting to be sent.
    pub(super) due: Notify,
}

impl Deref for Provider {
    type Target = Handles;

    fn deref(&self) -> &Handles {
        &self.0
    }
}

impl Provider {
    /// Opens the provider on a database that has its tables; makes the first signing key.
    pub(crate) async fn open(
        db: Db,
        ring: Arc<KeyRing>,
        config: Config,
    ) -> Result<Self, SigningError> {
        let keys = SigningKeys::open(db.clone(), Arc::clone(&ring), config.signing).await?;
        let loopback = Url::parse(&config.issuer).is_ok_and(|url| kit::cookie::is_loopback(&url));
        let budgets = Budgets::new(loopback, config.apps.registrations_per_h);
        Ok(Self(Arc::new(Handles {
            db,
            ring,
            keys,
            admin_resource: format!("{}/admin/api", config.issuer.trim_end_matches('/')),
            issuer: config.issuer.trim_end_matches('/').to_owned(),
            resources: config.resources,
            apps: config.apps,
            loopback,
            http: kit::caller::http_client(),
            guard: Guard::new(&config.egress),
            budgets,
            key_sets: KeySets::default(),
            verified: verified::Verified::default(),
            clients: KnownClients::default(),
            due: Notify::new(),
        })))
    }

    /// The client with this id, as it is or was a moment ago.
    pub(super) async fn client(&self, id: &str) -> DbResult<Option<Arc<Client>>> {
        self.clients.find(self.db.reader(), id).await
    }

    /// Tells the sender of logout tokens that some were queued.
    pub(crate) fn wake_sender(&self) {
        self.due.notify_one();
    }

    /// The APIs that tokens can be for.
    pub(crate) fn resources(&self) -> Vec<String> {
        self.resources.iter().chain([&self.admin_resource]).cloned().collect()
    }

    /// The APIs that a client can ask tokens for.
    pub(super) fn resources_for(&self, client: &Client) -> Vec<String> {
        let admin = client.first_party && client.scopes.administers();
        let admin = admin.then(|| self.admin_resource.clone());
        self.resources.iter().cloned().chain(admin).collect()
    }

    /// A URL of ours.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}

/// The endpoints, below the issuer's path.
pub(crate) fn router() -> Router<Identity> {
    let shared = Router::new()
        .route("/.well-known/openid-configuration", get(discovery::document))
        .route("/.well-known/oauth-authorization-server", get(discovery::document))
        .route("/oauth/jwks", get(discovery::jwks))
        .route("/oauth/token", post(token::answer))
        .route("/oauth/revoke", post(revoke::answer))
        .route("/oauth/par", post(par::answer))
        .route("/oauth/userinfo", get(userinfo::answer).post(userinfo::answer))
        .route("/oauth/register", post(register::create))
        .route(
            "/oauth/register/{id}",
            get(register::show).put(register::replace).delete(register::remove),
        )
        .layer(axum::middleware::from_fn(cors::any_origin));
    Router::new()
        .route("/oauth/authorize", get(authorize::by_query).post(authorize::by_form))
        .route("/oauth/authorize/continue", get(authorize::go_on))
        .route("/device", get(device::show).post(device::submit))
        .route("/consent", get(authorize::consent::show).post(authorize::consent::decide))
        .route("/oauth/logout", get(logout::by_query).post(logout::by_form))
        .route("/oauth/logout/confirm", post(logout::confirm))
        .route("/oauth/introspect", post(introspect::answer))
        .route("/oauth/device", post(device::answer))
        .merge(shared)
}

/// What RFC 8414 wants at the origin's root when the issuer has a path.
pub(crate) fn root_router(identity: Identity) -> Router {
    let path = Url::parse(&identity.oauth.issuer)
        .map_or_else(|_| String::new(), |url| url.path().trim_end_matches('/').to_owned());
    if path.is_empty() {
        return Router::new();
    }
    Router::new()
        .route(&format!("/.well-known/oauth-authorization-server{path}"), get(discovery::document))
        .layer(axum::middleware::from_fn(cors::any_origin))
        .with_state(identity)
}

/// Sends logout tokens, changes signing keys and removes old rows for as long as the process runs.
pub(crate) async fn run(identity: Identity) {
    let provider = &identity.oauth;
    tokio::join!(backchannel::send(provider), keys::follow(&provider.keys), tidy(provider));
}

async fn tidy(provider: &Provider) {
    loop {
        let now = kit::clock::now_ms();
        provider.budgets.tidy();
        provider.key_sets.tidy(now);
        let purged = provider.db.write(async |tx| {
            backchannel::purge(tx, now).await?;
            par::purge(tx, now).await?;
            device::purge(tx, now).await?;
            replay::purge(tx, now).await?;
            register::purge(tx, now).await?;
            grants::purge(tx, now).await
        });
        if let Err(error) = purged.await {
            tracing::error!(%error, "could not remove old codes and tokens: {error}");
        }
        if let Err(error) = clients::forget_unused(provider, now).await {
            tracing::error!(%error, "could not remove unused apps: {error}");
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}

/// Changes the keys that sign tokens, on demand.
pub(crate) async fn rotate_keys(
    identity: &Identity,
    by: &Actor,
    how: Rotation,
) -> Result<Vec<Described>, SigningError> {
    keys::rotate(&identity.oauth.keys, by, how).await
}

/// What tokens are signed with.
pub(crate) fn algorithms() -> Vec<&'static str> {
    keys::Alg::ALL.map(keys::Alg::name).to_vec()
}

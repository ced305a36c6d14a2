//! Identity: who somebody is. Accounts, passwords, sessions, and `OpenID` Connect for
//! applications.
//!
//! A service of its own with its own database. Chat and everybody else know it by HTTP only.
//! Every address it writes is built from the configured issuer, never from a request's `Host`.

mod accounts;
mod addresses;
mod admin;
mod apps;
mod audit;
pub mod cli;
mod config;
mod factors;
mod forwarded;
mod login;
mod mail;
mod oauth;
mod outbox;
mod pages;
mod passwords;
mod schema;
mod sessions;
mod sms;
mod upstream;
mod visitor;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use kit::db::{Db, DbConfig, DbErr};
use kit::keys::{KeyError, KeyRing};
use kit::mail::{MailError, Mailer};
use kit::sms::{Gateways, SmsError};

pub use accounts::Role;
pub use apps::{Apps, Developers, Registration};
pub use audit::Keep;
pub use config::{Config, Console, Limits, Passwords, Sessions, Settings};
pub use factors::{Codes, Passkeys};
#[cfg(any(test, feature = "fuzzing"))]
pub use oauth::fuzzing;
pub use oauth::{ClientError, FirstParty, Schedule};
pub use upstream::{Claims, ClientAuth, Level, Upstream, UpstreamKind};

/// Handles to everything identity works with. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Parts>);

/// What [`Identity`] points to.
pub struct Parts {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) hasher: passwords::Hasher,
    pub(crate) limits: login::Budgets,
    pub(crate) sms: Gateways,
    pub(crate) outbox: outbox::Outbox,
    pub(crate) networks: visitor::Networks,
    pub(crate) oauth: oauth::Provider,
    pub(crate) passkeys: Option<factors::RelyingParty>,
    pub(crate) upstream: upstream::Providers,
}

impl Deref for Identity {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Why identity does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration contradicts itself.
    #[error("{0}")]
    Config(String),
    /// The database.
    #[error("identity's database: {0}")]
    Db(#[from] DbErr),
    /// The key ring.
    #[error("identity's keys: {0}")]
    Keys(#[from] KeyError),
    /// The mailer.
    #[error("identity's mail: {0}")]
    Mail(#[from] MailError),
    /// A gateway of text messages.
    #[error("{0}")]
    Sms(#[from] SmsError),
    /// The keys that sign tokens.
    #[error("identity's signing keys: {0}")]
    Signing(#[from] oauth::SigningError),
}

/// Opens identity and starts what runs besides requests.
pub async fn build(config: Config) -> Result<Identity, StartError> {
    let identity = open(config).await?;
    tokio::spawn(outbox::deliver(identity.clone(), outbox::Way::Mail));
    tokio::spawn(outbox::deliver(identity.clone(), outbox::Way::Sms));
    tokio::spawn(outbox::deliver(identity.clone(), outbox::Way::Recovery));
    tokio::spawn(login::tidy(identity.clone()));
    tokio::spawn(audit::tidy(identity.clone()));
    tokio::spawn(oauth::run(identity.clone()));
    Ok(identity)
}

/// Opens the database, the keys and the mailer, for a command beside a running server.
pub async fn open(config: Config) -> Result<Identity, StartError> {
    if let Some(refusal) = config.refusal() {
        return Err(StartError::Config(refusal));
    }
    let keys = Arc::new(KeyRing::open(&config.data_dir.join("keys"), "identity")?);
    let mailer = kit::mail::open(&config.mail, &config.data_dir)?;
    let receipts = format!("{}{}", config.issuer_text(), sms::RECEIPTS);
    let sms = Gateways::open(&config.sms, &config.data_dir, &receipts)?;
    let place = DbConfig {
        url: config.database_url.clone(),
        data_dir: config.data_dir.clone(),
        name: "identity",
    };
    let db = Db::open(&place, schema::MIGRATIONS).await?;
    let provider = oauth::Config {
        issuer: config.issuer_text().to_owned(),
        resources: config.resources.clone(),
        signing: config.settings.signing.clone(),
        egress: config.egress(),
        apps: config.settings.apps.clone(),
    };
    let oauth = oauth::Provider::open(db.clone(), Arc::clone(&keys), provider).await?;
    let upstream = upstream::Providers::open(&config.settings.upstream, &config.egress())
        .map_err(StartError::Config)?;
    let parts = Parts {
        hasher: passwords::Hasher::new(&config.settings.passwords, &keys),
        limits: login::Budgets::new(&config),
        outbox: outbox::Outbox::default(),
        networks: visitor::Networks::new(&config.settings.trusted_proxies),
        passkeys: factors::RelyingParty::of(&config),
        upstream,
        config,
        db,
        keys,
        mailer,
        sms,
        oauth,
    };
    Ok(Identity(Arc::new(parts)))
}

/// What must be at the root of the origin, whatever the issuer's path is.
pub fn root_router(identity: &Identity) -> Router {
    pages::root_router(identity)
        .merge(factors::root_router(identity))
        .merge(oauth::root_router(identity.clone()))
}

impl Identity {
    /// Every route, to be nested at the issuer's path.
    pub fn router(&self) -> Router {
        let routes = Router::new()
            .merge(accounts::router())
            .merge(addresses::router())
            .merge(login::router())
            .merge(factors::router())
            .merge(upstream::router())
            .merge(sessions::router())
            .merge(apps::router())
            .merge(sms::router())
            .merge(passwords::router())
            .merge(pages::router())
            .merge(admin::router(self))
            .merge(oauth::router());
        pages::with_edges(routes, self).with_state(self.clone())
    }

    /// A path with the issuer's prefix: `/id/login`.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.config.base())
    }

    /// An address for a mail: `https://…/id/verify/…`.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.config.issuer_text())
    }

    /// Whether links of mails may be shown to the person at the terminal and on pages: mail goes
    /// to a folder of this machine, and the issuer is this machine.
    pub(crate) fn is_development(&self) -> bool {
        self.mailer.is_folder() && kit::cookie::is_loopback(&self.config.issuer)
    }
}

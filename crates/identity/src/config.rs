//! What identity is told at start.

use std::path::PathBuf;

use kit::egress::EgressConfig;
use kit::mail::MailConfig;
use kit::secret::Secret;
use kit::sms::SmsConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::apps::Apps;
use crate::audit::Keep;
use crate::factors::{self, Codes, Passkeys};
use crate::oauth::Schedule;
use crate::upstream::{self, Upstream};

/// The section `[identity]` of the configuration file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What tokens say they are from, when identity runs alone; absent: its own origin. Beside the
    /// chat it is `{public_url}/id`.
    pub issuer: Option<Url>,
    /// Audiences that apps may ask tokens for, such as `https://chat.example.org/api`; beside the
    /// chat it is `{public_url}/api`.
    pub resources: Vec<String>,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// Budgets per address of the network.
    pub limits: Limits,
    /// How long sessions live.
    pub sessions: Sessions,
    /// Passkeys.
    pub passkeys: Passkeys,
    /// Codes as a second step. Switched off, nobody can add or use them; accounts that have no
    /// other second step then need a recovery code.
    pub codes: Codes,
    /// When the keys that sign tokens change.
    pub signing: Schedule,
    /// Apps of others.
    pub apps: Apps,
    /// How long the audit is kept.
    pub audit: Keep,
    /// The app for administrators.
    pub console: Console,
    /// Networks of proxies in front of this service, such as `10.0.0.0/8`. Only their
    /// `Forwarded` and `X-Forwarded-For` are believed.
    pub trusted_proxies: Vec<String>,
    /// Where URLs that apps name may lead: keys, logout addresses, other providers. To the
    /// internet always; into our own network only by exception.
    pub egress: EgressConfig,
    /// Providers of others that people may sign in with; none unless you name some.
    pub upstream: Vec<Upstream>,
}

/// Cost of Argon2id (RFC 9106). A hash is made anew at the next sign-in after a change.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Passwords {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Hashes made at the same time; 0 means one per processor.
    pub parallel: usize,
    /// Requests that may wait for a hash; more are answered with 503.
    pub queue_max: usize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, parallel: 0, queue_max: 64 }
    }
}

/// Budgets per address of the network (IPv6: per /64). On this machine itself, while
/// `public_url` is loopback, they are ten times as large.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Sign-in attempts in a minute.
    pub sign_ins_per_min: u32,
    /// Sign-in attempts in an hour.
    pub sign_ins_per_h: u32,
    /// Sign-ins that applications begin in a minute; each is a row until it is over.
    pub begun_per_min: u32,
    /// Mails asked for (sign-up, recovery) in an hour.
    pub mails_per_h: u32,
    /// Mails to one receiver in an hour.
    pub mails_per_receiver_h: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_ins_per_min: 30,
            sign_ins_per_h: 300,
            begun_per_min: 600,
            mails_per_h: 20,
            mails_per_receiver_h: 5,
        }
    }
}

/// How long a session lives.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    /// Unused for so long, it ends.
    pub idle_s: u32,
    /// It ends after so long in any case.
    pub life_s: u32,
    /// The same for a person who asked to stay signed in.
    pub kept_life_s: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { idle_s: 12 * 3600, life_s: 7 * 86_400, kept_life_s: 30 * 86_400 }
    }
}

/// The console: an app of its own with the same accounts. It is registered at each start as it is
/// written here.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// Where it takes codes; absent: `{public_url}/admin/auth/callback`, or no console when
    /// identity runs alone.
    pub redirect_uri: Option<Url>,
    /// Its secret; absent: one made at the first start, in `keys/console-client-secret`.
    pub client_secret: Option<Secret>,
    /// Where it hears that somebody signed out.
    pub backchannel_logout_uri: Option<Url>,
}

/// Everything identity needs to start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The issuer: `https://id.example`, or `{public_url}/id` in `tertulia all`.
    pub issuer: Url,
    /// Resources that tokens can be asked for, such as `{public_url}/api`.
    pub resources: Vec<String>,
    /// Where a person goes on who came from nowhere: the chat's first page.
    pub home_url: Url,
    /// Folder of the database file, the keys and the mails.
    pub data_dir: PathBuf,
    /// `postgres://…`, or nothing for SQLite in `data_dir`.
    pub database_url: Option<String>,
    /// How mail leaves.
    pub mail: MailConfig,
    /// How text messages leave.
    pub sms: SmsConfig,
    /// The section of the configuration file.
    pub settings: Settings,
}

impl Config {
    /// The issuer as tokens say it: without a slash at the end.
    pub fn issuer_text(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }

    /// The path in front of every route: empty, or `/id`.
    pub fn base(&self) -> &str {
        self.issuer.path().trim_end_matches('/')
    }

    /// Where URLs of others may lead; to this machine too when only this machine signs in here.
    pub(crate) fn egress(&self) -> EgressConfig {
        let told = self.settings.egress.clone();
        if kit::cookie::is_loopback(&self.issuer) { told.with_loopback() } else { told }
    }

    /// Why this configuration must not run, if so.
    pub(crate) fn refusal(&self) -> Option<String> {
        let plain = self.issuer.scheme() == "http" && kit::cookie::is_loopback(&self.issuer);
        if self.issuer.scheme() != "https" && !plain {
            return Some(format!("the issuer {} must be https or loopback", self.issuer));
        }
        if self.issuer.query().is_some() || self.issuer.fragment().is_some() {
            return Some(format!("the issuer {} must be a plain URL", self.issuer));
        }
        let rp_id = self.settings.passkeys.rp_id.as_deref();
        if let Some(refusal) = factors::passkeys_refusal(&self.issuer, rp_id) {
            return Some(refusal);
        }
        if let Some(refusal) = self.settings.signing.refusal() {
            return Some(refusal);
        }
        if let Some(refusal) = self.settings.audit.refusal() {
            return Some(refusal);
        }
        if let Some(refusal) = upstream::refusal(&self.settings.upstream) {
            return Some(refusal);
        }
        let wrong = |text: &&String| kit::network::Network::parse(text).is_none();
        let proxy = self.settings.trusted_proxies.iter().find(wrong)?;
        Some(format!("{proxy:?} in trusted_proxies is not a network such as 10.0.0.0/8"))
    }
}

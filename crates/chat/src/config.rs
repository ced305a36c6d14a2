//! What chat is told at start.

use std::path::PathBuf;

use kit::blobs::BlobsConfig;
use kit::egress::EgressConfig;
use kit::secret::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// The section `[chat]` of the configuration file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The issuer that signs people in, when it is not part of this process.
    pub issuer: Option<Url>,
    /// Where this process reaches the issuer; absent: at its own address.
    pub identity_internal_url: Option<Url>,
    /// Chat's client id at the issuer.
    pub client_id: Option<String>,
    /// Chat's client secret at the issuer: the text, or `{ file = "…" }`.
    pub client_secret: Option<Secret>,
    /// Budgets per person.
    pub limits: Limits,
    /// Files of messages.
    pub files: FilesSettings,
    /// Where functions (speech, mails about unread messages) are, when they are not part of this
    /// process.
    pub functions: FunctionsSettings,
    /// Messages for browsers while no page is open.
    pub push: PushSettings,
    /// Mail about messages that stay unread.
    pub mail: MailSettings,
    /// Link previews: the server asks the page behind the first link of a message what it is.
    pub previews: PreviewSettings,
    /// Where URLs that people gave may lead: those of push services, links that are previewed.
    pub egress: EgressConfig,
}

/// Web Push. Nothing leaves for anywhere until a person turns it on in a browser, and then only
/// for the push service of that browser.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PushSettings {
    /// Whether people may turn it on.
    pub enabled: bool,
    /// Where the people of a push service find you when something is wrong: `mailto:` or
    /// `https://…`; absent: `public_url`.
    pub contact: Option<String>,
}

impl Default for PushSettings {
    fn default() -> Self {
        Self { enabled: true, contact: None }
    }
}

/// Files of messages.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilesSettings {
    /// Bytes of one file; each is held in memory for a moment.
    pub bytes_max: u64,
    /// Bytes of all files of one person.
    pub quota_bytes: u64,
    /// Pixels of one picture; each takes four bytes of memory while it is read.
    pub pixels_max: u64,
    /// Where a CDN has files of public rooms, such as `https://cdn.example.org`: it reads the
    /// bucket, or `{public_url}/media`. Absent: they come from this server.
    pub public_base_url: Option<Url>,
}

impl FilesSettings {
    /// Where public files are: their own address, or a path of this server.
    pub(crate) fn media_url(&self) -> String {
        let base = self.public_base_url.as_ref();
        base.map_or("/media", |url| url.as_str().trim_end_matches('/')).to_owned()
    }
}

impl Default for FilesSettings {
    fn default() -> Self {
        Self {
            bytes_max: 25 * 1024 * 1024,
            quota_bytes: 2 * 1024 * 1024 * 1024,
            pixels_max: 50_000_000,
            public_base_url: None,
        }
    }
}

/// Mail about messages that stay unread: mentions, replies and direct messages. Each person
/// chooses when, or never, and every such mail has a link that ends them. The mail itself leaves
/// as the section `[mail]` of the functions says.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// Whether there are such mails.
    pub enabled: bool,
    /// Who did not choose anything else is written to when a message has been unread for so many
    /// seconds.
    pub after_s: u32,
    /// The hour of the day (0 to 23) of a daily mail, in the time zone of its person's quiet
    /// hours, else in UTC.
    pub daily_hour: u8,
    /// Whether such mails show the texts of messages, to who wants them. Without, they say only
    /// who wrote and where, with the links: mail servers on the way learn nothing else.
    pub show_text: bool,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self { enabled: true, after_s: 600, daily_hour: 8, show_text: true }
    }
}

/// Link previews: the server asks the page behind the first link of a message what it is, and
/// shows its title below the message. Off, since it then asks pages that people name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PreviewSettings {
    /// Whether pages are asked.
    pub enabled: bool,
}

/// Where functions are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FunctionsSettings {
    /// Their address, such as `https://functions.example.org`; absent: in this process, where it
    /// has them.
    pub url: Option<Url>,
    /// The secret that requests to them are signed with: the text, or `{ file = "…" }`.
    pub secret: Option<Secret>,
}

/// Functions as chat calls them.
#[derive(Debug, Clone)]
pub struct FunctionsAt {
    /// Their address, without a slash at the end.
    pub url: String,
    /// The secret that requests are signed with.
    pub secret: String,
}

/// Budgets per person: so many at once, then so many per second. Over it the answer is 429 with
/// `Retry-After`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Messages, edits and deletions at once.
    pub messages_burst: u32,
    /// Messages, edits and deletions per second after the burst.
    pub messages_per_s: u32,
    /// Other changes (rooms, members, invitations, markers) at once.
    pub changes_burst: u32,
    /// Other changes per second after the burst.
    pub changes_per_s: u32,
    /// Requests that only read, at once.
    pub reads_burst: u32,
    /// Requests that only read, per second after the burst.
    pub reads_per_s: u32,
    /// Rooms one person may be a member of.
    pub rooms_per_person_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages_burst: 2_000,
            messages_per_s: 100,
            changes_burst: 300,
            changes_per_s: 5,
            reads_burst: 2_000,
            reads_per_s: 100,
            rooms_per_person_max: 1_000,
        }
    }
}

/// Everything chat needs to start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The origin that browsers see.
    pub public_url: Url,
    /// The issuer whose tokens are believed: what `iss` must be.
    pub issuer: String,
    /// Where this process reaches the issuer.
    pub identity_internal_url: String,
    /// Chat's client id at the issuer.
    pub client_id: String,
    /// Chat's client secret at the issuer.
    pub client_secret: String,
    /// The audience of access tokens for this API: `{public_url}/api`.
    pub resource: String,
    /// `postgres://…`, or nothing for SQLite in `data_dir`.
    pub database_url: Option<String>,
    /// Folder of the database file and the keys.
    pub data_dir: PathBuf,
    /// Where blobs are kept.
    pub blobs: BlobsConfig,
    /// Where functions are; absent: nothing is delegated, and no message can be heard.
    pub functions: Option<FunctionsAt>,
    /// The section of the configuration file.
    pub settings: Settings,
}

//! The configuration file: one section per service.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use kit::blobs::BlobsConfig;
use kit::mail::MailConfig;
use kit::sms::SmsConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::command::Options;

/// The file that is read when none is named.
const FILE: &str = "tertulia.toml";

/// Everything that can be configured; with nothing configured it works.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Folder of all data: databases, keys, mail.
    pub(crate) data_dir: PathBuf,
    /// Address to listen on.
    pub(crate) listen: SocketAddr,
    /// The origin that browsers see; absent: `http://localhost:<port>`. Must be https unless it is
    /// this machine.
    pub(crate) public_url: Option<Url>,
    /// `postgres://user@host/database`; absent: SQLite in the data folder.
    pub(crate) database_url: Option<String>,
    /// Name of this instance, told in the header `X-Instance`; absent: a random one.
    pub(crate) instance: Option<String>,
    /// How mail leaves.
    pub(crate) mail: MailConfig,
    /// How text messages (SMS) leave. None do until a gateway is configured.
    pub(crate) sms: SmsConfig,
    /// Where files and clips are kept.
    pub(crate) blobs: BlobsConfig,
    /// The identity service.
    pub(crate) identity: identity::Settings,
    /// The chat service.
    pub(crate) chat: chat::Settings,
    /// Functions: delegated work without state.
    pub(crate) functions: functions::Settings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            database_url: None,
            instance: None,
            mail: MailConfig::default(),
            sms: SmsConfig::default(),
            blobs: BlobsConfig::default(),
            identity: identity::Settings::default(),
            chat: chat::Settings::default(),
            functions: functions::Settings::default(),
        }
    }
}

impl Config {
    /// Defaults, file, environment, `--set`, and last the options of the command line.
    pub(crate) fn load(options: &Options) -> Result<Self> {
        let found = PathBuf::from(FILE);
        let file = options.config.clone().or_else(|| found.is_file().then_some(found));
        let mut config: Self = kit::config::load(file.as_deref(), &options.sets)?;
        if let Some(data_dir) = &options.data_dir {
            config.data_dir.clone_from(data_dir);
        }
        if let Some(listen) = options.listen {
            config.listen = listen;
        }
        if options.public_url.is_some() {
            config.public_url.clone_from(&options.public_url);
        }
        if options.database_url.is_some() {
            config.database_url.clone_from(&options.database_url);
        }
        Ok(config)
    }

    /// The same with the passwords of its addresses left out; secrets never print anyway.
    pub(crate) fn without_secrets(mut self) -> Self {
        for address in self.database_url.iter_mut().chain([&mut self.mail.smtp_url]) {
            if let Ok(mut url) = Url::parse(address) {
                let _ = url.set_password(None);
                *address = url.to_string();
            }
        }
        self
    }

    /// The origin that browsers see, once the port is known. Plain http is only for this machine.
    pub(crate) fn origin(&self, port: u16) -> Result<Url> {
        let url = match &self.public_url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("http://localhost:{port}"))?,
        };
        if url.path() != "/" || url.query().is_some() || url.host().is_none() {
            bail!("public_url is an origin such as https://chat.example.org, without a path");
        }
        if url.scheme() != "https" && !(url.scheme() == "http" && kit::cookie::is_loopback(&url)) {
            bail!("public_url must be https unless it is this machine; set --public-url");
        }
        if self.public_url.is_none() && !self.listen.ip().is_loopback() {
            bail!("listening on {} needs --public-url https://…", self.listen);
        }
        Ok(url)
    }

    /// Makes the data folder, for its owner only.
    pub(crate) fn prepare_data_dir(&self) -> Result<()> {
        kit::keys::create_dir_private(&self.data_dir)
            .with_context(|| format!("data folder {}", self.data_dir.display()))
    }

    /// Makes the data folder and keeps other servers out of it for as long as the answer lives:
    /// two on one folder would not tell each other's readers what is new.
    pub(crate) fn own_data_dir(&self) -> Result<File> {
        self.prepare_data_dir()?;
        let path = self.data_dir.join("lock");
        let lock =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                bail!("another server uses the data folder {}", self.data_dir.display())
            }
            // A file system that knows no locks.
            Err(TryLockError::Error(error)) => tracing::warn!(%error, "the folder is not locked"),
            Ok(()) => {}
        }
        Ok(lock)
    }

    /// Name of this instance.
    pub(crate) fn instance(&self) -> String {
        self.instance.clone().unwrap_or_else(|| {
            let id = kit::clock::uuid_v4().simple().to_string();
            format!("tertulia-{}", &id[..8])
        })
    }
}

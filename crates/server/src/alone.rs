//! One service alone in its process, at its own origin.

use anyhow::{Context as _, Result};
use url::Url;

use crate::config::Config;
use crate::{all, listen, web};

/// Where the identity commands assume the server to be, unless told with `--public-url`.
const DEFAULT_ORIGIN: &str = "http://localhost:8080";

/// The chat service, with an identity service elsewhere: `chat.issuer` and the client's secret
/// must be configured.
pub(crate) async fn chat(config: Config) -> Result<()> {
    kit::telemetry::start();
    let _lock = config.own_data_dir()?;
    let (listener, port) = listen::bind(&config)?;
    let origin = config.origin(port)?;
    let settings = config.chat.clone();
    let issuer = settings.issuer.as_ref().context("chat alone needs chat.issuer")?;
    let internal = settings.identity_internal_url.as_ref().unwrap_or(issuer);
    let secret = settings.client_secret.as_ref().context("chat alone needs chat.client_secret")?;
    let client_id = settings.client_id.clone().context("chat alone needs chat.client_id")?;
    let chat = chat::build(chat::Config {
        public_url: origin.clone(),
        issuer: without_slash(issuer),
        identity_internal_url: without_slash(internal),
        client_id,
        client_secret: secret.reveal().context("chat.client_secret")?,
        resource: all::resource(&origin)?,
        database_url: config.database_url.clone(),
        data_dir: config.data_dir.clone(),
        blobs: config.blobs.clone(),
        functions: all::functions_elsewhere(&config)?,
        settings: settings.clone(),
    })
    .await?;
    let router = chat::router(chat.clone())
        .fallback_service(web::router(config.chat.files.public_base_url.as_ref())?);
    listen::serve(&config, (listener, origin), router, move || chat.close_sockets()).await
}

/// The identity service at its own origin, which is then the issuer.
pub(crate) async fn identity(config: Config) -> Result<()> {
    kit::telemetry::start();
    let _lock = config.own_data_dir()?;
    let (listener, port) = listen::bind(&config)?;
    let origin = config.origin(port)?;
    let issuer = config.identity.issuer.clone().unwrap_or_else(|| origin.clone());
    let identity = identity::build(identity::Config {
        issuer,
        home_url: origin.clone(),
        ..all::identity_config(&config, &origin)?
    })
    .await?;
    all::register_console(&identity, &config, None).await?;
    let router = identity.router().merge(identity::root_router(&identity));
    listen::serve(&config, (listener, origin), router, || {}).await
}

/// The functions at their own origin: `functions.secret` must be configured. They have no data
/// (but for the folder of mails, while there is no mail server).
pub(crate) async fn functions(config: Config) -> Result<()> {
    kit::telemetry::start();
    let secret = config.functions.secret.as_ref().context("functions needs functions.secret")?;
    let secret = secret.reveal().context("functions.secret")?;
    let (listener, port) = listen::bind(&config)?;
    let origin = config.origin(port)?;
    let router = functions::router(&functions::Config {
        secret,
        mail: config.mail.clone(),
        data_dir: config.data_dir.clone(),
        settings: config.functions.clone(),
    })?;
    listen::serve(&config, (listener, origin), router, || {}).await
}

/// A command of the identity service, on the data of `tertulia all`.
pub(crate) async fn identity_command(
    config: Config,
    command: identity::cli::Command,
) -> Result<()> {
    config.prepare_data_dir()?;
    let origin = config.public_url.clone().map_or_else(|| Url::parse(DEFAULT_ORIGIN), Ok)?;
    let identity = all::identity_config(&config, &origin)?;
    Ok(identity::cli::run(identity, command).await?)
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

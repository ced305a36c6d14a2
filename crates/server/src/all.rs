//! Every service in one process and on one port.
//!
//! They share the process and nothing else: each has its own database and key ring, and chat
//! reaches identity over HTTP like any other client.

use std::path::Path;

use anyhow::{Context as _, Result};
use axum::Router;
use url::Url;

use crate::config::Config;
use crate::{listen, web};

/// Chat's name at the identity service.
const CLIENT_ID: &str = "chat";
/// The console's.
const CONSOLE_ID: &str = "console";

/// Runs until the process is told to stop.
pub(crate) async fn run(config: Config) -> Result<()> {
    kit::telemetry::start();
    let _lock = config.own_data_dir()?;
    let (listener, port) = listen::bind(&config)?;
    let origin = config.origin(port)?;
    let local = format!("http://127.0.0.1:{port}");
    let secret = client_secret(&config.data_dir.join("keys"), "chat-client-secret")?;

    let identity = identity::build(identity_config(&config, &origin)?).await?;
    identity.ensure_first_party(first_party(&origin, &local, &secret)?).await?;
    register_console(&identity, &config, Some(&origin)).await?;
    let functions = own_functions(&config)?;
    let at = functions_at(&config, &local, &functions)?;
    let beside = chat_config(&config, &origin, &local, secret)?;
    let chat = chat::build(chat::Config { functions: Some(at), ..beside }).await?;

    let router = Router::new()
        .nest("/id", identity.router())
        .merge(identity::root_router(&identity))
        .merge(chat::router(chat.clone()))
        .nest("/fn", functions::router(&functions)?)
        .fallback_service(web::router(config.chat.files.public_base_url.as_ref())?);
    listen::serve(&config, (listener, origin), router, move || chat.close_sockets()).await
}

/// What identity is told when the chat is beside it: issuer `{origin}/id`, audience
/// `{origin}/api`, unless the configuration says otherwise.
pub(crate) fn identity_config(config: &Config, origin: &Url) -> Result<identity::Config> {
    let settings = &config.identity;
    let mut resources = settings.resources.clone();
    if resources.is_empty() {
        resources.push(resource(origin)?);
    }
    Ok(identity::Config {
        issuer: settings.issuer.clone().map_or_else(|| origin.join("id"), Ok)?,
        resources,
        home_url: origin.clone(),
        data_dir: config.data_dir.clone(),
        database_url: config.database_url.clone(),
        mail: config.mail.clone(),
        sms: config.sms.clone(),
        settings: config.identity.clone(),
    })
}

/// The audience of tokens for the chat API.
pub(crate) fn resource(origin: &Url) -> Result<String> {
    Ok(origin.join("api")?.to_string())
}

fn first_party<'s>(origin: &Url, local: &str, secret: &'s str) -> Result<identity::FirstParty<'s>> {
    Ok(identity::FirstParty {
        client_id: CLIENT_ID,
        name: "Tertulia",
        secret,
        redirect_uri: origin.join("auth/callback")?.to_string(),
        post_logout_redirect_uri: origin.to_string(),
        backchannel_logout_uri: Some(format!("{local}/auth/backchannel-logout")),
        scope: identity::FirstParty::CHAT,
    })
}

/// Registers the console: an app of its own, with the accounts of the chat. Without a redirect URI
/// of its own it is at `/admin` of the same origin, if there is one that serves it.
pub(crate) async fn register_console(
    identity: &identity::Identity,
    config: &Config,
    beside: Option<&Url>,
) -> Result<()> {
    let settings = &config.identity.console;
    let redirect_uri = match (&settings.redirect_uri, beside) {
        (Some(uri), _) => uri.clone(),
        (None, Some(origin)) => origin.join("admin/auth/callback")?,
        (None, None) => return Ok(()),
    };
    let secret = match &settings.client_secret {
        Some(secret) => secret.reveal().context("identity.console.client_secret")?,
        None => client_secret(&config.data_dir.join("keys"), "console-client-secret")?,
    };
    let console = identity::FirstParty {
        client_id: CONSOLE_ID,
        name: "Tertulia Admin",
        secret: &secret,
        post_logout_redirect_uri: redirect_uri.join("/admin")?.to_string(),
        redirect_uri: redirect_uri.to_string(),
        backchannel_logout_uri: settings.backchannel_logout_uri.as_ref().map(Url::to_string),
        scope: identity::FirstParty::CONSOLE,
    };
    Ok(identity.ensure_first_party(console).await?)
}

fn chat_config(
    config: &Config,
    origin: &Url,
    local: &str,
    client_secret: String,
) -> Result<chat::Config> {
    Ok(chat::Config {
        public_url: origin.clone(),
        issuer: origin.join("id")?.to_string(),
        identity_internal_url: format!("{local}/id"),
        client_id: CLIENT_ID.to_owned(),
        client_secret,
        resource: resource(origin)?,
        database_url: config.database_url.clone(),
        data_dir: config.data_dir.clone(),
        blobs: config.blobs.clone(),
        functions: None,
        settings: config.chat.clone(),
    })
}

/// The functions of this process; chat signs with the secret that is in the data folder.
fn own_functions(config: &Config) -> Result<functions::Config> {
    let secret = match &config.functions.secret {
        Some(secret) => secret.reveal().context("functions.secret")?,
        None => client_secret(&config.data_dir.join("keys"), "functions-secret")?,
    };
    Ok(functions::Config {
        secret,
        mail: config.mail.clone(),
        data_dir: config.data_dir.clone(),
        settings: config.functions.clone(),
    })
}

/// Where chat finds functions: here, unless the configuration says otherwise.
fn functions_at(
    config: &Config,
    local: &str,
    own: &functions::Config,
) -> Result<chat::FunctionsAt> {
    let elsewhere = functions_elsewhere(config)?;
    let here = || chat::FunctionsAt { url: format!("{local}/fn"), secret: own.secret.clone() };
    Ok(elsewhere.unwrap_or_else(here))
}

/// Functions in another process, if there are any.
pub(crate) fn functions_elsewhere(config: &Config) -> Result<Option<chat::FunctionsAt>> {
    let settings = &config.chat.functions;
    let Some(url) = &settings.url else { return Ok(None) };
    let secret = settings.secret.as_ref().context("chat.functions.url needs its secret")?;
    Ok(Some(chat::FunctionsAt {
        url: url.as_str().trim_end_matches('/').to_owned(),
        secret: secret.reveal().context("chat.functions.secret")?,
    }))
}

/// The secret by which an app of ours proves itself to identity; made at the first start.
fn client_secret(keys: &Path, name: &str) -> Result<String> {
    let path = keys.join(name);
    kit::keys::create_dir_private(keys)?;
    kit::keys::create_private(&path, kit::clock::random_token)?;
    let secret = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(secret.trim().to_owned())
}

//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use url::Url;

use crate::config::Config;
use crate::{all, alone, example, jobs};

/// Tertulia: team chat that anyone can own.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Args, Clone, Default)]
pub(crate) struct Options {
    /// Folder of all data: databases, keys, mail.
    #[arg(long, global = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Address to listen on.
    #[arg(long, global = true)]
    pub(crate) listen: Option<SocketAddr>,
    /// The origin that browsers see, such as `https://chat.example.org`.
    #[arg(long, global = true)]
    pub(crate) public_url: Option<Url>,
    /// `postgres://…` instead of SQLite in the data folder.
    #[arg(long, global = true)]
    pub(crate) database_url: Option<String>,
    /// A configuration file; `tertulia.toml` here is found by itself.
    #[arg(long, global = true)]
    pub(crate) config: Option<PathBuf>,
    /// One option of the configuration: `chat.limits.messages_per_s=50`.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Every service on one port (the default).
    All,
    /// The chat service alone, with an identity service elsewhere.
    Chat,
    /// The identity service alone, or one of its commands.
    Identity {
        #[command(subcommand)]
        command: Option<Box<identity::cli::Command>>,
    },
    /// The functions alone: delegated work without state.
    Functions,
    /// Work that waits, or was given up.
    Jobs {
        #[command(subcommand)]
        command: jobs::Command,
    },
    /// About the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Prints the OpenAPI document of the chat API.
    Openapi,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints every option with its meaning and default.
    Example,
    /// Prints the configuration as it is in force, without secrets.
    Show,
    /// Says whether the configuration is acceptable.
    Check,
}

impl Cli {
    pub(crate) async fn run(self) -> Result<()> {
        let options = &self.options;
        match self.command.unwrap_or(Command::All) {
            Command::Openapi => {
                println!("{}", chat::openapi().to_pretty_json()?);
                Ok(())
            }
            Command::Config { command: ConfigCommand::Example } => {
                print!("{}", example::example()?);
                Ok(())
            }
            Command::Config { command: ConfigCommand::Show } => {
                print!("{}", toml::to_string_pretty(&Config::load(options)?.without_secrets())?);
                Ok(())
            }
            Command::Config { command: ConfigCommand::Check } => {
                Config::load(options)?;
                println!("The configuration is acceptable.");
                Ok(())
            }
            Command::All => Box::pin(all::run(Config::load(options)?)).await,
            Command::Chat => alone::chat(Config::load(options)?).await,
            Command::Functions => alone::functions(Config::load(options)?).await,
            Command::Jobs { command } => jobs::run(Config::load(options)?, command).await,
            Command::Identity { command: None } => {
                Box::pin(alone::identity(Config::load(options)?)).await
            }
            Command::Identity { command: Some(command) } => {
                alone::identity_command(Config::load(options)?, *command).await
            }
        }
    }
}

//! `tertulia identity keys …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Rotation, SigningError, described, rotate};
use crate::Identity;
use crate::accounts::Actor;

/// The keys that sign tokens.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Print all keys as JSON: `{items: […]}`.
    List,
    /// Change the keys; a running server follows within seconds.
    Rotate(Rotate),
}

/// Change the keys.
#[derive(Debug, Clone, Args)]
pub struct Rotate {
    /// Somebody else may know the keys: new ones sign at once and old tokens are refused.
    #[arg(long)]
    pub compromised: bool,
}

/// Runs `command` and answers `{items: […]}`.
pub(crate) async fn answer(
    identity: &Identity,
    command: KeysCommand,
) -> Result<Value, SigningError> {
    let items = match command {
        KeysCommand::List => described(identity.db.reader()).await?,
        KeysCommand::Rotate(Rotate { compromised: true }) => {
            rotate(&identity.oauth.keys, &Actor::Operator, Rotation::Compromised).await?
        }
        KeysCommand::Rotate(_) => {
            rotate(&identity.oauth.keys, &Actor::Operator, Rotation::Planned).await?
        }
    };
    Ok(json!({ "items": items }))
}

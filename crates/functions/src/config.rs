//! What functions are told at start.

use std::path::PathBuf;

use kit::mail::MailConfig;
use kit::secret::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::speak::SpeakConfig;

/// The section `[functions]` of the configuration file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The secret that requests are signed with, when chat is not part of this process: the text,
    /// or `{ file = "…" }`.
    pub secret: Option<Secret>,
    /// Speech.
    pub speak: SpeakConfig,
}

/// Everything functions need to start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The secret that requests are signed with.
    pub secret: String,
    /// How mail leaves.
    pub mail: MailConfig,
    /// Where the folder of mails is, while there is no mail server.
    pub data_dir: PathBuf,
    /// The section of the configuration file.
    pub settings: Settings,
}

//! The settings of codes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Codes as a second step.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Codes {
    /// Codes by mail.
    pub mail: bool,
    /// Codes by SMS; a gateway must be configured, too.
    pub sms: bool,
}

impl Default for Codes {
    fn default() -> Self {
        Self { mail: true, sms: true }
    }
}

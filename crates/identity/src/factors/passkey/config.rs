//! The settings of passkeys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Passkeys.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Passkeys {
    /// The domain that passkeys belong to: the issuer's host, which is the default, or a domain
    /// above it that is yours, such as `example.org`, so that the host may change later. Passkeys
    /// made for another domain stop working.
    pub rp_id: Option<String>,
}

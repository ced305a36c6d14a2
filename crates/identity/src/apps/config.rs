//! The settings of apps of others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Apps of others.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Apps {
    /// Whether programs may register apps (RFC 7591): `off`; `token`, those that have a token made
    /// with `tertulia identity client registration-token`; or `open`, everybody.
    pub registration: Registration,
    /// Apps that one address of the network may register in an hour while registration is open.
    pub registrations_per_h: u32,
    /// Days after which an app that registered itself and that nobody uses is removed.
    pub unused_days: u32,
    /// Who may register apps on the page for developers: `everybody`, `admins` or `nobody`.
    pub developers: Developers,
    /// Apps that one person may register there.
    pub per_person_max: u32,
}

impl Default for Apps {
    fn default() -> Self {
        Self {
            registration: Registration::default(),
            registrations_per_h: 20,
            unused_days: 30,
            developers: Developers::default(),
            per_person_max: 20,
        }
    }
}

/// Whether programs may register apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// None.
    Off,
    /// Those that have a token of the operator (RFC 7591 section 3).
    #[default]
    Token,
    /// All.
    Open,
}

/// Who may register apps on the page for developers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Developers {
    /// Everybody who has an account.
    #[default]
    Everybody,
    /// Administrators and owners.
    Admins,
    /// Nobody: operators do it on the command line.
    Nobody,
}

//! Who is here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How present a person is; the most awake first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// Looking.
    Online,
    /// Connected, but elsewhere.
    Away,
    /// Not here, or hidden.
    Off,
}

/// One person's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonPresence {
    /// Who.
    pub person: Uuid,
    /// How.
    pub state: PresenceState,
}

/// Whether one is seen.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceChoice {
    /// True: everyone sees "off", whatever one does.
    pub hidden: bool,
}

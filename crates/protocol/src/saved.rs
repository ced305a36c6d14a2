//! Saved messages: what a person keeps for later.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Message, RoomKind};

/// A message that you saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedItem {
    /// When you saved it.
    pub saved_at: String,
    /// Name of the room; empty for a direct one.
    pub room_name: String,
    /// Kind of the room.
    pub room_kind: RoomKind,
    /// The message as it stands now.
    pub message: Message,
}

/// The messages that you saved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SavedList {
    /// The one saved last first.
    pub items: Vec<SavedItem>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

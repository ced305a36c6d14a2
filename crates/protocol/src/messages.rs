//! Messages and their history.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Person;

/// The longest text of a message, in bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 16_384;

/// A message as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// The message.
    pub id: Uuid,
    /// Its room.
    pub room: Uuid,
    /// Its place in the room's log; unique and without gaps over all events of the room.
    pub seq: i64,
    /// Who wrote it, by the server's word.
    pub sender: Person,
    /// The current text; absent when deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The same as `created_at`, by the server's clock.
    pub time: String,
    /// When it was posted, by the server's clock.
    pub created_at: String,
    /// The id under which its author sent it.
    pub client_message_id: Uuid,
    /// 1 for the original, one more for each edit.
    pub revision: i64,
    /// When it was last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<String>,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// The text of a new message or an edit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    /// 1 to 16,384 bytes of UTF-8.
    #[schema(min_length = 1, max_length = 16_384)]
    pub text: String,
}

/// A page of history, in order of `seq`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MessageList {
    /// The messages.
    pub items: Vec<Message>,
    /// `seq` to pass as `before` (or `after`) for the next page in the same direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// Whether there are messages before the first of these.
    pub has_older: bool,
    /// Whether there are messages after the last of these.
    pub has_newer: bool,
}

/// How far a person has read.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadMarker {
    /// Everything up to this `seq`; never moves back.
    #[schema(minimum = 0)]
    pub seq: i64,
}

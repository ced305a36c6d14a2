//! Drafts: what a person has begun to write, the same on every device.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a person has begun to write in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Draft {
    /// The room.
    pub room: Uuid,
    /// The thread, if it is a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Uuid>,
    /// The text; absent when there is none any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Grows with every change; what has a lower one is out of date.
    pub version: i64,
}

/// The drafts of a person, at most 1,000: 500, and those in rooms that one left and came back to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DraftList {
    /// The one changed last first.
    pub items: Vec<Draft>,
}

/// A new text of a draft.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDraft {
    /// At most 16,384 bytes of UTF-8; empty, the draft is gone.
    #[schema(max_length = 16_384)]
    pub text: String,
}

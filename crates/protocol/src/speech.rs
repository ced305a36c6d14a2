//! Messages that are heard.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether messages can be heard.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Speech {
    /// False when the server has nothing to speak with.
    pub available: bool,
}

/// How far a clip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClipState {
    /// It is being made.
    Preparing,
    /// What speaks does not answer; it is tried again without anybody asking.
    Delayed,
    /// It can be played.
    Ready,
    /// It was tried for long enough; asking again tries again.
    Failed,
}

/// The clip of a message, as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Clip {
    /// The message's room.
    pub room: Uuid,
    /// The message.
    pub message: Uuid,
    /// Which of its texts is said.
    pub revision: i64,
    /// How far it is.
    pub state: ClipState,
    /// Where it is, once it is ready; for you alone, unless the room is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the link ends, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How long it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// In which language it is said (ISO 639-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

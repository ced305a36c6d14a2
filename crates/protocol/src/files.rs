//! Files of messages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most files of one message.
pub const FILES_MAX: usize = 10;

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct File {
    /// The file.
    pub id: Uuid,
    /// What its owner calls it; never a path.
    pub name: String,
    /// What it is, by its content: `image/jpeg` and `image/png` are pictures made by the server.
    pub media_type: String,
    /// How many bytes come from `link`.
    pub bytes: i64,
    /// Width of a picture, as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i32>,
    /// Height of a picture, as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i32>,
    /// What a picture looks like before it is there (`BlurHash`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blurhash: Option<String>,
    /// Path of the whole file; good for members of the room as long as the message is there.
    pub link: String,
    /// Path of a small version of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
}

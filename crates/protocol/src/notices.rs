//! What a person wants to be told of, and when.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Of what one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Every message.
    All,
    /// What calls one, and direct messages.
    Mentions,
    /// Nothing.
    None,
}

/// Hours in which one is told nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From this minute of the day on, 0 to 1,439.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 0, maximum = 1439)]
    pub from_minute: i32,
    /// Until this one, which may be on the next day.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 0, maximum = 1439)]
    pub to_minute: i32,
    /// Name of the time zone in the IANA database, as in `Europe/Madrid`.
    #[schema(min_length = 1, max_length = 64)]
    pub time_zone: String,
}

/// What a person wants everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeChoices {
    /// Where a room has no choice of its own.
    pub level: NoticeLevel,
    /// Absent: told at any hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
}

/// What a person wants of one room, said anew as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutRoomNotices {
    /// Absent: as everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<NoticeLevel>,
    /// Nothing for so many seconds from now: 1 to 315,360,000; absent: not muted.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::whole::optional"
    )]
    #[schema(minimum = 1, maximum = 315_360_000)]
    pub muted_for_s: Option<i64>,
}

/// A room with a choice of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoomNotices {
    /// The room.
    pub room: Uuid,
    /// Absent: as everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<NoticeLevel>,
    /// Nothing until then. A muted room is dimmed; what calls one there still counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<String>,
}

/// All choices of a person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Notices {
    /// Everywhere.
    pub everywhere: NoticeChoices,
    /// The rooms with a choice of their own.
    pub rooms: Vec<RoomNotices>,
}

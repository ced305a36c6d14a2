//! Threads: replies beside a room's timeline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Message, RoomKind};

/// A page of one thread.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ThreadPage {
    /// The message that the thread begins with.
    pub root: Message,
    /// Replies in order of `seq`.
    pub items: Vec<Message>,
    /// `seq` to pass as `before` (or `after`) for the next page in the same direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// Whether there are replies before the first of these.
    pub has_older: bool,
    /// Whether there are replies after the last of these.
    pub has_newer: bool,
    /// Whether you follow it.
    pub following: bool,
    /// `seq` up to which you have read it.
    pub last_read: i64,
    /// Unread replies of others; 1000 means "more than 999".
    pub unread: i64,
    /// Unread replies that call you.
    pub mentions: i64,
}

/// A thread that you follow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Thread {
    /// The message that it begins with, and how many replies it has.
    pub root: Message,
    /// Name of the room; empty for a direct one.
    pub room_name: String,
    /// Kind of the room.
    pub room_kind: RoomKind,
    /// `seq` up to which you have read it.
    pub last_read: i64,
    /// Unread replies of others; 1000 means "more than 999".
    pub unread: i64,
    /// Unread replies that call you.
    pub mentions: i64,
}

/// Threads that you follow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ThreadList {
    /// The one replied to last first.
    pub items: Vec<Thread>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

//! The inbox: what calls a person; and what is unread.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Message, Person, RoomKind};

/// Why a message is in someone's inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MentionReason {
    /// It names them.
    Name,
    /// `@room`.
    Room,
    /// `@here`, and they were.
    Here,
    /// It answers in a thread that they began.
    Reply,
    /// It quotes them.
    Quote,
}

/// One message in an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InboxItem {
    /// Why it is here.
    pub reason: MentionReason,
    /// Whether it was read.
    pub read: bool,
    /// Name of the room; empty for a direct one.
    pub room_name: String,
    /// Kind of the room.
    pub room_kind: RoomKind,
    /// The message as it stands now.
    pub message: Message,
}

/// An inbox.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Inbox {
    /// Newest first.
    pub items: Vec<InboxItem>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many were not read, in the whole inbox; 1000 means "more than 999".
    pub unread: i64,
}

/// A reaction of somebody else to a message of yours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedReaction {
    /// Its place among them: a later one has a greater id.
    pub id: Uuid,
    /// Who reacted.
    pub person: Person,
    /// With which emoji.
    pub emoji: String,
    /// When.
    pub created_at: String,
    /// Whether you have seen it in your inbox.
    pub read: bool,
    /// Name of the room; empty for a direct one.
    pub room_name: String,
    /// Kind of the room.
    pub room_kind: RoomKind,
    /// Your message as it stands now.
    pub message: Message,
}

/// The reactions to your messages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceivedReactions {
    /// Newest first.
    pub items: Vec<ReceivedReaction>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many you have not seen; 100 means "more than 99".
    pub unread: i64,
}

/// What is unread of one room.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoomUnread {
    /// The room.
    pub room: Uuid,
    /// `seq` up to which one has read.
    pub last_read: i64,
    /// Unread messages of others in its timeline; 1000 means "more than 999".
    pub unread: i64,
    /// Unread messages that call one, in threads, too.
    pub mentions: i64,
}

/// What is unread, as the server counts it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Unread {
    /// Messages in the inbox; 1000 means "more than 999".
    pub mentions: i64,
    /// Followed threads with replies.
    pub threads: i64,
    /// Reactions to your messages; 100 means "more than 99".
    pub reactions: i64,
    /// Rooms with anything unread; all others have nothing.
    pub rooms: Vec<RoomUnread>,
}

//! Rooms and their members.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Person;

/// Who may find and enter a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Anyone finds it in the directory and may join.
    Public,
    /// Only by invitation; to others it does not exist.
    Private,
    /// Between two people.
    Direct,
}

/// What a member may do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomRole {
    /// Everything, roles included.
    Owner,
    /// Invite, remove, change the room, delete messages of others.
    Moderator,
    /// Read and write.
    Member,
}

/// A room as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Room {
    /// The room.
    pub id: Uuid,
    /// Who may find and enter it.
    pub kind: RoomKind,
    /// 1 to 80 characters; empty for a direct room.
    pub name: String,
    /// At most 250 characters.
    pub topic: String,
    /// Absent for someone who is not a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoomRole>,
    /// `seq` of the newest event.
    pub head: i64,
    /// `seq` up to which this person has read.
    pub last_read: i64,
    /// Unread messages of others, counted by the server; 1000 means "more than 999".
    pub unread: i64,
    /// Unread messages that call this person, in threads, too.
    pub mentions: i64,
    /// The least role that may call `@room` and `@here`.
    pub everyone_role: RoomRole,
    /// How many members there are.
    pub members: i64,
    /// When the room was made.
    pub created_at: String,
    /// When its newest message was posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message_at: Option<String>,
    /// The other person of a direct room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Person>,
    /// Whether nobody can write or react in it: the other person of a direct room is blocked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// Changes when the room's log was restored from a backup; then a client starts anew.
    pub log_id: Uuid,
}

/// Rooms.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoomList {
    /// The rooms.
    pub items: Vec<Room>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// What they may do.
    pub role: RoomRole,
    /// Since when.
    pub joined_at: String,
}

/// Members of a room.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberList {
    /// In order of user name.
    pub items: Vec<Member>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A new room.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoom {
    /// `public` or `private`.
    pub kind: RoomKind,
    /// 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// At most 250 characters.
    #[serde(default)]
    #[schema(max_length = 250)]
    pub topic: String,
}

/// Changes of a room; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRoom {
    /// 1 to 80 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 80)]
    pub name: Option<String>,
    /// At most 250 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 250)]
    pub topic: Option<String>,
    /// `public` or `private`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RoomKind>,
    /// The least role that may call `@room` and `@here`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub everyone_role: Option<RoomRole>,
}

/// Whom to write to directly.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDirect {
    /// User name, with or without `@`.
    #[schema(min_length = 1, max_length = 64)]
    pub username: String,
}

/// Whom to add to a room.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// User name, with or without `@`; an unknown one becomes a pending invitation.
    #[schema(min_length = 1, max_length = 64)]
    pub username: String,
}

/// A member's new role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    /// The role.
    pub role: RoomRole,
}

//! The log of a room: every durable fact, numbered without gaps.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Everyone, Message, Person, RoomKind, RoomRole};

/// One event of a room: the same object on the socket and in `GET /rooms/{room}/events`.
///
/// Texts are always the message's current text, so replaying an old event never shows what was
/// edited away or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum RoomEvent {
    /// A message was posted; `id` is the message's.
    Message(Box<Message>),
    /// A message was edited.
    #[serde(rename_all = "snake_case")]
    MessageEdited {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// Which message.
        message: Uuid,
        /// The current text; absent when deleted since.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// The current revision.
        revision: i64,
        /// When it was last edited.
        #[serde(skip_serializing_if = "Option::is_none")]
        edited_at: Option<String>,
        /// Whether it was deleted since.
        deleted: bool,
        /// The members whom the current text names.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Person>,
        /// The call to everyone in the current text.
        #[serde(skip_serializing_if = "Option::is_none")]
        everyone: Option<Everyone>,
        /// Who edited.
        actor: Person,
    },
    /// A message was deleted.
    #[serde(rename_all = "snake_case")]
    MessageDeleted {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// Which message.
        message: Uuid,
        /// The current revision.
        revision: i64,
        /// Who deleted.
        actor: Person,
    },
    /// Someone reacted to a message.
    #[serde(rename_all = "snake_case")]
    ReactionAdded {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// To which message.
        message: Uuid,
        /// With which emoji.
        emoji: String,
        /// From how many people it is there now.
        count: i64,
        /// Who.
        actor: Person,
    },
    /// Someone took a reaction back.
    #[serde(rename_all = "snake_case")]
    ReactionRemoved {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// From which message.
        message: Uuid,
        /// Which emoji.
        emoji: String,
        /// From how many people it is there still.
        count: i64,
        /// Who.
        actor: Person,
    },
    /// Someone became a member.
    #[serde(rename_all = "snake_case")]
    MemberJoined {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// Who.
        person: Person,
        /// With which role.
        role: RoomRole,
        /// By whom.
        actor: Person,
    },
    /// Someone left or was removed.
    #[serde(rename_all = "snake_case")]
    MemberLeft {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// Who.
        person: Person,
        /// By whom; the person themselves when they left.
        actor: Person,
    },
    /// A member has another role.
    #[serde(rename_all = "snake_case")]
    MemberChanged {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// Who.
        person: Person,
        /// The new role.
        role: RoomRole,
        /// By whom.
        actor: Person,
    },
    /// The room's name, topic or kind changed; tells what they are now.
    #[serde(rename_all = "snake_case")]
    RoomChanged {
        /// The room.
        room: Uuid,
        /// Place in the log.
        seq: i64,
        /// The event.
        id: Uuid,
        /// When.
        created_at: String,
        /// The kind now.
        kind: RoomKind,
        /// The name now.
        name: String,
        /// The topic now.
        topic: String,
        /// By whom.
        actor: Person,
    },
}

impl RoomEvent {
    /// The event's place in its room's log.
    pub fn seq(&self) -> i64 {
        match self {
            Self::Message(message) => message.seq,
            Self::MessageEdited { seq, .. }
            | Self::MessageDeleted { seq, .. }
            | Self::ReactionAdded { seq, .. }
            | Self::ReactionRemoved { seq, .. }
            | Self::MemberJoined { seq, .. }
            | Self::MemberLeft { seq, .. }
            | Self::MemberChanged { seq, .. }
            | Self::RoomChanged { seq, .. } => *seq,
        }
    }

    /// The event's name on the socket, equal to its `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::MessageEdited { .. } => "messageEdited",
            Self::MessageDeleted { .. } => "messageDeleted",
            Self::ReactionAdded { .. } => "reactionAdded",
            Self::ReactionRemoved { .. } => "reactionRemoved",
            Self::MemberJoined { .. } => "memberJoined",
            Self::MemberLeft { .. } => "memberLeft",
            Self::MemberChanged { .. } => "memberChanged",
            Self::RoomChanged { .. } => "roomChanged",
        }
    }
}

/// A page of a room's log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventList {
    /// In order of `seq`, without gaps.
    pub items: Vec<RoomEvent>,
    /// `seq` of the newest event of the room.
    pub head: i64,
    /// Changes when the log was restored from a backup.
    pub log_id: Uuid,
    /// `seq` to pass as `after` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_on_the_wire_is_the_name_of_the_socket_event() {
        let person = Person {
            id: Uuid::nil(),
            username: "ana".into(),
            display_name: "Ana".into(),
            picture: None,
        };
        let event = RoomEvent::MemberLeft {
            room: Uuid::nil(),
            seq: 4,
            id: Uuid::nil(),
            created_at: "2026-01-01T00:00:00.000Z".into(),
            person: person.clone(),
            actor: person,
        };
        let wire = serde_json::to_value(&event).expect("events are plain data");
        assert_eq!(wire["type"], event.name());
        assert_eq!(wire["created_at"], "2026-01-01T00:00:00.000Z");
        assert_eq!(wire["seq"], event.seq());
    }
}

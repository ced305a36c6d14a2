//! Messages and their history.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Everyone, File, LinkPreview, Person, Reaction};

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
    /// The current text; absent when deleted. `<@id>` in it names a person by id.
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
    /// The message whose thread this is a reply in; absent in the room's own timeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Uuid>,
    /// Whether this reply in a thread is shown in the room's timeline, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_to_room: bool,
    /// The message that this one quotes, as it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// The people whom the text names, under their present names. Of those, the members of the
    /// room are called; whoever is not in it is only named by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Person>,
    /// The call to everyone in it, if its author may make one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub everyone: Option<Everyone>,
    /// Its files; none when deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// The reactions to it, as you see them; only in history, not in events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// The thread that begins here; only in history, not in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replies: Option<Replies>,
    /// Whether you saved it for later; only in history, not in events.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub saved: bool,
    /// What the page behind its first link says of itself, where the server was told already;
    /// only in history, not in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<LinkPreview>,
}

/// A message inside another that quotes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// The quoted message.
    pub message: Uuid,
    /// Its place in the room's log.
    pub seq: i64,
    /// Who wrote it.
    pub sender: Person,
    /// At most the first 1,000 characters of its current text; absent when deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was posted.
    pub created_at: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The message whose thread it is a reply in; absent in the room's own timeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Uuid>,
    /// Whether this reply in a thread is shown in the room's timeline, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_to_room: bool,
    /// The people whom that text names, under their present names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Person>,
}

/// A thread in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replies {
    /// How many replies there are that were not deleted.
    pub count: i64,
    /// `seq` of the newest reply.
    pub last_seq: i64,
    /// When the newest reply was posted.
    pub last_at: String,
}

/// A new message.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    /// 1 to 16,384 bytes of UTF-8; may be empty where there are files. `@name`, `<@id>`, `@room`
    /// and `@here` call people.
    #[schema(max_length = 16_384)]
    pub text: String,
    /// The message of this room in whose thread this is a reply; not itself a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Uuid>,
    /// Show this reply in the room's timeline, too; only with `thread`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_to_room: bool,
    /// A message of this room that this one quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Uuid>,
    /// Uploads of yours to this room that are whole and in no other message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub files: Vec<Uuid>,
}

/// The new text of a message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// 1 to 16,384 bytes of UTF-8.
    #[schema(min_length = 1, max_length = 16_384)]
    pub text: String,
}

/// A text that a message had or has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Revision {
    /// 1 for the original, one more for each edit.
    pub revision: i64,
    /// The text.
    pub text: String,
    /// When it was written.
    pub created_at: String,
    /// The people whom it names by id, under their present names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Person>,
}

/// The texts of a message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RevisionList {
    /// The oldest of the last 200 first; none when the message was deleted.
    pub items: Vec<Revision>,
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
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 0)]
    pub seq: i64,
}

/// From where on a person wants to read again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnreadMarker {
    /// This `seq` is the first that is unread.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1)]
    pub seq: i64,
}

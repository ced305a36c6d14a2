//! What crosses a wire between chat and its clients: bodies, answers, events.
//!
//! One file per feature of the server. Times are RFC 3339 in UTC with milliseconds; ids are
//! UUIDs; an absent value is absent, not null. Nothing here does I/O.

mod drafts;
mod events;
mod files;
mod inbox;
mod invitations;
mod links;
mod mail;
mod mentions;
mod messages;
mod notices;
mod people;
mod plain;
mod presence;
mod push;
mod reactions;
mod rooms;
mod saved;
mod speech;
mod threads;
mod whole;

pub use drafts::{Draft, DraftList, PutDraft};
pub use events::{EventList, RoomEvent};
pub use files::{FILES_MAX, File};
pub use inbox::{
    Inbox, InboxItem, MentionReason, ReceivedReaction, ReceivedReactions, RoomUnread, Unread,
};
pub use invitations::{
    Invitation, InvitationKind, InvitationList, InvitePreview, Invited, NewInviteLink, RoomPreview,
};
pub use links::{LINK_BYTES_MAX, LinkPreview, LinkPreviews, first_link};
pub use mail::{MailNotices, MailPace, PutMailNotices};
pub use mentions::{Everyone, Mention, mentions};
pub use messages::{
    EditMessage, Message, MessageList, PostMessage, Quote, ReadMarker, Replies, Revision,
    RevisionList, TEXT_BYTES_MAX, UnreadMarker,
};
pub use notices::{NoticeChoices, NoticeLevel, Notices, PutRoomNotices, QuietHours, RoomNotices};
pub use people::{Me, PeopleList, Person};
pub use plain::{Words, plain};
pub use presence::{PersonPresence, PresenceChoice, PresenceState};
pub use push::{NewPushDevice, PushDevice, PushKeys, PushSettings};
pub use reactions::{Reaction, ReactionList, Reactors};
pub use rooms::{
    ChangeMember, ChangeRoom, Member, MemberList, NewDirect, NewMember, NewRoom, Room, RoomKind,
    RoomList, RoomRole,
};
pub use saved::{SavedItem, SavedList};
pub use speech::{Clip, ClipState, Speech};
pub use threads::{Thread, ThreadList, ThreadPage};

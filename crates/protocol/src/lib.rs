//! What crosses a wire between chat and its clients: bodies, answers, events.
//!
//! One file per feature of the server. Times are RFC 3339 in UTC with milliseconds; ids are
//! UUIDs; an absent value is absent, not null. Nothing here does I/O.

mod events;
mod invitations;
mod mentions;
mod messages;
mod people;
mod rooms;

pub use events::{EventList, RoomEvent};
pub use invitations::{
    Invitation, InvitationKind, InvitationList, InvitePreview, Invited, NewInviteLink, RoomPreview,
};
pub use mentions::{Everyone, Mention, mentions};
pub use messages::{Message, MessageList, PostMessage, ReadMarker, TEXT_BYTES_MAX};
pub use people::{Me, PeopleList, Person};
pub use rooms::{
    ChangeMember, ChangeRoom, Member, MemberList, NewDirect, NewMember, NewRoom, Room, RoomKind,
    RoomList, RoomRole,
};

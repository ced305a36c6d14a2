//! Invitations: by user name, and by link.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Member, Person, RoomKind};

/// How someone is invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationKind {
    /// A user name that nobody has yet.
    Name,
    /// Whoever has the link.
    Link,
}

/// An open invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// The invitation.
    pub id: Uuid,
    /// By name or by link.
    pub kind: InvitationKind,
    /// The name invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The link; told once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Until when it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How often it was used.
    pub uses: i64,
    /// How often it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses_max: Option<i64>,
    /// When it was made.
    pub created_at: String,
    /// By whom.
    pub created_by: Person,
}

/// Open invitations of a room, at most 200.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationList {
    /// Newest first.
    pub items: Vec<Invitation>,
}

/// A new link.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInviteLink {
    /// Seconds until it ends: 60 to 31,536,000; absent: 7 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 60, maximum = 31_536_000)]
    pub expires_in_s: Option<i64>,
    /// How often it works: 1 to 10,000; absent: without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10_000)]
    pub uses_max: Option<i64>,
}

/// What became of an invitation by user name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Invited {
    /// The person is a member now.
    Joined {
        /// The membership.
        member: Member,
    },
    /// Nobody has that name yet; they join when they first sign in.
    Pending {
        /// The invitation that waits.
        invitation: Invitation,
    },
}

/// What the holder of a link may know before accepting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitePreview {
    /// Where the link leads.
    pub room: RoomPreview,
    /// Who made the link.
    pub invited_by: Person,
}

/// The outside of a room.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoomPreview {
    /// The room.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Public or private.
    pub kind: RoomKind,
    /// How many members it has.
    pub members: i64,
}

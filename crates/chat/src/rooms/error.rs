//! Why a room did not do what was asked.

use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{FieldError, Kind, Problem};

use crate::undone::Undone;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RoomError {
    /// No such room, or not for this person: told apart to nobody.
    #[error("there is no such room for you")]
    NoRoom,
    /// No such member, invitation, link or person.
    #[error("there is no such {0} here")]
    NoSuch(&'static str),
    /// A member without the role for it.
    #[error("only {0} may do this")]
    Role(&'static str),
    /// The last owner cannot go.
    #[error("a room keeps at least one owner; make someone else owner first")]
    LastOwner,
    /// Direct rooms have no name, roles or invitations.
    #[error("a direct room cannot be changed like this")]
    Direct,
    /// Over the number of rooms, members or invitations.
    #[error("there are too many {0} already")]
    TooMany(&'static str),
    /// A field that is not acceptable.
    #[error("{detail}")]
    Field {
        /// Which one.
        field: &'static str,
        /// How: `required`, `too_long`, `not_allowed`, `out_of_range`.
        kind: &'static str,
        /// In words.
        detail: &'static str,
    },
    /// A key could not be had.
    #[error("the room's key is not available")]
    Keys(#[from] KeyError),
    /// The cause goes to the log, never to the caller.
    #[error("the room store failed")]
    Store(#[from] DbErr),
}

impl Problem for RoomError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRoom | Self::NoSuch(_) => Kind::NotFound,
            Self::Role(_) => Kind::Forbidden,
            Self::LastOwner | Self::Direct | Self::TooMany(_) => Kind::Conflict,
            Self::Field { .. } => Kind::Invalid,
            Self::Keys(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Field { field, kind, .. } => {
                vec![FieldError { field: (*field).to_owned(), kind: (*kind).to_owned() }]
            }
            _ => Vec::new(),
        }
    }
}

impl From<RoomError> for Undone<RoomError> {
    fn from(error: RoomError) -> Self {
        Self::Refused(error)
    }
}

//! Why a reaction was not kept.

use kit::db::DbErr;
use kit::problem::{FieldError, Kind, Problem};

use crate::rooms::RoomError;
use crate::undone::Undone;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReactionError {
    /// Not a member, or no such room: told apart to nobody.
    #[error("there is no such room for you")]
    NoRoom,
    /// The other person of a direct room is blocked.
    #[error("the other person is blocked: nobody can react here until their account is open")]
    Closed,
    /// No such message in this room, or it was deleted.
    #[error("there is no such message here")]
    NoMessage,
    /// Anything but one emoji.
    #[error("a reaction is one emoji")]
    NotEmoji,
    /// Over the number of kinds.
    #[error("a message has at most 20 kinds of reactions")]
    TooMany,
    /// The cause goes to the log, never to the caller.
    #[error("the reaction store failed")]
    Store(#[from] DbErr),
}

impl Problem for ReactionError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRoom | Self::NoMessage => Kind::NotFound,
            Self::Closed => Kind::Forbidden,
            Self::NotEmoji => Kind::Invalid,
            Self::TooMany => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::NotEmoji => {
                vec![FieldError { field: "emoji".to_owned(), kind: "not_allowed".to_owned() }]
            }
            _ => Vec::new(),
        }
    }
}

impl From<RoomError> for ReactionError {
    fn from(_: RoomError) -> Self {
        Self::NoRoom
    }
}

impl From<ReactionError> for Undone<ReactionError> {
    fn from(error: ReactionError) -> Self {
        Self::Refused(error)
    }
}

//! Why a message was not saved.

use kit::db::DbErr;
use kit::problem::{Kind, Problem};

use super::keep::SAVED_MAX;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SavedError {
    /// Not a member, or no such room: told apart to nobody.
    #[error("there is no such room for you")]
    NoRoom,
    /// No such message in this room.
    #[error("there is no such message here")]
    NoMessage,
    /// Over the number of messages.
    #[error("there are {SAVED_MAX} saved messages already; remove one first")]
    TooMany,
    /// The cause goes to the log, never to the caller.
    #[error("the store of saved messages failed")]
    Store(#[from] DbErr),
}

impl Problem for SavedError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRoom | Self::NoMessage => Kind::NotFound,
            Self::TooMany => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }
}

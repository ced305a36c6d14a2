//! Why a draft was not kept.

use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{FieldError, Kind, Problem};
use protocol::TEXT_BYTES_MAX;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(super) enum DraftError {
    /// Not a member, or no such room: told apart to nobody.
    #[error("there is no such room for you")]
    NoRoom,
    /// No such thread in this room.
    #[error("there is no such thread here")]
    NoThread,
    /// Over the limit.
    #[error("a draft has at most {TEXT_BYTES_MAX} bytes, this one has {0}")]
    Length(usize),
    /// Over the number of drafts.
    #[error("there are too many drafts already; send or discard one first")]
    TooMany,
    /// The room's key cannot be had.
    #[error("the room's key is not available")]
    Keys(#[from] KeyError),
    /// The cause goes to the log, never to the caller.
    #[error("the draft store failed")]
    Store(#[from] DbErr),
}

impl Problem for DraftError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRoom | Self::NoThread => Kind::NotFound,
            Self::Length(_) => Kind::TooLarge,
            Self::TooMany => Kind::Conflict,
            Self::Keys(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Length(_) => {
                vec![FieldError { field: "text".to_owned(), kind: "too_long".to_owned() }]
            }
            _ => Vec::new(),
        }
    }
}

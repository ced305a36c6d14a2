//! Why a message cannot be heard.

use kit::blobs::BlobError;
use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{Kind, Problem};

use crate::messages::MessageError;

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpeechError {
    /// Not a member, no such room or message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// It was deleted, or it is only code or pictures.
    #[error("there is nothing in this message that could be said")]
    Nothing,
    /// Some minutes of speech are enough.
    #[error("a message of more than {0} characters is not spoken")]
    TooLong(usize),
    /// Nothing that speaks is set up.
    #[error("this server has nothing to speak with; its operator can set it up")]
    NotOffered,
    /// The link ended, or is not for this.
    #[error("there is no such clip, or the link has ended")]
    NoClip,
    /// A clip could not be stored or read.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The room's key cannot be had.
    #[error("the room's key is not available")]
    Keys(#[from] KeyError),
    /// The cause goes to the log, never to the caller.
    #[error("the clips' store failed")]
    Store(#[from] DbErr),
}

impl Problem for SpeechError {
    fn kind(&self) -> Kind {
        match self {
            Self::Message(error) => error.kind(),
            Self::Nothing => Kind::Conflict,
            Self::TooLong(_) => Kind::TooLarge,
            Self::NotOffered => Kind::Unavailable,
            Self::NoClip => Kind::NotFound,
            Self::Blobs(error) => error.kind(),
            Self::Keys(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

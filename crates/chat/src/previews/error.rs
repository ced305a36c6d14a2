//! Why there is no answer about a preview.

use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{Kind, Problem};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PreviewError {
    /// The room's key cannot be had, or does not open what is kept.
    #[error("the room's key is not available")]
    Keys(#[from] KeyError),
    /// What is kept cannot be read.
    #[error("a kept preview cannot be read: {0}")]
    Kept(#[from] serde_json::Error),
    /// The cause goes to the log, never to the caller.
    #[error("the previews' store failed")]
    Store(#[from] DbErr),
}

impl Problem for PreviewError {
    fn kind(&self) -> Kind {
        match self {
            Self::Keys(error) => error.kind(),
            Self::Kept(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }
}

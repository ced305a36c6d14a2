//! Why somebody could not come in by a provider.

use kit::db::DbErr;
use kit::egress::EgressError;
use kit::problem::{Kind, Problem};

/// Why a provider was of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// It does not answer, or not as it should when it is well.
    #[error("the provider cannot be reached: {0}")]
    Away(String),
    /// What it said is not accepted.
    #[error("what the provider said was refused: {0}")]
    Refused(&'static str),
    /// The database.
    #[error("the store of linked accounts failed")]
    Store(#[from] DbErr),
}

impl Problem for UpstreamError {
    fn kind(&self) -> Kind {
        match self {
            Self::Away(_) => Kind::Unavailable,
            Self::Refused(_) => Kind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }
}

impl From<EgressError> for UpstreamError {
    fn from(error: EgressError) -> Self {
        Self::Away(error.to_string())
    }
}

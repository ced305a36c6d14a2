//! Why a passkey was not accepted, or not added.

use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{FieldError, Kind, Problem};
use webauthn_rs_core::error::WebauthnError;

use crate::accounts::AccountError;

/// Why a passkey was not accepted, or not added. Who asks hears the same about a passkey that
/// nobody has, that somebody else has, and whose signature is wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasskeyError {
    /// The issuer is an IP address.
    #[error("there are no passkeys where the issuer is an IP address")]
    NotHere,
    /// The challenge is too old, was answered before, or was made for another browser, person or
    /// purpose.
    #[error("the challenge is over, or was made for somebody else; begin again")]
    Stale,
    /// No passkey that may be used here.
    #[error("this passkey cannot be used here")]
    Refused,
    /// The account is closed; told only after a passkey was right.
    #[error("this account is blocked")]
    Blocked,
    /// As many passkeys as one person may have.
    #[error("an account has {max} passkeys at most", max = super::enrol::PASSKEYS_MAX)]
    TooMany,
    /// Somebody has this passkey already.
    #[error("this passkey was added before")]
    Known,
    /// What an account needs could not be read or written.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A challenge could not be made.
    #[error("a challenge could not be made")]
    Challenge(#[from] WebauthnError),
}

impl From<DbErr> for PasskeyError {
    fn from(error: DbErr) -> Self {
        Self::Account(error.into())
    }
}

impl From<KeyError> for PasskeyError {
    fn from(error: KeyError) -> Self {
        Self::Account(error.into())
    }
}

impl Problem for PasskeyError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotHere => Kind::NotFound,
            Self::Stale | Self::Refused => Kind::Invalid,
            Self::Blocked => Kind::Forbidden,
            Self::TooMany | Self::Known => Kind::Conflict,
            Self::Account(error) => error.kind(),
            Self::Challenge(_) => Kind::Internal,
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let field = |field: &str, kind: &str| {
            vec![FieldError { field: field.to_owned(), kind: kind.to_owned() }]
        };
        match self {
            Self::Stale => field("ticket", "stale"),
            Self::Refused => field("credential", "refused"),
            Self::Blocked => field("account", "blocked"),
            Self::TooMany => field("passkeys", "too_many"),
            Self::Known => field("credential", "known"),
            _ => Vec::new(),
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Account(error) => error.retry_after_s(),
            _ => None,
        }
    }
}

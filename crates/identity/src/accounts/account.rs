//! An account as the rest of identity sees it.

use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{Kind, Problem};
use uuid::Uuid;

use crate::passwords::PasswordError;

/// What an account may do to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The first account.
    Owner,
    /// Made so by an operator.
    Admin,
    /// Everybody else.
    Member,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    pub(super) fn of(text: &str) -> Self {
        match text {
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            _ => Self::Member,
        }
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Its address is not confirmed yet.
    Pending,
    /// It can be used.
    Active,
    /// An operator closed it.
    Blocked,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }

    pub(super) fn of(text: &str) -> Self {
        match text {
            "active" => Self::Active,
            "blocked" => Self::Blocked,
            _ => Self::Pending,
        }
    }
}

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    /// What tokens call it: random, so that it tells nothing.
    pub(crate) sub: Uuid,
    pub(crate) username: String,
    pub(crate) display_name: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) locale: String,
    pub(crate) role: Role,
    pub(crate) status: Status,
    pub(crate) created_at: i64,
}

impl Account {
    /// What stands in for a picture.
    pub(crate) fn initial(&self) -> String {
        self.display_name.chars().take(1).flat_map(char::to_uppercase).collect()
    }
}

/// Why an account could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// The database.
    #[error("the store of accounts failed")]
    Store(#[from] DbErr),
    /// The address does not open with our keys.
    #[error("an account's address does not open")]
    Keys(#[from] KeyError),
    /// Somebody has the name.
    #[error("the user name is taken")]
    NameTaken,
    /// Somebody has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// No password could be hashed now.
    #[error(transparent)]
    Password(PasswordError),
}

impl Problem for AccountError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Keys(_) => Kind::Internal,
            Self::NameTaken | Self::EmailTaken => Kind::Conflict,
            Self::Password(error) => error.kind(),
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Password(error) => error.retry_after_s(),
            _ => None,
        }
    }
}

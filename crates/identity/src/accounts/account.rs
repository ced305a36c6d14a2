//! An account as the rest of identity sees it.

use clap::ValueEnum;
use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{Kind, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::passwords::PasswordError;

/// What an account may do to others, the least first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Nothing special.
    Member,
    /// Sees people, and may block members.
    Moderator,
    /// May administer.
    Admin,
    /// Everything; the first account is one.
    Owner,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Member => "member",
        }
    }

    pub(super) fn of(text: &str) -> Self {
        match text {
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            "moderator" => Self::Moderator,
            _ => Self::Member,
        }
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
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
    /// Why it is blocked.
    pub(crate) blocked_reason: Option<String>,
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
    /// Somebody was invited to it and has not come yet.
    #[error("an invitation waits at the e-mail address; invite again to send or change it")]
    Invited,
    /// There is no such account.
    #[error("there is no such account")]
    Unknown,
    /// Whoever asks is not above the account.
    #[error("{0}")]
    NotAbove(&'static str),
    /// Without it nobody could do everything.
    #[error("this is the last owner; make somebody else an owner first")]
    LastOwner,
    /// Its present status is in the way.
    #[error("the account is {}", .0.as_str())]
    Is(Status),
    /// The session that asks has ended meanwhile.
    #[error("the session has ended; sign in again")]
    SignedOut,
    /// No password could be hashed now.
    #[error(transparent)]
    Password(PasswordError),
}

impl Problem for AccountError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Keys(_) => Kind::Internal,
            Self::NameTaken | Self::EmailTaken | Self::Invited | Self::LastOwner | Self::Is(_) => {
                Kind::Conflict
            }
            Self::Unknown => Kind::NotFound,
            Self::NotAbove(_) => Kind::Forbidden,
            Self::SignedOut => Kind::Unauthenticated,
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

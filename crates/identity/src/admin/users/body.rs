//! What goes in and out of `/users`.

use kit::clock::rfc3339;
use kit::problem::ApiError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::accounts::{Account, Edit, Email, Invited, Role, Status, Username, display_name};
use crate::addresses::Awaited;
use crate::factors::Enrolled;
use crate::pages::Lang;

const REASON_CHARS_MAX: usize = 500;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Part of a user name or display name, or a whole address.
    #[param(max_length = 80)]
    pub(super) query: Option<String>,
    /// With this role.
    #[param(inline)]
    pub(super) role: Option<Role>,
    /// With this status.
    #[param(inline)]
    pub(super) status: Option<Status>,
    /// `next` of the page before.
    #[param(max_length = 200)]
    pub(super) cursor: Option<String>,
    /// How many, 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<i64>,
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserBody {
    id: Uuid,
    /// What tokens call it.
    sub: Uuid,
    username: String,
    display_name: String,
    /// Absent for who may not see addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Its person has shown that the address is theirs.
    email_verified: bool,
    /// The language of mails.
    locale: String,
    role: Role,
    status: Status,
    /// Why it is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_reason: Option<String>,
    created_at: String,
    /// An address that is the account's once its mail has confirmed; only of a single account.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_change: Option<EmailChangeBody>,
    /// The second factors; only of a single account.
    #[serde(skip_serializing_if = "Option::is_none")]
    factors: Option<Vec<FactorBody>>,
}

/// An address that waits to be confirmed.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailChange)]
struct EmailChangeBody {
    email: String,
    asked_at: String,
    /// When its link ends.
    expires_at: String,
}

/// A second factor.
#[derive(Serialize, ToSchema)]
#[schema(as = Factor)]
struct FactorBody {
    id: Uuid,
    /// `passkey`, `totp`, `mail`, `sms` or `recovery`.
    kind: &'static str,
    /// How its person calls it.
    name: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl UserBody {
    pub(super) fn of(account: &Account, reads: bool) -> Self {
        Self {
            id: account.id,
            sub: account.sub,
            username: account.username.clone(),
            display_name: account.display_name.clone(),
            email: reads.then(|| account.email.clone()),
            email_verified: account.email_verified,
            locale: account.locale.clone(),
            role: account.role,
            status: account.status,
            blocked_reason: account.blocked_reason.clone(),
            created_at: rfc3339(account.created_at),
            email_change: None,
            factors: None,
        }
    }

    pub(super) fn add_email_change(&mut self, awaited: Option<Awaited>) {
        self.email_change = awaited.map(|awaited| EmailChangeBody {
            email: awaited.email,
            asked_at: rfc3339(awaited.asked_at),
            expires_at: rfc3339(awaited.expires_at),
        });
    }

    pub(super) fn add_factors(&mut self, factors: Vec<Enrolled>) {
        let body = |factor: Enrolled| FactorBody {
            id: factor.id,
            kind: factor.kind.as_str(),
            name: factor.name,
            created_at: rfc3339(factor.created_at),
            last_used_at: factor.last_used_at.map(rfc3339),
        };
        self.factors = Some(factors.into_iter().map(body).collect());
    }
}

/// Accounts, in the order in which they were made.
#[derive(Serialize, ToSchema)]
#[schema(as = UserList)]
pub(super) struct UserList {
    pub(super) items: Vec<UserBody>,
    /// The cursor of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// Somebody to be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    /// 2 to 32 ASCII letters, digits, `.`, `-` or `_`, beginning with a letter or digit.
    #[schema(min_length = 2, max_length = 32, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]+$")]
    username: String,
    /// Where the link goes.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// How others see them; the user name if left out.
    #[schema(min_length = 1, max_length = 80)]
    #[serde(default)]
    display_name: Option<String>,
    /// Member if left out.
    #[serde(default)]
    #[schema(inline)]
    role: Option<Role>,
    /// The language of mails; English if left out.
    #[serde(default)]
    #[schema(pattern = "^(es|en)$")]
    locale: Option<String>,
}

/// The same, understood.
pub(super) struct Parsed {
    username: Username,
    email: Email,
    display_name: Option<String>,
    lang: Option<Lang>,
    role: Option<Role>,
}

impl NewUser {
    pub(super) fn parse(self) -> Result<Parsed, ApiError> {
        let username = username(&self.username)?;
        let email = email(&self.email)?;
        Ok(Parsed {
            display_name: self.display_name.as_deref().map(name).transpose()?,
            lang: self.locale.as_deref().map(lang).transpose()?,
            role: self.role,
            username,
            email,
        })
    }
}

impl Parsed {
    pub(super) fn invited(&self) -> Invited<'_> {
        Invited {
            username: &self.username,
            email: &self.email,
            display_name: self.display_name.as_deref(),
            lang: self.lang,
            role: self.role,
        }
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EditUser)]
pub(super) struct EditBody {
    /// 2 to 32 ASCII letters, digits, `.`, `-` or `_`, beginning with a letter or digit.
    #[schema(min_length = 2, max_length = 32, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]+$")]
    #[serde(default)]
    username: Option<String>,
    /// How others see them.
    #[schema(min_length = 1, max_length = 80)]
    #[serde(default)]
    display_name: Option<String>,
    /// The language of mails.
    #[schema(pattern = "^(es|en)$")]
    #[serde(default)]
    locale: Option<String>,
    /// Their other address. It is theirs when they open the link that is mailed there, for 24
    /// hours, and confirm; the present one is told with a link that stops it. The present address
    /// withdraws one that waits. Who was invited and has not come gets a new link there at once,
    /// and the links before it end.
    #[schema(format = "email", max_length = 254)]
    #[serde(default)]
    email: Option<String>,
}

impl EditBody {
    pub(super) fn parse(&self) -> Result<Edit, ApiError> {
        Ok(Edit {
            username: self.username.as_deref().map(username).transpose()?,
            display_name: self.display_name.as_deref().map(name).transpose()?,
            lang: self.locale.as_deref().map(lang).transpose()?,
            email: self.email.as_deref().map(email).transpose()?,
        })
    }
}

/// Why an account is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BlockUser)]
pub(super) struct BlockBody {
    /// For the audit and for who administers; its person does not see it.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
}

impl BlockBody {
    pub(super) fn parse(self) -> Result<String, ApiError> {
        if self.reason.chars().count() > REASON_CHARS_MAX {
            let detail = format!("reason has at most {REASON_CHARS_MAX} characters");
            return Err(ApiError::field("reason", "too_long", detail));
        }
        if self.reason.contains('\0') {
            return Err(ApiError::field("reason", "malformed", "a text has no NUL"));
        }
        Ok(self.reason)
    }
}

/// A role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeRole)]
pub(super) struct RoleBody {
    #[schema(inline)]
    pub(super) role: Role,
}

/// How many second factors went.
#[derive(Serialize, ToSchema)]
#[schema(as = RemovedFactors)]
pub(super) struct Removed {
    pub(super) removed: u64,
}

fn username(text: &str) -> Result<Username, ApiError> {
    let detail = "username is 2 to 32 ASCII letters, digits, '.', '-' or '_'";
    Username::parse(text).ok_or_else(|| ApiError::field("username", "malformed", detail))
}

fn email(text: &str) -> Result<Email, ApiError> {
    let wrong = || ApiError::field("email", "malformed", "email is not an address");
    Email::parse(text).ok_or_else(wrong)
}

fn name(text: &str) -> Result<String, ApiError> {
    let detail = "display_name has 1 to 80 characters, none of them a control character";
    display_name(text).ok_or_else(|| ApiError::field("display_name", "malformed", detail))
}

fn lang(text: &str) -> Result<Lang, ApiError> {
    let known = ["es", "en"].contains(&text).then(|| Lang::of_tag(text)).flatten();
    known.ok_or_else(|| ApiError::field("locale", "unknown", "locale is es or en"))
}

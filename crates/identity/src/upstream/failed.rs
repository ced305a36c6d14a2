//! The pages that say why somebody did not come in, and how to go on.

use askama::Template;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::buttons::start_path;
use super::{Provider, UpstreamError, UpstreamWords};
use crate::Identity;
use crate::pages::{Shell, show};
use crate::visitor::Visitor;

/// When a provider that was away may be asked again, seconds.
const RETRY_AFTER_S: u64 = 5;

#[derive(Template)]
#[template(path = "upstream/failed.html")]
struct FailedPage<'a> {
    shell: &'a Shell,
    title: String,
    text: String,
    /// Where it is tried once more.
    retry: Option<(&'a str, String)>,
    /// Where else to go on.
    other: (&'a str, String),
}

/// Why somebody did not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The provider does not answer.
    Away,
    /// What it answered is not accepted.
    Refused,
    /// It was to make the person prove anew who they are, and does not say that it did.
    NotAnew,
    /// The person said no there, or was refused there.
    Declined,
    /// The sign-in is over, or of another browser.
    Over,
    /// Their address is not of a domain that may come in.
    Domain,
    /// The account is blocked.
    Blocked,
    /// The account there is linked to somebody else's here.
    Taken,
}

impl Failure {
    fn status(self) -> StatusCode {
        match self {
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused | Self::NotAnew | Self::Declined => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Over => StatusCode::GONE,
            Self::Domain | Self::Blocked => StatusCode::FORBIDDEN,
            Self::Taken => StatusCode::CONFLICT,
        }
    }

    /// Its name in the audit.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Refused => "refused",
            Self::NotAnew => "not anew",
            Self::Declined => "declined",
            Self::Over => "over",
            Self::Domain => "domain",
            Self::Blocked => "blocked",
            Self::Taken => "linked to another",
        }
    }
}

impl From<&UpstreamError> for Failure {
    fn from(error: &UpstreamError) -> Self {
        match error {
            UpstreamError::Away(_) => Self::Away,
            _ => Self::Refused,
        }
    }
}

/// Where the sign-in was to lead, so that it can be tried again.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    /// The query of the start, such as `?ix=…`.
    pub(super) query: String,
    /// Where the person goes instead: the form for signing in, or the page of linked accounts.
    pub(super) other: String,
}

/// The page.
pub(super) fn failed_page(
    identity: &Identity,
    visitor: &Visitor,
    (provider, failure): (&Provider, Failure),
    way: &Way,
) -> Response {
    let shell = Shell::of(identity, visitor);
    let t = UpstreamWords::of(shell.lang());
    let (title, text) = match failure {
        Failure::Away => (t.away_title, t.away_text),
        Failure::Refused => (t.refused_title, t.refused_text),
        Failure::NotAnew => (t.refused_title, t.not_anew_text),
        Failure::Declined => (t.declined_title, t.declined_text),
        Failure::Over => (t.over_title, t.over_text),
        Failure::Domain => (t.domain_title, t.domain_text),
        Failure::Blocked => (t.blocked_title, shell.w.blocked),
        Failure::Taken => (t.taken_title, t.taken_text),
    };
    let again = matches!(failure, Failure::Away | Failure::Refused | Failure::Declined);
    let start = format!("{}{}", start_path(&provider.told.name), way.query);
    let other = if way.other.is_empty() { "/login" } else { way.other.as_str() };
    let page = FailedPage {
        shell: &shell,
        title: title.replace("{}", provider.label()),
        text: text.replace("{}", provider.label()),
        retry: again.then(|| (t.retry, identity.path(&start))),
        other: (t.other_way, identity.path(other)),
    };
    let mut response = show(failure.status(), &page, &shell, None);
    if failure == Failure::Away {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

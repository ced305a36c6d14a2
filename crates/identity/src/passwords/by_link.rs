//! The password of an account that a link of its mail is about, asked for where the account is not
//! signed in to: whoever reads the mail need not be its person.

use http::StatusCode;
use kit::db::Tx;
use uuid::Uuid;

use super::{Verdict, get_hash, normalise};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login::{Throttle, Turn};
use crate::pages::{Notice, PageError, Shell};
use crate::visitor::Visitor;

/// What somebody is told to wait who has missed too often for any waiting.
const LONG_S: u64 = 900;

/// What the page of a link says beside its facts.
#[derive(Default)]
pub(crate) struct Said {
    /// Of the answer.
    pub(crate) status: StatusCode,
    /// What is wrong with the password.
    pub(crate) error: &'static str,
    /// Something else.
    pub(crate) notice: Option<Notice>,
}

impl Said {
    /// There is no password to show, so nothing can be done here.
    pub(crate) fn forbidden() -> Self {
        Self { status: StatusCode::FORBIDDEN, ..Self::default() }
    }
}

/// What is wrong with the password that was `typed` for the account `user`, at the page of the
/// link `token`; misses are counted by the link, and written down as `event`.
pub(crate) async fn refusal(
    (identity, visitor, shell): (&Identity, &Visitor, &Shell),
    (token, user): (&str, Uuid),
    typed: &str,
    event: &'static str,
) -> Result<Option<Said>, PageError> {
    let place = identity.hasher.place()?;
    let throttle = Throttle::of_link(identity, token);
    let seconds = match throttle.take(identity).await? {
        Turn::Now => None,
        Turn::Wait { seconds } => Some(seconds),
        Turn::ResetOnly => Some(LONG_S),
    };
    if let Some(seconds) = seconds {
        let notice = Some(Notice::bad(shell.w.wait(seconds)));
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok(Some(Said { status, notice, error: "" }));
    }
    let phc = get_hash(identity.db.reader(), user).await?;
    if identity.hasher.verify(place, &normalise(typed), phc).await? != Verdict::Wrong {
        identity.db.write(async |tx: &Tx| throttle.clear(tx).await).await?;
        return Ok(None);
    }
    let entry = Entry::new(event).user(user).visitor(visitor).failed();
    identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await?;
    let (status, error) = (StatusCode::UNPROCESSABLE_ENTITY, shell.w.verify_wrong);
    Ok(Some(Said { status, error, notice: None }))
}

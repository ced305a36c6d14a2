//! Second factors: what somebody can show besides a password, and the page that lists it.
//!
//! Every factor has a row in `factors`, whatever its kind; what only its kind needs is in that
//! kind's table under the same id, and goes with it. Adding one and taking one away is told by
//! mail, and both need a sign-in that is a few minutes old at most, with the strongest step that
//! the account has ([`guard`]).

mod choice;
pub(crate) mod codes;
mod notice;
mod page;
mod passkey;
mod recovery;
mod store;
mod totp;
mod words;

pub(crate) use choice::{first, offered, ways};
pub use codes::Codes;
pub(crate) use codes::{CodeWords, MIGRATION as CODES};
pub(crate) use notice::{Change, Guessed, changed, guessed};
pub use passkey::Passkeys;
pub(crate) use passkey::{
    MIGRATION as PASSKEYS, PasskeyWords, RelyingParty, forget, refusal as passkeys_refusal,
    root_router,
};
pub(crate) use store::{Enrolled, find, mark_used, of, remove_since};
pub(crate) use words::FactorWords;

use axum::Router;
use kit::db::{Migration, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::Identity;
use crate::accounts::{self, AccountError, Actor};
use crate::audit::{self, Entry};
use crate::login::{self, Acr, Needed};
use crate::visitor::Visitor;

/// The tables of second factors, and the columns for a sign-in that is half done.
pub(crate) const MIGRATION: Migration = Migration {
    name: "0120_factors",
    sql: include_str!("../../migrations/0120_factors.sql"),
    sqlite: &[],
    postgres: &[],
};

/// The pages below `/account/security`.
pub(crate) fn router() -> Router<Identity> {
    let kinds = totp::router().merge(passkey::router()).merge(codes::router());
    page::router().merge(kinds).merge(recovery::router())
}

/// What a person can show in a second step, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A passkey.
    Passkey,
    /// A code of an authenticator app.
    Totp,
    /// A code by mail.
    Mail,
    /// A code by SMS.
    Sms,
    /// A code that was printed or noted when it was made.
    Recovery,
}

impl Kind {
    /// All of them, the strongest first.
    pub(crate) const ALL: [Self; 5] =
        [Self::Passkey, Self::Totp, Self::Mail, Self::Sms, Self::Recovery];

    /// Its name in the database, in addresses and in the audit.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Recovery => "recovery",
        }
    }

    /// The kind of this name.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The level that it makes of a password.
    pub(crate) fn acr(self) -> Acr {
        match self {
            Self::Passkey => Acr::Phr,
            Self::Totp => Acr::Mfa,
            Self::Mail | Self::Sms | Self::Recovery => Acr::TwoSteps,
        }
    }
}

/// The level that an account with these factors asks of every sign-in. Recovery codes alone ask
/// for nothing: they stand in for another factor.
pub(crate) fn required(enrolled: &[Enrolled]) -> Acr {
    if enrolled.iter().any(|factor| factor.kind != Kind::Recovery) {
        Acr::TwoSteps
    } else {
        Acr::Pwd
    }
}

/// What the change of what guards an account asks for: the strongest step that its person can
/// take here, or who reads their mail could give themselves a stronger one. Two factors are enough,
/// so that an app can take the place of a passkey that was lost.
pub(crate) fn guard(identity: &Identity, enrolled: &[Enrolled]) -> Needed {
    let usable = enrolled.iter().filter(|factor| offered(identity, factor.kind));
    let best = usable.map(|factor| factor.kind).filter(|kind| *kind != Kind::Recovery);
    let best = best.map(Kind::acr).max().unwrap_or(Acr::Pwd).min(Acr::Mfa);
    Needed { level: required(enrolled).max(best), or_recovery: true }
}

/// The level that a person with these factors can reach.
pub(crate) fn reachable(enrolled: &[Enrolled]) -> Acr {
    enrolled.iter().map(|factor| factor.kind.acr()).max().unwrap_or(Acr::Pwd)
}

/// Accepts a code that somebody made or printed, once; answers whether it was right. Codes that
/// were sent are accepted by [`codes::accept`].
pub(crate) async fn accept(
    identity: &Identity,
    visitor: &Visitor,
    (user, kind): (Uuid, Kind),
    code: &str,
) -> Result<bool, AccountError> {
    match kind {
        Kind::Totp => totp::accept(identity, user, code).await,
        Kind::Recovery => recovery::accept(identity, visitor, user, code).await,
        Kind::Passkey | Kind::Mail | Kind::Sms => Ok(false),
    }
}

/// Takes all factors from somebody who has lost them, by the hand of an operator who has made
/// sure who asks; ends all their sessions, and answers how many there were.
pub(crate) async fn remove_all(
    identity: &Identity,
    by: &Actor,
    user: Uuid,
) -> Result<u64, AccountError> {
    let work = async |tx: &Tx| {
        accounts::touched(identity, tx, by, user).await?;
        let removed = store::remove_all(tx, user).await?;
        if removed > 0 {
            login::end_all_in(tx, by, user, "factors removed").await?;
            login::forget_second_misses(tx, user).await?;
            notice::removed_by_operator(tx, identity, user).await?;
            let entry = Entry::new("factor.removed").user(user).detail(json!({"kind": "all"}));
            audit::record(tx, &entry.actor(by)).await?;
        }
        Ok::<_, AccountError>(removed)
    };
    let removed = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(removed)
}

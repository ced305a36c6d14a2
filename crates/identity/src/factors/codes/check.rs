//! Looking at a code that somebody typed.

use kit::clock::now_ms;
use kit::db::Tx;
use serde_json::json;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::send::mac;
use super::{Destination, TRIES_MAX, store};
use crate::Identity;
use crate::accounts::AccountError;
use crate::audit::{self, Entry};
use crate::factors::{self, Kind};
use crate::login;
use crate::visitor::Visitor;

/// What a code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was the one that was sent last, and is spent.
    Right,
    /// It was not, or is too old.
    Wrong,
    /// It was not, once too often: the interaction is over.
    Over,
}

/// A code that is looked at.
pub(super) struct Typed<'a> {
    pub(super) ix: Uuid,
    pub(super) user: Uuid,
    pub(super) kind: Kind,
    /// It is for a destination on its way to become a factor.
    pub(super) is_new: bool,
    pub(super) code: &'a str,
}

/// Accepts the code of one of the person's factors, once.
pub(crate) async fn accept(
    identity: &Identity,
    visitor: &Visitor,
    (ix, user): (Uuid, Uuid),
    (kind, code): (Kind, &str),
) -> Result<Answer, AccountError> {
    let typed = Typed { ix, user, kind, is_new: false, code };
    let work = async |tx: &Tx| {
        let (answer, found) = check_in(tx, (identity, visitor), &typed).await?;
        if let Some((Some(factor), _)) = found {
            factors::mark_used(tx, factor).await?;
            audit::record(tx, &entry(visitor, &typed, "otp.ok")).await?;
        }
        Ok::<_, AccountError>(answer)
    };
    identity.db.write(work).await
}

/// The factor, if it is one already, and where the code went.
pub(super) type Found = (Option<Uuid>, Destination);

/// What the audit keeps of a code.
pub(super) fn entry(visitor: &Visitor, typed: &Typed<'_>, event: &'static str) -> Entry {
    let detail = json!({"kind": typed.kind.as_str()});
    Entry::new(event).user(typed.user).visitor(visitor).detail(detail)
}

/// Counts a try and looks at the code; a right one tells what it was for, and is for the caller
/// to record, at the end of what follows from it.
pub(super) async fn check_in(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    typed: &Typed<'_>,
) -> Result<(Answer, Option<Found>), AccountError> {
    if !store::lock(tx, typed.ix).await? {
        return Ok((Answer::Over, None));
    }
    let challenge = store::challenge(tx, typed.ix).await?;
    let challenge = challenge.filter(|challenge| {
        challenge.user_id == typed.user
            && challenge.kind == typed.kind.as_str()
            && challenge.factor_id.is_none() == typed.is_new
    });
    let Some(challenge) = challenge else {
        audit::record(tx, &entry(visitor, typed, "otp.fail").failed()).await?;
        return Ok((Answer::Wrong, None));
    };
    let plain: String = typed.code.chars().filter(|c| !c.is_whitespace()).take(7).collect();
    let expected = mac(identity, typed.ix, typed.user, (typed.kind, &plain));
    let is_right = bool::from(expected.ct_eq(&challenge.code_mac));
    if is_right && challenge.expires_at > now_ms() {
        store::spend(tx, typed.ix).await?;
        let destination = challenge.destination(&identity.keys, typed.ix)?;
        return Ok((Answer::Right, Some((challenge.factor_id, destination))));
    }
    if challenge.tries + 1 < TRIES_MAX {
        store::missed(tx, typed.ix).await?;
        audit::record(tx, &entry(visitor, typed, "otp.fail").failed()).await?;
        return Ok((Answer::Wrong, None));
    }
    login::finish_interaction(tx, typed.ix).await?;
    audit::record(tx, &entry(visitor, typed, "otp.exhausted").failed()).await?;
    Ok((Answer::Over, None))
}

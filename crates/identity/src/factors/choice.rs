//! Which factor is asked for, and what may be used instead.

use super::{Enrolled, FactorWords, Kind};
use crate::Identity;
use crate::login::Needed;

/// Whether this kind can be added and used here.
pub(crate) fn offered(identity: &Identity, kind: Kind) -> bool {
    let codes = &identity.config.settings.codes;
    match kind {
        Kind::Passkey => identity.passkeys.is_some(),
        Kind::Mail => codes.mail,
        Kind::Sms => codes.sms && !identity.sms.is_empty(),
        Kind::Totp | Kind::Recovery => true,
    }
}

/// The factor to ask for first: the one that the person prefers, else the strongest, of those
/// that can be used here and reach `needed`.
pub(crate) fn first<'e>(
    identity: &Identity,
    enrolled: &'e [Enrolled],
    needed: Needed,
) -> Option<&'e Enrolled> {
    let usable = || enrolled.iter().filter(|factor| offered(identity, factor.kind));
    let good = || usable().filter(|factor| needed.takes(factor.kind));
    good().find(|factor| factor.preferred).or_else(|| good().next()).or_else(|| usable().next())
}

/// The other ways to do the step, the strongest first: their kinds, and what they are called.
pub(crate) fn ways(
    identity: &Identity,
    enrolled: &[Enrolled],
    (needed, shown): (Needed, Kind),
    words: &FactorWords,
) -> Vec<(&'static str, &'static str)> {
    let mut kinds: Vec<Kind> = enrolled.iter().map(|factor| factor.kind).collect();
    kinds.dedup();
    kinds.retain(|kind| *kind != shown && needed.takes(*kind) && offered(identity, *kind));
    kinds.into_iter().map(|kind| (kind.as_str(), words.kind(kind))).collect()
}

//! What a sign-in, or the change of what guards an account, asks its person to show.

use super::Acr;
use crate::factors::Kind;

/// The level to reach, and whether a recovery code will do in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needed {
    /// Of the sign-in.
    pub(crate) level: Acr,
    /// A recovery code stands in for a factor that was lost, so that another can take its place.
    pub(crate) or_recovery: bool,
}

impl Needed {
    /// This level and nothing else.
    pub(crate) fn level(level: Acr) -> Self {
        Self { level, or_recovery: false }
    }

    /// Whether a sign-in at this level, with or without a recovery code, is enough.
    pub(crate) fn is_met(self, acr: Acr, recovered: bool) -> bool {
        acr >= self.level || (self.or_recovery && recovered)
    }

    /// Whether a factor of this kind, after a password, is enough.
    pub(crate) fn takes(self, kind: Kind) -> bool {
        self.is_met(kind.acr(), kind == Kind::Recovery)
    }
}

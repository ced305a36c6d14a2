//! How strong a sign-in was.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A level of authentication, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Acr {
    /// A password, or the link that confirmed a new address.
    Pwd,
    /// Two steps, of which the second is a code by mail or SMS, or a recovery code.
    TwoSteps,
    /// Two factors: a password and something that the person holds.
    Mfa,
    /// Resistant to phishing: a passkey that verified the person.
    Phr,
}

impl Acr {
    /// All of them, weakest first.
    pub(crate) const ALL: [Self; 4] = [Self::Pwd, Self::TwoSteps, Self::Mfa, Self::Phr];

    /// Its name in tokens, requests and the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "urn:tertulia:acr:pwd",
            Self::TwoSteps => "urn:tertulia:acr:2sv",
            Self::Mfa => "urn:tertulia:acr:mfa",
            Self::Phr => "phr",
        }
    }
}

impl fmt::Display for Acr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not the name of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such level of authentication")]
pub(crate) struct UnknownAcr;

impl FromStr for Acr {
    type Err = UnknownAcr;

    fn from_str(text: &str) -> Result<Self, UnknownAcr> {
        Self::ALL.into_iter().find(|acr| acr.as_str() == text).ok_or(UnknownAcr)
    }
}

impl Serialize for Acr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Acr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_keep_their_names() {
        assert!(Acr::Pwd < Acr::TwoSteps && Acr::TwoSteps < Acr::Mfa && Acr::Mfa < Acr::Phr);
        for acr in Acr::ALL {
            assert_eq!(acr.to_string().parse(), Ok(acr));
        }
        assert_eq!("mfa".parse::<Acr>(), Err(UnknownAcr));
    }
}

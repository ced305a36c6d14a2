//! Where codes go: the account's own address, or a phone that its person has confirmed.

use kit::db::Sql;
use kit::sms::Number;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store;
use crate::Identity;
use crate::accounts::{self, AccountError};
use crate::factors::{Enrolled, Kind};

/// Where a code goes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Destination {
    /// An address of mail.
    Mail(String),
    /// A telephone.
    Sms(Number),
}

impl Destination {
    /// The kind of factor that it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Mail(_) => Kind::Mail,
            Self::Sms(_) => Kind::Sms,
        }
    }

    /// What is shown of it.
    pub(crate) fn masked(&self) -> String {
        match self {
            Self::Mail(address) => masked_address(address),
            Self::Sms(number) => number.masked(),
        }
    }

    /// What codes to it are counted by.
    pub(super) fn key(&self, identity: &Identity) -> [u8; 32] {
        let text = match self {
            Self::Mail(address) => address.to_ascii_lowercase(),
            Self::Sms(number) => number.as_str().to_owned(),
        };
        identity.keys.mac("codes to", text.as_bytes())
    }
}

/// `j***@d***`: enough for its owner to know which it is.
fn masked_address(address: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    format!("{}***@{}***", first(local), first(domain))
}

/// Where the codes of a factor go.
pub(crate) async fn of_factor(
    identity: &Identity,
    c: &impl Sql,
    user: Uuid,
    factor: &Enrolled,
) -> Result<Option<Destination>, AccountError> {
    Ok(match factor.kind {
        Kind::Mail => {
            let account = accounts::for_notice(identity, c, user).await?;
            account.map(|account| Destination::Mail(account.email))
        }
        Kind::Sms => {
            let mut phones = phones(identity, c, user).await?.into_iter();
            phones.find(|(id, _)| *id == factor.id).map(|(_, number)| Destination::Sms(number))
        }
        Kind::Passkey | Kind::Totp | Kind::Recovery => None,
    })
}

/// The phones of a person, by the ids of their factors.
pub(crate) async fn phones(
    identity: &Identity,
    c: &impl Sql,
    user: Uuid,
) -> Result<Vec<(Uuid, Number)>, AccountError> {
    Ok(store::phones(&identity.keys, c, user).await?)
}

/// What the pages show of where these factors' codes go.
pub(crate) async fn masked(
    identity: &Identity,
    user: Uuid,
    enrolled: &[Enrolled],
) -> Result<Vec<(Uuid, String)>, AccountError> {
    let mut shown = Vec::new();
    for factor in enrolled.iter().filter(|one| matches!(one.kind, Kind::Mail | Kind::Sms)) {
        let destination = of_factor(identity, identity.db.reader(), user, factor).await?;
        shown.extend(destination.map(|destination| (factor.id, destination.masked())));
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::masked_address;

    #[test]
    fn an_address_shows_the_first_letters_of_its_parts_only() {
        assert_eq!(masked_address("julia@domain.example"), "j***@d***");
        assert_eq!(masked_address("ñu@ñ.cl"), "ñ***@ñ***");
        assert_eq!(masked_address("@"), "***@***");
    }
}

//! People: what chat keeps of an account.
//!
//! A person is an account of an issuer, known by `(iss, sub)` and nothing else; names change, and
//! an e-mail address identifies nobody here. The row is written when the person is first seen
//! and again whenever the issuer tells us more.

mod directory;
mod http;
mod name;
mod store;

use kit::db::{DbErr, Tx};
use kit::keys::KeyError;
use kit::problem::{Kind, Problem};
use protocol::Me;
use uuid::Uuid;

pub(crate) use http::router;
pub(crate) use store::{
    PersonRow, by_account, by_ids, by_username, called, get, has_picture, is_called, rooms_of,
    set_blocked, set_picture, visible,
};

use crate::{Chat, Viewer};

/// The verb that only this feature's endpoint calls, for the tests of the whole.
#[cfg(test)]
pub(crate) mod testing {
    pub(crate) use super::directory::{Asked, Place, page};
}

/// Longest name that is kept, characters; the issuer has its own limits.
const NAME_CHARS_MAX: usize = 200;
/// What an e-mail address is sealed for.
const EMAIL_CONTEXT: &str = "people:email";

/// What an issuer says about an account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The issuer.
    pub(crate) iss: String,
    /// The account at the issuer.
    pub(crate) sub: String,
    /// `preferred_username`.
    pub(crate) username: String,
    /// `name`.
    pub(crate) display_name: String,
    /// `owner`, `admin` or `member`, if the issuer told.
    pub(crate) role: Option<String>,
    /// `email`, if the issuer told.
    pub(crate) email: Option<String>,
    /// `locale`, if the issuer told.
    pub(crate) locale: Option<String>,
}

/// Why a person cannot be shown to themselves.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeError {
    /// The row is gone.
    #[error("this person is not known here")]
    Unknown,
    /// The address does not open.
    #[error("the address is not available")]
    Keys(#[from] KeyError),
    /// The cause goes to the log, never to the caller.
    #[error("the people store failed")]
    Store(#[from] DbErr),
}

impl Problem for MeError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown => Kind::NotFound,
            Self::Keys(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

/// How a user name is compared: without a leading `@`, without regard to case.
pub(crate) fn normalise(username: &str) -> String {
    let name = username.trim();
    name.strip_prefix('@').unwrap_or(name).to_lowercase()
}

/// Writes what the issuer says; answers the person's id and whether they are new.
pub(crate) async fn record(
    tx: &Tx,
    chat: &Chat,
    account: &Account,
    now: i64,
) -> Result<(Uuid, bool), MeError> {
    let id = kit::clock::uuid_v7();
    let aad = aad(&account.iss, &account.sub);
    let seal = |email: &String| chat.keys.seal(EMAIL_CONTEXT, &aad, email.as_bytes());
    let row = store::NewPerson {
        id,
        email: account.email.as_ref().map(seal).transpose()?,
        username_norm: normalise(&account.username),
        account: Account {
            username: bounded(&account.username),
            display_name: bounded(&account.display_name),
            locale: account.locale.as_deref().map(|locale| locale.chars().take(16).collect()),
            ..account.clone()
        },
    };
    let stored = store::upsert(tx, row, now).await?;
    Ok((stored, stored == id))
}

/// What a person may know about themselves.
pub(crate) async fn me(chat: &Chat, viewer: &Viewer) -> Result<Me, MeError> {
    let row = get(chat.db.reader(), viewer.person).await?.ok_or(MeError::Unknown)?;
    let sealed = store::sealed_email(chat.db.reader(), viewer.person).await?;
    let email = match sealed.filter(|_| viewer.scopes.iter().any(|scope| scope == "email")) {
        Some(cell) => {
            let aad = aad(&row.iss, &row.sub);
            let plain = chat.keys.open_value(EMAIL_CONTEXT, &aad, &cell)?;
            String::from_utf8(plain).ok()
        }
        None => None,
    };
    let role = row.role.clone();
    let media_url = chat.config.settings.files.media_url();
    Ok(Me { person: row.person(), email, role, scopes: viewer.scopes.clone(), media_url })
}

/// How somebody is reached by mail.
pub(crate) struct Addressee {
    /// The address.
    pub(crate) email: String,
    /// What to call them.
    pub(crate) name: String,
    /// The language, as in `es-AR`, if the issuer told.
    pub(crate) locale: Option<String>,
}

/// How `person` is reached; nothing without an address, or when they are blocked.
pub(crate) async fn addressee(chat: &Chat, person: Uuid) -> Result<Option<Addressee>, MeError> {
    let Some(row) = store::addressee(chat.db.reader(), person).await? else { return Ok(None) };
    let plain = chat.keys.open_value(EMAIL_CONTEXT, &aad(&row.iss, &row.sub), &row.email)?;
    let Ok(email) = String::from_utf8(plain) else { return Ok(None) };
    Ok(Some(Addressee { email, name: row.display_name, locale: row.locale }))
}

fn bounded(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

fn aad(iss: &str, sub: &str) -> Vec<u8> {
    [iss.as_bytes(), b"\0", sub.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_without_case_and_at_sign() {
        assert_eq!(normalise(" @Ana.Lopez "), "ana.lopez");
        assert_eq!(normalise("ÑOÑO"), "ñoño");
    }

    #[test]
    fn a_name_has_no_control_characters_and_an_end() {
        assert_eq!(bounded("An\u{0}a\n"), "Ana");
        assert_eq!(bounded(&"x".repeat(500)).len(), NAME_CHARS_MAX);
    }
}

//! Making an account for somebody whom another provider has brought, without a password.

use kit::db::Tx;
use uuid::Uuid;

use super::invite::{Asker, invite_again};
use super::{AccountError, Email, Role, Username, store, verify, waiting};
use crate::Identity;
use crate::pages::Lang;

/// What is known about somebody who wants an account.
#[derive(Debug)]
pub(crate) struct Joiner<'a> {
    pub(crate) username: &'a Username,
    pub(crate) display_name: &'a str,
    pub(crate) email: &'a Email,
    pub(crate) lang: Lang,
    /// The address is theirs and needs no mail.
    pub(crate) email_proven: bool,
    /// Where they are, and what waits for them there.
    pub(crate) asker: Asker,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Joined {
    /// The account can be used.
    Ready(Uuid),
    /// Its address is to be confirmed first.
    Waiting(Uuid),
    /// The address has this account already; nothing was made.
    Known(Uuid),
    /// The address has this account, made for who was invited; its link was sent once more.
    Invited(Uuid, String),
}

/// Makes the account, unless the address has one.
pub(crate) async fn join(
    identity: &Identity,
    tx: &Tx,
    joiner: &Joiner<'_>,
) -> Result<Joined, AccountError> {
    let names = (joiner.username, joiner.email);
    if !waiting::reserve(identity, tx, names).await? {
        return Err(AccountError::NameTaken);
    }
    waiting::clear(identity, tx, names).await?;
    let draft = store::Draft {
        username: joiner.username,
        display_name: joiner.display_name,
        email: joiner.email,
        lang: joiner.lang,
        role: Role::Member,
    };
    // As many statements for an address that has an account as for one that has none.
    let Some(user) = store::insert(identity, tx, &draft).await? else {
        if let Some(known) = store::confirmed(identity, tx, joiner.email).await? {
            return Ok(Joined::Known(known));
        }
        let invited = invite_again(identity, tx, joiner.email, &joiner.asker).await?;
        let (user, link) = invited.ok_or(AccountError::NameTaken)?;
        return Ok(Joined::Invited(user, link));
    };
    if !joiner.email_proven {
        return Ok(Joined::Waiting(user));
    }
    verify::activate(tx, user).await?;
    Ok(Joined::Ready(user))
}

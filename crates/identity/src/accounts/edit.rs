//! Changing what an account says about its person, by somebody who administers.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{Account, AccountError, Actor, Email, Status, Username, renew, store, touched};
use crate::audit::{self, Entry};
use crate::pages::Lang;
use crate::{Identity, addresses};

/// What changes; the rest stays.
#[derive(Debug, Default)]
pub(crate) struct Edit {
    /// The user name.
    pub(crate) username: Option<Username>,
    /// The display name.
    pub(crate) display_name: Option<String>,
    /// The language of mails.
    pub(crate) lang: Option<Lang>,
    /// The address, once it has confirmed.
    pub(crate) email: Option<Email>,
}

/// Changes an account and answers it. The audit tells which of its parts changed.
pub(crate) async fn edit(
    identity: &Identity,
    by: &Actor,
    id: Uuid,
    edit: &Edit,
) -> Result<Account, AccountError> {
    let work = async |tx: &Tx| {
        store::lock(tx, id).await?;
        let before = touched(identity, tx, by, id).await?;
        let (after, changed) = apply(identity, tx, &before, edit).await?;
        if !changed.is_empty() {
            let entry = Entry::new("user.changed").user(id).detail(json!({"changed": changed}));
            audit::record(tx, &entry.actor(by)).await?;
        }
        match &edit.email {
            Some(email) => move_to((identity, tx), by, after, email).await,
            None => Ok(after),
        }
    };
    let account = identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(account)
}

/// An account moves when its new address says so; an invitation has nobody who could, and goes
/// there at once.
async fn move_to(
    (identity, tx): (&Identity, &Tx),
    by: &Actor,
    account: Account,
    email: &Email,
) -> Result<Account, AccountError> {
    if account.status == Status::Pending {
        return renew::readdress((identity, tx), by, &account, email).await;
    }
    addresses::ask_for((identity, tx), by, &account, email).await?;
    Ok(account)
}

/// Changes an account; answers it, and which of its parts changed.
pub(super) async fn apply(
    identity: &Identity,
    tx: &Tx,
    before: &Account,
    edit: &Edit,
) -> Result<(Account, Vec<&'static str>), AccountError> {
    let id = before.id;
    if let Some(username) = &edit.username {
        let taken = store::by_username(tx, username).await?;
        if taken.is_some_and(|other| other != id) {
            return Err(AccountError::NameTaken);
        }
        store::set_username(tx, id, username).await?;
    }
    if let Some(display_name) = &edit.display_name {
        store::rename(tx, id, display_name).await?;
    }
    if let Some(lang) = edit.lang {
        store::set_locale(tx, id, lang).await?;
    }
    let after = store::get(identity, tx, id).await?.ok_or(AccountError::Unknown)?;
    let changed = changed(before, &after);
    Ok((after, changed))
}

fn changed(before: &Account, after: &Account) -> Vec<&'static str> {
    let parts = [
        ("username", before.username != after.username),
        ("display_name", before.display_name != after.display_name),
        ("locale", before.locale != after.locale),
    ];
    parts.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

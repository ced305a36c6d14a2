//! Inviting somebody once more whose invitation waits: it stays the same one, with another link.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::invite::{Asker, Invited, post_link};
use super::{Account, AccountError, Actor, Edit, Email, Status, block, edit, role, store};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login::links::{self, Purpose};

/// Changes what `new` says of the invitation that waits for `id` and leaves the rest of it, ends
/// its links and mails another; answers the account and the token of the link.
pub(super) async fn renew(
    (identity, tx): (&Identity, &Tx),
    by: &Actor,
    (id, new): (Uuid, &Invited<'_>),
) -> Result<(Account, String), AccountError> {
    if store::lock(tx, id).await? != Some(Status::Pending) {
        return Err(AccountError::EmailTaken);
    }
    let before = block::touched(identity, tx, by, id).await?;
    if let Some(role) = new.role.filter(|role| *role != before.role) {
        by.may_give(before.role, role)?;
        role::put(tx, by, (&before, role)).await?;
    }
    let said = Edit {
        username: Some(new.username.clone()),
        display_name: new.display_name.map(ToOwned::to_owned),
        lang: new.lang,
        email: None,
    };
    let (account, changed) = edit::apply(identity, tx, &before, &said).await?;
    let token = send(identity, tx, &account).await?;
    let detail = json!({"role": account.role, "changed": changed});
    let entry = Entry::new("signup.invited_again").user(id).detail(detail);
    audit::record(tx, &entry.actor(by)).await?;
    Ok((account, token))
}

/// Moves an invitation that waits to another address, and mails a link there instead.
pub(super) async fn readdress(
    (identity, tx): (&Identity, &Tx),
    by: &Actor,
    account: &Account,
    new: &Email,
) -> Result<Account, AccountError> {
    let id = account.id;
    let old = Email::parse(&account.email).ok_or(AccountError::Unknown)?;
    if store::invited(identity, tx, &old).await? != Some(id) {
        return Err(AccountError::Is(Status::Pending));
    }
    if old.normalised() == new.normalised() {
        return Ok(account.clone());
    }
    if store::is_spoken_for(identity, tx, new).await? {
        return Err(AccountError::EmailTaken);
    }
    store::move_invitation(identity, tx, id, new).await?;
    let moved = store::get(identity, tx, id).await?.ok_or(AccountError::Unknown)?;
    send(identity, tx, &moved).await?;
    let detail = json!({"role": moved.role, "changed": ["email"]});
    let entry = Entry::new("signup.invited_again").user(id).detail(detail);
    audit::record(tx, &entry.actor(by)).await?;
    Ok(moved)
}

/// Ends the links of an account that waits, and mails another; the invitation waits anew.
pub(super) async fn send(
    identity: &Identity,
    tx: &Tx,
    account: &Account,
) -> Result<String, AccountError> {
    let asker = Asker::before(tx, account.id).await?;
    links::spend_all(tx, account.id, Purpose::Reset).await?;
    store::mark_invited(tx, account.id).await?;
    post_link(identity, tx, account, &asker).await
}

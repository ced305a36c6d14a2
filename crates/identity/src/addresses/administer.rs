//! Another address for somebody else's account: as if its person had asked for it, but that the
//! letters say who did.

use kit::db::Tx;

use super::letters::{self, By};
use super::store;
use crate::Identity;
use crate::accounts::{self, Account, AccountError, Actor, Email, Status};
use crate::audit::{self, Entry};

/// Has the address `new` wait for its mail, in the place of any other that waits. The account's
/// present address withdraws what waits.
pub(crate) async fn ask_for(
    (identity, tx): (&Identity, &Tx),
    by: &Actor,
    account: &Account,
    new: &Email,
) -> Result<(), AccountError> {
    let own = Email::parse(&account.email).map(|own| own.normalised());
    if own.is_some_and(|own| own == new.normalised()) {
        return withdraw((identity, tx), by, account).await;
    }
    if account.status != Status::Active {
        return Err(AccountError::Is(account.status));
    }
    // Who administers may know who has it.
    if accounts::is_spoken_for(identity, tx, new).await? {
        return Err(AccountError::EmailTaken);
    }
    store::end_pending(tx, account.id).await?;
    let change = (account.email.as_str(), new);
    let tokens = store::insert(identity, tx, account.id, change).await?;
    let (lang, by_them) = (letters::lang_of(account), By::Administrator);
    letters::confirm((identity, tx), (lang, by_them), new.as_str(), &tokens.confirm).await?;
    letters::asked((identity, tx), (account, by_them), new.as_str(), &tokens.undo).await?;
    let entry = Entry::new("address.change_asked").user(account.id);
    Ok(audit::record(tx, &entry.actor(by)).await?)
}

async fn withdraw(
    (identity, tx): (&Identity, &Tx),
    by: &Actor,
    account: &Account,
) -> Result<(), AccountError> {
    if store::waiting_of(identity, tx, account.id).await?.is_none() {
        return Ok(());
    }
    store::end_pending(tx, account.id).await?;
    let entry = Entry::new("address.change_withdrawn").user(account.id);
    Ok(audit::record(tx, &entry.actor(by)).await?)
}

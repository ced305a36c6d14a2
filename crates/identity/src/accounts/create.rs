//! Making an account without the pages: by an operator.

use serde_json::json;
use uuid::Uuid;

use super::{Account, AccountError, Email, Role, Username, store, verify, waiting};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::pages::Lang;
use crate::passwords;

/// What an operator knows about a new account.
#[derive(Debug)]
pub(crate) struct NewAccount<'a> {
    pub(crate) username: &'a Username,
    pub(crate) email: &'a Email,
    pub(crate) display_name: &'a str,
    /// The hash of the password.
    pub(crate) phc: &'a str,
    /// The address needs no confirmation.
    pub(crate) verified: bool,
    /// The role; without one the first confirmed account becomes owner.
    pub(crate) role: Option<Role>,
}

/// Makes an account and answers it. An invitation that waits at the address stays, since its role
/// and the link in its mail are somebody's.
pub(crate) async fn create(
    identity: &Identity,
    new: NewAccount<'_>,
) -> Result<Account, AccountError> {
    let draft = store::Draft {
        username: new.username,
        display_name: new.display_name,
        email: new.email,
        lang: Lang::En,
        role: new.role.unwrap_or(Role::Member),
    };
    let work = async |tx: &kit::db::Tx| {
        let names = (new.username, new.email);
        waiting::clear(identity, tx, names).await?;
        if store::invited(identity, tx, new.email).await?.is_some() {
            return Err(AccountError::Invited);
        }
        let Some(id) = store::insert(identity, tx, &draft).await? else {
            return Err(taken(tx, new.username).await?);
        };
        passwords::set_hash(tx, id, new.phc).await?;
        if new.verified {
            activate_as(tx, id, new.role).await?;
        }
        let detail = json!({"by": "operator", "verified": new.verified});
        audit::record(tx, &Entry::new("signup.started").user(id).detail(detail)).await?;
        store::get(identity, tx, id).await
    };
    let account = identity.db.write(work).await?;
    Ok(account.expect("the account was inserted in this transaction"))
}

/// An operator's choice of role stands; an owner takes the seat if it is free.
async fn activate_as(tx: &kit::db::Tx, id: Uuid, role: Option<Role>) -> kit::db::DbResult<()> {
    match role {
        None => verify::activate(tx, id).await.map(drop),
        Some(role) => {
            store::activate(tx, id).await?;
            if role == Role::Owner {
                store::take_ownership(tx, id).await?;
            }
            Ok(())
        }
    }
}

/// Which of the two unique columns was in the way.
pub(super) async fn taken(
    tx: &kit::db::Tx,
    username: &Username,
) -> kit::db::DbResult<AccountError> {
    let name = store::by_username(tx, username).await?;
    Ok(if name.is_some() { AccountError::NameTaken } else { AccountError::EmailTaken })
}

//! Giving somebody another role.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{Account, AccountError, Actor, Role, store};
use crate::Identity;
use crate::audit::{self, Entry};

/// Gives an account another role; answers whether it had another before. Tokens that were made
/// for the old role are not refreshed with what it allowed, and the admin API looks at each call.
pub(crate) async fn change_role(
    identity: &Identity,
    by: &Actor,
    id: Uuid,
    role: Role,
) -> Result<bool, AccountError> {
    let work = async |tx: &Tx| {
        let owners = store::lock_owners(tx).await?;
        let account = store::get(identity, tx, id).await?.ok_or(AccountError::Unknown)?;
        by.may_give(account.role, role)?;
        if account.role == role {
            return Ok(false);
        }
        if owners == [id] {
            return Err(AccountError::LastOwner);
        }
        put(tx, by, (&account, role)).await?;
        Ok(true)
    };
    identity.db.write(work).await
}

/// Writes another role of an account, which `by` may give.
pub(super) async fn put(
    tx: &Tx,
    by: &Actor,
    (account, role): (&Account, Role),
) -> Result<(), AccountError> {
    store::set_role(tx, account.id, role).await?;
    let detail = json!({"from": account.role, "to": role});
    let entry = Entry::new("user.role_changed").user(account.id).detail(detail);
    Ok(audit::record(tx, &entry.actor(by)).await?)
}

//! Closing an account and opening it again.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{Account, AccountError, Actor, Status, store};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login;
use crate::oauth::backchannel;

/// Blocks an account and ends its sessions everywhere; answers whether it was open.
pub(crate) async fn block(
    identity: &Identity,
    by: &Actor,
    id: Uuid,
    reason: &str,
) -> Result<bool, AccountError> {
    let work = async |tx: &Tx| {
        let owners = store::lock_owners(tx).await?;
        let account = touched(identity, tx, by, id).await?;
        if account.status == Status::Blocked {
            return Ok(false);
        }
        if owners == [id] {
            return Err(AccountError::LastOwner);
        }
        let step = (Status::Active, Status::Blocked);
        if !store::set_status(tx, id, step, Some(reason)).await? {
            return Err(AccountError::Is(account.status));
        }
        login::end_all_in(tx, by, id, "blocked").await?;
        let entry = Entry::new("user.blocked").user(id).detail(json!({"reason": reason}));
        audit::record(tx, &entry.actor(by)).await?;
        Ok(true)
    };
    let blocked = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(blocked)
}

/// Opens a blocked account again; answers whether it was blocked.
pub(crate) async fn unblock(
    identity: &Identity,
    by: &Actor,
    id: Uuid,
) -> Result<bool, AccountError> {
    let work = async |tx: &Tx| {
        let account = touched(identity, tx, by, id).await?;
        let step = (Status::Blocked, Status::Active);
        match account.status {
            Status::Active => return Ok(false),
            Status::Pending => return Err(AccountError::Is(Status::Pending)),
            Status::Blocked => {}
        }
        if !store::set_status(tx, id, step, None).await? {
            return Ok(false);
        }
        backchannel::account_opened(tx, id).await?;
        audit::record(tx, &Entry::new("user.unblocked").user(id).actor(by)).await?;
        Ok::<_, AccountError>(true)
    };
    let opened = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(opened)
}

/// The account, if there is one and the actor may touch it.
pub(crate) async fn touched(
    identity: &Identity,
    tx: &Tx,
    by: &Actor,
    id: Uuid,
) -> Result<Account, AccountError> {
    let account = store::get(identity, tx, id).await?.ok_or(AccountError::Unknown)?;
    by.above(account.role)?;
    Ok(account)
}

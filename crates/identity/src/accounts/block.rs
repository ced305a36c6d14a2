//! Closing an account and opening it again.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{AccountError, Status, store};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login;

/// Blocks an account and ends its sessions everywhere; answers whether it was open.
pub(crate) async fn block(
    identity: &Identity,
    id: Uuid,
    reason: &str,
) -> Result<bool, AccountError> {
    let work = async |tx: &Tx| {
        let step = (Status::Active, Status::Blocked);
        if !store::set_status(tx, id, step, Some(reason)).await? {
            return Ok(false);
        }
        login::end_all_in(tx, id, "blocked").await?;
        let detail = json!({"reason": reason, "by": "operator"});
        audit::record(tx, &Entry::new("user.blocked").user(id).detail(detail)).await?;
        Ok::<_, AccountError>(true)
    };
    let blocked = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(blocked)
}

/// Opens a blocked account again; answers whether it was blocked.
pub(crate) async fn unblock(identity: &Identity, id: Uuid) -> Result<bool, AccountError> {
    let work = async |tx: &Tx| {
        let step = (Status::Blocked, Status::Active);
        if !store::set_status(tx, id, step, None).await? {
            return Ok(false);
        }
        let detail = json!({"by": "operator"});
        audit::record(tx, &Entry::new("user.unblocked").user(id).detail(detail)).await?;
        Ok::<_, AccountError>(true)
    };
    identity.db.write(work).await
}

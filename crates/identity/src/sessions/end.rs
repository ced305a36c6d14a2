//! Ending sessions of somebody else, by who administers.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::Identity;
use crate::accounts::{self, AccountError, Actor};
use crate::audit::{self, Entry};
use crate::login;

const REASON: &str = "ended by an administrator";

/// Ends a session, and the sign-ins of its apps; answers whether it was still going on.
pub(crate) async fn end(identity: &Identity, by: &Actor, id: Uuid) -> Result<bool, AccountError> {
    let work = async |tx: &Tx| {
        let user = store::owner(tx, id).await?.ok_or(AccountError::Unknown)?;
        may_end(identity, tx, by, user).await?;
        if !login::end_of_in(tx, (user, id), REASON).await? {
            return Ok(false);
        }
        let entry = Entry::new("session.ended").user(user).session(id);
        audit::record(tx, &entry.detail(json!({"reason": REASON})).actor(by)).await?;
        Ok::<_, AccountError>(true)
    };
    let ended = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(ended)
}

/// Ends all sessions of a person, and everything that apps got from them.
pub(crate) async fn end_all(
    identity: &Identity,
    by: &Actor,
    user: Uuid,
) -> Result<(), AccountError> {
    let work = async |tx: &Tx| {
        may_end(identity, tx, by, user).await?;
        login::end_all_in(tx, by, user, REASON).await?;
        let entry = Entry::new("session.ended").user(user);
        audit::record(tx, &entry.detail(json!({"reason": REASON, "all": true})).actor(by)).await?;
        Ok::<_, AccountError>(())
    };
    identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(())
}

/// Of who is below, and one's own.
async fn may_end(identity: &Identity, tx: &Tx, by: &Actor, user: Uuid) -> Result<(), AccountError> {
    match by {
        Actor::Person(person) if person.id == user => Ok(()),
        _ => accounts::touched(identity, tx, by, user).await.map(drop),
    }
}

//! On what a session rests that did not begin here.

use kit::db::{DbResult, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store;

/// The sign-in elsewhere that a sign-in here rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The link.
    pub(crate) link: Uuid,
    /// What the provider calls the sign-in, when it says so.
    pub(crate) sid: Option<String>,
}

/// Writes down on what a session rests that has just begun or was renewed.
pub(crate) async fn rests_on(tx: &Tx, session: Uuid, origin: Option<&Origin>) -> DbResult<()> {
    match origin {
        Some(origin) => store::rest(tx, session, (origin.link, origin.sid.as_deref())).await,
        None => store::stand_alone(tx, session).await,
    }
}

//! Wrong codes in a row at the second step of an account, however long they take.
//!
//! Whoever gets here knows the password. So the person hears of it after some misses, and after
//! many no code is looked at any more (NIST SP 800-63B-4 section 3.2.2): only what cannot be
//! guessed goes on, a recovery code or a passkey, and each of them begins the count anew.

use kit::db::{DbResult, Migration, Tx, exec, params, scalar};
use uuid::Uuid;

use crate::Identity;
use crate::accounts::AccountError;
use crate::factors::{self, Guessed, Kind};
use crate::visitor::Visitor;

/// The table of the count.
pub(crate) const MIGRATION: Migration = Migration {
    name: "0290_second_misses",
    sql: include_str!("../../../migrations/0290_second_misses.sql"),
    sqlite: &[],
    postgres: &[],
};

/// So many, and the person hears of it.
const TOLD_AT: i32 = 10;
/// So many, and no code is looked at any more.
const MISSES_MAX: i32 = 100;

/// An attempt, counted as a miss until [`forget`].
pub(super) struct Attempt(i32);

impl Attempt {
    /// Counts an attempt before its code is looked at; nothing when there were too many.
    pub(super) async fn begin(
        identity: &Identity,
        user: Uuid,
        kind: Kind,
    ) -> DbResult<Option<Self>> {
        if kind == Kind::Recovery {
            return Ok(Some(Self(0)));
        }
        let sql = "INSERT INTO second_misses (user_id, misses) VALUES ($1, 1) \
                   ON CONFLICT (user_id) DO UPDATE SET misses = second_misses.misses + 1 \
                   WHERE second_misses.misses < $2 RETURNING misses";
        let count = async |tx: &Tx| scalar(tx, sql, params![user, MISSES_MAX]).await;
        Ok(identity.db.write(count).await?.map(Self))
    }

    /// It was a miss: tells the person if it is one of those that are told.
    pub(super) async fn missed(
        &self,
        identity: &Identity,
        visitor: &Visitor,
        user: Uuid,
    ) -> Result<(), AccountError> {
        let guessed = match self.0 {
            TOLD_AT => Guessed::Often,
            MISSES_MAX => Guessed::ToTheEnd,
            _ => return Ok(()),
        };
        let tell = async |tx: &Tx| factors::guessed(tx, (identity, visitor), user, guessed).await;
        identity.db.write(tell).await?;
        identity.outbox.wake();
        Ok(())
    }
}

/// Forgets the misses of an account.
pub(crate) async fn forget(tx: &Tx, user: Uuid) -> DbResult<()> {
    exec(tx, "DELETE FROM second_misses WHERE user_id = $1", params![user]).await.map(drop)
}

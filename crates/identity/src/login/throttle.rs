//! Wrong passwords in a row, per name that was typed and per known device of an account.
//!
//! An attempt is counted before the password is looked at, in a transaction, so that a hundred
//! attempts at once are a hundred attempts. The count goes by the name and never by whose it is,
//! so that it tells nothing: not whether anybody has the name, and not that a user name and an
//! address are of one person. An account has these two names, so half of what an account may be
//! missed is what a name may be.

use http::HeaderMap;
use kit::clock::now_ms;
use kit::db::{DbResult, Migration, Row, Sql, Tx, exec, for_update, one, params, scalar};
use uuid::Uuid;

use super::device::known_device;
use crate::Identity;
use crate::accounts::{self, Account};

/// Whose wrong passwords are counted.
pub(crate) const MIGRATION: Migration = Migration {
    name: "0250_throttle",
    sql: include_str!("../../migrations/0250_throttle.sql"),
    sqlite: &[],
    postgres: &[],
};

/// So many misses cost nothing.
const FREE_MISSES: i32 = 4;
/// The wait after the next one; it doubles with each further one.
const WAIT_MS: i64 = 2_000;
/// The wait never gets longer than this.
const WAIT_MS_MAX: i64 = 15 * 60_000;
/// So many misses in a row at one name, and only a reset by mail opens it again: with the two
/// names of an account a hundred (NIST SP 800-63B-4 section 3.2.2).
const MISSES_MAX: i32 = 50;
/// So many attempts at a second step in so much time.
const SECOND_MISSES_MAX: i32 = 5;
const SECOND_WINDOW_MS: i64 = 5 * 60_000;

/// What attempts are counted by.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    key: Vec<u8>,
    user: Option<Uuid>,
}

/// Whether an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Yes; it is counted as a miss until [`Throttle::clear`].
    Now,
    /// Not yet.
    Wait {
        /// Seconds to wait.
        seconds: u64,
    },
    /// No more by password.
    ResetOnly,
}

#[derive(Row)]
struct Count {
    misses: i32,
    next_try_at: i64,
}

impl Throttle {
    /// The count for an attempt at `name`, which is `user`'s or nobody's.
    pub(crate) fn of(
        identity: &Identity,
        headers: &HeaderMap,
        name: &str,
        user: Option<Uuid>,
    ) -> Self {
        let device = user.and_then(|user| Some((user, known_device(identity, headers, user)?)));
        let key = match device {
            Some((user, device)) => {
                let both = [user.as_bytes().as_slice(), &device].concat();
                identity.keys.mac("throttle device", &both).to_vec()
            }
            None => key_of(identity, name),
        };
        Self { key, user }
    }

    /// The count for attempts at the password of an account that a link is to confirm.
    pub(crate) fn of_link(identity: &Identity, token: &str) -> Self {
        Self { key: identity.keys.mac("throttle link", token.as_bytes()).to_vec(), user: None }
    }

    /// Asks for an attempt, and counts it.
    pub(crate) async fn take(&self, identity: &Identity) -> DbResult<Turn> {
        identity.db.write(async |tx: &Tx| self.take_in(tx, now_ms()).await).await
    }

    async fn take_in(&self, tx: &Tx, now: i64) -> DbResult<Turn> {
        // The row must be there to be locked.
        let first = "INSERT INTO throttle (key, misses, next_try_at, updated_at, user_id) \
                     VALUES ($1, 0, 0, $2, $3) ON CONFLICT DO NOTHING";
        exec(tx, first, params![self.key.clone(), now, self.user]).await?;
        let sql = "SELECT misses, next_try_at FROM throttle WHERE key = $1";
        let sql = format!("{sql}{}", for_update(tx));
        let count: Option<Count> = one(tx, &sql, params![self.key.clone()]).await?;
        let count = count.unwrap_or(Count { misses: 0, next_try_at: 0 });
        if count.misses >= MISSES_MAX {
            return Ok(Turn::ResetOnly);
        }
        if count.next_try_at > now {
            let seconds = u64::try_from(count.next_try_at - now).unwrap_or(0).div_ceil(1000);
            return Ok(Turn::Wait { seconds });
        }
        let misses = count.misses + 1;
        let sql = "UPDATE throttle SET misses = $2, next_try_at = $3, updated_at = $4 \
                   WHERE key = $1";
        exec(tx, sql, params![self.key.clone(), misses, now + wait_ms(misses), now]).await?;
        Ok(Turn::Now)
    }

    /// Whether the miss that was just counted was the last that is let pass.
    pub(crate) async fn is_closed(&self, c: &impl Sql) -> DbResult<bool> {
        let sql = "SELECT misses FROM throttle WHERE key = $1";
        let misses: Option<i32> = scalar(c, sql, params![self.key.clone()]).await?;
        Ok(misses.is_some_and(|misses| misses >= MISSES_MAX))
    }

    /// Forgets the misses: the password was right.
    pub(crate) async fn clear(&self, c: &impl Sql) -> DbResult<()> {
        exec(c, "DELETE FROM throttle WHERE key = $1", params![self.key.clone()]).await?;
        Ok(())
    }

    /// Forgets all misses at an account, strangers' at both of its names and those of its devices:
    /// the password was replaced by mail.
    pub(crate) async fn clear_all(identity: &Identity, tx: &Tx, account: &Account) -> DbResult<()> {
        let sql = "DELETE FROM throttle WHERE user_id = $1 OR key = $2 OR key = $3";
        let names = [&account.username, &account.email].map(|name| key_of(identity, name));
        let [username, email] = names;
        exec(tx, sql, params![account.id, username, email]).await.map(drop)
    }
}

fn key_of(identity: &Identity, name: &str) -> Vec<u8> {
    identity.keys.mac("throttle name", accounts::as_looked_up(name).as_bytes()).to_vec()
}

/// Attempts at the second step of an account: few in any five minutes. They follow a right
/// password, so a stranger cannot use them up.
#[derive(Debug)]
pub(crate) struct SecondSteps {
    key: Vec<u8>,
    until: i64,
}

impl SecondSteps {
    /// The count of these five minutes.
    pub(crate) fn of(identity: &Identity, user: Uuid) -> Self {
        let window = now_ms().div_euclid(SECOND_WINDOW_MS);
        let both = [user.as_bytes().as_slice(), &window.to_be_bytes()].concat();
        let key = identity.keys.mac("throttle second", &both).to_vec();
        Self { key, until: (window + 1) * SECOND_WINDOW_MS }
    }

    /// Asks for an attempt, and counts it.
    pub(crate) async fn take(&self, identity: &Identity) -> DbResult<Turn> {
        let now = now_ms();
        let sql = "INSERT INTO throttle (key, misses, next_try_at, updated_at) \
                   VALUES ($1, 1, 0, $2) ON CONFLICT (key) DO UPDATE \
                   SET misses = throttle.misses + 1, updated_at = excluded.updated_at \
                   RETURNING misses, next_try_at";
        let count = async |tx: &Tx| one::<Count>(tx, sql, params![self.key.clone(), now]).await;
        let count = identity.db.write(count).await?;
        if count.is_none_or(|count| count.misses <= SECOND_MISSES_MAX) {
            return Ok(Turn::Now);
        }
        let seconds = u64::try_from(self.until - now).unwrap_or(0).div_ceil(1000).max(1);
        Ok(Turn::Wait { seconds })
    }

    /// Forgets the misses: a code was right.
    pub(crate) async fn clear(&self, c: &impl Sql) -> DbResult<()> {
        exec(c, "DELETE FROM throttle WHERE key = $1", params![self.key.clone()]).await?;
        Ok(())
    }
}

/// Forgets counts that have long stopped to matter.
pub(super) async fn forget(tx: &Tx, before: i64) -> DbResult<()> {
    let sql = "DELETE FROM throttle WHERE updated_at < $1 AND misses < $2";
    exec(tx, sql, params![before, MISSES_MAX]).await?;
    Ok(())
}

fn wait_ms(misses: i32) -> i64 {
    match u32::try_from(misses - FREE_MISSES) {
        Ok(over @ 1..=20) => (WAIT_MS << (over - 1)).min(WAIT_MS_MAX),
        Ok(0) | Err(_) => 0,
        Ok(_) => WAIT_MS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_after_four_misses_and_ends_at_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (0..8).map(wait_ms).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 2_000, 4_000, 8_000]);
        assert_eq!(wait_ms(13), 512_000);
        assert_eq!(wait_ms(14), WAIT_MS_MAX);
        assert_eq!(wait_ms(99), WAIT_MS_MAX);
    }
}

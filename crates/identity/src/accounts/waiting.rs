//! Names of people who have signed up and not confirmed their address yet.
//!
//! A name is theirs for as long as their link works, and no longer; that of somebody who was
//! invited for as long as the invitation waits. Whether the address has an
//! account makes no difference to the name, or a second sign-up would tell by it.

use kit::clock;
use kit::db::{DbResult, Sql, Tx, exec, params, scalar};

use super::store::email_mac;
use super::{Email, Username};
use crate::Identity;
use crate::login::links;

/// Whether a user name belongs to somebody other than whoever signs up with `email`: to an
/// account, or to another sign-up.
pub(crate) async fn name_is_taken(
    identity: &Identity,
    c: &impl Sql,
    (username, email): (&Username, Option<&Email>),
) -> DbResult<bool> {
    let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM users WHERE username_norm = $1 \
               AND NOT (status = 'pending' AND (email_mac = $2 \
               OR (created_at < $3 AND invited_at IS NULL)))) \
               OR EXISTS (SELECT 1 FROM reserved_names WHERE username_norm = $1 \
               AND email_mac <> $2 AND until > $4)";
    let now = clock::now_ms();
    // No address has an empty hash.
    let mac = email.map(|email| email_mac(identity, email)).unwrap_or_default();
    let values = params![username.normalised(), mac, now - links::VERIFY_MS, now];
    Ok(scalar::<i32>(c, sql, values).await?.is_some())
}

/// Gives a user name to whoever signs up with `email`, and takes the one that they had asked for
/// before; answers whether it was free of other sign-ups.
pub(super) async fn reserve(
    identity: &Identity,
    tx: &Tx,
    (username, email): (&Username, &Email),
) -> DbResult<bool> {
    let (name, mac, now) = (username.normalised(), email_mac(identity, email), clock::now_ms());
    let sql = "DELETE FROM reserved_names WHERE email_mac = $1 AND username_norm <> $2";
    exec(tx, sql, params![mac.clone(), name.clone()]).await?;
    let sql = "INSERT INTO reserved_names (username_norm, email_mac, until) VALUES ($1, $2, $3) \
               ON CONFLICT (username_norm) DO UPDATE \
               SET email_mac = excluded.email_mac, until = excluded.until \
               WHERE reserved_names.email_mac = excluded.email_mac \
               OR reserved_names.until <= $4";
    Ok(exec(tx, sql, params![name, mac, now + links::VERIFY_MS, now]).await? == 1)
}

/// Removes accounts that were never confirmed and are in the way of a new one: the same address
/// again, or the same name when its link has expired. An invitation stays: whoever knows its
/// address could take it from the invited person otherwise, with the role that was meant for them.
pub(super) async fn clear(
    identity: &Identity,
    tx: &Tx,
    (username, email): (&Username, &Email),
) -> DbResult<()> {
    let sql = "DELETE FROM users WHERE status = 'pending' AND invited_at IS NULL \
               AND (email_mac = $1 OR (username_norm = $2 AND created_at < $3))";
    let expired = clock::now_ms() - links::VERIFY_MS;
    exec(tx, sql, params![email_mac(identity, email), username.normalised(), expired]).await?;
    Ok(())
}

/// Forgets names whose links are over.
pub(crate) async fn forget(tx: &Tx, now: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM reserved_names WHERE until < $1", params![now]).await.map(drop)
}

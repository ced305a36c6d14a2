//! The table `address_changes`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::clock::{now_ms, random_token, uuid_v7};
use kit::db::{DbResult, Migration, Row, Sql, Tx, exec, one, params};
use uuid::Uuid;

use crate::Identity;
use crate::accounts::{AccountError, Email};
use crate::login::links::token_hash;

/// Addresses to be.
pub(crate) const MIGRATION: Migration = Migration {
    name: "0310_address_changes",
    sql: include_str!("../../migrations/0310_address_changes.sql"),
    sqlite: &[],
    postgres: &[],
};

/// How long the new address may take to confirm.
pub(super) const CONFIRM_MS: i64 = 24 * 3_600_000;
/// How long the old address can be taken back after that.
pub(super) const UNDO_MS: i64 = 7 * 24 * 3_600_000;

const COLUMNS: &str = "id, user_id, old_email, new_email, asked_at, confirmed_at";

/// A change that waits, or that can be taken back.
pub(super) struct Change {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) asked_at: i64,
    pub(super) is_confirmed: bool,
}

#[derive(Row)]
struct ChangeRow {
    id: Uuid,
    user_id: Uuid,
    old_email: Vec<u8>,
    new_email: Vec<u8>,
    asked_at: i64,
    confirmed_at: Option<i64>,
}

/// The tokens of a change: for the new address, and for the old one.
pub(super) struct Tokens {
    pub(super) confirm: String,
    pub(super) undo: String,
}

/// Stores a change from `old` to `new`; the caller has ended the one before.
pub(super) async fn insert(
    identity: &Identity,
    tx: &Tx,
    user: Uuid,
    (old, new): (&str, &Email),
) -> Result<Tokens, AccountError> {
    let (id, now) = (uuid_v7(), now_ms());
    let tokens = Tokens { confirm: random_token(), undo: undo_token(identity, id) };
    let sql = "INSERT INTO address_changes (id, user_id, token_hash, undo_hash, old_email, \
               new_email, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = params![
        id,
        user,
        token_hash(&tokens.confirm),
        token_hash(&tokens.undo),
        identity.keys.seal("old address", id.as_bytes(), old.as_bytes())?,
        identity.keys.seal("new address", id.as_bytes(), new.as_str().as_bytes())?,
        now,
        now + CONFIRM_MS,
    ];
    exec(tx, sql, values).await?;
    Ok(tokens)
}

/// The token that takes a change back: the same in both letters, and kept nowhere.
pub(super) fn undo_token(identity: &Identity, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(identity.keys.mac("address undo", id.as_bytes()))
}

/// The change that this link confirms, if it still waits.
pub(super) async fn waiting(
    identity: &Identity,
    c: &impl Sql,
    token: &str,
) -> Result<Option<Change>, AccountError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM address_changes WHERE token_hash = $1 \
         AND confirmed_at IS NULL AND ended_at IS NULL AND expires_at > $2"
    );
    let row: Option<ChangeRow> = one(c, &sql, params![token_hash(token), now_ms()]).await?;
    row.map(|row| open(identity, &row)).transpose()
}

/// An address that waits for its mail.
pub(crate) struct Awaited {
    /// The address.
    pub(crate) email: String,
    /// Since when.
    pub(crate) asked_at: i64,
    /// Until when.
    pub(crate) expires_at: i64,
}

/// The address to which an account is to move.
pub(crate) async fn waiting_of(
    identity: &Identity,
    c: &impl Sql,
    user: Uuid,
) -> Result<Option<Awaited>, AccountError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM address_changes WHERE user_id = $1 \
         AND confirmed_at IS NULL AND ended_at IS NULL AND expires_at > $2"
    );
    let row: Option<ChangeRow> = one(c, &sql, params![user, now_ms()]).await?;
    let change = row.map(|row| open(identity, &row)).transpose()?;
    Ok(change.map(|change| Awaited {
        email: change.new,
        asked_at: change.asked_at,
        expires_at: change.asked_at + CONFIRM_MS,
    }))
}

/// The change that this link takes back, if it still can.
pub(super) async fn undoable(
    identity: &Identity,
    c: &impl Sql,
    token: &str,
) -> Result<Option<Change>, AccountError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM address_changes WHERE undo_hash = $1 AND ended_at IS NULL \
         AND ((confirmed_at IS NULL AND expires_at > $2) OR confirmed_at > $3)"
    );
    let now = now_ms();
    let row: Option<ChangeRow> =
        one(c, &sql, params![token_hash(token), now, now - UNDO_MS]).await?;
    row.map(|row| open(identity, &row)).transpose()
}

fn open(identity: &Identity, row: &ChangeRow) -> Result<Change, AccountError> {
    let text = |what: &str, sealed: &[u8]| -> Result<String, AccountError> {
        let plain = identity.keys.open_value(what, row.id.as_bytes(), sealed)?;
        Ok(String::from_utf8_lossy(&plain).into_owned())
    };
    Ok(Change {
        id: row.id,
        user: row.user_id,
        old: text("old address", &row.old_email)?,
        new: text("new address", &row.new_email)?,
        asked_at: row.asked_at,
        is_confirmed: row.confirmed_at.is_some(),
    })
}

/// Marks a change as confirmed; of many at once, one is told that it did.
pub(super) async fn confirm(tx: &Tx, id: Uuid) -> DbResult<bool> {
    let sql = "UPDATE address_changes SET confirmed_at = $2 WHERE id = $1 \
               AND confirmed_at IS NULL AND ended_at IS NULL AND expires_at > $2";
    Ok(exec(tx, sql, params![id, now_ms()]).await? == 1)
}

/// Ends a change and those that were asked for after it.
pub(super) async fn end_from(tx: &Tx, user: Uuid, asked_at: i64) -> DbResult<()> {
    let sql = "UPDATE address_changes SET ended_at = $3 \
               WHERE user_id = $1 AND asked_at >= $2 AND ended_at IS NULL";
    exec(tx, sql, params![user, asked_at, now_ms()]).await.map(drop)
}

/// Ends the change of a person that nobody has confirmed.
pub(crate) async fn end_pending(tx: &Tx, user: Uuid) -> DbResult<()> {
    let sql = "UPDATE address_changes SET ended_at = $2 \
               WHERE user_id = $1 AND confirmed_at IS NULL AND ended_at IS NULL";
    exec(tx, sql, params![user, now_ms()]).await.map(drop)
}

/// Forgets changes that can neither be confirmed nor taken back.
pub(crate) async fn forget(tx: &Tx, now: i64) -> DbResult<()> {
    let sql = "DELETE FROM address_changes WHERE expires_at < $1 \
               AND (confirmed_at IS NULL OR confirmed_at < $2)";
    exec(tx, sql, params![now, now - UNDO_MS]).await.map(drop)
}

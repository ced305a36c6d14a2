//! The tables `users`, `ownership` and the links of `verify` mails.

use kit::clock;
use kit::db::{DbResult, Row, Sql, Tx, Value, all, exec, for_update, one, params, scalar};
use sea_orm::SqlErr;
use uuid::Uuid;

use super::{Account, AccountError, Email, Role, Status, Username};
use crate::Identity;
use crate::login::links::{self, Link};
use crate::mail::{self, Letter};
use crate::pages::Lang;

/// The columns of an account.
pub(super) const COLUMNS: &str = "id, sub, username, display_name, email, email_verified_at, \
                                  locale, role, status, blocked_reason, created_at";

#[derive(Row)]
struct UserRow {
    id: Uuid,
    sub: Uuid,
    username: String,
    display_name: String,
    email: Vec<u8>,
    email_verified_at: Option<i64>,
    locale: String,
    role: String,
    status: String,
    blocked_reason: Option<String>,
    created_at: i64,
}

/// An account by its id.
pub(crate) async fn for_claims(
    identity: &Identity,
    id: Uuid,
) -> Result<Option<Account>, AccountError> {
    get(identity, identity.db.reader(), id).await
}

/// An account by its id, seen from a transaction.
pub(crate) async fn get(
    identity: &Identity,
    c: &impl Sql,
    id: Uuid,
) -> Result<Option<Account>, AccountError> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id = $1");
    let row: Option<UserRow> = one(c, &sql, params![id]).await?;
    Ok(row.map(|row| open(identity, row)).transpose()?)
}

/// Accounts in the order in which they were made, after `after`.
pub(crate) async fn list(
    identity: &Identity,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Account>, AccountError> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id > $1 ORDER BY id LIMIT $2");
    let values = params![after.unwrap_or(Uuid::nil()), i64::from(limit)];
    read_all(identity, identity.db.reader(), &sql, values).await
}

/// The accounts that a query with all of their columns finds.
pub(super) async fn read_all(
    identity: &Identity,
    c: &impl Sql,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<Account>, AccountError> {
    let rows: Vec<UserRow> = all(c, sql, values).await?;
    Ok(rows.into_iter().map(|row| open(identity, row)).collect::<Result<_, _>>()?)
}

fn open(identity: &Identity, row: UserRow) -> Result<Account, kit::keys::KeyError> {
    let email = identity.keys.open_value("email", row.id.as_bytes(), &row.email)?;
    Ok(Account {
        id: row.id,
        sub: row.sub,
        username: row.username,
        display_name: row.display_name,
        email: String::from_utf8_lossy(&email).into_owned(),
        email_verified: row.email_verified_at.is_some(),
        locale: row.locale,
        role: Role::of(&row.role),
        status: Status::of(&row.status),
        blocked_reason: row.blocked_reason,
        created_at: row.created_at,
    })
}

/// Holds an account until the transaction ends, and answers its state. Who opens something for
/// an account and who ends everything of it meet here, and the second one sees the first.
pub(crate) async fn lock(tx: &Tx, id: Uuid) -> DbResult<Option<Status>> {
    let sql = "UPDATE users SET status = status WHERE id = $1 RETURNING status";
    let status: Option<String> = scalar(tx, sql, params![id]).await?;
    Ok(status.map(|status| Status::of(&status)))
}

/// Whose name or address this is.
pub(crate) async fn by_name(identity: &Identity, text: &str) -> DbResult<Option<Uuid>> {
    let c = identity.db.reader();
    if let Some(email) = Email::parse(text) {
        return by_email(identity, c, &email).await;
    }
    match Username::parse(text) {
        Some(username) => by_username(c, &username).await,
        None => Ok(None),
    }
}

/// Who has an address.
pub(crate) async fn by_email(
    identity: &Identity,
    c: &impl Sql,
    email: &Email,
) -> DbResult<Option<Uuid>> {
    let mac = email_mac(identity, email);
    scalar(c, "SELECT id FROM users WHERE email_mac = $1", params![mac]).await
}

/// Who has an address and confirmed it.
pub(crate) async fn confirmed(
    identity: &Identity,
    tx: &impl Sql,
    email: &Email,
) -> DbResult<Option<Uuid>> {
    let mac = email_mac(identity, email);
    let sql = "SELECT id FROM users WHERE email_mac = $1 AND status <> 'pending'";
    scalar(tx, sql, params![mac]).await
}

/// Who was invited to an address and has not come yet.
pub(super) async fn invited(
    identity: &Identity,
    c: &impl Sql,
    email: &Email,
) -> DbResult<Option<Uuid>> {
    let mac = email_mac(identity, email);
    let sql = "SELECT id FROM users WHERE email_mac = $1 AND status = 'pending' \
               AND invited_at IS NOT NULL";
    scalar(c, sql, params![mac]).await
}

/// Whether an address is an account's, or waits for who was invited there.
pub(crate) async fn is_spoken_for(
    identity: &Identity,
    c: &impl Sql,
    email: &Email,
) -> DbResult<bool> {
    let sql = "SELECT id FROM users WHERE email_mac = $1 \
               AND (status <> 'pending' OR invited_at IS NOT NULL)";
    let mac = email_mac(identity, email);
    Ok(scalar::<Uuid>(c, sql, params![mac]).await?.is_some())
}

/// Keeps that a pending account was made for somebody who is invited.
pub(super) async fn mark_invited(tx: &Tx, id: Uuid) -> DbResult<()> {
    let sql = "UPDATE users SET invited_at = $2 WHERE id = $1";
    exec(tx, sql, params![id, clock::now_ms()]).await.map(drop)
}

/// Removes the account that waits for somebody who was invited to an address.
pub(crate) async fn withdraw_invitation(
    identity: &Identity,
    tx: &Tx,
    email: &Email,
) -> DbResult<()> {
    let sql = "DELETE FROM users WHERE status = 'pending' AND invited_at IS NOT NULL \
               AND email_mac = $1";
    exec(tx, sql, params![email_mac(identity, email)]).await.map(drop)
}

/// Who has a user name.
pub(crate) async fn by_username(c: &impl Sql, username: &Username) -> DbResult<Option<Uuid>> {
    let sql = "SELECT id FROM users WHERE username_norm = $1";
    scalar(c, sql, params![username.normalised()]).await
}

/// The keyed hash by which an address is found.
pub(crate) fn email_mac(identity: &Identity, email: &Email) -> Vec<u8> {
    identity.keys.mac("email", email.normalised().as_bytes()).to_vec()
}

/// A row to be.
pub(super) struct Draft<'a> {
    pub(super) username: &'a Username,
    pub(super) display_name: &'a str,
    pub(super) email: &'a Email,
    pub(super) lang: Lang,
    pub(super) role: Role,
}

/// Inserts a pending account; `None` when its name or its address is taken.
pub(super) async fn insert(
    identity: &Identity,
    tx: &Tx,
    draft: &Draft<'_>,
) -> Result<Option<Uuid>, AccountError> {
    let id = clock::uuid_v7();
    let email = identity.keys.seal("email", id.as_bytes(), draft.email.as_str().as_bytes())?;
    let now = clock::now_ms();
    let sql = "INSERT INTO users (id, sub, username, username_norm, display_name, email, \
               email_mac, locale, role, status, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10, $10) \
               ON CONFLICT DO NOTHING";
    let values = params![
        id,
        clock::uuid_v4(),
        draft.username.as_str(),
        draft.username.normalised(),
        draft.display_name,
        email,
        email_mac(identity, draft.email),
        draft.lang.code(),
        draft.role.as_str(),
        now,
    ];
    Ok((exec(tx, sql, values).await? == 1).then_some(id))
}

/// Makes `id` the owner, if nobody is yet.
pub(super) async fn take_ownership(tx: &Tx, id: Uuid) -> DbResult<bool> {
    let now = clock::now_ms();
    let sql = "INSERT INTO ownership (seat, user_id, taken_at) VALUES (1, $1, $2) \
               ON CONFLICT DO NOTHING";
    Ok(exec(tx, sql, params![id, now]).await? == 1)
}

/// The owners whose accounts can be used, held until the transaction ends, so that two of them
/// never go at the same time.
pub(super) async fn lock_owners(tx: &Tx) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct Owner {
        id: Uuid,
    }
    let sql = "SELECT id FROM users WHERE role = 'owner' AND status = 'active' ORDER BY id";
    let owners: Vec<Owner> = all(tx, &format!("{sql}{}", for_update(tx)), params![]).await?;
    Ok(owners.into_iter().map(|owner| owner.id).collect())
}

/// Marks an account's address as confirmed; answers whether it was pending.
pub(super) async fn activate(tx: &Tx, id: Uuid) -> DbResult<bool> {
    let sql = "UPDATE users SET status = 'active', email_verified_at = $2, updated_at = $2 \
               WHERE id = $1 AND status = 'pending'";
    Ok(exec(tx, sql, params![id, clock::now_ms()]).await? == 1)
}

/// Sets an account's role.
pub(super) async fn set_role(tx: &Tx, id: Uuid, role: Role) -> DbResult<()> {
    let sql = "UPDATE users SET role = $2, updated_at = $3 WHERE id = $1";
    exec(tx, sql, params![id, role.as_str(), clock::now_ms()]).await?;
    Ok(())
}

/// Sets the display name.
pub(super) async fn rename(tx: &Tx, id: Uuid, display_name: &str) -> DbResult<()> {
    let sql = "UPDATE users SET display_name = $2, updated_at = $3 WHERE id = $1";
    exec(tx, sql, params![id, display_name, clock::now_ms()]).await?;
    Ok(())
}

/// Moves an account to an address that has been confirmed. A sign-up with the same address was
/// never confirmed, and gives way; of all others, the table lets one have it.
pub(crate) async fn set_email(
    identity: &Identity,
    tx: &Tx,
    id: Uuid,
    email: &Email,
) -> Result<(), AccountError> {
    put_email((identity, tx), id, email, Some(clock::now_ms())).await
}

/// The same for an invitation, whose address nobody has confirmed yet.
pub(super) async fn move_invitation(
    identity: &Identity,
    tx: &Tx,
    id: Uuid,
    email: &Email,
) -> Result<(), AccountError> {
    put_email((identity, tx), id, email, None).await
}

async fn put_email(
    (identity, tx): (&Identity, &Tx),
    id: Uuid,
    email: &Email,
    verified_at: Option<i64>,
) -> Result<(), AccountError> {
    let (mac, now) = (email_mac(identity, email), clock::now_ms());
    let pending = "DELETE FROM users WHERE status = 'pending' AND invited_at IS NULL \
                   AND email_mac = $1 AND id <> $2";
    exec(tx, pending, params![mac.clone(), id]).await?;
    let sealed = identity.keys.seal("email", id.as_bytes(), email.as_str().as_bytes())?;
    let sql = "UPDATE users SET email = $2, email_mac = $3, email_verified_at = $4, \
               updated_at = $5 WHERE id = $1";
    match exec(tx, sql, params![id, sealed, mac, verified_at, now]).await {
        Ok(_) => Ok(()),
        Err(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Err(AccountError::EmailTaken),
            _ => Err(error.into()),
        },
    }
}

/// Sets the user name; the caller has looked that nobody has it.
pub(super) async fn set_username(tx: &Tx, id: Uuid, username: &Username) -> DbResult<()> {
    let sql = "UPDATE users SET username = $2, username_norm = $3, updated_at = $4 WHERE id = $1";
    let values = params![id, username.as_str(), username.normalised(), clock::now_ms()];
    exec(tx, sql, values).await.map(drop)
}

/// Sets the language.
pub(super) async fn set_locale(tx: &Tx, id: Uuid, lang: Lang) -> DbResult<()> {
    let sql = "UPDATE users SET locale = $2, updated_at = $3 WHERE id = $1";
    exec(tx, sql, params![id, lang.code(), clock::now_ms()]).await.map(drop)
}

/// Moves an account between active and blocked; answers whether it moved.
pub(super) async fn set_status(
    tx: &Tx,
    id: Uuid,
    (from, to): (Status, Status),
    reason: Option<&str>,
) -> DbResult<bool> {
    let sql = "UPDATE users SET status = $3, blocked_reason = $4, updated_at = $5 \
               WHERE id = $1 AND status = $2";
    let values =
        params![id, from.as_str(), to.as_str(), reason.map(ToOwned::to_owned), clock::now_ms()];
    Ok(exec(tx, sql, values).await? == 1)
}

/// Sends the link that confirms an address once more.
pub(crate) async fn resend_verification(
    identity: &Identity,
    account: &Account,
    link: Link,
) -> Result<(), AccountError> {
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    identity
        .db
        .write(async |tx| {
            let token = links::create(tx, &link).await?;
            let letter = Letter::verify(identity, lang, &token);
            mail::post(identity, tx, &account.email, letter).await?;
            Ok::<_, AccountError>(())
        })
        .await?;
    identity.outbox.wake();
    Ok(())
}

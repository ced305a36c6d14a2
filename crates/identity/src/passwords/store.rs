//! The table `passwords`.

use kit::clock;
use kit::db::{DbResult, Row, Sql, exec, one, params, scalar};
use uuid::Uuid;

/// The hash of a person's password.
pub(crate) async fn get(c: &impl Sql, user: Uuid) -> DbResult<Option<String>> {
    scalar(c, "SELECT phc FROM passwords WHERE user_id = $1", params![user]).await
}

/// The hash of a person's password, and since when it is their password.
pub(crate) async fn since(c: &impl Sql, user: Uuid) -> DbResult<Option<(String, i64)>> {
    #[derive(Row)]
    struct Password {
        phc: String,
        changed_at: i64,
    }
    let sql = "SELECT phc, changed_at FROM passwords WHERE user_id = $1";
    let found: Option<Password> = one(c, sql, params![user]).await?;
    Ok(found.map(|found| (found.phc, found.changed_at)))
}

/// Sets or replaces the hash of a person's password.
pub(crate) async fn set(c: &impl Sql, user: Uuid, phc: &str) -> DbResult<()> {
    let sql = "INSERT INTO passwords (user_id, phc, changed_at) VALUES ($1, $2, $3) \
               ON CONFLICT (user_id) DO UPDATE SET phc = excluded.phc, \
               changed_at = excluded.changed_at";
    exec(c, sql, params![user, phc, clock::now_ms()]).await?;
    Ok(())
}

/// Replaces the hash `old` by a new one of the same password, unless the password was changed.
pub(crate) async fn renew(c: &impl Sql, user: Uuid, old: &str, phc: &str) -> DbResult<()> {
    let sql = "UPDATE passwords SET phc = $3 WHERE user_id = $1 AND phc = $2";
    exec(c, sql, params![user, old, phc]).await?;
    Ok(())
}

/// Takes the password away; its person is let in by nothing but a reset, or a passkey.
pub(crate) async fn forget(c: &impl Sql, user: Uuid) -> DbResult<()> {
    exec(c, "DELETE FROM passwords WHERE user_id = $1", params![user]).await.map(drop)
}

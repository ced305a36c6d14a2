//! The rows of signing keys.

use jsonwebtoken::DecodingKey;
use kit::clock::now_ms;
use kit::db::{DbResult, Row, Sql, Tx, all, exec, params};
use kit::keys::KeyRing;
use sea_orm::DbBackend;
use serde::Serialize;
use serde_json::{Value, json};

use super::pair::{self, Pair};
use super::{Alg, Loaded, SigningError};

const CONTEXT: &str = "oauth:signing-key";

/// An app may show an ID token of its sign-in for as long as a sign-in can last: 90 days.
const HINTS_LIVE_MS: i64 = 91 * 86_400_000;

#[derive(Row)]
struct FormerRow {
    kid: String,
    alg: String,
    public_jwk: String,
}

#[derive(Row)]
struct KeyRow {
    kid: String,
    alg: String,
    public_jwk: String,
    private_enc: Vec<u8>,
    state: String,
}

/// A key without its secrets.
#[derive(Debug, Clone, Row, Serialize)]
pub(crate) struct Described {
    /// Its name: its thumbprint.
    pub kid: String,
    /// What it signs with.
    pub alg: String,
    /// `next`, `active`, `retired` or `destroyed`.
    pub state: String,
    /// When it was made, milliseconds.
    pub created_at: i64,
    /// From when on it signs, milliseconds.
    pub not_before: i64,
    /// Until when it is published, milliseconds, once it is retired.
    pub retire_at: Option<i64>,
}

/// All keys, the newest first.
pub(crate) async fn described(c: &impl Sql) -> DbResult<Vec<Described>> {
    let sql = "SELECT kid, alg, state, created_at, not_before, retire_at FROM signing_keys \
               ORDER BY created_at DESC, alg, kid LIMIT 1000";
    all(c, sql, params![]).await
}

/// Keeps everybody else from making or changing a key until the transaction ends, and waits for
/// those who are at it. On SQLite there is one writer anyway.
pub(super) async fn lock(tx: &Tx) -> DbResult<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        exec(tx, "LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE", params![]).await?;
    }
    Ok(())
}

/// Names and states of the published keys.
pub(super) async fn states(c: &impl Sql) -> DbResult<Vec<(String, String)>> {
    #[derive(Row)]
    struct State {
        kid: String,
        state: String,
    }
    let sql = "SELECT kid, state FROM signing_keys \
               WHERE state IN ('next', 'active', 'retired') ORDER BY created_at DESC, alg, kid";
    let rows: Vec<State> = all(c, sql, params![]).await?;
    Ok(rows.into_iter().map(|row| (row.kid, row.state)).collect())
}

/// The keys that signed ID tokens which may still come back as hints: not published any more, and
/// not destroyed because somebody else may know them.
async fn former(c: &impl Sql, now: i64) -> DbResult<Vec<FormerRow>> {
    let sql = "SELECT kid, alg, public_jwk FROM signing_keys WHERE state = 'destroyed' \
               AND retire_at > $1 ORDER BY created_at DESC LIMIT 100";
    all(c, sql, params![now - HINTS_LIVE_MS]).await
}

/// Everything that is published, and what signs.
pub(super) async fn load(c: &impl Sql, ring: &KeyRing) -> Result<Loaded, SigningError> {
    let sql = "SELECT kid, alg, public_jwk, private_enc, state FROM signing_keys \
               WHERE state IN ('next', 'active', 'retired') ORDER BY created_at DESC, alg, kid";
    let rows: Vec<KeyRow> = all(c, sql, params![]).await?;
    let (mut active, mut keys, mut public, mut states) = (vec![], vec![], vec![], vec![]);
    for row in rows {
        let unreadable = |error: String| SigningError::Key(format!("{}: {error}", row.kid));
        let alg = Alg::named(&row.alg).ok_or_else(|| unreadable(format!("is {}", row.alg)))?;
        let jwk: Value =
            serde_json::from_str(&row.public_jwk).map_err(|e| unreadable(e.to_string()))?;
        if row.state == "active" {
            let plain = ring.open_value(CONTEXT, row.kid.as_bytes(), &row.private_enc)?;
            active.push(Pair::read(&row.kid, alg, &zeroize::Zeroizing::new(plain))?);
        }
        public.push((row.kid.clone(), alg, pair::verifying(alg, &jwk)?));
        keys.push(jwk);
        states.push((row.kid, row.state));
    }
    let former = former(c, now_ms()).await?;
    let former = former.iter().map(read_former).collect::<Result<_, _>>()?;
    Ok(Loaded { active, published: json!({ "keys": keys }), public, former, states })
}

fn read_former(row: &FormerRow) -> Result<(String, Alg, DecodingKey), SigningError> {
    let unreadable = || SigningError::Key(format!("{} cannot be read", row.kid));
    let alg = Alg::named(&row.alg).ok_or_else(unreadable)?;
    let jwk: Value = serde_json::from_str(&row.public_jwk).map_err(|_| unreadable())?;
    Ok((row.kid.clone(), alg, pair::verifying(alg, &jwk)?))
}

/// Stores a new pair; answers its name, or nothing if another process was quicker.
pub(super) async fn insert(
    tx: &Tx,
    ring: &KeyRing,
    (alg, state): (Alg, &'static str),
    (now, not_before): (i64, i64),
) -> Result<Option<String>, SigningError> {
    let fresh = pair::make(alg)?;
    let sealed = ring.seal(CONTEXT, fresh.kid.as_bytes(), &fresh.private)?;
    let sql = "INSERT INTO signing_keys (kid, alg, public_jwk, private_enc, state, created_at, \
               not_before) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let jwk = fresh.jwk.to_string();
    let values = params![fresh.kid.clone(), alg.name(), jwk, sealed, state, now, not_before];
    let made = exec(tx, sql, values).await? == 1;
    Ok(made.then_some(fresh.kid))
}

/// `next` becomes `active`.
pub(super) async fn activate(tx: &Tx, kid: &str, now: i64) -> DbResult<bool> {
    let sql = "UPDATE signing_keys SET state = 'active', not_before = $2 \
               WHERE kid = $1 AND state = 'next'";
    Ok(exec(tx, sql, params![kid, now]).await? == 1)
}

/// `active` becomes `retired`; it never signs again, so its private half goes.
pub(super) async fn retire(tx: &Tx, kid: &str, until: i64) -> DbResult<bool> {
    let sql = "UPDATE signing_keys SET state = 'retired', retire_at = $2, private_enc = $3 \
               WHERE kid = $1 AND state = 'active'";
    Ok(exec(tx, sql, params![kid, until, Vec::<u8>::new()]).await? == 1)
}

/// The key is not published any more, whatever it was.
pub(super) async fn destroy(tx: &Tx, kid: &str) -> DbResult<bool> {
    let sql = "UPDATE signing_keys SET state = 'destroyed', private_enc = $2 \
               WHERE kid = $1 AND state <> 'destroyed'";
    Ok(exec(tx, sql, params![kid, Vec::<u8>::new()]).await? == 1)
}

/// Nothing that any key signed is believed any more, not even as a hint.
pub(super) async fn disown(tx: &Tx) -> DbResult<()> {
    let sql = "UPDATE signing_keys SET retire_at = NULL WHERE state = 'destroyed'";
    exec(tx, sql, params![]).await.map(drop)
}

/// The next key signs from `not_before` on, or earlier if that was planned.
pub(super) async fn hasten(tx: &Tx, kid: &str, not_before: i64) -> DbResult<bool> {
    let sql = "UPDATE signing_keys SET not_before = $2 \
               WHERE kid = $1 AND state = 'next' AND not_before > $2";
    Ok(exec(tx, sql, params![kid, not_before]).await? == 1)
}

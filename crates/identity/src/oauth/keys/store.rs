//! The rows of signing keys.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, params};
use kit::keys::KeyRing;
use serde::Serialize;
use serde_json::{Value, json};

use super::pair::{self, Pair};
use super::{Alg, Loaded, SigningError};

const CONTEXT: &str = "oauth:signing-key";

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
    Ok(Loaded { active, published: json!({ "keys": keys }), public, states })
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

/// The next key signs from `not_before` on, or earlier if that was planned.
pub(super) async fn hasten(tx: &Tx, kid: &str, not_before: i64) -> DbResult<bool> {
    let sql = "UPDATE signing_keys SET not_before = $2 \
               WHERE kid = $1 AND state = 'next' AND not_before > $2";
    Ok(exec(tx, sql, params![kid, not_before]).await? == 1)
}

//! The rows of devices that wait for their person.

use kit::clock::random_token;
use kit::db::{DbResult, Row, Sql, Tx, exec, for_update, one, params};
use kit::keys::KeyRing;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::UserCode;
use crate::oauth::clients::Client;
use crate::oauth::grants::{self, Grant, NewGrant};

/// How long a person may take, seconds.
pub(in crate::oauth) const LIFE_S: i64 = 600;
/// How long a device waits between two questions, seconds.
pub(in crate::oauth) const INTERVAL_S: i32 = 5;
/// Nobody is made to wait longer, seconds.
const INTERVAL_S_MAX: i32 = 60;
/// A question may come so much early: clocks and networks are not even.
pub(in crate::oauth) const EARLY_MS: i64 = 1000;
/// Spent codes are kept this long, so that their reuse is noticed.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// What codes that people type are hashed for: they are short, so it takes a key.
const USER_CODE: &str = "oauth:user-code";

/// What a device asks for.
#[derive(Debug, Clone)]
pub(in crate::oauth) struct NewDevice {
    /// Its app.
    pub(in crate::oauth) client_id: String,
    /// What it wants.
    pub(in crate::oauth) scopes: String,
    /// The API that access tokens are for.
    pub(in crate::oauth) resource: Option<String>,
    /// The key that it must prove to have.
    pub(in crate::oauth) jkt: Option<String>,
}

/// A device that waits.
#[derive(Debug, Clone, Row)]
pub(super) struct Waiting {
    /// Its app.
    pub(super) client_id: String,
    /// What it wants.
    pub(super) scopes: String,
    /// The API that access tokens are for.
    pub(super) resource: Option<String>,
}

/// What a device that asks is told.
#[derive(Debug)]
pub(crate) enum Polled {
    /// The person has not decided yet.
    Pending,
    /// The same, and it asks too often.
    SlowDown,
    /// The person took too long.
    Expired,
    /// The person said no, or has taken it back.
    Denied,
    /// The person said yes, and the code is spent now.
    Allowed(Box<Grant>),
    /// It was spent before, by who could spend it: the grant is revoked.
    Again(Box<Grant>),
    /// Unknown, another client's, or bound to another key.
    Useless,
}

/// Keeps what a device asks for; answers its own code and the one that its person types.
pub(in crate::oauth) async fn begin(
    tx: &Tx,
    ring: &KeyRing,
    new: &NewDevice,
    now: i64,
) -> DbResult<(String, UserCode)> {
    let secret = format!("dc_{}", random_token());
    loop {
        let code = UserCode::random();
        let sql = "INSERT INTO device_codes (hash, user_code_hash, client_id, scopes, resource, \
                   jkt, created_at, expires_at, interval_s, next_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $7) \
                   ON CONFLICT (user_code_hash) DO NOTHING";
        let values = params![
            hash(&secret),
            hash_of(ring, code),
            new.client_id.clone(),
            new.scopes.clone(),
            new.resource.clone(),
            new.jkt.clone(),
            now,
            now + LIFE_S * 1000,
            INTERVAL_S,
        ];
        if exec(tx, sql, values).await? == 1 {
            return Ok((secret, code));
        }
    }
}

/// The device that shows this code and waits.
pub(super) async fn waiting(
    c: &impl Sql,
    ring: &KeyRing,
    code: UserCode,
    now: i64,
) -> DbResult<Option<Waiting>> {
    let sql = "SELECT client_id, scopes, resource FROM device_codes WHERE user_code_hash = $1 \
               AND decided_at IS NULL AND expires_at > $2";
    one(c, sql, params![hash_of(ring, code), now]).await
}

/// Writes that the person said no; of many answers the first counts.
pub(in crate::oauth) async fn deny(
    tx: &Tx,
    ring: &KeyRing,
    code: UserCode,
    now: i64,
) -> DbResult<bool> {
    let sql = "UPDATE device_codes SET decided_at = $2 WHERE user_code_hash = $1 \
               AND decided_at IS NULL AND expires_at > $2";
    Ok(exec(tx, sql, params![hash_of(ring, code), now]).await? == 1)
}

/// Writes that the person said yes, and opens the grant that the device will get.
pub(in crate::oauth) async fn allow(
    tx: &Tx,
    ring: &KeyRing,
    (code, new): (UserCode, &NewGrant),
    now: i64,
) -> DbResult<bool> {
    if !deny(tx, ring, code, now).await? {
        return Ok(false);
    }
    let grant = grants::open(tx, new, now).await?;
    let sql = "UPDATE device_codes SET grant_id = $2 WHERE user_code_hash = $1";
    exec(tx, sql, params![hash_of(ring, code), grant]).await?;
    Ok(true)
}

#[derive(Row)]
struct Device {
    client_id: String,
    jkt: Option<String>,
    expires_at: i64,
    interval_s: i32,
    next_at: i64,
    grant_id: Option<Uuid>,
    decided_at: Option<i64>,
    used_at: Option<i64>,
}

/// A device asks whether its person has decided; a yes is given once. `jkt` is the key that it has
/// proved to have.
pub(crate) async fn poll(
    tx: &Tx,
    client: &Client,
    (code, jkt): (&str, Option<&str>),
    now: i64,
) -> DbResult<Polled> {
    let sql = format!(
        "SELECT client_id, jkt, expires_at, interval_s, next_at, grant_id, decided_at, used_at \
         FROM device_codes WHERE hash = $1{}",
        for_update(tx)
    );
    let device: Option<Device> = one(tx, &sql, params![hash(code)]).await?;
    let Some(device) = device.filter(|device| device.client_id == client.id) else {
        return Ok(Polled::Useless);
    };
    if device.jkt.is_some() && device.jkt.as_deref() != jkt {
        return Ok(Polled::Useless);
    }
    let grant = match device.grant_id {
        Some(id) => grants::find(tx, id).await?.map(Box::new),
        None => None,
    };
    match grant {
        Some(grant) if device.used_at.is_some() => {
            grants::revoke(tx, grant.id, "device code replay", now).await?;
            Ok(Polled::Again(grant))
        }
        _ if device.expires_at <= now => Ok(Polled::Expired),
        Some(grant) if grant.revoked_at.is_none() => {
            let sql = "UPDATE device_codes SET used_at = $2 WHERE hash = $1";
            exec(tx, sql, params![hash(code), now]).await?;
            Ok(Polled::Allowed(grant))
        }
        _ if device.decided_at.is_some() => Ok(Polled::Denied),
        _ => wait(tx, code, &device, now).await,
    }
}

/// Says when the device may ask again: five seconds later each time that it comes too early
/// (RFC 8628 section 3.5).
async fn wait(tx: &Tx, code: &str, device: &Device, now: i64) -> DbResult<Polled> {
    let early = now < device.next_at;
    let longer = device.interval_s.saturating_add(5).min(INTERVAL_S_MAX);
    let interval_s = if early { longer } else { device.interval_s };
    let sql = "UPDATE device_codes SET interval_s = $2, next_at = $3 WHERE hash = $1";
    let next_at = now + i64::from(interval_s) * 1000 - EARLY_MS;
    exec(tx, sql, params![hash(code), interval_s, next_at]).await?;
    Ok(if early { Polled::SlowDown } else { Polled::Pending })
}

/// The grant that a device was given.
pub(crate) async fn grant_of(c: &impl Sql, code: &str) -> DbResult<Option<Grant>> {
    let sql = "SELECT grant_id FROM device_codes WHERE hash = $1 AND grant_id IS NOT NULL";
    match kit::db::scalar::<Uuid>(c, sql, params![hash(code)]).await? {
        Some(id) => grants::find(c, id).await,
        None => Ok(None),
    }
}

/// Removes what nobody can use any more.
pub(crate) async fn purge(tx: &Tx, now: i64) -> DbResult<()> {
    let sql = "DELETE FROM device_codes WHERE expires_at < $1";
    exec(tx, sql, params![now - KEPT_MS]).await.map(drop)
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn hash_of(ring: &KeyRing, code: UserCode) -> Vec<u8> {
    ring.mac(USER_CODE, code.letters()).to_vec()
}

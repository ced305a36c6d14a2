//! A challenge on its way through a browser: sealed, so that nothing is stored while nobody
//! answers, and written down when it is answered, so that it is answered once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use kit::clock::{now_ms, uuid_v7};
use kit::db::{DbErr, DbResult, Tx, exec, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::PasskeyError;
use crate::Identity;
use crate::login;

/// How long a challenge may be answered.
pub(super) const LIFE_MS: i64 = 5 * 60_000;
const CONTEXT: &str = "passkey challenge";

/// What a challenge is made for; it is of no use for anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A passkey for this person.
    Enrol(Uuid),
    /// A sign-in of whoever has a passkey.
    SignIn,
    /// The second step of this person, in this interaction.
    Second(Uuid, Uuid),
}

#[derive(Serialize, Deserialize)]
struct Ticket<S> {
    id: Uuid,
    at: i64,
    state: S,
}

/// Seals what is needed to verify the answer to a challenge, for the browser of `headers`.
pub(super) fn issue<S: Serialize>(
    identity: &Identity,
    headers: &HeaderMap,
    purpose: Purpose,
    state: S,
) -> Result<String, PasskeyError> {
    let ticket = Ticket { id: uuid_v7(), at: now_ms(), state };
    let plain = serde_json::to_vec(&ticket).map_err(|error| DbErr::Custom(error.to_string()))?;
    let sealed = identity.keys.seal(CONTEXT, &bound(identity, headers, purpose), &plain)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Opens a ticket and spends it: of many answers at once, one comes through.
pub(super) async fn redeem<S: DeserializeOwned>(
    identity: &Identity,
    headers: &HeaderMap,
    purpose: Purpose,
    text: &str,
) -> Result<S, PasskeyError> {
    let cell = URL_SAFE_NO_PAD.decode(text).map_err(|_| PasskeyError::Stale)?;
    let aad = bound(identity, headers, purpose);
    let plain = identity.keys.open_value(CONTEXT, &aad, &cell).map_err(|_| PasskeyError::Stale)?;
    let ticket: Ticket<S> = serde_json::from_slice(&plain).map_err(|_| PasskeyError::Stale)?;
    if !(0..LIFE_MS).contains(&(now_ms() - ticket.at)) {
        return Err(PasskeyError::Stale);
    }
    let sql = "INSERT INTO passkey_spent (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let row = params![ticket.id, ticket.at + LIFE_MS];
    match identity.db.write(async |tx: &Tx| exec(tx, sql, row).await).await? {
        1 => Ok(ticket.state),
        _ => Err(PasskeyError::Stale),
    }
}

/// Forgets the answered ones that have expired.
pub(super) async fn forget(tx: &Tx, now: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM passkey_spent WHERE expires_at < $1", params![now]).await?;
    Ok(())
}

/// What a ticket is bound to: its purpose, its person and its browser.
fn bound(identity: &Identity, headers: &HeaderMap, purpose: Purpose) -> Vec<u8> {
    let (tag, one, two) = match purpose {
        Purpose::Enrol(user) => (1, user, Uuid::nil()),
        Purpose::SignIn => (2, Uuid::nil(), Uuid::nil()),
        Purpose::Second(user, interaction) => (3, user, interaction),
    };
    let browser = login::browser_hash_of(identity, headers);
    [&[tag], one.as_bytes().as_slice(), two.as_bytes(), &browser].concat()
}

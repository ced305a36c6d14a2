//! The browsers that a person wants to be told in.

use kit::clock::{now_ms, rfc3339, uuid_v7};
use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{ApiError, Kind};
use kit::web_push::{BrowserKeys, KeysError};
use protocol::{NewPushDevice, PushDevice, PushSettings};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::{self, NewDevice};
use crate::{Chat, Viewer};

/// Browsers of one person; with one more the oldest is forgotten.
const DEVICES_MAX: i64 = 20;
const ENDPOINT_BYTES_MAX: usize = 2_048;
const CONTEXT: &str = "delivery:push device";

/// What is sealed of a browser: who has the address can disturb its owner.
#[derive(Serialize, Deserialize)]
pub(super) struct Address {
    pub(super) endpoint: String,
    pub(super) p256dh: String,
    pub(super) auth: String,
}

/// What `person` has, and what another browser needs.
pub(super) async fn settings(chat: &Chat, person: Uuid) -> Result<PushSettings, ApiError> {
    let rows = store::devices(chat.db.reader(), person).await.map_err(ApiError::from)?;
    let device =
        |row: store::DeviceRow| PushDevice { id: row.id, created_at: rfc3339(row.created_at) };
    let enabled = chat.config.settings.push.enabled;
    Ok(PushSettings {
        key: enabled.then(|| chat.delivery.key.public()),
        devices: rows.into_iter().map(device).collect(),
    })
}

/// Tells `viewer` in this browser from now on, until they sign out of it. A browser belongs to who
/// turned it on last; the same once more changes nothing.
pub(super) async fn add(
    chat: &Chat,
    viewer: &Viewer,
    new: NewPushDevice,
) -> Result<PushDevice, ApiError> {
    if !chat.config.settings.push.enabled {
        return Err(ApiError::new(Kind::NotFound, "this server does not push"));
    }
    check(chat, &new)?;
    let id = uuid_v7();
    let mac = chat.keys.mac(CONTEXT, new.endpoint.as_bytes()).to_vec();
    let address = Address { endpoint: new.endpoint, p256dh: new.keys.p256dh, auth: new.keys.auth };
    let device = NewDevice {
        id,
        person: viewer.person,
        session: viewer.session,
        sealed: seal(chat, &mac, &address).map_err(ApiError::from)?,
        mac,
        at: now_ms(),
    };
    let kept = chat.db.write(async |tx| {
        let kept = store::put_device(tx, &device).await?;
        store::forget_oldest(tx, device.person, DEVICES_MAX).await?;
        Ok::<_, DbErr>(kept)
    });
    let kept = kept.await.map_err(ApiError::from)?;
    Ok(PushDevice { id: kept.id, created_at: rfc3339(kept.created_at) })
}

/// Tells `person` in this browser no more.
pub(super) async fn remove(chat: &Chat, person: Uuid, device: Uuid) -> Result<(), ApiError> {
    let removed = chat.db.write(async |tx| store::remove_device(tx, person, device).await);
    if removed.await.map_err(ApiError::from)? == 0 {
        return Err(ApiError::new(Kind::NotFound, "you have no such browser"));
    }
    Ok(())
}

/// The address of a row.
pub(super) fn open(chat: &Chat, mac: &[u8], sealed: &[u8]) -> Result<Address, KeyError> {
    let plain = chat.keys.open_value(CONTEXT, mac, sealed)?;
    serde_json::from_slice(&plain).map_err(|_| KeyError::Damaged)
}

fn seal(chat: &Chat, mac: &[u8], address: &Address) -> Result<Vec<u8>, KeyError> {
    let plain = serde_json::to_vec(address).map_err(|_| KeyError::Damaged)?;
    chat.keys.seal(CONTEXT, mac, &plain)
}

fn check(chat: &Chat, new: &NewPushDevice) -> Result<(), ApiError> {
    if new.endpoint.len() > ENDPOINT_BYTES_MAX {
        return Err(ApiError::field("endpoint", "too_long", "at most 2,048 bytes"));
    }
    if let Err(error) = chat.delivery.guard.check(&new.endpoint) {
        return Err(ApiError::field("endpoint", "not_allowed", error.to_string()));
    }
    BrowserKeys::parse(&new.keys.p256dh, &new.keys.auth).map(drop).map_err(|error| {
        let field = if error == KeysError::Auth { "keys.auth" } else { "keys.p256dh" };
        ApiError::field(field, "not_allowed", error.to_string())
    })
}

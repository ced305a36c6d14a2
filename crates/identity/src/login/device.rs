//! A known device: a browser in which this person has signed in before.
//!
//! It has a count of wrong passwords of its own, so that a stranger who guesses cannot lock the
//! person out of their own browser. The cookie carries its proof; nothing is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use kit::clock::random_bytes;
use kit::cookie::{self, Life};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::Identity;

const COOKIE: &str = "iddev";
const LIFE_S: u64 = 180 * 86_400;
const ID_BYTES: usize = 16;

/// The cookie that makes this browser known to `user`.
pub(crate) fn device_cookie(identity: &Identity, user: Uuid) -> HeaderValue {
    let id = random_bytes::<ID_BYTES>();
    let mut value = id.to_vec();
    value.extend_from_slice(&proof(identity, user, &id));
    let value = URL_SAFE_NO_PAD.encode(value);
    cookie::set(&identity.config.issuer, COOKIE, &value, Life::Seconds(LIFE_S))
}

/// The id of this device, if it is known to `user`.
pub(super) fn known_device(
    identity: &Identity,
    headers: &HeaderMap,
    user: Uuid,
) -> Option<[u8; ID_BYTES]> {
    let value = cookie::read(headers, &identity.config.issuer, COOKIE)?;
    let value = URL_SAFE_NO_PAD.decode(value).ok()?;
    let (id, found) = value.split_first_chunk::<ID_BYTES>()?;
    bool::from(proof(identity, user, id).ct_eq(found)).then_some(*id)
}

fn proof(identity: &Identity, user: Uuid, id: &[u8]) -> [u8; 32] {
    identity.keys.mac("known device", &[user.as_bytes(), id].concat())
}

//! The key that browsers subscribe to: made once, sealed in the database.

use kit::db::{Db, DbErr};
use kit::keys::{KeyError, KeyRing};
use kit::web_push::{VapidError, VapidKey};

use super::store;
use crate::StartError;

const CONTEXT: &str = "delivery:push key";

/// The key; of two instances that start for the first time together one makes it.
pub(super) async fn open(db: &Db, keys: &KeyRing) -> Result<VapidKey, StartError> {
    if let Some(sealed) = store::key(db.reader()).await? {
        return unseal(keys, &sealed);
    }
    let made = VapidKey::generate()?;
    let sealed = keys.seal(CONTEXT, b"1", &made)?;
    let kept: Option<Vec<u8>> =
        db.write(async |tx| Ok::<_, DbErr>(store::keep_key(tx, sealed.clone()).await?)).await?;
    unseal(keys, &kept.ok_or(VapidError)?)
}

fn unseal(keys: &KeyRing, sealed: &[u8]) -> Result<VapidKey, StartError> {
    let plain: Result<Vec<u8>, KeyError> = keys.open_value(CONTEXT, b"1", sealed);
    Ok(VapidKey::open(&zeroize::Zeroizing::new(plain?))?)
}

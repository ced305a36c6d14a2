//! What may be shown only once: ids of client assertions and of proofs of keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::db::{DbResult, Tx, exec, params};
use sha2::{Digest as _, Sha256};

/// Keeps that something was shown; answers whether it was the first time. `until` is when it
/// need not be kept any more, milliseconds.
pub(crate) async fn once(tx: &Tx, kind: &str, id: &str, until: i64) -> DbResult<bool> {
    let sql = "INSERT INTO replay (kind, value, until) VALUES ($1, $2, $3) \
               ON CONFLICT (kind, value) DO NOTHING";
    Ok(exec(tx, sql, params![kind, id, until]).await? == 1)
}

/// An id of known length that is made of `parts` and of nothing else.
pub(crate) fn id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// Forgets what is too old to be accepted anyway.
pub(crate) async fn purge(tx: &Tx, now: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM replay WHERE until < $1", params![now]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_be_shifted() {
        assert_ne!(id(&["ab", "c"]), id(&["a", "bc"]));
        assert_eq!(id(&["ab", "c"]).len(), 43);
    }
}

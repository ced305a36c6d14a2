//! Clearing away uploads that no message took, and what is public no longer.

use std::time::Duration;

use kit::clock::now_ms;

use super::error::FileError;
use super::{reseal, store, upload};
use crate::Chat;

const EVERY: Duration = Duration::from_mins(10);
/// Whoever took it in the last moment has it by now.
const GRACE_MS: i64 = 3_600_000;
const AT_ONCE: i64 = 200;

/// Looks from time to time, as long as the process runs.
pub(crate) async fn run(chat: Chat) {
    loop {
        if let Err(error) = sweep(&chat, now_ms() - GRACE_MS).await {
            tracing::error!(%error, "files were not cleared away");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Clears away what expired before `at`.
async fn sweep(chat: &Chat, at: i64) -> Result<(), FileError> {
    for row in store::expired(chat.db.reader(), at, AT_ONCE).await? {
        // One that cannot be cleared away holds up no other.
        if let Err(error) = upload::discard(chat, &row).await {
            tracing::error!(%error, file.id = %row.id, "a file was not cleared away");
        }
    }
    reseal::run(chat, AT_ONCE).await
}

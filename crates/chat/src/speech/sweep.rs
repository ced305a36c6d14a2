//! Clearing away clips of deleted messages and of former texts. Nobody can reach them any more;
//! this takes them from the blob store, too.

use std::time::Duration;

use kit::blobs::BlobName;
use kit::db::DbErr;

use super::error::SpeechError;
use super::store::{self, OldClip};
use crate::Chat;

const EVERY: Duration = Duration::from_secs(10);
const AT_ONCE: i64 = 100;

/// Looks from time to time, as long as the process runs.
pub(super) async fn run(chat: Chat) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = sweep(&chat).await {
            tracing::error!(%error, "clips were not cleared away");
        }
    }
}

async fn sweep(chat: &Chat) -> Result<(), SpeechError> {
    for old in store::old(chat.db.reader(), AT_ONCE).await? {
        // One that cannot be cleared away holds up no other.
        if let Err(error) = clear(chat, &old).await {
            tracing::error!(%error, message.id = %old.message_id, "a clip was not cleared away");
        }
    }
    Ok(())
}

async fn clear(chat: &Chat, old: &OldClip) -> Result<(), SpeechError> {
    let alone = chat.db.write(async |tx| Ok::<_, DbErr>(store::forget(tx, old).await?)).await?;
    if let Some(name) = old.blob.as_deref().filter(|_| alone).and_then(BlobName::parse) {
        chat.blobs.delete(&name).await?;
    }
    Ok(())
}

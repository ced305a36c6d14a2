//! What was public and is not any more: sealed, and taken out of the CDN's sight.

use kit::blobs::BlobName;
use uuid::Uuid;

use super::error::FileError;
use super::kept::{self, Kept, Size, Version};
use super::store::{self, FileRow};
use super::upload;
use crate::Chat;

/// Seals at most `limit` files of deleted messages and of rooms that became private.
pub(super) async fn run(chat: &Chat, limit: i64) -> Result<(), FileError> {
    for row in store::no_longer_public(chat.db.reader(), limit).await? {
        // One that cannot be sealed holds up no other.
        if let Err(error) = reseal(chat, &row).await {
            tracing::error!(%error, file.id = %row.id, "a file was not sealed");
        }
    }
    Ok(())
}

async fn reseal(chat: &Chat, row: &FileRow) -> Result<(), FileError> {
    let key = chat.room_keys.of(chat, row.room_id).await?.ok_or(FileError::NoFile)?;
    let called = upload::open_name(&key, row)?;
    let mut open: Vec<BlobName> = Vec::new();
    for kept in Size::ALL.into_iter().filter_map(|size| Kept::of(row, size)) {
        if let Some(blob) = chat.blobs.get(&kept.blob, None).await? {
            let sealed = kept::sealed_name(chat, row.id, kept.size);
            let version = Version { bytes: blob.bytes().await?.into(), picture: kept.picture };
            kept::put(chat, &key, &sealed, (&called, version)).await?;
        }
        open.push(kept.blob);
    }
    place(chat, row.id, row.small.is_some()).await?;
    for blob in open {
        chat.blobs.delete(&blob).await?;
    }
    Ok(())
}

async fn place(chat: &Chat, id: Uuid, has_small: bool) -> Result<(), FileError> {
    let [whole, small] = Size::ALL.map(|size| kept::sealed_name(chat, id, size));
    let small = has_small.then(|| small.as_str());
    Ok(chat.db.write(async |tx| store::place(tx, id, whole.as_str(), small).await).await?)
}

//! An upload that is whole becomes a file: its content says what it is.

use std::sync::Arc;

use kit::blobs::{BlobName, Folder};
use kit::db::DbErr;
use uuid::Uuid;

use super::error::FileError;
use super::picture::{self, Picture};
use super::store::FileRow;
use super::{name, parts, store, upload};
use crate::Chat;
use crate::room_keys::RoomKey;

const UNKNOWN: &str = "application/octet-stream";

/// Where the bytes of a file are; the name tells nothing of them.
pub(super) fn whole(chat: &Chat, id: Uuid) -> BlobName {
    BlobName::of_hash(Folder::Sealed, &chat.keys.mac("file", id.as_bytes()))
}

/// Where the small version of a picture is.
pub(super) fn thumbnail(chat: &Chat, id: Uuid) -> BlobName {
    BlobName::of_hash(Folder::Sealed, &chat.keys.mac("file thumbnail", id.as_bytes()))
}

/// Keeps the file, or removes the upload where its content is refused.
pub(super) async fn finish(chat: &Chat, key: &Arc<RoomKey>, row: FileRow) -> Result<(), FileError> {
    let finished = keep(chat, key, &row).await;
    if let Err(FileError::BadPicture | FileError::Pixels { .. }) = finished {
        upload::discard(chat, &row).await?;
    }
    finished
}

async fn keep(chat: &Chat, key: &Arc<RoomKey>, row: &FileRow) -> Result<(), FileError> {
    let bytes = parts::read(chat, key, row.id).await?;
    let media_type = media_type(&bytes);
    let called = upload::open_name(key, row)?;
    let mut finished = FileRow {
        media_type: Some(media_type.to_owned()),
        name: row.name.clone(),
        blurhash: None,
        ..*row
    };
    match picture::format(media_type) {
        None => put(chat, key, whole(chat, row.id), bytes).await?,
        Some(format) => {
            let picture = remake(chat, bytes, format).await?;
            let called = name::with_ending(&called, picture.media_type);
            finished.name = upload::seal_name(key, row.id, &called)?;
            finished.media_type = Some(picture.media_type.to_owned());
            finished.bytes = i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX);
            finished.width = i32::try_from(picture.width).ok();
            finished.height = i32::try_from(picture.height).ok();
            finished.blurhash = Some(picture.blurhash);
            put(chat, key, whole(chat, row.id), picture.bytes).await?;
            put(chat, key, thumbnail(chat, row.id), picture.thumbnail).await?;
        }
    }
    let write = async |tx: &kit::db::Tx| Ok::<_, DbErr>(store::finish(tx, &finished).await?);
    chat.db.write(write).await?;
    parts::remove(chat, row.id).await
}

/// What bytes are, whatever their name says.
fn media_type(bytes: &[u8]) -> &'static str {
    match infer::get(bytes) {
        Some(kind) => kind.mime_type(),
        None if std::str::from_utf8(bytes).is_ok() => "text/plain",
        None => UNKNOWN,
    }
}

/// One picture at a time: each may take some hundred megabytes for a moment.
async fn remake(
    chat: &Chat,
    bytes: Vec<u8>,
    format: image::ImageFormat,
) -> Result<Picture, FileError> {
    let pixels = chat.config.settings.files.pixels_max;
    let permit = chat.uploads.decoding.clone().acquire_owned().await;
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        picture::remake(&bytes, format, pixels)
    });
    // A decoder that panics has met something that is no picture.
    work.await.unwrap_or(Err(FileError::BadPicture))
}

async fn put(
    chat: &Chat,
    key: &Arc<RoomKey>,
    name: BlobName,
    bytes: Vec<u8>,
) -> Result<(), FileError> {
    let (key, bound) = (key.clone(), name.to_string());
    let sealed = tokio::task::spawn_blocking(move || key.seal_blob(&bound, &bytes)).await;
    let sealed = sealed.map_err(std::io::Error::other)??;
    Ok(chat.blobs.put(&name, sealed.into()).await?)
}

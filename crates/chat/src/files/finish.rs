//! An upload that is whole becomes a file: its content says what it is.

use std::sync::Arc;

use kit::blobs::BlobName;

use super::error::FileError;
use super::kept::{self, Size, Version};
use super::picture::{self, Picture};
use super::store::{FileRow, Finished, Shown};
use super::{name, parts, store, upload};
use crate::Chat;
use crate::room_keys::RoomKey;

const UNKNOWN: &str = "application/octet-stream";

/// Keeps the file, or removes the upload where its content is refused.
pub(super) async fn finish(chat: &Chat, key: &Arc<RoomKey>, row: FileRow) -> Result<(), FileError> {
    // Each is in memory whole for a moment.
    let _turn = chat.uploads.finishing.acquire().await;
    let finished = keep(chat, key, &row).await;
    if let Err(FileError::BadPicture | FileError::Pixels { .. } | FileError::Memory { .. }) =
        finished
    {
        upload::discard(chat, &row).await?;
    }
    finished
}

async fn keep(chat: &Chat, key: &Arc<RoomKey>, row: &FileRow) -> Result<(), FileError> {
    let bytes = parts::read(chat, key, row.id).await?;
    let media_type = media_type(&bytes);
    let mut called = upload::open_name(key, row)?;
    let (finished, kept) = match picture::format(media_type) {
        None => {
            let media_type = media_type.to_owned();
            let name = row.name.clone();
            let file = Finished { name, bytes: row.bytes, media_type, shown: None };
            (file, Made { whole: Version { bytes, picture: None }, small: None })
        }
        Some(format) => {
            let pixels = chat.config.settings.files.pixels_max;
            let picture = in_turn(chat, move || picture::remake(&bytes, format, pixels)).await?;
            called = name::with_ending(&called, picture.media_type);
            let name = upload::seal_name(key, row.id, &called)?;
            (of_picture(name, &picture), Made::of(picture))
        }
    };
    put(chat, key, row, (&called, kept)).await?;
    chat.db.write(async |tx| store::finish(tx, row.id, &finished).await).await?;
    parts::remove(chat, row.id).await
}

fn of_picture(name: Vec<u8>, picture: &Picture) -> Finished {
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    Finished {
        name,
        bytes: count(picture.bytes.len()),
        media_type: picture.media_type.to_owned(),
        shown: Some(Shown {
            width: side(picture.width),
            height: side(picture.height),
            blurhash: picture.blurhash.clone(),
            small_type: picture.thumbnail_type.to_owned(),
            small_bytes: count(picture.thumbnail.len()),
        }),
    }
}

/// What is to be kept of a file.
struct Made {
    whole: Version,
    small: Option<Version>,
}

impl Made {
    fn of(picture: Picture) -> Self {
        Self {
            whole: Version { bytes: picture.bytes, picture: Some(picture.media_type) },
            small: Some(Version {
                bytes: picture.thumbnail,
                picture: Some(picture.thumbnail_type),
            }),
        }
    }
}

async fn put(
    chat: &Chat,
    key: &Arc<RoomKey>,
    row: &FileRow,
    (called, made): (&str, Made),
) -> Result<(), FileError> {
    let named = |size: Size, bytes: &[u8]| -> BlobName {
        match row.room_kind.as_str() {
            "public" => kept::public_name(chat, row.id, bytes),
            _ => kept::sealed_name(chat, row.id, size),
        }
    };
    let whole = named(Size::Whole, &made.whole.bytes);
    let small = made.small.map(|version| (named(Size::Small, &version.bytes), version));
    let small_name = small.as_ref().map(|(name, _)| name.as_str());
    chat.db.write(async |tx| store::place(tx, row.id, whole.as_str(), small_name).await).await?;
    kept::put(chat, key, &whole, (called, made.whole)).await?;
    if let Some((name, version)) = small {
        kept::put(chat, key, &name, (called, version)).await?;
    }
    Ok(())
}

/// What bytes are, whatever their name says.
pub(super) fn media_type(bytes: &[u8]) -> &'static str {
    match infer::get(bytes) {
        Some(kind) => kind.mime_type(),
        None if std::str::from_utf8(bytes).is_ok() => "text/plain",
        None => UNKNOWN,
    }
}

/// One picture at a time: each may take some hundred megabytes for a moment.
pub(super) async fn in_turn<T: Send + 'static>(
    chat: &Chat,
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    let permit = chat.uploads.decoding.clone().acquire_owned().await;
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    // A decoder that panics has met something that is no picture.
    work.await.unwrap_or(Err(FileError::BadPicture))
}

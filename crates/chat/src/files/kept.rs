//! How files are kept: those of public rooms as they are, so that a CDN can read the bucket, and
//! all others sealed under the room's key.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use kit::blobs::{BlobName, Folder, Label};
use serde::Deserialize;
use uuid::Uuid;

use super::error::FileError;
use super::store::FileRow;
use super::{frames, media};
use crate::Chat;
use crate::room_keys::RoomKey;

/// A file as it came, or the small version of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Size {
    Whole,
    Small,
}

impl Size {
    pub(super) const ALL: [Self; 2] = [Self::Whole, Self::Small];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Small => "small",
        }
    }
}

/// One version of a file, and where it is.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) size: Size,
    pub(super) blob: BlobName,
    pub(super) bytes: u64,
    /// Present for what the server itself made, which may be shown.
    pub(super) picture: Option<&'static str>,
}

impl Kept {
    /// Where `row` says that it is.
    pub(super) fn of(row: &FileRow, size: Size) -> Option<Self> {
        let (blob, bytes, kind) = match size {
            Size::Whole => (&row.blob, Some(row.bytes), &row.media_type),
            Size::Small => (&row.small, row.small_bytes, &row.small_type),
        };
        let picture = row.width.and(kind.as_deref()).and_then(picture);
        let blob = BlobName::parse(blob.as_deref()?)?;
        Some(Self { size, blob, bytes: bytes?.unsigned_abs(), picture })
    }
}

/// The types of the pictures that the server makes.
fn picture(media_type: &str) -> Option<&'static str> {
    ["image/jpeg", "image/png"].into_iter().find(|known| *known == media_type)
}

/// The name of a blob whose bytes are as they are: a keyed hash of the file and its content.
pub(super) fn public_name(chat: &Chat, id: Uuid, content: &[u8]) -> BlobName {
    let of = [id.as_bytes().as_slice(), content].concat();
    BlobName::of_hash(Folder::Public, &chat.keys.mac("public file", &of))
}

/// The name of a sealed blob, which tells nothing of its content.
pub(super) fn sealed_name(chat: &Chat, id: Uuid, size: Size) -> BlobName {
    let of = [id.as_bytes().as_slice(), size.word().as_bytes()].concat();
    BlobName::of_hash(Folder::Sealed, &chat.keys.mac("sealed file", &of))
}

/// What is to be kept of a file.
pub(super) struct Version {
    pub(super) bytes: Vec<u8>,
    /// What they are, where they may be shown.
    pub(super) picture: Option<&'static str>,
}

/// Keeps a version of the file that is called so under `name`, sealed if that is of that folder.
pub(super) async fn put(
    chat: &Chat,
    key: &Arc<RoomKey>,
    name: &BlobName,
    (called, version): (&str, Version),
) -> Result<(), FileError> {
    let Version { bytes, picture } = version;
    if name.folder() == Folder::Public {
        let disposition = media::disposition(picture, called);
        let label = Label { media_type: media::said(picture), disposition: &disposition };
        return Ok(chat.blobs.put_public(name, bytes.into(), label).await?);
    }
    let (key, of) = (key.clone(), name.clone());
    let sealed = tokio::task::spawn_blocking(move || frames::seal(&key, &of, &bytes)).await;
    let sealed = sealed.map_err(io::Error::other)??;
    Ok(chat.blobs.put(name, sealed.into()).await?)
}

/// The bytes of `kept` that are in `wanted`, as they come.
pub(super) async fn open(
    chat: &Chat,
    row: &FileRow,
    kept: &Kept,
    wanted: Range<u64>,
) -> Result<BoxStream<'static, io::Result<Bytes>>, FileError> {
    if kept.blob.folder() == Folder::Public {
        let blob = chat.blobs.get(&kept.blob, Some(wanted)).await?;
        return Ok(blob.ok_or(FileError::NoFile)?.stream);
    }
    let key = chat.room_keys.of(chat, row.room_id).await?.ok_or(FileError::NoFile)?;
    let place = (kept.blob.clone(), kept.bytes);
    let opened = frames::open(&chat.blobs, key, place, wanted).await?;
    opened.ok_or(FileError::NoFile)
}

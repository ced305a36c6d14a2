//! Reading files: what messages show of them, and the bytes.

use std::collections::HashMap;

use bytes::Bytes;
use protocol::File;
use uuid::Uuid;

use super::error::FileError;
use super::store::{self, FileRow};
use super::{finish, upload};
use crate::Chat;
use crate::room_keys::RoomKey;

/// The files of each of `messages`, which were looked at already.
pub(crate) async fn of_messages(
    chat: &Chat,
    messages: &[Uuid],
) -> kit::db::DbResult<HashMap<Uuid, Vec<File>>> {
    let mut files: HashMap<Uuid, Vec<File>> = HashMap::new();
    if messages.is_empty() {
        return Ok(files);
    }
    for row in store::of(chat.db.reader(), messages).await? {
        let Some(message) = row.message_id else { continue };
        let Some(key) = chat.room_keys.of(chat, row.room_id).await? else { continue };
        if let Ok(file) = file(&key, &row) {
            files.entry(message).or_default().push(file);
        } else {
            tracing::error!(file.id = %row.id, "the name of file {} is damaged", row.id);
        }
    }
    Ok(files)
}

fn file(key: &RoomKey, row: &FileRow) -> Result<File, FileError> {
    let link = format!("/api/files/{}", row.id);
    Ok(File {
        id: row.id,
        name: upload::open_name(key, row)?,
        media_type: row.media_type.clone().unwrap_or_default(),
        bytes: row.bytes,
        width: row.width,
        height: row.height,
        blurhash: row.blurhash.clone(),
        thumbnail: row.width.map(|_| format!("{link}/thumbnail")),
        link,
    })
}

/// The bytes of a file, or of its small version.
pub(super) struct Found {
    pub(super) name: String,
    /// Present for what the server itself made.
    pub(super) picture: Option<&'static str>,
    pub(super) bytes: Bytes,
}

/// Whole or small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Whole,
    Small,
}

/// A file as `person` may see it now.
pub(super) async fn find(
    chat: &Chat,
    person: Uuid,
    id: Uuid,
    size: Size,
) -> Result<Found, FileError> {
    let row = store::visible(chat.db.reader(), person, id).await?.ok_or(FileError::NoFile)?;
    let is_picture = row.width.is_some();
    let name = match size {
        Size::Whole => finish::whole(chat, id),
        Size::Small if is_picture => finish::thumbnail(chat, id),
        Size::Small => return Err(FileError::NoFile),
    };
    let key = chat.room_keys.of(chat, row.room_id).await?.ok_or(FileError::NoFile)?;
    let blob = chat.blobs.get(&name, None).await?.ok_or(FileError::NoFile)?;
    let cell = blob.bytes().await?;
    let called = upload::open_name(&key, &row)?;
    let opened = tokio::task::spawn_blocking(move || key.open_blob(name.as_str(), &cell)).await;
    let bytes: Bytes = opened.map_err(std::io::Error::other)??.into();
    let png = bytes.starts_with(b"\x89PNG");
    let picture = is_picture.then_some(if png { "image/png" } else { "image/jpeg" });
    Ok(Found { name: called, picture, bytes })
}

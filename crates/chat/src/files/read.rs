//! Reading files: what messages show of them, and where the bytes are.

use std::collections::HashMap;

use protocol::File;
use uuid::Uuid;

use super::error::FileError;
use super::kept::{Kept, Size};
use super::store::{self, FileRow};
use super::{link, upload};
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
        if let Ok(file) = file(chat, &key, &row) {
            files.entry(message).or_default().push(file);
        } else {
            tracing::error!(file.id = %row.id, "file {} is damaged", row.id);
        }
    }
    Ok(files)
}

fn file(chat: &Chat, key: &RoomKey, row: &FileRow) -> Result<File, FileError> {
    let whole = Kept::of(row, Size::Whole).ok_or(FileError::NoFile)?;
    let small = Kept::of(row, Size::Small);
    Ok(File {
        id: row.id,
        name: upload::open_name(key, row)?,
        media_type: row.media_type.clone().unwrap_or_default(),
        bytes: row.bytes,
        width: row.width,
        height: row.height,
        blurhash: row.blurhash.clone(),
        link: link::shown(chat, row, &whole),
        thumbnail: small.map(|small| link::shown(chat, row, &small)),
    })
}

/// Where the bytes of a file are for `person`, who may see it now.
pub(super) async fn find(
    chat: &Chat,
    person: Uuid,
    id: Uuid,
    size: Size,
) -> Result<String, FileError> {
    let row = store::visible(chat.db.reader(), person, id).await?.ok_or(FileError::NoFile)?;
    let kept = Kept::of(&row, size).ok_or(FileError::NoFile)?;
    Ok(link::direct(chat, &row, &kept, person))
}

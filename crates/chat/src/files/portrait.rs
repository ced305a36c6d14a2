//! Pictures of people: the middle square of a picture, kept as it is for everyone to see.

use bytes::Bytes;
use kit::blobs::{BlobName, Label};
use protocol::Person;
use serde_json::json;
use socketio::Packet;
use uuid::Uuid;

use super::error::FileError;
use super::{finish, kept, picture};
use crate::{Chat, people};

/// The largest picture to make one of.
pub(super) const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Makes `bytes` the picture of `person`; answers the person with it.
pub(super) async fn set(chat: &Chat, person: Uuid, bytes: Bytes) -> Result<Person, FileError> {
    let _running = chat.uploads.begin(person, person)?;
    let format = picture::format(finish::media_type(&bytes)).ok_or(FileError::NoPicture)?;
    let pixels = chat.config.settings.files.pixels_max;
    let made = finish::in_turn(chat, move || picture::square(&bytes, format, pixels)).await?;
    let name = kept::public_name(chat, person, &made);
    let label = Label { media_type: picture::kind_of_square(), disposition: "inline" };
    chat.blobs.put_public(&name, made.into(), label).await?;
    change(chat, person, Some(&name)).await
}

/// Takes the picture of `person` away.
pub(super) async fn remove(chat: &Chat, person: Uuid) -> Result<Person, FileError> {
    let _running = chat.uploads.begin(person, person)?;
    change(chat, person, None).await
}

async fn change(chat: &Chat, person: Uuid, name: Option<&BlobName>) -> Result<Person, FileError> {
    let picture = name.map(BlobName::as_str);
    let former = chat.db.write(async |tx| people::set_picture(tx, person, picture).await).await?;
    let same = former.as_deref() == picture;
    let former = former.and_then(|former| BlobName::parse(&former));
    if let Some(former) = former.filter(|former| Some(former) != name) {
        chat.blobs.delete(&former).await?;
    }
    let row = people::get(chat.db.reader(), person).await?.ok_or(FileError::NoFile)?;
    let changed = row.person();
    if !same && chat.limits.pictures.check(&person).is_ok() {
        tell(chat, &changed).await?;
    }
    Ok(changed)
}

/// Tells whoever follows a room that the person is in, once for each such room.
async fn tell(chat: &Chat, person: &Person) -> Result<(), FileError> {
    let packet = Packet::event("personChanged", &json!({"person": person}));
    for room in people::rooms_of(chat.db.reader(), person.id).await? {
        chat.sockets().emit_topic(room, None, &packet);
    }
    chat.sockets().emit_to_key(person.id, &packet);
    Ok(())
}

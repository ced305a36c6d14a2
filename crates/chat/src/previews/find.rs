//! The preview of a message: the one that is kept, else the page is asked.

use kit::clock::now_ms;
use kit::db::DbErr;
use protocol::{LinkPreview, Message};
use uuid::Uuid;

use super::error::PreviewError;
use super::{fetch, store};
use crate::room_keys::Place;
use crate::{Chat, messages};

/// A page that said nothing is asked again after so long.
const NOTHING_FOR_MS: i64 = 3_600_000;

/// What is behind the first link of a message that the member `person` may read.
pub(super) async fn preview(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    message: Uuid,
) -> Result<Option<LinkPreview>, PreviewError> {
    let message = messages::one(chat, person, room, message).await?;
    let Some(guard) = &chat.previews.guard else { return Ok(None) };
    let Some(link) = message.text.as_deref().and_then(protocol::first_link) else {
        return Ok(None);
    };
    if let Some(known) = kept(chat, &message).await? {
        return Ok(known);
    }
    let _turn = chat.previews.turn(message.id).await;
    if let Some(known) = kept(chat, &message).await? {
        return Ok(known);
    }
    let said = fetch::preview(guard, &link).await.unwrap_or_else(|error| {
        tracing::debug!(%error, "no preview: {error}"); // Which page it was is nobody's business.
        None
    });
    keep(chat, &message, said.as_ref()).await?;
    Ok(said)
}

/// What is known of the message as it stands; nothing if its page has to be asked.
async fn kept(chat: &Chat, message: &Message) -> Result<Option<Option<LinkPreview>>, PreviewError> {
    let place = place(message);
    let row = store::kept(chat.db.reader(), place.message, place.revision).await?;
    let Some(row) = row else { return Ok(None) };
    let Some(cell) = row.preview else {
        return Ok((row.asked_at + NOTHING_FOR_MS > now_ms()).then_some(None));
    };
    let Some(key) = chat.room_keys.of(chat, place.room).await? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&key.open_preview(&place, &cell)?)?))
}

async fn keep(
    chat: &Chat,
    message: &Message,
    preview: Option<&LinkPreview>,
) -> Result<(), PreviewError> {
    let place = place(message);
    let Some(key) = chat.room_keys.of(chat, place.room).await? else { return Ok(()) };
    let cell = match preview {
        Some(preview) => Some(key.seal_preview(&place, &serde_json::to_string(preview)?)?),
        None => None,
    };
    let write = async |tx: &kit::db::Tx| {
        store::keep(tx, place.message, place.revision, cell.as_deref()).await?;
        Ok::<_, DbErr>(())
    };
    Ok(chat.db.write(write).await?)
}

fn place(message: &Message) -> Place {
    Place {
        room: message.room,
        message: message.id,
        revision: i32::try_from(message.revision).unwrap_or(i32::MAX),
        author: message.sender.id,
    }
}

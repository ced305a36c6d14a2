//! The preview of a message: the one that is kept, else the page is asked.

use std::collections::HashMap;

use kit::clock::now_ms;
use kit::db::{DbErr, DbResult};
use protocol::{LinkPreview, Message};
use uuid::Uuid;

use super::error::PreviewError;
use super::{fetch, store};
use crate::Chat;
use crate::room_keys::{Place, RoomKey};

/// A page that said nothing is asked again after so long.
const NOTHING_FOR_MS: i64 = 3_600_000;

/// Adds to `messages` what is known already of the pages behind their links, by one question; no
/// page is asked.
pub(crate) async fn add_known(chat: &Chat, messages: &mut [Message]) -> DbResult<()> {
    if chat.previews.guard.is_none() {
        return Ok(());
    }
    let links = |message: &&Message| message.text.as_ref().is_some_and(|it| it.contains("://"));
    let places: HashMap<Uuid, Place> =
        messages.iter().filter(links).map(|message| (message.id, place(message))).collect();
    let mut cells = store::all_kept(chat.db.reader(), places.values()).await?;
    for message in messages {
        let (Some(place), Some(cell)) = (places.get(&message.id), cells.remove(&message.id)) else {
            continue;
        };
        let Some(key) = chat.room_keys.of(chat, place.room).await? else { continue };
        match open(&key, place, &cell) {
            Ok(preview) => message.preview = Some(preview),
            Err(error) => {
                tracing::error!(message.id = %message.id, "a kept preview is damaged: {error}");
            }
        }
    }
    Ok(())
}

/// What is behind the first link of `message`; whoever asks has looked who may.
pub(crate) async fn preview(
    chat: &Chat,
    message: &Message,
) -> Result<Option<LinkPreview>, PreviewError> {
    let Some(guard) = &chat.previews.guard else { return Ok(None) };
    let Some(link) = message.text.as_deref().and_then(protocol::first_link) else {
        return Ok(None);
    };
    if let Some(known) = kept(chat, message).await? {
        return Ok(known);
    }
    let _turn = chat.previews.turn(message.id).await;
    if let Some(known) = kept(chat, message).await? {
        return Ok(known);
    }
    let said = fetch::preview(guard, &link).await.unwrap_or_else(|error| {
        tracing::debug!(%error, "no preview: {error}"); // Which page it was is nobody's business.
        None
    });
    keep(chat, message, said.as_ref()).await?;
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
    Ok(Some(Some(open(&key, &place, &cell)?)))
}

fn open(key: &RoomKey, place: &Place, cell: &[u8]) -> Result<LinkPreview, PreviewError> {
    Ok(serde_json::from_str(&key.open_preview(place, cell)?)?)
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

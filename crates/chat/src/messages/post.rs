//! Posting: refuse cheaply, seal, then hand over to the writer.

use protocol::{Message, TEXT_BYTES_MAX};
use uuid::Uuid;

use super::error::MessageError;
use super::timeline;
use super::writer::{Decided, Outcome, Pending};
use crate::Chat;
use crate::room_keys::Place;

/// What a client wants to say.
pub(crate) struct Draft {
    /// Chosen by the client; the same id again is the same message.
    pub(crate) client_message_id: Uuid,
    /// 1 to 16,384 bytes.
    pub(crate) text: String,
}

/// A message that is stored, and whether this call stored it.
pub(crate) struct Posted {
    pub(crate) message: Message,
    pub(crate) created: bool,
}

/// Stores `draft` in `room` and tells the room.
///
/// Safe to repeat: the same `client_message_id` from the same author returns the first message,
/// and is a conflict if room or text differ. When this returns, the message survives a power cut.
pub(crate) async fn post(
    chat: &Chat,
    author: Uuid,
    room: Uuid,
    draft: Draft,
) -> Result<Posted, MessageError> {
    begin(chat, author, room, draft).await?.finish(chat).await
}

/// A message that has its place in the writer's queue.
pub(crate) struct Begun {
    room: Uuid,
    decided: Decided,
}

/// The part of posting that fixes the order: messages begun one after the other by one author
/// are stored in that order, however long each then takes to [`Begun::finish`].
pub(crate) async fn begin(
    chat: &Chat,
    author: Uuid,
    room: Uuid,
    draft: Draft,
) -> Result<Begun, MessageError> {
    check_text(&draft.text)?;
    let key = chat.room_keys.of(chat, room).await?.ok_or(MessageError::NoRoom)?;
    let id = kit::clock::uuid_v7();
    let place = Place { room, message: id, revision: 1, author };
    let pending = Pending {
        id,
        room,
        author,
        client_message_id: draft.client_message_id,
        body_mac: body_mac(chat, room, &draft.text),
        cell: key.seal(&place, &draft.text)?,
        at: kit::clock::now_ms(),
        text: draft.text,
    };
    Ok(Begun { room, decided: chat.writer.store(pending).await? })
}

impl Begun {
    /// Waits until the message is durable.
    pub(crate) async fn finish(self, chat: &Chat) -> Result<Posted, MessageError> {
        match self.decided.await.map_err(|_| MessageError::NotStored)?? {
            Outcome::Stored(message) => Ok(Posted { message: *message, created: true }),
            Outcome::Repeated { id, .. } => {
                let message = timeline::message(chat, self.room, id).await?;
                Ok(Posted { message: message.ok_or(MessageError::NoMessage)?, created: false })
            }
            Outcome::IdUsed => Err(MessageError::IdUsed),
            Outcome::NoRoom => Err(MessageError::NoRoom),
        }
    }
}

/// Refuses a text that is blank or too long.
pub(super) fn check_text(text: &str) -> Result<(), MessageError> {
    if text.trim().is_empty() {
        return Err(MessageError::Empty);
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(MessageError::Length { bytes: text.len() });
    }
    Ok(())
}

/// A keyed hash of the first text, to tell a repetition from another message under the same id.
fn body_mac(chat: &Chat, room: Uuid, text: &str) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(16 + text.len());
    bytes.extend_from_slice(room.as_bytes());
    bytes.extend_from_slice(text.as_bytes());
    chat.keys.mac("message body", &bytes)
}

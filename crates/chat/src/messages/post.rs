//! Posting: refuse cheaply, seal, then hand over to the writer.

use protocol::{FILES_MAX, Message, TEXT_BYTES_MAX};
use uuid::Uuid;

use super::error::MessageError;
use super::row;
use super::writer::{Decided, Outcome, Pending};
use crate::Chat;
use crate::mentions::Calls;
use crate::room_keys::Place;

/// What a client wants to say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Chosen by the client; the same id again is the same message.
    pub(crate) client_message_id: Uuid,
    /// 1 to 16,384 bytes; none where there are files.
    pub(crate) text: String,
    /// The author's uploads to the room.
    pub(crate) files: Vec<Uuid>,
    /// What it refers to.
    pub(crate) refers: Refers,
}

/// The other messages that a message refers to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Refers {
    /// The root of the thread that it is a reply in.
    pub(crate) thread: Option<Uuid>,
    /// Whether the reply is shown in the room's timeline, too.
    pub(crate) also_to_room: bool,
    /// What it quotes.
    pub(crate) quote: Option<Uuid>,
}

impl Refers {
    /// Whether the message is only in its thread.
    pub(super) fn aside(&self) -> bool {
        self.thread.is_some() && !self.also_to_room
    }
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
    check_content(&draft)?;
    if draft.refers.also_to_room && draft.refers.thread.is_none() {
        return Err(MessageError::OnlyReplies);
    }
    let key = chat.room_keys.of(chat, room).await?.ok_or(MessageError::NoRoom)?;
    let id = kit::clock::uuid_v7();
    let place = Place { room, message: id, revision: 1, author };
    let pending = Pending {
        id,
        room,
        author,
        client_message_id: draft.client_message_id,
        body_mac: body_mac(chat, room, &draft),
        cell: key.seal(&place, &draft.text)?,
        at: kit::clock::now_ms(),
        calls: Calls::of(&draft.text),
        text: draft.text,
        files: draft.files,
        refers: draft.refers,
    };
    Ok(Begun { room, decided: chat.writer.store(pending).await? })
}

impl Begun {
    /// Waits until the message is durable.
    pub(crate) async fn finish(self, chat: &Chat) -> Result<Posted, MessageError> {
        let (id, created) = match self.decided.await.map_err(|_| MessageError::NotStored)?? {
            Outcome::Stored { message, whole: true } => {
                return Ok(Posted { message: *message, created: true });
            }
            Outcome::Stored { message, whole: false } => (message.id, true),
            Outcome::Repeated { id, .. } => (id, false),
            Outcome::Refused(refusal) => return Err(refusal.into()),
        };
        let message = row::message(chat, self.room, id).await?;
        Ok(Posted { message: message.ok_or(MessageError::NoMessage)?, created })
    }
}

/// Refuses a message that says and shows nothing, or too much.
fn check_content(draft: &Draft) -> Result<(), MessageError> {
    if draft.files.len() > FILES_MAX {
        return Err(MessageError::TooManyFiles);
    }
    if !draft.files.is_empty() && draft.text.is_empty() {
        return Ok(());
    }
    check_text(&draft.text)
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

/// A keyed hash of what was first said, to tell a repetition from another message under the same
/// id. References and files follow the text after bytes that no text has.
fn body_mac(chat: &Chat, room: Uuid, draft: &Draft) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(64 + draft.text.len());
    bytes.extend_from_slice(room.as_bytes());
    bytes.extend_from_slice(draft.text.as_bytes());
    if draft.refers != Refers::default() {
        bytes.push(0xff);
        bytes.push(u8::from(draft.refers.also_to_room));
        for id in [draft.refers.thread, draft.refers.quote] {
            bytes.extend_from_slice(id.unwrap_or_default().as_bytes());
        }
    }
    if !draft.files.is_empty() {
        bytes.push(0xfe);
        draft.files.iter().for_each(|file| bytes.extend_from_slice(file.as_bytes()));
    }
    chat.keys.mac("message body", &bytes)
}

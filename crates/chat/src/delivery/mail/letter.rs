//! What the function `notify` is given: all that the mail says.

use protocol::Message;
use serde::Serialize;
use uuid::Uuid;

use super::store::WantedRow;
use super::unsubscribe;
use crate::Chat;
use crate::delivery::payload;
use crate::messages::{self, MessageError};
use crate::people::Addressee;

/// Messages in one mail, the newest; of the others it says how many they are.
const ITEMS_MAX: usize = 20;
const TEXT_CHARS_MAX: usize = 500;
const NAME_CHARS_MAX: usize = 80;
/// What the ids of mails are made for.
const CONTEXT: &str = "delivery:mail id";

/// The body of the request.
#[derive(Serialize)]
pub(super) struct Letter {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    belongs_to: Option<String>,
    to: String,
    language: String,
    name: String,
    items: Vec<Item>,
    more: usize,
    inbox_url: String,
    settings_url: String,
    unsubscribe_url: String,
}

#[derive(Serialize)]
struct Item {
    sender: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    url: String,
}

/// Whom it is for.
pub(super) struct To {
    pub(super) person: Uuid,
    pub(super) addressee: Addressee,
    /// Whether they want the texts in it.
    pub(super) show_text: bool,
}

/// The letter about `wanted`, oldest first; nothing when nothing is left of it.
pub(super) async fn of(
    chat: &Chat,
    to: To,
    wanted: &[WantedRow],
) -> Result<Option<Letter>, MessageError> {
    let To { person, addressee, .. } = to;
    let show_text = to.show_text && chat.config.settings.mail.show_text;
    let shown = &wanted[wanted.len().saturating_sub(ITEMS_MAX)..];
    let ids: Vec<Uuid> = shown.iter().map(|row| row.message_id).collect();
    let mut found = messages::by_ids(chat, &ids).await?;
    // It may have been deleted a moment ago.
    found.retain(|message| message.text.is_some());
    found.sort_by_key(|message| message.id);
    if found.is_empty() {
        return Ok(None);
    }
    Ok(Some(Letter {
        id: id(chat, person, wanted),
        belongs_to: one_place(shown).map(|place| format!("{place}@{}", host(chat))),
        to: addressee.email,
        language: addressee.locale.unwrap_or_default(),
        name: payload::cut(&addressee.name, NAME_CHARS_MAX),
        items: found.iter().map(|message| item(chat, message, shown, show_text)).collect(),
        more: wanted.len() - shown.len(),
        inbox_url: link(chat, "/inbox"),
        settings_url: link(chat, "/you"),
        unsubscribe_url: link(chat, &unsubscribe::path(chat, person)),
    }))
}

/// The same for the same messages to the same person, and it tells neither.
fn id(chat: &Chat, person: Uuid, wanted: &[WantedRow]) -> String {
    let ids = wanted.iter().map(|row| row.message_id);
    let bytes: Vec<u8> = [person].into_iter().chain(ids).flat_map(Uuid::into_bytes).collect();
    let mac = chat.keys.mac(CONTEXT, &bytes);
    let (half, _) = mac.split_first_chunk::<16>().expect("a hash of 32 bytes");
    format!("{}@{}", Uuid::from_bytes(*half).simple(), host(chat))
}

/// The thread or the room that all of it is in, if it is one.
fn one_place(shown: &[WantedRow]) -> Option<String> {
    let place = |row: &WantedRow| match row.thread_id {
        Some(thread) => format!("thread.{}", thread.simple()),
        None => format!("room.{}", row.room_id.simple()),
    };
    let first = place(shown.first()?);
    shown.iter().all(|row| place(row) == first).then_some(first)
}

fn item(chat: &Chat, message: &Message, shown: &[WantedRow], show_text: bool) -> Item {
    let row = shown.iter().find(|row| row.message_id == message.id);
    let room = row.filter(|row| row.kind != "direct").map(|row| row.name.as_str());
    Item {
        sender: payload::cut(&message.sender.display_name, NAME_CHARS_MAX),
        room: room.map(|name| payload::cut(name, NAME_CHARS_MAX)),
        text: show_text.then(|| payload::text(message, TEXT_CHARS_MAX)),
        url: link(chat, &payload::path(message)),
    }
}

fn link(chat: &Chat, path: &str) -> String {
    let origin = chat.config.public_url.as_str();
    format!("{}{path}", origin.trim_end_matches('/'))
}

/// The right side of an id; an address of IPv6 cannot be one.
fn host(chat: &Chat) -> &str {
    let is_name = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    chat.config.public_url.host_str().filter(is_name).unwrap_or("localhost")
}

//! What a browser shows of a message.

use protocol::{Message, Words};
use serde_json::json;
use uuid::Uuid;

use super::store::JudgedRow;

const NAME_CHARS_MAX: usize = 80;
const TEXT_CHARS_MAX: usize = 240;

/// The words are only names and the message itself, so that they need no language.
pub(super) fn payload(message: &Message, row: &JudgedRow, unread: i64) -> Vec<u8> {
    let sender = cut(&message.sender.display_name, NAME_CHARS_MAX);
    let title = match row.kind.as_str() {
        "direct" => sender,
        _ => format!("{sender} · {}", cut(&row.name, NAME_CHARS_MAX)),
    };
    let body = json!({
        "title": title,
        "body": text(message, TEXT_CHARS_MAX),
        "url": path(message),
        "tag": message.id,
        "at": message.created_at,
        "unread": unread,
    });
    body.to_string().into_bytes()
}

/// Where the web client shows the message.
pub(super) fn path(message: &Message) -> String {
    let (room, id) = (message.room, message.id);
    match message.thread {
        Some(thread) => format!("/r/{room}/t/{thread}/m/{id}"),
        None => format!("/r/{room}/m/{id}"),
    }
}

/// The words of the text with names in the place of ids, cut where they are longer than
/// `chars_max`; of a message without text the names of its files.
pub(super) fn text(message: &Message, chars_max: usize) -> String {
    let text = message.text.as_deref().unwrap_or_default();
    if text.is_empty() {
        let names: Vec<&str> = message.files.iter().map(|file| file.name.as_str()).collect();
        return cut(&names.join(", "), chars_max);
    }
    let name = |id: Uuid| {
        let found = message.mentions.iter().find(|person| person.id == id);
        Some(found.map_or_else(|| format!("<@{id}>"), |person| format!("@{}", person.username)))
    };
    let words = protocol::plain(text, Words::Shown, name);
    // Of nothing but marks they are what was said.
    cut(if words.is_empty() { text } else { &words }, chars_max)
}

/// The text, or its beginning.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let begin: String = text.chars().take(chars_max - 1).collect();
    format!("{begin}…")
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(cut("ñandú", 5), "ñandú");
        assert_eq!(cut("ñandúes", 5), "ñand…");
        assert_eq!(cut(&"🎉".repeat(300), 240).chars().count(), 240);
    }
}

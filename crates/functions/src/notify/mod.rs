//! `notify`: one mail about messages that somebody has not read.
//!
//! It is given all that the mail says and where it goes, hands it to the mail server and keeps
//! nothing. The caller's id becomes the mail's `Message-ID`: the same mail, handed over twice
//! because its caller died in between, is one in programs that look at it.

mod http;
mod letter;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use kit::mail::{MailConfig, MailError, Mailer};
use serde::Deserialize;
use utoipa::ToSchema;

pub(crate) use http::router;

use crate::Config;

/// Most messages in one mail.
const ITEMS_MAX: usize = 20;
/// Longest name, and longest text of a message, in characters.
const CHARS_MAX: usize = 1_000;
const URL_BYTES_MAX: usize = 2_048;
const ADDRESS_BYTES_MAX: usize = 320;
const LANGUAGE_BYTES_MAX: usize = 16;
const ID_BYTES_MAX: usize = 128;
/// More unread messages than this are not told apart.
const MORE_MAX: u32 = 1_000_000;

/// What the mail is about, and for whom it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Notice {
    /// The mail's `Message-ID` without brackets: `<letters and digits>@<host>`.
    #[schema(min_length = 3, max_length = 128)]
    id: String,
    /// What the mail belongs to, an id as above: mails about one room or thread are shown
    /// together.
    #[serde(default)]
    #[schema(min_length = 3, max_length = 128)]
    belongs_to: Option<String>,
    /// The address.
    #[schema(min_length = 3, max_length = 320)]
    to: String,
    /// `es` or `en`; anything else is `en`.
    #[schema(max_length = 16)]
    language: String,
    /// How the person is called.
    #[schema(max_length = 1000)]
    name: String,
    /// The messages, oldest first.
    #[schema(min_items = 1, max_items = 20)]
    items: Vec<Item>,
    /// How many more there are.
    #[serde(default)]
    #[schema(maximum = 1_000_000)]
    more: u32,
    /// Where all of it is.
    #[schema(max_length = 2048)]
    inbox_url: String,
    /// Where such mails are chosen.
    #[schema(max_length = 2048)]
    settings_url: String,
    /// Where one click ends such mails (RFC 8058).
    #[schema(max_length = 2048)]
    unsubscribe_url: String,
}

/// A message that was not read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Item {
    /// Who wrote it.
    #[schema(max_length = 1000)]
    sender: String,
    /// Where; absent in a direct message.
    #[serde(default)]
    #[schema(max_length = 1000)]
    room: Option<String>,
    /// The text; absent where the mail is not to show it.
    #[serde(default)]
    #[schema(max_length = 1000)]
    text: Option<String>,
    /// Where it is.
    #[schema(max_length = 2048)]
    url: String,
}

impl Notice {
    /// The field that is out of its bounds, if one is.
    fn out_of_bounds(&self) -> Option<&'static str> {
        let bounds = [
            ("id", is_id(&self.id)),
            ("belongs_to", self.belongs_to.as_deref().is_none_or(is_id)),
            ("to", (3..=ADDRESS_BYTES_MAX).contains(&self.to.len())),
            ("language", self.language.len() <= LANGUAGE_BYTES_MAX),
            ("name", is_short(&self.name)),
            ("items", (1..=ITEMS_MAX).contains(&self.items.len())),
            ("items", self.items.iter().all(Item::is_within_bounds)),
            ("more", self.more <= MORE_MAX),
            ("inbox_url", is_link(&self.inbox_url)),
            ("settings_url", is_link(&self.settings_url)),
            ("unsubscribe_url", is_link(&self.unsubscribe_url)),
        ];
        bounds.into_iter().find(|(_, good)| !good).map(|(field, _)| field)
    }
}

impl Item {
    fn is_within_bounds(&self) -> bool {
        let (room, text) = (self.room.as_deref(), self.text.as_deref());
        [Some(self.sender.as_str()), room, text].into_iter().flatten().all(is_short)
            && is_link(&self.url)
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= CHARS_MAX
}

/// An id that may stand in a header as it is.
fn is_id(id: &str) -> bool {
    let word = |part: &str| {
        let letter = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        !part.is_empty() && part.chars().all(letter)
    };
    id.len() <= ID_BYTES_MAX
        && id.split_once('@').is_some_and(|(left, right)| word(left) && word(right))
}

/// A link that may stand in a header as it is.
fn is_link(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let safe = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"".contains(&byte));
    web && safe && url.len() <= URL_BYTES_MAX
}

/// Where mails are handed over.
pub(crate) struct Post {
    config: MailConfig,
    data_dir: PathBuf,
    mailer: OnceLock<Arc<dyn Mailer>>,
}

impl Post {
    /// A mail server is looked at now, so that a broken address of it is found at the start; the
    /// folder is made with its first mail, so that functions which send none write nothing.
    pub(crate) fn open(config: &Config) -> Result<Self, MailError> {
        let post = Self {
            config: config.mail.clone(),
            data_dir: config.data_dir.clone(),
            mailer: OnceLock::new(),
        };
        if !post.config.smtp_url.is_empty() {
            post.mailer()?;
        }
        Ok(post)
    }

    fn mailer(&self) -> Result<&dyn Mailer, MailError> {
        if let Some(mailer) = self.mailer.get() {
            return Ok(mailer.as_ref());
        }
        let opened = kit::mail::open(&self.config, &self.data_dir)?;
        Ok(self.mailer.get_or_init(|| opened).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_begins_another_header_is_an_id_or_a_link() {
        assert!(is_id("0191f.a-b@chat.example.org"));
        for bad in ["", "a", "a@", "@b", "a@b\r\nBcc: c", "a b@c", "a@b>", "a@b@c"] {
            assert!(!is_id(bad), "{bad}");
        }
        assert!(is_link("https://chat.example.org/r/1/m/2"));
        for bad in ["", "javascript:x", "https://a b", "https://a>\r\nBcc: x", "https://a\"b"] {
            assert!(!is_link(bad), "{bad}");
        }
        assert!(!is_link(&format!("https://{}", "a".repeat(URL_BYTES_MAX))));
    }
}

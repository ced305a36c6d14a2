//! Messages that are heard.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeStream};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Of `<@id>`.
const TOKEN_BYTES: usize = 39;

/// Whether messages can be heard.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Speech {
    /// False when the server has nothing to speak with.
    pub available: bool,
}

/// How far a clip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClipState {
    /// It is being made.
    Preparing,
    /// What speaks does not answer; it is tried again without anybody asking.
    Delayed,
    /// It can be played.
    Ready,
    /// It was tried for long enough; asking again tries again.
    Failed,
}

/// The clip of a message, as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Clip {
    /// The message's room.
    pub room: Uuid,
    /// The message.
    pub message: Uuid,
    /// Which of its texts is said.
    pub revision: i64,
    /// How far it is.
    pub state: ClipState,
    /// Where it is, once it is ready; for you alone, unless the room is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the link ends, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// How long it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// In which language it is said (ISO 639-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What one would say who reads `text` aloud: without the marks of Markdown, blocks of code and
/// addresses; people by their name, if `name` knows them.
pub fn spoken(text: &str, name: impl Fn(Uuid) -> Option<String>) -> String {
    let mut said = String::with_capacity(text.len());
    let mut code = false;
    for event in TextMergeStream::new(Parser::new(text)) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(run) | Event::Html(run) | Event::InlineHtml(run) if !code => {
                say_run(&mut said, &run, &name);
            }
            Event::Code(run) => said.push_str(&run),
            Event::SoftBreak => said.push(' '),
            Event::HardBreak
            | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => said.push('\n'),
            _ => {}
        }
    }
    said.trim().to_owned()
}

/// One run of text.
fn say_run(said: &mut String, run: &str, name: &impl Fn(Uuid) -> Option<String>) {
    let mut rest = run;
    while let Some(letter) = rest.chars().next() {
        let begins = said.chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        if let Some(id) = token(rest) {
            said.push_str(&name(id).unwrap_or_default());
            rest = &rest[TOKEN_BYTES..];
        } else if begins && (rest.starts_with("https://") || rest.starts_with("http://")) {
            let (address, after) =
                rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
            said.push_str(host(address));
            rest = after;
        } else {
            said.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
}

/// The id of `<@id>` at the beginning.
fn token(text: &str) -> Option<Uuid> {
    let id = text.get(..TOKEN_BYTES)?.strip_prefix("<@")?.strip_suffix('>')?;
    Uuid::try_parse(id).ok()
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let ana = Uuid::from_u128(7);
        let name = |id| (id == ana).then(|| "Ana López".to_owned());
        assert_eq!(spoken(text, name), expected, "{text}");
    }

    #[test]
    fn a_text_is_said_as_one_would_read_it() {
        let ana = Uuid::from_u128(7);
        check("hola", "hola");
        check("**Muy** _bien_, `make` y ya", "Muy bien, make y ya");
        check(&format!("<@{ana}>, ¿vienes?"), "Ana López, ¿vienes?");
        check(&format!("<@{}>?", Uuid::from_u128(8)), "?");
        check("ver https://example.org/a/b?c=d ahora", "ver example.org ahora");
        check("[la guía](https://example.org/x)", "la guía");
        check("# Uno\n\n- dos\n- tres", "Uno\ndos\ntres");
        check("antes\n\n```rust\nfn x() {}\n```\n\ndespués", "antes\ndespués");
        check("a < b y <script>", "a < b y <script>");
        check("```\nx\n```", "");
        check("línea\nsiguiente", "línea siguiente");
    }
}

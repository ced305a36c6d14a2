//! The words of a text, without the marks of Markdown.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream};
use uuid::Uuid;

/// Of `<@id>`.
const TOKEN_BYTES: usize = 39;

/// What becomes of the words of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Somebody reads them aloud: blocks of code are left out, and of an address all but its host.
    Said,
    /// They are shown where nothing but letters can be, on lines as they were written.
    Shown,
}

/// The words of `text` without the marks of Markdown, for whom they are; of a link its text, of a
/// picture what stands for it; people by their name, and nothing where `name` knows none.
pub fn plain(text: &str, words: Words, name: impl Fn(Uuid) -> Option<String>) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut code = false;
    for event in TextMergeStream::new(Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH)) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(_) if code && words == Words::Said => {}
            Event::Text(run) if code => plain.push_str(&run),
            Event::Text(run) | Event::Html(run) | Event::InlineHtml(run) => {
                add_run(&mut plain, &run, words, &name);
            }
            Event::Code(run) => plain.push_str(&run),
            Event::SoftBreak if words == Words::Said => plain.push(' '),
            Event::SoftBreak | Event::HardBreak => plain.push('\n'),
            Event::Start(Tag::List(_))
            | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => {
                end_line(&mut plain);
            }
            _ => {}
        }
    }
    plain.trim().to_owned()
}

/// A list in a list begins a line, and what ends where a paragraph of it ended needs no other.
fn end_line(plain: &mut String) {
    if !plain.is_empty() && !plain.ends_with('\n') {
        plain.push('\n');
    }
}

/// One run of text.
fn add_run(plain: &mut String, run: &str, words: Words, name: &impl Fn(Uuid) -> Option<String>) {
    let mut rest = run;
    while let Some(letter) = rest.chars().next() {
        let begins = plain.chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        if let Some(id) = token(rest) {
            plain.push_str(&name(id).unwrap_or_default());
            rest = &rest[TOKEN_BYTES..];
        } else if words == Words::Said && begins && is_address(rest) {
            let (address, after) =
                rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
            plain.push_str(host(address));
            rest = after;
        } else {
            plain.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
}

/// The id of `<@id>` at the beginning.
fn token(text: &str) -> Option<Uuid> {
    let id = text.get(..TOKEN_BYTES)?.strip_prefix("<@")?.strip_suffix('>')?;
    Uuid::try_parse(id).ok()
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Uuid = Uuid::from_u128(7);

    fn check(words: Words, text: &str, expected: &str) {
        let name = |id| (id == ANA).then(|| "Ana López".to_owned());
        assert_eq!(plain(text, words, name), expected, "{text}");
    }

    #[test]
    fn a_text_is_said_as_one_would_read_it() {
        let said = |text: &str, expected| check(Words::Said, text, expected);
        said("hola", "hola");
        said("**Muy** _bien_, `make` y ~~no~~ ya", "Muy bien, make y no ya");
        said(&format!("<@{ANA}>, ¿vienes?"), "Ana López, ¿vienes?");
        said(&format!("<@{}>?", Uuid::from_u128(8)), "?");
        said("ver https://example.org/a/b?c=d ahora", "ver example.org ahora");
        said("[la guía](https://example.org/x)", "la guía");
        said("# Uno\n\n- dos\n- tres\n  - cuatro", "Uno\ndos\ntres\ncuatro");
        said("antes\n\n```rust\nfn x() {}\n```\n\ndespués", "antes\ndespués");
        said("a < b y <script>", "a < b y <script>");
        said("```\nx\n```", "");
        said("línea\nsiguiente", "línea siguiente");
    }

    #[test]
    fn a_text_is_shown_with_all_its_words_and_none_of_its_marks() {
        let shown = |text: &str, expected| check(Words::Shown, text, expected);
        shown("**Muy** _bien_, `make` y ~~no~~ ya", "Muy bien, make y no ya");
        shown(&format!("**<@{ANA}>**, ¿vienes?"), "Ana López, ¿vienes?");
        shown("ver https://example.org/a_b_c?d=e ahora", "ver https://example.org/a_b_c?d=e ahora");
        shown("[la **guía**](https://example.org/x) ![un gato](gato.png)", "la guía un gato");
        shown("# Uno\n\n- dos\n- tres\n\n> cuatro", "Uno\ndos\ntres\ncuatro");
        shown("antes\n\n```rust\nlet a = b * c * d;\n```\n\nya", "antes\nlet a = b * c * d;\nya");
        shown(
            "a < b y <b>c</b>, 2 * 3 * 4 y mi_nombre_aquí",
            "a < b y <b>c</b>, 2 * 3 * 4 y mi_nombre_aquí",
        );
        shown("línea\nsiguiente", "línea\nsiguiente");
        shown("**", "**");
    }
}

//! Whom a text calls: `@name`, `<@id>`, `@room` and `@here`.
//!
//! The rule, shared with the web client by `vectors/mentions.json`: a text is read as Markdown
//! without HTML, and only its running text counts, so nothing in code or in a link does. There,
//! `@` begins a mention unless a letter, a digit, a mark or `_` stands right before it; letters of
//! scripts that write words without spaces (Chinese, Japanese, Thai, …) do not count. A name is
//! made of these, in any script; `.`, `-` and the joiners of some scripts stand single between
//! them and never last. `<@id>` names a person by id, so that another name does not break it.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeStream};
use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};
use utoipa::ToSchema;
use uuid::Uuid;

const TOKEN_BEGIN: &str = "<@";
/// Of a UUID with its hyphens.
const ID_BYTES: usize = 36;

/// Everyone at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Everyone {
    /// `@room`: all members.
    Room,
    /// `@here`: the members who are online.
    Here,
}

/// One call in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mention {
    /// `<@id>`.
    Person(Uuid),
    /// `@name`, as it was written, without the `@`.
    Name(String),
    /// `@room` or `@here`, in capitals or not.
    Everyone(Everyone),
}

/// The calls of `text` in order, each as often as it is there.
pub fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    if !text.contains(['@', '&']) {
        return found;
    }
    let mut silent: u32 = 0;
    for event in TextMergeStream::new(Parser::new(text)) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Link { .. } | Tag::Image { .. }) => silent += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Link | TagEnd::Image) => silent -= 1,
            // What would be HTML elsewhere is text here.
            Event::Text(run) | Event::Html(run) | Event::InlineHtml(run) if silent == 0 => {
                in_run(&run, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// The calls of one run of text.
fn in_run(run: &str, found: &mut Vec<Mention>) {
    let mut before = None;
    let mut rest = run;
    while let Some(letter) = rest.chars().next() {
        let (length, mention) = if let Some(length) = link_bytes(rest, before) {
            (length, None)
        } else if let Some(id) = token(rest) {
            (TOKEN_BEGIN.len() + ID_BYTES + 1, Some(Mention::Person(id)))
        } else if letter == '@' && !before.is_some_and(is_of_same_word) {
            let length = name_bytes(&rest[1..]);
            (1 + length, (length > 0).then(|| named(&rest[1..=length])))
        } else {
            (letter.len_utf8(), None)
        };
        found.extend(mention);
        before = rest[..length].chars().next_back();
        rest = &rest[length..];
    }
}

fn named(name: &str) -> Mention {
    match name.to_ascii_lowercase().as_str() {
        "room" => Mention::Everyone(Everyone::Room),
        "here" => Mention::Everyone(Everyone::Here),
        _ => Mention::Name(name.to_owned()),
    }
}

/// The length of the address that `rest` begins with: `scheme://…` or `www.…`, up to a space.
fn link_bytes(rest: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(is_word) || !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let is_www = rest.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("www."));
    let after_scheme = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    if !is_www && !after_scheme.starts_with("://") {
        return None;
    }
    Some(rest.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(rest.len()))
}

fn token(rest: &str) -> Option<Uuid> {
    let id = rest.strip_prefix(TOKEN_BEGIN)?.get(..=ID_BYTES)?.strip_suffix('>')?;
    Uuid::try_parse(id).ok()
}

/// The length of the name that `rest` begins with; 0 when it does not begin with one.
fn name_bytes(rest: &str) -> usize {
    let mut end = 0;
    let mut joined = true;
    for (at, letter) in rest.char_indices() {
        if is_word(letter) {
            end = at + letter.len_utf8();
            joined = false;
        } else if !joined && is_joint(letter) {
            joined = true;
        } else {
            break;
        }
    }
    end
}

fn is_word(letter: char) -> bool {
    letter == '_'
        || matches!(
            letter.general_category_group(),
            GeneralCategoryGroup::Letter
                | GeneralCategoryGroup::Number
                | GeneralCategoryGroup::Mark
        )
}

/// Whether what follows this letter belongs to the same word, as the second half of an address of
/// mail does.
fn is_of_same_word(letter: char) -> bool {
    // Thai and Lao; Myanmar; Khmer; kana; Han.
    let is_without_spaces = matches!(letter,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3fffd}');
    is_word(letter) && !is_without_spaces
}

/// What may stand between two letters of a name.
fn is_joint(letter: char) -> bool {
    matches!(letter, '.' | '-' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Vector {
        text: String,
        mentions: Vec<Mention>,
    }

    #[test]
    fn every_vector_that_the_web_client_shares_holds() {
        let vectors = include_str!("../vectors/mentions.json");
        let vectors: Vec<Vector> = serde_json::from_str(vectors).unwrap();
        assert!(vectors.len() >= 60);
        let wrong: Vec<_> = vectors
            .iter()
            .filter(|vector| mentions(&vector.text) != vector.mentions)
            .map(|vector| (&vector.text, mentions(&vector.text), &vector.mentions))
            .collect();
        assert!(wrong.is_empty(), "text, found, expected: {wrong:#?}");
    }

    #[test]
    fn no_text_breaks_it_however_nasty() {
        for nasty in ["@", "[", "`@", "*_@", "<@", "<a ", "](", "&", "> ", "![[@", "a@a.-", "* @\n"]
        {
            mentions(&nasty.repeat(16_384 / nasty.len()));
        }
    }
}

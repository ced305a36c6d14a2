//! Where a text leads: the addresses that the web client makes links of, and their previews.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeStream};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest address that is looked at, in bytes.
pub const LINK_BYTES_MAX: usize = 2_048;

/// Whether this server shows what is behind links.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LinkPreviews {
    /// Whether it does; an operator turns it on.
    pub enabled: bool,
}

/// What the page behind a link says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkPreview {
    /// The link, as it stands in the message.
    pub url: String,
    /// The page's title, at most 200 characters.
    pub title: String,
    /// What the page says it is about, at most 300 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The name of its site, or its host, at most 80 characters.
    pub site: String,
}

/// The first address in `text` that is a link to a page (`http` or `https`); nothing in code is.
pub fn first_link(text: &str) -> Option<String> {
    let (mut code, mut link) = (0_u32, 0_u32);
    for event in TextMergeStream::new(Parser::new(text)) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code -= 1,
            Event::Start(Tag::Link { dest_url, .. }) => {
                link += 1;
                if is_address(&dest_url) {
                    return fits(&dest_url);
                }
            }
            Event::End(TagEnd::Link) => link -= 1,
            Event::Text(run) | Event::Html(run) | Event::InlineHtml(run)
                if code == 0 && link == 0 =>
            {
                if let Some(address) = bare(&run) {
                    return fits(address);
                }
            }
            _ => {}
        }
    }
    None
}

fn fits(address: &str) -> Option<String> {
    (address.len() <= LINK_BYTES_MAX).then(|| address.to_owned())
}

fn is_address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        let begin = text.get(..scheme.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)) && text.len() > scheme.len()
    })
}

/// The first address that stands by itself in running text.
fn bare(run: &str) -> Option<&str> {
    let lower = run.to_ascii_lowercase(); // Positions stay what they are.
    let begins = lower.match_indices("http").map(|(at, _)| at);
    let free = |at: &usize| {
        !run[..*at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    begins.filter(free).map(|at| whole(&run[at..])).find(|address| is_address(address))
}

/// The address that `rest` begins with: up to a space, without the sentence's punctuation and
/// brackets that it did not open.
fn whole(rest: &str) -> &str {
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    let mut address = &rest[..end.unwrap_or(rest.len())];
    while let Some(last) = address.chars().next_back() {
        let opening = match last {
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => None,
        };
        let unopened = opening.is_some_and(|opening| {
            address.matches(opening).count() < address.matches(last).count()
        });
        if !unopened && !".,;:!?'’»*_~".contains(last) {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_link_is_found_wherever_it_stands() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(first_link(text).as_deref(), expected, "{text}");
        };
        check("see https://example.org/a_b.", Some("https://example.org/a_b"));
        check("(https://example.org/x_(y))", Some("https://example.org/x_(y)"));
        check("[a](https://one.example) https://two.example", Some("https://one.example"));
        check("[a](mailto:x@one.example) https://two.example", Some("https://two.example"));
        check("<https://one.example/>, y", Some("https://one.example/"));
        check("HTTPS://One.example!", Some("HTTPS://One.example"));
        check("`https://one.example` and\n```\nhttps://two.example\n```", None);
        check("xhttps://one.example ftp://one.example https:// http", None);
        check("¿ya leíste https://ejemplo.es/ñandú?", Some("https://ejemplo.es/ñandú"));
        check(&format!("https://one.example/{}", "a".repeat(LINK_BYTES_MAX)), None);
    }

    proptest! {
        #[test]
        fn whatever_is_written_only_addresses_are_found(text in ".{0,200}") {
            if let Some(link) = first_link(&format!("{text} https://one.example")) {
                prop_assert!(is_address(&link) && link.len() <= LINK_BYTES_MAX);
            }
        }
    }
}

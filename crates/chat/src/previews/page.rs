//! What a page says of itself: Open Graph, else what HTML itself has; no I/O.

use protocol::LinkPreview;
use scraper::{Html, Selector};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};
use url::Url;

const TITLE_CHARS_MAX: usize = 200;
const DESCRIPTION_CHARS_MAX: usize = 300;
const SITE_CHARS_MAX: usize = 80;

/// The preview for `link`, whose page at `at` is `html`; nothing without a title.
pub(super) fn read(html: &str, link: &str, at: &Url) -> Option<LinkPreview> {
    let page = Html::parse_document(html);
    let title = meta(&page, &["og:title", "twitter:title"]).or_else(|| title(&page));
    let description = meta(&page, &["og:description", "twitter:description", "description"]);
    let host = at.host_str().unwrap_or_default();
    let site = meta(&page, &["og:site_name"]).and_then(|site| words(&site, SITE_CHARS_MAX));
    Some(LinkPreview {
        url: link.to_owned(),
        title: words(&title?, TITLE_CHARS_MAX)?,
        description: description.and_then(|text| words(&text, DESCRIPTION_CHARS_MAX)),
        site: site.unwrap_or_else(|| host.chars().take(SITE_CHARS_MAX).collect()),
    })
}

fn title(page: &Html) -> Option<String> {
    let selector = Selector::parse("head title").ok()?;
    Some(page.select(&selector).next()?.text().collect())
}

/// The first of `names` that the page has something for.
fn meta(page: &Html, names: &[&str]) -> Option<String> {
    let selector = Selector::parse("meta[content]").ok()?;
    let all = || page.select(&selector).map(|element| element.value());
    names.iter().find_map(|wanted| {
        let is_wanted = |element: &&scraper::node::Element| {
            [element.attr("property"), element.attr("name")]
                .into_iter()
                .flatten()
                .any(|name| name.eq_ignore_ascii_case(wanted))
        };
        let content = all().find(is_wanted)?.attr("content")?;
        (!content.trim().is_empty()).then(|| content.to_owned())
    })
}

/// `text` in one line of at most `chars_max` characters, without anything invisible that could
/// turn or hide what stands beside it.
fn words(text: &str, chars_max: usize) -> Option<String> {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| {
            let category = c.general_category();
            !matches!(category, GeneralCategory::Control | GeneralCategory::Format)
        })
        .collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(chars_max).collect();
    if short.len() < line.len() {
        short.pop();
        short.push('…');
    }
    (!short.is_empty()).then_some(short)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(html: &str) -> Option<LinkPreview> {
        read(html, "https://example.org/a", &Url::parse("https://www.example.org/b").unwrap())
    }

    #[test]
    fn open_graph_comes_before_what_html_has() {
        let html = "<!doctype html><title>Plain</title><meta name=description content='Plain d'>\
            <meta property='og:title' content=' The\n title '><meta property=og:site_name \
            content=Site><meta property='og:description' content=''>";
        let expected = LinkPreview {
            url: "https://example.org/a".to_owned(),
            title: "The title".to_owned(),
            description: Some("Plain d".to_owned()),
            site: "Site".to_owned(),
        };
        assert_eq!(page(html), Some(expected));
        let plain = page("<title>A &amp; B</title>").unwrap();
        assert_eq!((plain.title.as_str(), plain.site.as_str()), ("A & B", "www.example.org"));
        assert_eq!(plain.description, None);
    }

    #[test]
    fn without_a_title_there_is_nothing() {
        for html in
            ["", "no page", "<title> \u{200b} </title>", "<meta name=description content=x>"]
        {
            assert_eq!(page(html), None, "{html}");
        }
    }

    #[test]
    fn what_is_long_is_cut_and_what_is_invisible_left_out() {
        let long = page(&format!("<title>a\u{202e}b {}</title>", "x".repeat(900))).unwrap().title;
        assert!(long.starts_with("ab xxx") && long.ends_with("x…"), "{long}");
        assert_eq!(long.chars().count(), TITLE_CHARS_MAX);
    }

    proptest! {
        #[test]
        fn any_page_is_read(html in "(<[a-z]{1,5}( [a-z]{1,4}=[\"']?.{0,9})?>?|.{0,20}){0,20}") {
            if let Some(preview) = page(&format!("<title>t</title>{html}")) {
                prop_assert!(preview.title.chars().count() <= TITLE_CHARS_MAX);
                prop_assert!(preview.site.chars().count() <= SITE_CHARS_MAX);
            }
        }
    }
}

//! The language of a page: chosen by the person, asked for by the application, or the browser's.

use http::{HeaderMap, header};
use kit::cookie;

use crate::Identity;

/// The cookie that remembers a choice.
pub(super) const COOKIE: &str = "idlang";

/// A language of the pages and mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Spanish.
    Es,
    /// English.
    En,
}

impl Lang {
    /// The code for `lang` attributes and the database.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The language of a BCP 47 tag such as `es-CL`.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "es" => Some(Self::Es),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The language for a request: the person's own choice, then `ui_locales` (OpenID Connect
    /// Core section 3.1.2.1), then `Accept-Language`, then English.
    pub(crate) fn of(identity: &Identity, headers: &HeaderMap, query: Option<&str>) -> Self {
        let chosen = cookie::read(headers, &identity.config.issuer, COOKIE);
        let asked = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .find(|(name, _)| name == "ui_locales")
            .and_then(|(_, tags)| tags.split(' ').find_map(Self::of_tag));
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        chosen
            .and_then(Self::of_tag)
            .or(asked)
            .or_else(|| accepted.and_then(Self::accepted))
            .unwrap_or(Self::En)
    }

    /// The best of an `Accept-Language` list (RFC 9110 section 12.5.4).
    fn accepted(list: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for item in list.split(',').take(20) {
            let (tag, quality) = item.split_once(';').unwrap_or((item, "q=1"));
            let quality = quality.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
            let quality = quality.filter(|quality| (0.0..=1.0).contains(quality));
            let (Some(lang), Some(quality)) = (Self::of_tag(tag), quality) else { continue };
            if quality > best.map_or(0.0, |(most, _)| most) {
                best = Some((quality, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_browser_s_best_known_language_wins() {
        let check = |list: &str, expected: Option<Lang>| {
            assert_eq!(Lang::accepted(list), expected, "{list}");
        };
        check("es-CL,es;q=0.9,en;q=0.8", Some(Lang::Es));
        check("de,fr;q=0.9,en-GB;q=0.5,es;q=0.4", Some(Lang::En));
        check("es;q=0, en;q=0.1", Some(Lang::En));
        check("de", None);
        check(";;,q=,", None);
    }

    /// In thousandths; some of them often, so that there are ties.
    fn weight() -> impl Strategy<Value = u16> {
        prop_oneof![Just(0), Just(500), Just(1000), 0..=1000_u16]
    }

    proptest! {
        #[test]
        fn the_first_of_those_with_the_most_weight_is_taken(
            items in proptest::collection::vec(("(es|en|de|ES|En)(-[A-Z]{2})?", weight()), 0..20),
        ) {
            let list: Vec<String> = items
                .iter()
                .map(|(tag, q)| format!("{tag};q={}.{:03}", q / 1000, q % 1000))
                .collect();
            let known = items.iter().filter_map(|(tag, q)| Some((Lang::of_tag(tag)?, *q)));
            let best = known.filter(|(_, q)| *q > 0).fold(None, |best: Option<(Lang, u16)>, one| {
                if best.is_some_and(|best| best.1 >= one.1) { best } else { Some(one) }
            });
            prop_assert_eq!(Lang::accepted(&list.join(", ")), best.map(|(lang, _)| lang));
        }

        /// A weight is zero to one (RFC 9110 section 12.4.2); what claims another one is not heard.
        #[test]
        fn no_weight_is_more_than_one(
            weight in "inf|infinity|nan|1e9|[2-9]|1\\.[0-9]{0,2}[1-9]|-1|",
        ) {
            prop_assert_eq!(Lang::accepted(&format!("es;q={weight}, en;q=0.1")), Some(Lang::En));
            prop_assert_eq!(Lang::accepted(&format!("es;q={weight}")), None);
        }

        #[test]
        fn only_what_a_list_names_is_taken(list in "\\PC{0,60}|[esnd;q=0.19, -]{0,30}") {
            let lower = list.to_ascii_lowercase();
            let lang = Lang::accepted(&list);
            prop_assert!(lang.is_none_or(|lang| lower.contains(lang.code())));
            let tag = lower.trim();
            prop_assert!(Lang::of_tag(&list).is_none_or(|lang| tag.starts_with(lang.code())));
        }
    }
}

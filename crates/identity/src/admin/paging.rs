//! Lists: how many at once, and where the next page begins.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::problem::ApiError;

const LIMIT: i64 = 50;
const LIMIT_MAX: i64 = 200;
const CURSOR_BYTES_MAX: usize = 200;
/// Longest text to look for, characters.
const QUERY_CHARS_MAX: usize = 80;

/// How many items a page has.
pub(super) fn limit(asked: Option<i64>) -> Result<i64, ApiError> {
    let limit = asked.unwrap_or(LIMIT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(ApiError::field("limit", "out_of_range", format!("limit is 1 to {LIMIT_MAX}")))
}

/// The key that a cursor holds.
pub(super) fn after<K: FromStr>(cursor: Option<&str>) -> Result<Option<K>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let wrong = || ApiError::field("cursor", "unknown", "cursor is not the next of a page");
    if cursor.len() > CURSOR_BYTES_MAX {
        return Err(wrong());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong())?;
    text.parse().map(Some).map_err(|_| wrong())
}

/// The cursor of the next page, if this one is full.
pub(super) fn next<T>(items: &[T], limit: i64, key: impl FnOnce(&T) -> String) -> Option<String> {
    let full = i64::try_from(items.len()).is_ok_and(|count| count >= limit);
    items.last().filter(|_| full).map(|last| URL_SAFE_NO_PAD.encode(key(last)))
}

/// A text to look for, or a filter; nothing when it is empty.
pub(super) fn text(field: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if text.chars().count() > QUERY_CHARS_MAX => {
            let detail = format!("{field} has at most {QUERY_CHARS_MAX} characters");
            Err(ApiError::field(field, "too_long", detail))
        }
        Some(text) if text.contains('\0') => {
            Err(ApiError::field(field, "malformed", "a text has no NUL"))
        }
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_is_what_a_full_page_ended_with() {
        let cursor = next(&[1, 7], 2, ToString::to_string);
        assert_eq!(after::<i64>(cursor.as_deref()).unwrap(), Some(7));
        assert_eq!(next(&[1, 7], 3, ToString::to_string), None);
        assert_eq!(after::<i64>(None).unwrap(), None);
        let long = "x".repeat(201);
        for wrong in ["", "7", "###", "eHl6", long.as_str()] {
            assert!(after::<i64>(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_has_one_to_two_hundred_items() {
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some(200)).unwrap(), 200);
        assert!(limit(Some(0)).is_err() && limit(Some(201)).is_err() && limit(Some(-1)).is_err());
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_written_and_in_no_other_spelling(
            key in any::<u64>(),
            name in "\\PC{0,40}|[a-z]{140,160}",
            other in "[A-Za-z0-9_=+/-]{0,12}",
        ) {
            let cursor = next(&[key], 1, ToString::to_string).unwrap();
            prop_assert_eq!(after::<u64>(Some(&cursor)).unwrap(), Some(key));
            for tail in ["=", "A", " ", "."] {
                prop_assert!(after::<u64>(Some(&format!("{cursor}{tail}"))).is_err(), "{tail}");
            }
            let written = next(&[name], 1, Clone::clone).unwrap();
            prop_assert_eq!(after::<String>(Some(&written)).is_ok(), written.len() <= 200);
            // What is read can be written again.
            if let Ok(Some(key)) = after::<String>(Some(&other)) {
                prop_assert_eq!(next(&[key], 1, Clone::clone), Some(other));
            }
        }

        #[test]
        fn whatever_is_asked_a_page_a_cursor_and_a_text_have_bounds(
            asked in any::<Option<i64>>(),
            near in -3..210_i64,
            cursor in any::<String>(),
            query in "\\PC{0,100}|[a\0]{0,3}",
        ) {
            for asked in [asked, Some(near)] {
                let page = limit(asked);
                prop_assert!(page.as_ref().is_ok_and(|page| (1..=200).contains(page))
                    || page.is_err() && !(1..=200).contains(&asked.unwrap_or(50)));
            }
            let key = after::<String>(Some(&cursor));
            prop_assert!(key.is_err() || key.unwrap().unwrap().len() <= 150);
            let good = query.chars().count() <= 80 && !query.contains('\0');
            match text("query", Some(query.clone())) {
                Ok(found) => prop_assert!(good && found.unwrap_or_default() == query),
                Err(_) => prop_assert!(!good),
            }
        }
    }
}

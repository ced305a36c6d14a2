//! Names as they are sorted and looked for.

use unicode_normalization::UnicodeNormalization as _;

/// Longest name that is sorted by, characters.
const ORDER_CHARS_MAX: usize = 200;

/// By what a person is sorted: the name that pages show, or the user name if that is blank.
pub(super) fn order(display_name: &str, username: &str) -> String {
    let shown = folded(display_name);
    if shown.is_empty() { folded(username) } else { shown }
}

/// A name without regard to case and accents, so that *Álvaro* comes before *Zoe*, and who types
/// *alvaro* finds him.
pub(super) fn folded(name: &str) -> String {
    let plain = name.trim().to_lowercase();
    // Only the accents of Latin, Greek and Cyrillic: in other scripts a mark is a vowel.
    let letters = plain.nfkd().filter(|letter| !matches!(letter, '\u{300}'..='\u{36f}'));
    letters.take(ORDER_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_sorted_without_case_and_accents() {
        assert_eq!(order(" Álvaro Núñez ", "al"), "alvaro nunez");
        assert_eq!(order("\u{ff21}na", "x"), "ana", "wide letters are letters");
        assert_eq!(order("किशोर", "x"), "किशोर");
    }

    #[test]
    fn who_has_no_name_to_show_is_sorted_by_user_name() {
        assert_eq!(order("  ", "Zoe"), "zoe");
    }

    #[test]
    fn what_is_sorted_by_has_an_end() {
        assert_eq!(order(&"\u{fdfa}".repeat(200), "x").chars().count(), ORDER_CHARS_MAX);
    }
}

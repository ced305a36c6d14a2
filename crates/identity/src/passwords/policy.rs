//! Which new passwords are accepted.

use unicode_normalization::UnicodeNormalization as _;

/// A password alone guards the account, so it has at least so many characters (NIST SP
/// 800-63B-4 section 3.1.1.2).
pub(crate) const CHARS_MIN: usize = 15;
/// More is refused, before anything is computed.
pub(crate) const CHARS_MAX: usize = 256;
/// An operator at the command line answers for what they choose.
pub(crate) const OPERATOR_CHARS_MIN: usize = 8;
/// Fewer guesses than 10 to this power: it is on every list.
const GUESSES_LOG10_MIN: f64 = 8.0;
/// Words that are guessed first because of where the password is used.
const PRODUCT_WORDS: [&str; 3] = ["tertulia", "password", "contraseña"];
/// A name shorter than this says nothing when it is found in a password.
const OWN_WORD_MIN: usize = 3;

/// What is wrong with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// Fewer than [`CHARS_MIN`] characters.
    Short,
    /// More than [`CHARS_MAX`] characters.
    Long,
    /// On a list of common passwords, or a pattern of the keyboard.
    Common,
    /// The person's own name or address with little else.
    Personal,
}

/// The form in which passwords are hashed and compared: NFKC, so that a keyboard that composes
/// accents differently does not lock anybody out.
pub(crate) fn normalise(password: &str) -> String {
    password.chars().take(CHARS_MAX * 2).nfkc().collect()
}

/// What is wrong with `password`, already normalised, for a person with these names.
pub(crate) fn weakness(password: &str, own_words: &[&str]) -> Option<Weakness> {
    let chars = password.chars().count();
    if chars > CHARS_MAX {
        return Some(Weakness::Long);
    }
    if chars < CHARS_MIN {
        return Some(Weakness::Short);
    }
    if is_made_of(password, own_words) {
        return Some(Weakness::Personal);
    }
    let words: Vec<&str> = own_words.iter().copied().chain(PRODUCT_WORDS).collect();
    let guesses = zxcvbn::zxcvbn(password, &words).guesses_log10();
    (guesses < GUESSES_LOG10_MIN).then_some(Weakness::Common)
}

/// Whether fewer than eight characters are left once the person's own words are taken out.
fn is_made_of(password: &str, own_words: &[&str]) -> bool {
    let mut rest = password.to_lowercase();
    let mut words: Vec<String> = own_words
        .iter()
        .flat_map(|word| {
            let word = word.to_lowercase();
            let parts: Vec<String> =
                word.split(|c: char| !c.is_alphanumeric()).map(ToOwned::to_owned).collect();
            std::iter::once(word).chain(parts)
        })
        .filter(|word| word.chars().count() >= OWN_WORD_MIN)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let before = rest.len();
    for word in &words {
        rest = rest.replace(word.as_str(), "");
    }
    rest.len() < before && rest.chars().count() < 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, expected: Option<Weakness>) {
        let own = ["ana", "Ana Torres", "ana@example.org"];
        assert_eq!(weakness(&normalise(password), &own), expected, "{password}");
    }

    #[test]
    fn length_and_guessing_are_all_that_counts() {
        check("correct horse battery staple", None);
        check("nine yellow boats at dawn", None);
        check("ñandú sobre la colina 7", None);
        check("fourteen chars", Some(Weakness::Short));
        check(&"x1".repeat(129), Some(Weakness::Long));
        check("aaaaaaaaaaaaaaaaaaaa", Some(Weakness::Common));
        check("passwordpassword", Some(Weakness::Common));
        check("qwertyuiopasdfghjkl", Some(Weakness::Common));
        check("123456789012345678", Some(Weakness::Common));
    }

    #[test]
    fn names_and_addresses_do_not_make_a_password() {
        check("ana@example.org", Some(Weakness::Personal));
        check("AnaTorresAnaTorres1", Some(Weakness::Personal));
        check("ana sees nine yellow boats", None);
    }

    #[test]
    fn composed_and_decomposed_accents_are_the_same_password() {
        assert_eq!(normalise("canci\u{f3}n"), normalise("cancio\u{301}n"));
    }
}

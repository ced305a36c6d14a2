//! The short code that a person types; no I/O but for its letters.

use std::fmt;

use kit::clock::random_bytes;

/// No vowels, so that it spells nothing, and nothing that looks like something else (RFC 8628
/// section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Letters of a code: 20^8 is 2^34.
const LENGTH: usize = 8;
/// Longest text that is looked at, bytes.
const TEXT_BYTES_MAX: usize = 64;

/// Eight letters, shown in two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UserCode([u8; LENGTH]);

impl UserCode {
    /// A code that nobody can guess.
    pub(crate) fn random() -> Self {
        // Bytes from 240 on would make the first letters likelier.
        let fair = |byte: &u8| *byte < 240;
        let letter = |byte: u8| LETTERS[usize::from(byte) % LETTERS.len()];
        let mut letters = std::iter::repeat_with(random_bytes::<32>)
            .flat_map(|bytes| bytes.into_iter().filter(fair).map(letter).collect::<Vec<_>>());
        Self(std::array::from_fn(|_| letters.next().unwrap_or(LETTERS[0])))
    }

    /// The code that somebody typed, in whatever case and however divided.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let typed: Option<Vec<u8>> = text
            .chars()
            .filter(|char| !char.is_whitespace() && !char.is_ascii_punctuation())
            .map(|char| u8::try_from(char.to_ascii_uppercase()).ok())
            .map(|byte| byte.filter(|byte| LETTERS.contains(byte)))
            .collect();
        typed?.try_into().ok().map(Self)
    }

    /// Its letters, as they are kept.
    pub(crate) fn letters(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.iter().enumerate() {
            let gap = if at == LENGTH / 2 { "-" } else { "" };
            write!(f, "{gap}{}", char::from(*letter))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::parse("BCDFGHJK").unwrap();
        for text in ["bcdf-ghjk", " BCDF GHJK ", "b.c.d.f.g.h.j.k", "(bcdf)\u{a0}ghjk"] {
            assert_eq!(UserCode::parse(text), Some(code), "{text}");
        }
        for text in ["", "BCDFGHJ", "BCDFGHJKL", "ACDFGHJK", "BCDFGHJ1", "BCDFGHJÑ", "ＢCDFGHJK"]
        {
            assert_eq!(UserCode::parse(text), None, "{text}");
        }
        assert_eq!(code.to_string(), "BCDF-GHJK");
    }

    #[test]
    fn every_letter_comes_up_and_no_code_twice() {
        let codes: Vec<_> = (0..200).map(|_| UserCode::random()).collect();
        for letter in LETTERS {
            assert!(codes.iter().any(|code| code.0.contains(letter)), "{letter}");
        }
        for (at, code) in codes.iter().enumerate() {
            assert!(!codes[..at].contains(code));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read(letters in "[BCDFGHJKLMNPQRSTVWXZ]{8}", text in any::<String>()) {
            let code = UserCode::parse(&letters).unwrap();
            prop_assert_eq!(code.letters(), letters.as_bytes());
            prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code));
            prop_assert_eq!(UserCode::parse(&code.to_string().to_lowercase()), Some(code));
            if let Some(other) = UserCode::parse(&text) {
                prop_assert!(other.letters().iter().all(|letter| LETTERS.contains(letter)));
            }
        }
    }
}

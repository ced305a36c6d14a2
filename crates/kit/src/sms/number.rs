//! Telephone numbers as the whole world writes them (E.164), and the country each belongs to.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

const DIGITS_MIN: usize = 8;
const DIGITS_MAX: usize = 15;
/// Countries in which a number keeps its leading zero behind the country's code.
const KEEP_ZERO: [&str; 5] = ["IT", "SM", "VA", "CI", "CG"];

/// A number with its country's code: `+34600111222`. It prints without most of its digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Number(String);

/// A country that numbers belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1: `ES`.
    pub iso: &'static str,
    /// How its numbers begin; the first is the one to show.
    pub prefixes: &'static str,
    /// Its name in Spanish.
    pub es: &'static str,
    /// Its name in English.
    pub en: &'static str,
}

/// Every country, in the order of their ISO codes.
pub fn countries() -> &'static [Country] {
    static ALL: LazyLock<Vec<Country>> = LazyLock::new(|| {
        let rows = include_str!("countries.tsv").lines();
        let row = |line: &'static str| {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            Country { iso: cell(), prefixes: cell(), es: cell(), en: cell() }
        };
        rows.map(row).collect()
    });
    &ALL
}

impl Country {
    /// The country of this ISO code.
    pub fn of(iso: &str) -> Option<&'static Self> {
        countries().iter().find(|country| country.iso == iso)
    }

    /// The code that is dialled for it: `34`; of countries that share one, the shared part.
    pub fn calling_code(&self) -> &'static str {
        let first = self.prefixes.split(' ').next().unwrap_or_default();
        let shared = ["1", "7", "44", "39", "262", "599", "672"];
        shared.into_iter().find(|code| first.starts_with(code)).unwrap_or(first)
    }
}

impl Number {
    /// `text` as a number, if it is one: with `+` or `00` and a country's code, or as it is
    /// written inside of `home`.
    pub fn parse(text: &str, home: Option<&Country>) -> Option<Self> {
        let text: String = text.trim().chars().take(40).collect();
        let written = |c: &char| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}');
        let plain: String = text.chars().filter(written).collect();
        let digits = match plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")) {
            Some(digits) => digits.to_owned(),
            None => international(&plain, home?),
        };
        let fits = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = Self(format!("+{digits}"));
        (fits && number.country().is_some()).then_some(number)
    }

    /// As gateways are told it: `+34600111222`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its country: the one with the longest prefix.
    pub fn country(&self) -> Option<&'static Country> {
        let length = |country: &&Country| {
            let fitting = country.prefixes.split(' ').filter(|p| self.0[1..].starts_with(p));
            fitting.map(str::len).max().unwrap_or(0)
        };
        countries().iter().max_by_key(length).filter(|country| length(country) > 0)
    }

    /// What may be shown to whoever has only half proved who they are: `+34 ••• 22`.
    pub fn masked(&self) -> String {
        let code = self.country().map_or("", Country::calling_code);
        format!("+{code} ••• {}", &self.0[self.0.len() - 2..])
    }
}

/// Without the prefix that is only dialled inside of the country.
fn international(national: &str, home: &Country) -> String {
    let code = home.calling_code();
    let without = match (code, national.len()) {
        ("1", 11) => national.strip_prefix('1'),
        ("7", 11) => national.strip_prefix('8'),
        _ if KEEP_ZERO.contains(&home.iso) => None,
        _ => national.strip_prefix('0'),
    };
    format!("{code}{}", without.unwrap_or(national))
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is typed, what is dialled has only digits, a country and a length that fits.
        #[test]
        fn what_is_read_can_be_dialled(
            text in prop_oneof!["\\PC{0,60}", "[+0-9 ().-]{0,24}", "\\+[1-9][0-9]{6,15}"],
            at in 0..countries().len(),
            abroad: bool,
        ) {
            let home = (!abroad).then(|| &countries()[at]);
            let Some(number) = Number::parse(&text, home) else { return Ok(()) };
            let digits = number.as_str().strip_prefix('+').unwrap();
            prop_assert!((DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()), "{}", digits);
            prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", digits);
            let again = Number::parse(number.as_str(), None);
            prop_assert_eq!(again.as_ref(), Some(&number));
            prop_assert_eq!(number.masked().matches(char::is_numeric).count(),
                number.country().unwrap().calling_code().len() + 2);
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let check = |text: &str, home: &str, expected: Option<&str>| {
            let number = Number::parse(text, Country::of(home));
            assert_eq!(number.as_ref().map(Number::as_str), expected, "{text:?} in {home:?}");
        };
        check("+34 600 111 222", "", Some("+34600111222"));
        check("0034 600-111.222", "", Some("+34600111222"));
        check("600 111 222", "ES", Some("+34600111222"));
        check("+44 7911 123456", "ES", Some("+447911123456"));
        check("07911 123456", "GB", Some("+447911123456"));
        check("(415) 555-0132", "US", Some("+14155550132"));
        check("1 415 555 0132", "US", Some("+14155550132"));
        check("06 6982 1234", "IT", Some("+390669821234"));
        check("8 912 345-67-89", "RU", Some("+79123456789"));
        for bad in ["600111222", "", "+", "+34", "+34600111222333444", "+999123456789"] {
            check(bad, "", None);
        }
        check("+34 600 111 22x", "", None);
        check("+34600\n111222", "", None);
        check("٦٠٠١١١٢٢٢", "ES", None);
    }

    #[test]
    fn a_number_belongs_to_the_country_with_the_longest_prefix() {
        let check = |number: &str, iso: &str| {
            let number = Number::parse(number, None).unwrap();
            assert_eq!(number.country().map(|country| country.iso), Some(iso), "{number:?}");
        };
        check("+34600111222", "ES");
        check("+14155550132", "US");
        check("+18765550132", "JM");
        check("+14165550132", "CA");
        check("+77011234567", "KZ");
        check("+79123456789", "RU");
        check("+447781123456", "GG");
    }

    #[test]
    fn a_number_prints_without_most_of_its_digits() {
        let number = Number::parse("+34600111222", None).unwrap();
        assert_eq!(number.masked(), "+34 ••• 22");
        assert!(!format!("{number:?}").contains("600"));
        assert_eq!(Number::parse("+18765550132", None).unwrap().masked(), "+1 ••• 32");
    }

    #[test]
    fn every_country_has_a_code_and_names_and_no_prefix_is_in_two() {
        let mut prefixes: Vec<&str> = Vec::new();
        for country in countries() {
            assert_eq!(country.iso.len(), 2, "{country:?}");
            assert!(!country.es.is_empty() && !country.en.is_empty(), "{country:?}");
            prefixes.extend(country.prefixes.split(' '));
        }
        assert!(countries().is_sorted_by_key(|country| country.iso));
        let all = prefixes.len();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), all);
        assert!(prefixes.iter().all(|p| p.bytes().all(|byte| byte.is_ascii_digit())));
    }
}

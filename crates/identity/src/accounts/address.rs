//! Names and addresses: what is accepted, and in which form they are compared.

use unicode_normalization::UnicodeNormalization as _;

const USERNAME_MIN: usize = 2;
const USERNAME_MAX: usize = 32;
const LOCAL_MAX: usize = 64;
const EMAIL_MAX: usize = 254;
const DISPLAY_NAME_MAX: usize = 80;
/// Characters that turn the direction of the text around them.
const TURNS: [std::ops::RangeInclusive<char>; 3] =
    ['\u{200e}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// A user name: ASCII letters, digits, `.`, `-`, `_`; compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Username(String);

impl Username {
    /// `text` as a user name, if it is one; one leading `@` is not part of it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('@').unwrap_or(text);
        let fits = (USERNAME_MIN..=USERNAME_MAX).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        fits.then(|| Self(text.to_owned()))
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared.
    pub(crate) fn normalised(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// An e-mail address: its domain in lower-case ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    /// `text` as an address, if it is one that mail can be sent to.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().take(EMAIL_MAX + 1).nfkc().collect();
        let (local, domain) = text.rsplit_once('@')?;
        let url::Host::Domain(domain) = url::Host::parse(domain).ok()? else { return None };
        let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        let atoms = local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom));
        let whole = format!("{local}@{domain}");
        (atoms && local.len() <= LOCAL_MAX && whole.len() <= EMAIL_MAX).then_some(Self(whole))
    }

    /// As mail is sent to it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared: nobody tells people apart by capitals in an address.
    pub(crate) fn normalised(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// The one form in which a name is counted that somebody typed: what looks up the same account
/// is the same name, whether anybody has it or not.
pub(crate) fn as_looked_up(text: &str) -> String {
    match (Email::parse(text), Username::parse(text)) {
        (Some(email), _) => email.normalised(),
        (None, Some(username)) => username.normalised(),
        // No account has such a name, and no name has a question mark in front.
        (None, None) => format!("?{}", text.trim().to_lowercase()),
    }
}

/// A display name without space around it and without invisible control characters.
pub(crate) fn display_name(text: &str) -> Option<String> {
    let name: String = text.trim().chars().take(DISPLAY_NAME_MAX * 4).nfc().collect();
    let length = name.chars().count();
    let clean =
        !name.chars().any(|c| c.is_control() || TURNS.iter().any(|turns| turns.contains(&c)));
    ((1..=DISPLAY_NAME_MAX).contains(&length) && clean).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Something like what people type, and like what nobody should.
    fn typed() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{0,100}", "[ @]?[A-Za-z0-9._-]{0,40}", "[a-zA-Z.+]{1,9}@[a-zñÑ.-]{1,20}"]
    }

    proptest! {
        /// What was accepted is accepted again as it is, and no length or sign gets through.
        #[test]
        fn what_is_accepted_is_what_it_says(text in typed()) {
            if let Some(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Some(email.clone()));
                prop_assert!(email.as_str().is_ascii() && email.as_str().len() <= EMAIL_MAX);
                prop_assert!(!email.as_str().contains(char::is_whitespace));
            }
            if let Some(name) = Username::parse(&text) {
                prop_assert_eq!(Username::parse(name.as_str()), Some(name.clone()));
                prop_assert!((USERNAME_MIN..=USERNAME_MAX).contains(&name.as_str().len()));
                prop_assert!(Email::parse(name.as_str()).is_none(), "it is no address, too");
            }
            if let Some(name) = display_name(&text) {
                prop_assert_eq!(display_name(&name), Some(name.clone()));
                prop_assert!((1..=DISPLAY_NAME_MAX).contains(&name.chars().count()));
            }
        }

        /// A name is counted as one, whatever its capitals and the space around it.
        #[test]
        fn a_name_is_looked_up_in_one_form(text in typed()) {
            let once = as_looked_up(&text);
            prop_assert_eq!(&as_looked_up(&format!(" {text}\t")), &once);
            prop_assert_eq!(&as_looked_up(&text.to_ascii_uppercase()), &once);
            if !once.starts_with('?') {
                prop_assert_eq!(&as_looked_up(&once), &once);
            }
        }
    }

    #[test]
    fn user_names_are_short_ascii_words() {
        let check = |text: &str, expected: Option<&str>| {
            let name = Username::parse(text).map(|name| name.normalised());
            assert_eq!(name.as_deref(), expected, "{text}");
        };
        check("Ana", Some("ana"));
        check(" @ana.t-1_x ", Some("ana.t-1_x"));
        check("a", None);
        check("ana torres", None);
        check(".ana", None);
        check("añá", None);
        check(&"a".repeat(33), None);
    }

    #[test]
    fn addresses_are_such_that_mail_reaches_them() {
        let check = |text: &str, expected: Option<&str>| {
            let email = Email::parse(text).map(|email| email.0);
            assert_eq!(email.as_deref(), expected, "{text}");
        };
        check("Ana@EXAMPLE.org ", Some("Ana@example.org"));
        check("ana+x@ñandú.cl", Some("ana+x@xn--and-6ma2c.cl"));
        check("ana@localhost", Some("ana@localhost"));
        check("ana", None);
        check("ana@", None);
        check("@example.org", None);
        check("a..b@example.org", None);
        check("ana@127.0.0.1", None);
        check("ana\r\nBcc: x@example.org", None);
        check("Ana <ana@example.org>", None);
        check(&format!("{}@example.org", "a".repeat(65)), None);
    }

    #[test]
    fn display_names_cannot_hide_or_turn_text() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(display_name(text).as_deref(), expected, "{text:?}");
        };
        check("  Ana Torres ", Some("Ana Torres"));
        check("Åsa 🌊", Some("Åsa 🌊"));
        check("", None);
        check("a\u{202e}b", None);
        check("a\nb", None);
        check(&"a".repeat(81), None);
    }
}

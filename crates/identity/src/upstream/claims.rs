//! What a provider says about a person, read from its JSON; no I/O.

use serde_json::Value;

use super::config::{Claims, Upstream, UpstreamKind};
use crate::accounts::{self, Email, Username};
use crate::login::Acr;

/// No id of a person is longer (`OpenID` Connect Core section 2).
const SUB_BYTES_MAX: usize = 255;
/// What is longer is no name.
const NAME_CHARS_MAX: usize = 80;
const USERNAME_CHARS_MAX: usize = 32;

/// What a provider says about a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// How the person is called there.
    pub(super) username: Option<String>,
    /// The name that others see.
    pub(super) display_name: Option<String>,
    /// An address that mail can be sent to.
    pub(super) email: Option<String>,
    /// The provider has made sure of the address.
    pub(super) email_verified: bool,
}

impl Said {
    /// Reads the claims of an ID token, of userinfo or of another description of a person.
    pub(super) fn read(provider: &Upstream, document: &Value) -> Self {
        let claims = &provider.claims;
        let usual = match provider.kind {
            UpstreamKind::Oidc => "/preferred_username",
            UpstreamKind::OAuth2 => "/login",
        };
        let verified = at(document, claims.email_verified.as_ref(), "/email_verified");
        Self {
            username: name(at(document, claims.username.as_ref(), usual)),
            display_name: name(at(document, claims.display_name.as_ref(), "/name")),
            email: address(at(document, claims.email.as_ref(), "/email")),
            email_verified: is_true(verified),
        }
    }

    /// Takes from `more` what was not said yet. An address and whether it is verified belong
    /// together.
    pub(super) fn or(self, more: Self) -> Self {
        let email_verified = match (&self.email, &more.email) {
            (Some(own), Some(other)) if own == other => self.email_verified || more.email_verified,
            (Some(_), _) => self.email_verified,
            (None, _) => more.email_verified,
        };
        Self {
            username: self.username.or(more.username),
            display_name: self.display_name.or(more.display_name),
            email: self.email.or(more.email),
            email_verified,
        }
    }

    /// Whether another source might know more.
    pub(super) fn lacks_something(&self) -> bool {
        self.username.is_none() || self.display_name.is_none() || self.email.is_none()
    }
}

/// A provider's id of a person: a text, or a number.
pub(super) fn subject(claims: &Claims, document: &Value) -> Option<String> {
    let sub = match at(document, claims.subject.as_ref(), "/id")? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (1..=SUB_BYTES_MAX).contains(&sub.len()).then_some(sub)
}

/// The address to take from a list of `{email, primary, verified}`, and whether it is verified:
/// the primary one, else a verified one.
pub(super) fn address_of(list: &Value) -> Option<(String, bool)> {
    let entries = list.as_array()?.iter().take(100);
    let mut known: Vec<(String, bool, bool)> = entries
        .filter_map(|entry| {
            let email = address(entry.get("email"))?;
            Some((email, is_true(entry.get("primary")), is_true(entry.get("verified"))))
        })
        .collect();
    known.sort_by_key(|(_, primary, verified)| (!primary, !verified));
    known.into_iter().next().map(|(email, _, verified)| (email, verified))
}

/// The level that a provider's `acr` and `amr` stand for: the best that the operator wrote down
/// for any of them, and a password's worth otherwise.
pub(super) fn level(provider: &Upstream, acr: Option<&str>, amr: &[&str]) -> Acr {
    let by_level = acr.and_then(|acr| provider.acr.get(acr));
    let by_means = amr.iter().filter_map(|word| provider.amr.get(*word));
    by_level.into_iter().chain(by_means).map(|level| level.acr()).max().unwrap_or(Acr::Pwd)
}

/// A user name to propose, made of what is known; it may be taken.
pub(super) fn proposal(said: &Said) -> String {
    let local = said.email.as_deref().and_then(|email| email.split('@').next());
    let sources = [said.username.as_deref(), local, said.display_name.as_deref()];
    let mut found = sources.into_iter().flatten().map(plain);
    found.find(|text| Username::parse(text).is_some()).unwrap_or_default()
}

/// `text` as far as it can be a user name. An address is only its part before the `@`.
fn plain(text: &str) -> String {
    let text = text.split('@').next().unwrap_or_default().trim().to_lowercase();
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' | '-' => plain.push(c),
            'á' | 'à' | 'ä' | 'â' | 'ã' => plain.push('a'),
            'é' | 'è' | 'ë' | 'ê' => plain.push('e'),
            'í' | 'ì' | 'ï' | 'î' => plain.push('i'),
            'ó' | 'ò' | 'ö' | 'ô' | 'õ' => plain.push('o'),
            'ú' | 'ù' | 'ü' | 'û' => plain.push('u'),
            'ñ' => plain.push('n'),
            'ç' => plain.push('c'),
            ' ' => plain.push('.'),
            _ => {}
        }
    }
    let plain = plain.trim_matches(['.', '-', '_']);
    plain.chars().take(USERNAME_CHARS_MAX).collect()
}

fn at<'d>(document: &'d Value, pointer: Option<&String>, usual: &str) -> Option<&'d Value> {
    document.pointer(pointer.map_or(usual, String::as_str))
}

fn name(value: Option<&Value>) -> Option<String> {
    let text: String = value?.as_str()?.chars().take(NAME_CHARS_MAX).collect();
    accounts::display_name(&text)
}

fn address(value: Option<&Value>) -> Option<String> {
    Email::parse(value?.as_str()?).map(|email| email.as_str().to_owned())
}

/// Some providers write it as a text.
fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value == true || value == "true")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::super::config::Level;
    use super::*;

    #[test]
    fn claims_are_where_they_usually_are_or_where_the_operator_says() {
        let document = json!({"preferred_username": "ana", "name": " Ana ", "login": "x",
            "email": "ana@EXAMPLE.org", "email_verified": "true", "deep": {"nick": "anita"}});
        let mut provider = Upstream::default();
        let said = Said::read(&provider, &document);
        assert_eq!((said.username.as_deref(), said.email_verified), (Some("ana"), true));
        assert_eq!(said.display_name.as_deref(), Some("Ana"));
        assert_eq!(said.email.as_deref(), Some("ana@example.org"));
        provider.claims.username = Some("/deep/nick".to_owned());
        provider.claims.email_verified = Some("/nowhere".to_owned());
        let said = Said::read(&provider, &document);
        assert_eq!((said.username.as_deref(), said.email_verified), (Some("anita"), false));
        let odd = json!({"preferred_username": 7, "name": "a\u{202e}b", "email": "no address"});
        assert_eq!(Said::read(&Upstream::default(), &odd), Said::default());
    }

    #[test]
    fn the_verification_of_one_address_does_not_go_over_to_another() {
        let said = |email: &str, verified| Said {
            email: Some(email.to_owned()),
            email_verified: verified,
            ..Said::default()
        };
        let check = |one: Said, more: Said, expected| {
            assert_eq!(one.clone().or(more.clone()).email_verified, expected, "{one:?} {more:?}");
        };
        check(said("a@example.org", false), said("b@example.org", true), false);
        check(said("a@example.org", false), said("a@example.org", true), true);
        check(Said::default(), said("b@example.org", true), true);
        check(said("a@example.org", true), Said::default(), true);
    }

    #[test]
    fn an_id_is_a_text_or_a_number_of_bounded_length() {
        let check = |id: Value, expected: Option<&str>| {
            let found = subject(&Claims::default(), &json!({"id": id}));
            assert_eq!(found.as_deref(), expected);
        };
        check(json!(583_231), Some("583231"));
        check(json!("u-1"), Some("u-1"));
        check(json!(""), None);
        check(json!(null), None);
        check(json!({}), None);
        check(json!("x".repeat(256)), None);
    }

    #[test]
    fn of_many_addresses_the_primary_one_is_taken() {
        let list = json!([{"email": "b@example.org", "verified": true},
            {"email": "a@example.org", "primary": true, "verified": false}, {"email": "nonsense"}]);
        assert_eq!(address_of(&list), Some(("a@example.org".to_owned(), false)));
        let list =
            json!([{"email": "c@example.org"}, {"email": "b@example.org", "verified": true}]);
        assert_eq!(address_of(&list), Some(("b@example.org".to_owned(), true)));
        assert_eq!(address_of(&json!({"email": "b@example.org"})), None);
    }

    #[test]
    fn a_level_is_what_the_operator_wrote_down_and_never_more() {
        let provider = Upstream {
            acr: BTreeMap::from([("strong".to_owned(), Level::Mfa)]),
            amr: BTreeMap::from([("otp".to_owned(), Level::TwoSteps)]),
            ..Upstream::default()
        };
        assert_eq!(level(&provider, Some("strong"), &["otp"]), Acr::Mfa);
        assert_eq!(level(&provider, Some("weak"), &["pwd", "otp"]), Acr::TwoSteps);
        assert_eq!(level(&provider, Some("phr"), &["hwk", "mfa"]), Acr::Pwd);
        assert_eq!(level(&provider, None, &[]), Acr::Pwd);
    }

    #[test]
    fn a_user_name_is_proposed_from_whatever_fits() {
        let check = |username: &str, email: &str, name: &str, expected: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let said = Said {
                username: some(username),
                email: some(email),
                display_name: some(name),
                email_verified: false,
            };
            assert_eq!(proposal(&said), expected);
        };
        check("octocat", "", "", "octocat");
        check("Ana.Torres@corp.example", "", "", "ana.torres");
        check("名", "ana@example.org", "", "ana");
        check("", "", "Íñigo Núñez", "inigo.nunez");
        check("", "", "", "");
        check("-_.x", "", "Li", "li");
    }

    /// What a provider may put where a claim is expected.
    fn anything() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,300}".prop_map(Value::from),
            "[a-z]{1,9}@[a-z]{1,9}\\.org".prop_map(Value::from),
            proptest::collection::vec(".{0,9}".prop_map(Value::from), 0..3).prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn whatever_a_provider_says_only_names_and_addresses_are_taken(
            values in proptest::collection::vec(anything(), 6),
        ) {
            let names = ["preferred_username", "name", "email", "email_verified", "id", "login"];
            let document: Value =
                names.iter().map(|name| (*name).to_owned()).zip(values.iter().cloned()).collect();
            let said = Said::read(&Upstream::default(), &document);
            let named = [&said.username, &said.display_name];
            let fits = |name: &String| accounts::display_name(name).as_ref() == Some(name);
            prop_assert!(named.into_iter().flatten().all(fits), "{said:?}");
            prop_assert!(said.email.as_deref().is_none_or(|email| Email::parse(email).is_some()));
            prop_assert_eq!(said.email_verified, is_true(document.get("email_verified")));
            let name = proposal(&said);
            prop_assert!(name.is_empty() || Username::parse(&name).is_some(), "{name:?}");
            if let Some(sub) = subject(&Claims::default(), &document) {
                prop_assert!((1..=SUB_BYTES_MAX).contains(&sub.len()));
            }
            let list = Value::Array(values.iter().map(|email| json!({"email": email})).collect());
            let found = address_of(&list);
            prop_assert!(found.is_none_or(|(email, _)| Email::parse(&email).is_some()));
        }
    }
}

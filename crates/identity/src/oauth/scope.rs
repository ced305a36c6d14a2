//! Scopes: what a person can let an app do.

use std::fmt;

use crate::accounts::Role;

/// Every scope there is, in the order in which they are shown and written.
pub(crate) const ALL: [&str; 9] =
    ["openid", "profile", "email", "offline_access", "chat", "chat.admin", ADMIN, READ, MODERATE];
/// Everything that the admin API does.
pub(crate) const ADMIN: &str = "admin";
/// Everything that it shows.
pub(crate) const READ: &str = "admin.read";
/// Who is here, without addresses, and closing and opening members' accounts.
pub(crate) const MODERATE: &str = "moderate";
/// What the console of this installation asks for.
pub(crate) const CONSOLE: &str = "openid profile email offline_access admin admin.read moderate";
/// What a client gets when nobody says otherwise; `chat.admin` is an administrator's to give.
pub(crate) const DEFAULT: &str = "openid profile email offline_access chat";

/// What is about a person: an app that speaks for itself has none of it.
const OF_PEOPLE: &str = "openid profile email offline_access";
/// What only some roles can let an app do, and the least of them.
const OF_ROLES: [(&str, Role); 4] = [
    ("chat.admin", Role::Admin),
    (ADMIN, Role::Admin),
    (READ, Role::Admin),
    (MODERATE, Role::Moderator),
];
/// What only an app of this installation may ask for.
const OF_CONSOLE: &str = "admin admin.read moderate";

/// A set of known scopes, always in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Scopes(u16);

impl Scopes {
    /// The known scopes in `text`; the others are ignored (OpenID Connect Core 3.1.2.1).
    pub(crate) fn parse(text: &str) -> Self {
        let mut set = 0;
        for word in text.split_ascii_whitespace() {
            if let Some(at) = ALL.iter().position(|known| *known == word) {
                set |= 1 << at;
            }
        }
        Self(set)
    }

    /// The scopes in `text`, or the first word that is none.
    pub(crate) fn parse_strictly(text: &str) -> Result<Self, String> {
        match text.split_ascii_whitespace().find(|word| !ALL.contains(word)) {
            Some(unknown) => Err(unknown.to_owned()),
            None => Ok(Self::parse(text)),
        }
    }

    /// Whether `scope` is in the set.
    pub(crate) fn has(self, scope: &str) -> bool {
        self.words().any(|word| word == scope)
    }

    /// Whether all of `other` is in the set.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What is in either.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is about no person.
    pub(crate) fn without_people(self) -> Self {
        Self(self.0 & !Self::parse(OF_PEOPLE).0)
    }

    /// What somebody with this role can let an app do.
    pub(crate) fn of_role(self, role: Role) -> Self {
        let above = OF_ROLES.iter().filter(|(_, least)| role < *least);
        above.fold(self, |left, (scope, _)| Self(left.0 & !Self::parse(scope).0))
    }

    /// Whether the admin API is among it.
    pub(crate) fn administers(self) -> bool {
        self.0 & Self::parse(OF_CONSOLE).0 != 0
    }

    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes' names.
    pub(crate) fn words(self) -> impl Iterator<Item = &'static str> {
        ALL.into_iter().enumerate().filter(move |(at, _)| self.0 & (1 << at) != 0).map(|(_, w)| w)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.words().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{word}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unknown_scopes_are_ignored_or_named() {
        assert_eq!(Scopes::parse("chat  telepathy openid").to_string(), "openid chat");
        assert_eq!(Scopes::parse_strictly("chat telepathy"), Err("telepathy".to_owned()));
        assert!(Scopes::parse("openid chat").contains(Scopes::parse("chat")));
        assert!(!Scopes::parse("openid chat").contains(Scopes::parse("chat email")));
        assert!(!Scopes::parse("chat.admin").has("chat"));
    }

    #[test]
    fn a_role_gives_away_no_more_than_it_has() {
        let all = Scopes::parse(&ALL.join(" "));
        let of = |role| all.of_role(role).to_string();
        assert_eq!(of(Role::Owner), all.to_string());
        assert_eq!(of(Role::Admin), all.to_string());
        assert_eq!(of(Role::Moderator), format!("{DEFAULT} moderate"));
        assert_eq!(of(Role::Member), DEFAULT);
        assert!(all.administers() && !Scopes::parse("openid chat chat.admin").administers());
    }

    proptest! {
        #[test]
        fn a_set_is_read_as_it_is_written(bits in 0_u16..512) {
            let set = Scopes(bits);
            prop_assert_eq!(Scopes::parse(&set.to_string()), set);
            prop_assert_eq!(Scopes::parse_strictly(&set.to_string()), Ok(set));
        }

        #[test]
        fn nothing_unknown_gets_in(text in any::<String>()) {
            for word in Scopes::parse(&text).words() {
                prop_assert!(text.contains(word));
            }
        }
    }
}

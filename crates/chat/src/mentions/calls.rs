//! What a text calls, before anyone has looked who is a member.

use std::collections::HashSet;

use protocol::{Everyone, Mention};
use uuid::Uuid;

use crate::people;

/// Most people that one message calls by id or name; further calls are only text.
const PEOPLE_MAX: usize = 50;

/// The calls of one text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls {
    pub(super) people: HashSet<Uuid>,
    /// User names as they are compared.
    pub(super) names: HashSet<String>,
    /// The widest call to everyone.
    pub(crate) everyone: Option<Everyone>,
}

impl Calls {
    /// The calls of `text`.
    pub(crate) fn of(text: &str) -> Self {
        let mut calls = Self::default();
        for mention in protocol::mentions(text) {
            let is_full = calls.people.len() + calls.names.len() >= PEOPLE_MAX;
            match mention {
                Mention::Everyone(Everyone::Room) => calls.everyone = Some(Everyone::Room),
                Mention::Everyone(Everyone::Here) => {
                    calls.everyone.get_or_insert(Everyone::Here);
                }
                Mention::Person(id) if !is_full => drop(calls.people.insert(id)),
                Mention::Name(name) if !is_full => {
                    calls.names.insert(people::normalise(&name));
                }
                Mention::Person(_) | Mention::Name(_) => {}
            }
        }
        calls
    }

    /// Whether the text calls nobody.
    pub(crate) fn is_empty(&self) -> bool {
        self.people.is_empty() && self.names.is_empty() && self.everyone.is_none()
    }
}

/// Whom `text` names by id; fewer than all where they are too many.
pub(crate) fn ids_in(text: &str) -> HashSet<Uuid> {
    if text.contains("<@") { Calls::of(text).people } else { HashSet::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_full_of_names_calls_a_bounded_number() {
        let names: Vec<String> = (0..200).map(|number| format!("@n{number}")).collect();
        let calls = Calls::of(&names.join(" "));
        assert_eq!(calls.names.len(), PEOPLE_MAX);
    }

    #[test]
    fn the_widest_call_wins() {
        assert_eq!(Calls::of("@here @room @here").everyone, Some(Everyone::Room));
        assert!(Calls::of("nadie@nada").is_empty());
    }
}

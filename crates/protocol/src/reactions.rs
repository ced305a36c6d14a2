//! Reactions: an emoji at a message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Person;

/// How often one emoji stands at a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    /// The emoji, in its fully qualified form.
    pub emoji: String,
    /// From how many people.
    pub count: i64,
    /// Whether one of them is you.
    pub mine: bool,
}

/// Who reacted with one emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reactors {
    /// The emoji.
    pub emoji: String,
    /// From how many people.
    pub count: i64,
    /// At most the first 50 of them.
    pub people: Vec<Person>,
}

/// Who reacted to a message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReactionList {
    /// The emoji that came first, first.
    pub items: Vec<Reactors>,
}

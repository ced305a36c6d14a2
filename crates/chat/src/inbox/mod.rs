//! The inbox: the messages that call a person, newest first, each read or not.
//!
//! It shows only what the person may see now: messages of rooms they are in, with their present
//! text. Reading a room or a thread reads what called from there; an item may also be read or
//! unread by itself, and all at once.
//!
//! Beside it is what others answered with an emoji to the person's messages. It is read from the
//! reactions themselves, by the author's index, and only one mark is kept for each person: up to
//! which reaction they looked. And there is what the person saved, as it stands now.

mod http;
mod kept;
mod list;
mod numbers;
mod received;
mod store;

pub(crate) use http::router;
#[cfg(test)]
pub(crate) use kept::list as kept;
pub(crate) use numbers::for_person;

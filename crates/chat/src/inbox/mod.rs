//! The inbox: the messages that call a person, newest first, each read or not.
//!
//! It shows only what the person may see now: messages of rooms they are in, with their present
//! text. Reading a room or a thread reads what called from there; an item may also be read or
//! unread by itself, and all at once.
//!
//! Beside it is what others answered with an emoji to the person's messages. It is read from the
//! reactions themselves, by the author's index, and only one mark is kept for each person: up to
//! which reaction they looked.

mod http;
mod list;
mod numbers;
mod received;
mod store;

pub(crate) use http::router;
pub(crate) use numbers::unread;

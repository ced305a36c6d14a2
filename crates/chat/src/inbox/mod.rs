//! The inbox: the messages that call a person, newest first, each read or not.
//!
//! It shows only what the person may see now: messages of rooms they are in, with their present
//! text. Reading a room or a thread reads what called from there; an item may also be read or
//! unread by itself, and all at once.

mod http;
mod list;
mod numbers;
mod store;

pub(crate) use http::router;
pub(crate) use numbers::unread;

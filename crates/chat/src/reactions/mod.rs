//! Reactions: one emoji of one person at one message is there or not, however often it is said.
//!
//! Each change is an event of the room's log that tells how often the emoji is there then. Only
//! emoji are stored, in one spelling, and at most 20 kinds at a message. They are not sealed: a
//! reaction says that and how, never a word. Each has an id that grows with time and names the
//! author of the message, so that their inbox finds it without a row of its own.

mod error;
mod http;
mod react;
mod store;

pub(crate) use http::router;
pub(crate) use store::forget;

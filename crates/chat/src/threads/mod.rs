//! Threads: reading them, following them, and how far one has read.
//!
//! A reply is a message of its room like any other, with a `seq` of the room's log; what makes it
//! one is its root. Whoever writes in a thread, began it or is named in it follows it until they
//! say otherwise. The server owns the numbers of what is unread, per person and thread.

mod follow;
mod http;
mod page;
mod store;

pub(crate) use http::router;
pub(crate) use store::unread_threads;

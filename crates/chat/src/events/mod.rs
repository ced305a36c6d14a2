//! Events: the log of each room, and its way to the sockets.
//!
//! A row holds ids and numbers, never text. It is written in the transaction of its fact, at the
//! `seq` that the fact's permit took; after the commit the event is told to the sockets. This
//! feature knows no other: they give it facts.

mod fanout;
mod store;

pub(crate) use fanout::{Heads, announce, publish, republish};
pub(crate) use store::{EventRow, Fact, Head, append, head, page};

//! Drafts: what a person has begun to write, the same on every device of theirs.
//!
//! One for each room and thread, sealed under the room's key as a message is. The last to write
//! wins, and the version says who that was. Other devices hear of it at once; nobody else ever.

mod error;
mod http;
mod keep;
mod store;

pub(crate) use http::router;

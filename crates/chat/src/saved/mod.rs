//! Saved: the messages that a person keeps for later, the same on every device of theirs.
//!
//! Nobody else learns of it, and a message keeps no trace of it. A page has only what the person
//! may read now: messages of rooms they are in; the inbox shows them with their present text or
//! that they were deleted. What they saved in a room that they left is there again when they come
//! back.

mod error;
mod http;
mod keep;
mod store;

pub(crate) use http::router;
#[cfg(test)]
pub(crate) use keep::{SAVED_MAX, save};
pub(crate) use store::{SavedRow, page};

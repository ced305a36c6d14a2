//! Presence: who is here, told only to those who look.
//!
//! A socket says by a heartbeat that its person is online or away; a person is what the most
//! awake of their sockets says, and off some time after the last one fell silent. A socket names
//! the people it shows, at most 200 of those it shares a room with, and hears of no other. What
//! changed is gathered for a second, so the cost is the number of changes times of lookers, and
//! never the square of the people. Nothing of it is stored.

mod book;
mod http;
mod store;

pub(crate) use book::Presence;
pub(crate) use http::router;
pub(crate) use store::{is_hidden, shares_room_with};

/// Most people that one socket looks at.
pub(crate) const LOOKED_AT_MAX: usize = 200;

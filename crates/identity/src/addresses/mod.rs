//! Moving an account to another e-mail address.
//!
//! The old address stays the account's until the new one has confirmed by a link that works once.
//! The old one hears of it at once and again when it is done, both times with a link that takes
//! it back: for a day while nothing is confirmed, and for a week afterwards. Whether the new
//! address has an account already is told to its owner and to nobody else; which of two changes
//! gets an address is decided by the table of accounts, which holds each address once.

mod administer;
mod ask;
mod confirm;
mod letters;
mod store;
mod take_back;
mod words;

pub(crate) use administer::ask_for;
pub(crate) use store::{Awaited, MIGRATION, end_pending, forget, waiting_of};
pub(crate) use words::AddressWords;

use axum::Router;

use crate::Identity;

/// The pages `/account/email`, `/address/{token}` and `/address/undo/{token}`.
pub(crate) fn router() -> Router<Identity> {
    Router::new().merge(ask::router()).merge(confirm::router()).merge(take_back::router())
}

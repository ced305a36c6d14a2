//! Passwords: hashing, the rule for new ones, changing and replacing a forgotten one.
//!
//! A password is hashed with Argon2id and a pepper from the key ring, so that the database alone
//! is of no use to a thief. All hashing goes through one bounded queue, so that a storm of
//! sign-ins costs waiting, and then 503, but never the machine's memory. A new password is only
//! measured by its length and by how easily it is guessed: no rules of composition, no expiry
//! (NIST SP 800-63B-4 section 3.1.1.2).

mod by_link;
mod change;
mod hasher;
mod policy;
mod recover;
mod reset;
mod store;

pub(crate) use by_link::{Said, refusal as refusal_by_link};
pub(crate) use hasher::{Hasher, PasswordError, Place, Verdict};
pub(crate) use policy::{OPERATOR_CHARS_MIN, Weakness, normalise, weakness};
pub(crate) use recover::{Recovery, answer as answer_recovery};
pub(crate) use store::{
    forget, get as get_hash, renew as renew_hash, set as set_hash, since as hash_since,
};

use axum::Router;

use crate::Identity;

/// The pages `/recover`, `/reset/{token}` and the form behind `/account`.
pub(crate) fn router() -> Router<Identity> {
    Router::new().merge(recover::router()).merge(reset::router()).merge(change::router())
}

//! Accounts: signing up, confirming the address, the profile, blocking.
//!
//! The first account whose address is confirmed owns the installation; that is decided by one
//! insertion that only one transaction can make. Addresses are sealed, and found by a keyed hash.
//! Sign-up answers the same for a known and an unknown address.

mod account;
mod actor;
mod address;
mod block;
mod create;
mod edit;
mod invite;
mod join;
mod profile;
mod renew;
mod role;
mod search;
mod sign_up;
mod store;
mod verify;
mod waiting;

pub use account::Role;
pub(crate) use account::{Account, AccountError, Status};
pub(crate) use actor::{Actor, Administrator};
pub(crate) use address::{Email, Username, as_looked_up, display_name};
pub(crate) use block::{block, touched, unblock};
pub(crate) use create::{NewAccount, create};
pub(crate) use edit::{Edit, edit};
pub(crate) use invite::{Asker, Invited, Sent, force_reset, invite, invite_again};
pub(crate) use join::{Joined, Joiner, join};
pub(crate) use profile::{AccountErrors, account_page};
pub(crate) use role::change_role;
pub(crate) use search::{Search, search};
pub(crate) use sign_up::{sent_page, weakness_text};
pub(crate) use store::{
    by_email, by_name, confirmed, for_claims, get as for_notice, is_spoken_for, list, lock,
    resend_verification, set_email, withdraw_invitation,
};
pub(crate) use verify::activate;
pub(crate) use waiting::{forget, name_is_taken};

use axum::Router;

use crate::Identity;

/// The pages `/signup`, `/verify/{token}` and `/account`.
pub(crate) fn router() -> Router<Identity> {
    Router::new().merge(sign_up::router()).merge(verify::router()).merge(profile::router())
}

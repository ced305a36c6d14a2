//! Accounts: signing up, confirming the address, the profile, blocking.
//!
//! The first account whose address is confirmed owns the installation; that is decided by one
//! insertion that only one transaction can make. Addresses are sealed, and found by a keyed hash.
//! Sign-up answers the same for a known and an unknown address.

mod account;
mod address;
mod block;
mod create;
mod profile;
mod sign_up;
mod store;
mod verify;

pub(crate) use account::{Account, AccountError, Role, Status};
pub(crate) use address::{Email, Username, display_name};
pub(crate) use block::{block, unblock};
pub(crate) use create::{NewAccount, create};
pub(crate) use profile::{AccountErrors, account_page};
pub(crate) use sign_up::weakness_text;
pub(crate) use store::{
    by_email, by_name, for_claims, get as for_notice, list, resend_verification,
};

use axum::Router;

use crate::Identity;

/// The pages `/signup`, `/verify/{token}` and `/account`.
pub(crate) fn router() -> Router<Identity> {
    Router::new().merge(sign_up::router()).merge(verify::router()).merge(profile::router())
}

//! Passkeys: keys that an authenticator keeps for this service alone (Web Authentication, level
//! 3). One that verified its person, by finger, face or PIN, signs them in by itself; it is also
//! the strongest second step after a password.
//!
//! The relying party is the host of the issuer, so there are none while that is an IP address.
//! No attestation is asked for: nobody's model of device is looked at or kept. A challenge is a
//! sealed ticket that only its browser can bring back, once, for what it was made for.

mod check;
mod config;
mod enrol;
mod error;
mod party;
mod second;
mod sign_in;
mod store;
mod ticket;
mod words;

pub use config::Passkeys;
pub(crate) use party::{RelyingParty, refusal};
pub(crate) use words::PasskeyWords;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use kit::db::{DbResult, Migration, Tx};
use kit::json::Json;
use serde_json::json;

use crate::Identity;

/// The tables of passkeys.
pub(crate) const MIGRATION: Migration = Migration {
    name: "0130_passkeys",
    sql: include_str!("../../../migrations/0130_passkeys.sql"),
    sqlite: &[],
    postgres: &[],
};

/// What an authenticator says has a few kilobytes at most.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// The pages, and what their script talks to.
pub(crate) fn router() -> Router<Identity> {
    let routes = enrol::router().merge(sign_in::router()).merge(second::router());
    routes.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// Tells password managers where passkeys are made and managed (W3C, passkey endpoints).
pub(crate) fn root_router(identity: &Identity) -> Router {
    if identity.passkeys.is_none() {
        return Router::new();
    }
    let endpoints = json!({
        "enroll": identity.link(enrol::PATH),
        "manage": identity.link(super::page::PATH),
    });
    Router::new().route("/.well-known/passkey-endpoints", get(async move || Json(endpoints)))
}

/// Forgets challenges that nobody could answer any more.
pub(crate) async fn forget(tx: &Tx, now: i64) -> DbResult<()> {
    ticket::forget(tx, now).await
}

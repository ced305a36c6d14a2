//! Signing in with other providers: `OpenID` Connect, and OAuth 2.0 as GitHub speaks it.
//!
//! Off unless the operator configures a provider. Who somebody is, is said by the issuer and its
//! id of them and by nothing else; an address never signs anybody in. Whoever comes for the first
//! time makes an account, or signs in here as always and then links the two on a page that names
//! both. What the provider says about a sign-in counts as a password does, unless the operator
//! wrote down more, and a second step of the account is asked for in any case.

mod admit;
mod arrival;
mod buttons;
mod callback;
mod claims;
mod config;
mod error;
mod failed;
mod flow;
mod id_token;
mod kept;
mod link;
mod logout;
mod new;
mod notice;
mod origin;
mod page;
mod provider;
mod start;
mod store;
mod words;

pub(crate) use buttons::{Button, buttons};
pub(crate) use config::refusal;
pub use config::{Claims, ClientAuth, Level, Upstream, UpstreamKind};
pub(crate) use error::UpstreamError;
pub(crate) use origin::{Origin, rests_on};
pub(crate) use page::tell_unlinked;
pub(crate) use provider::{Provider, Providers};
pub(crate) use store::{Linked, of, unlink_since};
pub(crate) use words::UpstreamWords;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use kit::db::Migration;

use crate::Identity;

/// The tables of linked accounts and of sessions that rest on them.
pub(crate) const MIGRATION: Migration = Migration {
    name: "0230_upstream",
    sql: include_str!("../../migrations/0230_upstream.sql"),
    sqlite: &[],
    postgres: &[],
};

/// The ways to providers and back, and the pages about it.
pub(crate) fn router() -> Router<Identity> {
    let body_limit = DefaultBodyLimit::max(logout::BODY_BYTES_MAX);
    Router::new()
        .route("/federation/{provider}/start", get(start::start))
        .route("/federation/{provider}/callback", get(callback::callback))
        .route("/federation/{provider}/logout", post(logout::answer).layer(body_limit))
        .route("/arrival/{id}/new", get(new::page).post(new::submit))
        .route("/arrival/{id}/known", get(new::known))
        .route("/arrival/{id}/closed", get(new::closed))
        .route(page::PATH, get(page::page))
        .route("/account/providers/{id}", get(link::page).post(link::submit))
        .route("/account/providers/{id}/unlink", post(page::unlink))
}

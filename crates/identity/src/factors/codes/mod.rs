//! Codes by mail and by SMS: six digits, good for five minutes, once, and in one interaction.
//!
//! Only a keyed hash of a code is kept. An interaction has three codes and five tries; then it is
//! over, and asking for another code gives no try back. Who is not sent a code, because of the
//! day's budget or of the country, sees the same page as everybody else. A code shows that
//! somebody reads an inbox or a phone, which is less than an app or a passkey shows: it makes
//! `2sv` of a sign-in and never more.

mod check;
mod config;
mod destination;
mod enrol;
mod mail;
mod pages;
mod phone;
mod send;
mod store;
mod words;

pub(crate) use check::{Answer, accept};
pub use config::Codes;
pub(crate) use destination::{Destination, masked, of_factor, phones};
pub(crate) use send::{Errand, Sending, begin, send};
pub(crate) use store::{Waiting, waiting};
pub(crate) use words::CodeWords;

use axum::Router;
use kit::db::Migration;

use crate::Identity;

/// The tables of codes, phones and text messages.
pub(crate) const MIGRATION: Migration = Migration {
    name: "0220_codes",
    sql: include_str!("../../../migrations/0220_codes.sql"),
    sqlite: &[],
    postgres: &[],
};

/// How long a code is good for.
const LIFE_MS: i64 = 5 * 60_000;
/// Wrong codes in one interaction.
const TRIES_MAX: i32 = 5;
/// Codes in one interaction.
const SENT_MAX: i32 = 3;
/// From one code to the next.
const PAUSE_MS: i64 = 30_000;
/// Codes to one destination in a day.
const DAILY_MAX: u32 = 10;

/// The pages on which destinations are added.
pub(crate) fn router() -> Router<Identity> {
    mail::router().merge(phone::router()).merge(pages::router())
}

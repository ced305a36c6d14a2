//! Notices: of what a person wants to be told, everywhere and in each room, and when not.
//!
//! Only the choices are here; whoever delivers something asks for them. A muted room still
//! counts what is unread.

mod choices;
mod http;
mod quiet;
mod store;

pub(crate) use http::router;
pub(crate) use quiet::{is_quiet, quiet_until};

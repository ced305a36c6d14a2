//! Functions: delegated work without state, behind HTTP.
//!
//! A function keeps nothing: what it is given and what it answers is all there is. So it runs in
//! the process of `tertulia all`, as `tertulia functions` on any number of machines, or as AWS
//! Lambda. Each has a folder here, its doors in `http.rs`, and asks for a signed request
//! ([`kit::signature`]).

mod config;
mod http;
mod notify;
pub mod speak;

pub use config::{Config, Settings};
pub use http::{openapi, router};

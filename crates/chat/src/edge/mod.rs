//! The outside of chat: HTTP and sockets. Translates, calls one verb, translates back.

mod http;
mod presence;
mod socket;

pub use http::{openapi, router};
pub(crate) use socket::{Edge, end_distrusted, end_expired};

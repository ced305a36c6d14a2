//! Signing in on a device that has no browser, by a short code that its person types elsewhere
//! (RFC 8628).
//!
//! The device shows a code and asks again and again; the person, signed in on a page of ours, sees
//! which app it is and says yes or no. Nothing is allowed by an address alone: whoever follows a
//! link still types or confirms the code and presses the button (RFC 8628 section 5.4).

mod code;
mod page;
mod start;
pub(super) mod store;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use code::UserCode;
pub(crate) use page::{show, submit};
pub(crate) use start::answer;
pub(crate) use store::{Polled, grant_of, poll, purge};

/// What is exchanged for tokens, as a client registers for it.
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

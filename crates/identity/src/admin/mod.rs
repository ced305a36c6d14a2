//! The admin API, below `/admin/api/v1`: what the console of this installation calls for somebody
//! who administers it.
//!
//! Every call shows a token for this API, made in a sign-in with two factors of the last quarter
//! of an hour, and the account's role is looked at each time. Nothing is done here that pages or
//! the command line do otherwise: handlers translate, call the verb of a feature, and translate
//! back. What somebody changes is in the audit under their name.

mod caller;
mod clients;
mod document;
mod entries;
mod grants;
mod keys;
mod paging;
mod providers;
mod refusal;
mod sessions;
mod users;

pub(crate) use document::router;

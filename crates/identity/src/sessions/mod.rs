//! Where somebody is signed in: the page that lists it and ends it, and the mails that tell of
//! what its person may not have done.
//!
//! A session is one browser's sign-in here. It is listed for as long as it can be used, or an app
//! that it let in can still get new tokens. Ending it ends those apps' sign-ins too, and they are
//! told at once.

mod agent;
mod end;
mod notice;
mod page;
mod place;
mod store;
mod words;

pub(crate) use end::{end, end_all};
pub(crate) use notice::{credential_reused, signed_in_anew};
pub(crate) use store::{Listed, apps_of, live, page as list};
pub(crate) use words::SessionWords;

use axum::Router;

use crate::Identity;

/// The pages below `/account/sessions`.
pub(crate) fn router() -> Router<Identity> {
    page::router()
}

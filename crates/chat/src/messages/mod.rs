//! Messages: posting, editing, deleting, history.
//!
//! A message enters a room only through [`post`], whether it comes by socket or HTTP. Its number
//! `seq` and its event are written in the same transaction, so a client that sees `seq` jump
//! knows exactly what to ask for. Nothing here ever deletes an original: an edit and a deletion
//! are further revisions.

mod answers;
mod beside;
mod change;
mod error;
mod history;
mod http;
mod names;
mod post;
mod revisions;
mod row;
mod store;
mod timeline;
mod writer;

pub(crate) use change::{delete, edit};
pub(crate) use error::MessageError;
pub(crate) use history::{From, Scope, history, one};
pub(crate) use http::{HistoryPage, check_limit, check_place, router};
pub(crate) use post::{Draft, Refers, begin, post};
pub(crate) use row::{by_ids, shown_to};
pub(crate) use timeline::{LoggedEvent, events_after};
pub(crate) use writer::Writer;

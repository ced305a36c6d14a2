//! Rooms: public, private, direct; their members, roles and invitations.
//!
//! Nothing is added to a room's log without an [`AppendPermit`], which locks the room's row and
//! only then looks at memberships: a removal and a post that race are decided by the log.

mod change;
mod create;
mod error;
mod http;
mod invitations;
mod invite_links;
mod list;
mod members;
mod permit;
mod read_marker;
mod store;

pub(crate) use error::RoomError;
pub(crate) use http::router;
pub(crate) use invitations::accept_pending;
pub(crate) use list::{mine, tell_peers, view};
pub(crate) use permit::{AppendPermit, Appended, append_permit};
pub(crate) use read_marker::mark_read;
pub(crate) use store::{has_role, kind_from, kind_of, may_call_everyone, membership, role_from};

/// The verbs that only this feature's endpoints call, for the tests of the whole.
#[cfg(test)]
pub(crate) mod testing {
    pub(crate) use super::create::{create, direct};
    pub(crate) use super::invite_links::{accept as accept_link, create as create_link};
    pub(crate) use super::list::{directory, shared};
    pub(crate) use super::members::{add, change_role, join, leave, remove};
}

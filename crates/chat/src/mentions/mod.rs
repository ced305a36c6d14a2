//! Mentions: whom a message calls, kept so that each of them finds it.
//!
//! A row for each message and person is written in the transaction of the message, for members
//! only. A person has at most one row for a message, whatever the number and kind of calls in
//! it, and keeps it through edits, so that no edit calls anyone a second time. A deleted message
//! calls nobody. The rows hold ids, never text.

mod calls;
mod record;
mod store;

pub(crate) use calls::{Calls, ids_in};
pub(crate) use record::{Called, Told, record, record_again};
pub(crate) use store::{
    everyone_from, everyone_word, forget, named_in, read_room, read_thread, unread_from,
};

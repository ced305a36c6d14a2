//! Mail: what it says, and the outbox that sees it off.
//!
//! A mail is stored in the transaction that makes it true, sealed, and sent afterwards by a task
//! that tries again for a day. A request never waits for a mail server, so its time tells nobody
//! whether a mail was sent.

mod letter;
mod outbox;

pub(crate) use letter::Letter;
pub(crate) use outbox::{Outbox, deliver, post};

use crate::Identity;

/// Shows a link to the developer at the terminal; nowhere but on their own machine.
pub(crate) fn tell_operator(identity: &Identity, link: &str) {
    if identity.is_development() {
        println!("Link of the mail just sent: {link}");
    }
}

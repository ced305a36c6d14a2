//! Mail: what it says, and its way into the outbox.

mod letter;

pub(crate) use letter::Letter;

use kit::db::Tx;
use kit::mail::Mail;

use crate::Identity;
use crate::accounts::AccountError;
use crate::outbox::{self, Parcel};

/// Stores `letter` for `to`, to be sent once the transaction is committed.
pub(crate) async fn post(
    identity: &Identity,
    tx: &Tx,
    to: &str,
    letter: Letter,
) -> Result<(), AccountError> {
    outbox::store(identity, tx, &letter.to(to), None).await
}

/// The same for a letter that is of no use after `until`.
pub(crate) async fn post_until(
    identity: &Identity,
    tx: &Tx,
    (to, until): (&str, i64),
    letter: Letter,
) -> Result<(), AccountError> {
    outbox::store(identity, tx, &letter.to(to), Some(until)).await
}

impl Letter {
    fn to(self, address: &str) -> Parcel {
        let Self { subject, text, html } = self;
        Parcel::Mail(Mail { to: address.to_owned(), subject, text, html, ..Mail::default() })
    }
}

/// Shows a link to the developer at the terminal; nowhere but on their own machine.
pub(crate) fn tell_operator(identity: &Identity, link: &str) {
    if identity.is_development() {
        println!("Link of the mail just sent: {link}");
    }
}

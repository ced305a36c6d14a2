//! Text messages: which may leave, their way into the outbox, and what providers tell of them.
//!
//! A message to a country that was not configured, or above the day's budget, is not stored, and
//! whoever asked for it sees no difference. Of those that left only gateway, id and state are
//! kept: neither number nor text.

mod receipts;
mod store;

pub(crate) use receipts::{PATH as RECEIPTS, router};
pub(crate) use store::{daily, forget, taken};

use kit::clock::uuid_v7;
use kit::db::Tx;
use kit::sms::{Number, Sms};

use crate::Identity;
use crate::accounts::AccountError;
use crate::outbox::{self, Parcel};

/// Why a message was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No gateway is configured.
    NoGateway,
    /// No messages go to the number's country.
    Country,
    /// As many as may leave in a day have left.
    Budget,
}

impl Refused {
    /// Its name in the audit.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoGateway => "no_gateway",
            Self::Country => "country",
            Self::Budget => "budget",
        }
    }
}

/// Stores a message, to be sent once the transaction is committed and not after `until`.
pub(crate) async fn post(
    identity: &Identity,
    tx: &Tx,
    (to, until): (&Number, i64),
    text: String,
) -> Result<Result<(), Refused>, AccountError> {
    if identity.sms.is_empty() {
        return Ok(Err(Refused::NoGateway));
    }
    if !identity.sms.reach(to) {
        return Ok(Err(Refused::Country));
    }
    if !daily(tx, b"all sms", identity.sms.daily_max).await? {
        return Ok(Err(Refused::Budget));
    }
    let sms = Sms { id: uuid_v7(), to: to.clone(), text };
    outbox::store(identity, tx, &Parcel::Sms(sms), Some(until)).await?;
    Ok(Ok(()))
}

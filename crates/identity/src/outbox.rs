//! The outbox: mails and text messages that are stored but not sent yet, and requests for a new
//! password, which are looked at here so that their answer does not depend on whom they are about.
//!
//! Each is stored in the transaction that makes it true, sealed, and sent afterwards by a task
//! that tries again for a day, or until it is of no use any more. A request never waits for a
//! server of mail or a gateway, so its time tells nobody whether anything was sent.

use std::time::Duration;

use futures::StreamExt as _;
use kit::clock::{now_ms, uuid_v7};
use kit::db::{DbResult, Row, Tx, all, exec, params};
use kit::keys::KeyError;
use kit::mail::{Mail, MailError};
use kit::sms::{Sms, SmsError};
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::accounts::AccountError;
use crate::passwords::{self, Recovery};
use crate::{Identity, sms};

/// Other processes (the command line) post too, and ring no bell here.
const POLL: Duration = Duration::from_secs(2);
/// Somebody who took a message and died has it no longer than this.
const LEASE_MS: i64 = 60_000;
const BATCH: i64 = 20;
/// Messages handed over at the same time.
const HANDS: usize = 4;
/// Waits before the next try; after the last one the message is given up.
const RETRIES_S: [i64; 9] = [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200];

/// Rings when something was stored.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    mails: Notify,
    texts: Notify,
    recoveries: Notify,
}

impl Outbox {
    /// Call it after the commit.
    pub(crate) fn wake(&self) {
        self.mails.notify_one();
        self.texts.notify_one();
        self.recoveries.notify_one();
    }

    fn bell(&self, way: Way) -> &Notify {
        match way {
            Way::Mail => &self.mails,
            Way::Sms => &self.texts,
            Way::Recovery => &self.recoveries,
        }
    }
}

/// By which way something leaves. Each has its own task, so that a gateway that does not answer
/// delays no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Mail,
    Sms,
    /// Not out of the house, but to who answers a request for a new password.
    Recovery,
}

impl Way {
    fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Recovery => "recovery",
        }
    }
}

/// Something to be sent.
#[derive(Debug)]
pub(crate) enum Parcel {
    Mail(Mail),
    Sms(Sms),
    Recovery(Recovery),
}

impl Parcel {
    fn way(&self) -> Way {
        match self {
            Self::Mail(_) => Way::Mail,
            Self::Sms(_) => Way::Sms,
            Self::Recovery(_) => Way::Recovery,
        }
    }

    fn packed(&self) -> Vec<u8> {
        let packed = match self {
            Self::Mail(mail) => serde_json::to_vec(mail),
            Self::Sms(sms) => serde_json::to_vec(sms),
            Self::Recovery(recovery) => serde_json::to_vec(recovery),
        };
        packed.expect("a message is plain text")
    }
}

/// Stores `parcel`, to be sent once the transaction is committed, and not after `until`.
pub(crate) async fn store(
    identity: &Identity,
    tx: &Tx,
    parcel: &Parcel,
    until: Option<i64>,
) -> Result<(), AccountError> {
    let (id, now) = (uuid_v7(), now_ms());
    let payload = identity.keys.seal("outbox", id.as_bytes(), &parcel.packed())?;
    let sql = "INSERT INTO outbox (id, kind, payload, tries, next_at, created_at, expires_at) \
               VALUES ($1, $2, $3, 0, $4, $4, $5)";
    exec(tx, sql, params![id, parcel.way().as_str(), payload, now, until]).await?;
    Ok(())
}

/// Sends what is due, for as long as the process runs.
pub(crate) async fn deliver(identity: Identity, way: Way) {
    loop {
        match deliver_due(&identity, way).await {
            Ok(0) => {
                let bell = identity.outbox.bell(way);
                let _ = tokio::time::timeout(POLL, bell.notified()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read: {error}");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

#[derive(Row)]
struct Waiting {
    id: Uuid,
    payload: Vec<u8>,
    tries: i32,
    next_at: i64,
    expires_at: Option<i64>,
}

/// Sends what is due now; answers how much that was.
pub(crate) async fn deliver_due(identity: &Identity, way: Way) -> DbResult<usize> {
    let sql = "SELECT id, payload, tries, next_at, expires_at FROM outbox \
               WHERE kind = $1 AND next_at <= $2 ORDER BY next_at LIMIT $3";
    let values = params![way.as_str(), now_ms(), BATCH];
    let due: Vec<Waiting> = all(identity.db.reader(), sql, values).await?;
    let each = async |waiting: &Waiting| match take(identity, waiting).await {
        Ok(true) => send(identity, way, waiting).await,
        Ok(false) => Ok(()),
        Err(error) => Err(error),
    };
    // All of them, whatever becomes of one: what is being handed over must not be cut off.
    let all = futures::stream::iter(&due).map(each).buffer_unordered(HANDS);
    let done: Vec<DbResult<()>> = all.collect().await;
    done.into_iter().collect::<DbResult<()>>()?;
    Ok(due.len())
}

/// Takes a message for this process; of several, one gets it.
async fn take(identity: &Identity, waiting: &Waiting) -> DbResult<bool> {
    let sql = "UPDATE outbox SET next_at = $3 WHERE id = $1 AND next_at = $2";
    let values = params![waiting.id, waiting.next_at, now_ms() + LEASE_MS];
    Ok(identity.db.write(async |tx: &Tx| exec(tx, sql, values).await).await? == 1)
}

/// Why something was not handed over.
enum Failure {
    Later(String),
    Never(String),
}

async fn send(identity: &Identity, way: Way, waiting: &Waiting) -> DbResult<()> {
    let outcome = if waiting.expires_at.is_some_and(|until| until <= now_ms()) {
        Err(Failure::Never("it is of no use any more".to_owned()))
    } else {
        match way {
            Way::Mail => send_mail(identity, waiting).await,
            Way::Sms => send_sms(identity, waiting).await,
            Way::Recovery => look_at(identity, waiting).await,
        }
    };
    let wait_s = match &outcome {
        Err(Failure::Later(_)) => next_try(waiting),
        _ => None,
    };
    if let Err(Failure::Later(error) | Failure::Never(error)) = &outcome {
        let next = wait_s.map_or("given up".to_owned(), |wait_s| format!("again in {wait_s} s"));
        let way = way.as_str();
        tracing::warn!(message.id = %waiting.id, %error, "{way} not sent, {next}: {error}");
    }
    let work = async |tx: &Tx| match wait_s {
        Some(wait_s) => {
            let sql = "UPDATE outbox SET tries = tries + 1, next_at = $2 WHERE id = $1";
            exec(tx, sql, params![waiting.id, now_ms() + wait_s * 1000]).await
        }
        None => exec(tx, "DELETE FROM outbox WHERE id = $1", params![waiting.id]).await,
    };
    identity.db.write(work).await.map(drop)
}

/// Seconds to the next try, if there is one while the message is of use.
fn next_try(waiting: &Waiting) -> Option<i64> {
    let wait_s = *RETRIES_S.get(usize::try_from(waiting.tries).ok()?)?;
    let is_over = waiting.expires_at.is_some_and(|until| now_ms() + wait_s * 1000 >= until);
    (!is_over).then_some(wait_s)
}

async fn send_mail(identity: &Identity, waiting: &Waiting) -> Result<(), Failure> {
    let mail: Mail = open(identity, waiting)?;
    identity.mailer.send(&mail).await.map_err(|error| match error {
        MailError::Later(error) => Failure::Later(error),
        MailError::Refused(error) => Failure::Never(error),
    })
}

async fn send_sms(identity: &Identity, waiting: &Waiting) -> Result<(), Failure> {
    let text: Sms = open(identity, waiting)?;
    let taken = identity.sms.send(&text).await.map_err(|error| match error {
        SmsError::Retryable(error) => Failure::Later(error),
        SmsError::Permanent(error) => Failure::Never(error),
    })?;
    // The message has left; that this could not be written down is no reason to send it again.
    if let Err(error) = sms::taken(identity, text.id, &taken).await {
        tracing::error!(%error, "an SMS that has left could not be written down: {error}");
    }
    Ok(())
}

async fn look_at(identity: &Identity, waiting: &Waiting) -> Result<(), Failure> {
    let recovery: Recovery = open(identity, waiting)?;
    let answered = passwords::answer_recovery(identity, &recovery).await;
    answered.map_err(|error| Failure::Later(error.to_string()))
}

fn open<T: DeserializeOwned>(identity: &Identity, waiting: &Waiting) -> Result<T, Failure> {
    let plain = identity.keys.open_value("outbox", waiting.id.as_bytes(), &waiting.payload);
    let parcel =
        plain.and_then(|plain| serde_json::from_slice(&plain).map_err(|_| KeyError::Damaged));
    parcel.map_err(|error| Failure::Never(error.to_string()))
}

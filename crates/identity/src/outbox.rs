//! The outbox: mails that are stored but not sent yet.

use std::time::Duration;

use kit::clock::{now_ms, uuid_v7};
use kit::db::{DbResult, Row, Tx, all, exec, params};
use kit::keys::KeyError;
use kit::mail::{Mail, MailError};
use tokio::sync::Notify;
use uuid::Uuid;

use super::Letter;
use crate::Identity;
use crate::accounts::AccountError;

/// Other processes (the command line) post too, and ring no bell here.
const POLL: Duration = Duration::from_secs(2);
/// Somebody who took a mail and died has it no longer than this.
const LEASE_MS: i64 = 60_000;
const BATCH: i64 = 20;
/// Waits before the next try; after the last one the mail is given up.
const RETRIES_S: [i64; 9] = [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200];

/// Rings when a mail was stored.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bell: Notify,
}

impl Outbox {
    /// Call it after the commit.
    pub(crate) fn wake(&self) {
        self.bell.notify_one();
    }
}

/// Stores `letter` for `to`, to be sent once the transaction is committed.
pub(crate) async fn post(
    identity: &Identity,
    tx: &Tx,
    to: &str,
    letter: Letter,
) -> Result<(), AccountError> {
    let Letter { subject, text, html } = letter;
    let mail = Mail { to: to.to_owned(), subject, text, html };
    let (id, now) = (uuid_v7(), now_ms());
    let plain = serde_json::to_vec(&mail).expect("a mail is plain text");
    let payload = identity.keys.seal("outbox", id.as_bytes(), &plain)?;
    let sql = "INSERT INTO outbox (id, kind, payload, tries, next_at, created_at) \
               VALUES ($1, 'mail', $2, 0, $3, $3)";
    exec(tx, sql, params![id, payload, now]).await?;
    Ok(())
}

/// Sends what is due, for as long as the process runs.
pub(crate) async fn deliver(identity: Identity) {
    loop {
        match deliver_due(&identity).await {
            Ok(0) => {
                let _ = tokio::time::timeout(POLL, identity.outbox.bell.notified()).await;
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
}

async fn deliver_due(identity: &Identity) -> DbResult<usize> {
    let now = now_ms();
    let sql = "SELECT id, payload, tries, next_at FROM outbox WHERE next_at <= $1 \
               ORDER BY next_at LIMIT $2";
    let due: Vec<Waiting> = all(identity.db.reader(), sql, params![now, BATCH]).await?;
    for waiting in &due {
        if take(identity, waiting).await? {
            send(identity, waiting).await?;
        }
    }
    Ok(due.len())
}

/// Takes a mail for this process; of several, one gets it.
async fn take(identity: &Identity, waiting: &Waiting) -> DbResult<bool> {
    let sql = "UPDATE outbox SET next_at = $3 WHERE id = $1 AND next_at = $2";
    let values = params![waiting.id, waiting.next_at, now_ms() + LEASE_MS];
    Ok(identity.db.write(async |tx: &Tx| exec(tx, sql, values).await).await? == 1)
}

async fn send(identity: &Identity, waiting: &Waiting) -> DbResult<()> {
    let outcome = match open(identity, waiting) {
        Ok(mail) => identity.mailer.send(&mail).await,
        Err(error) => Err(MailError::Refused(error.to_string())),
    };
    let tries = usize::try_from(waiting.tries).unwrap_or(usize::MAX);
    let wait_s = match (&outcome, RETRIES_S.get(tries)) {
        (Err(MailError::Later(_)), Some(wait_s)) => Some(*wait_s),
        _ => None,
    };
    if let Err(error) = &outcome {
        let next = wait_s.map_or("given up".to_owned(), |wait_s| format!("again in {wait_s} s"));
        tracing::warn!(mail.id = %waiting.id, %error, "mail not sent, {next}: {error}");
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

fn open(identity: &Identity, waiting: &Waiting) -> Result<Mail, KeyError> {
    let plain = identity.keys.open_value("outbox", waiting.id.as_bytes(), &waiting.payload)?;
    serde_json::from_slice(&plain).map_err(|_| KeyError::Damaged)
}

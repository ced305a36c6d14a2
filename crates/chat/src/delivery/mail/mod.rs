//! Mail about what calls somebody and stays unread: the last resort of telling.
//!
//! A row for each message and person waits until it is due, and then a job writes to the person
//! of all that waits for them: one mail, however many messages. At that moment everything is
//! looked at again, so nobody is written to of what they read, of what a browser told them, or of
//! what was deleted, and nobody in their quiet hours. The mail itself is made and handed over by
//! the function `notify`. The mail's id is made of what it is about, so that one which is handed
//! over twice, because this process died before it wrote down that it had been, is one.

mod choice;
mod http;
mod job;
mod letter;
mod look;
mod pace;
mod store;
mod unsubscribe;

use std::time::Duration;

use kit::db::{DbResult, Sql, Tx};
use kit::jobs::Plan;

pub(super) use http::router;
pub(super) use store::NoticeRow;
pub(crate) use unsubscribe::router as unsubscribe_router;

use super::store::Stretch;
use crate::Chat;

/// The kind of the jobs, and the name of the function.
const JOB: &str = "notify";
/// Most of a day in all, while a function or a mail server that is down comes back.
const PLAN: Plan = Plan {
    at_once: 4,
    tries: 50,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_mins(30),
};

/// Whether this chat writes mails at all.
pub(super) fn is_offered(chat: &Chat) -> bool {
    chat.config.settings.mail.enabled && chat.functions.are_there()
}

/// Starts what finds out what is due and what writes of it; both end with the process.
pub(super) fn start(chat: &Chat) {
    chat.jobs.work(JOB, PLAN, job::Mailing::new(chat.clone()));
    tokio::spawn(look::run(chat.clone()));
}

/// Each message of `stretch` with each member whom it calls and who wants mail, and when that is
/// due. Nothing from before `oldest` is told any more.
pub(super) async fn find(
    chat: &Chat,
    c: &impl Sql,
    stretch: &Stretch,
    (now, oldest): (i64, i64),
) -> DbResult<Vec<NoticeRow>> {
    let found = store::find(c, stretch, now, oldest).await?;
    Ok(found.into_iter().filter_map(|row| row.due(&chat.config.settings.mail, now)).collect())
}

/// Writes a row for each, but for those who have one already.
pub(super) async fn insert(tx: &Tx, found: &[NoticeRow], now: i64) -> DbResult<()> {
    store::insert(tx, found, now).await
}

/// Forgets what was told, or not, before `oldest`.
pub(super) async fn forget_before(tx: &Tx, oldest: i64) -> DbResult<()> {
    store::forget_before(tx, oldest).await
}

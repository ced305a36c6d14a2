//! Finding out for whom something is due, and asking for a job for each.

use std::time::Duration;

use kit::clock::now_ms;
use kit::db::DbErr;
use kit::jobs::{self, NewJob};
use serde_json::json;

use super::{JOB, store};
use crate::Chat;

const EVERY: Duration = Duration::from_secs(2);
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// People in one transaction.
const PEOPLE_MAX: i64 = 100;
/// Whoever still waits then is asked for once more, which changes nothing while a job is there.
const AGAIN_MS: i64 = 30_000;

/// Looks from time to time, as long as the process runs.
pub(super) async fn run(chat: Chat) {
    loop {
        let wait = match look(&chat).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::error!(%error, "could not find out what is to be mailed: {error}");
                AFTER_FAILURE
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Answers whether there may be more.
async fn look(chat: &Chat) -> Result<bool, DbErr> {
    let now = now_ms();
    let people = store::due(chat.db.reader(), now, PEOPLE_MAX).await?;
    if people.is_empty() {
        return Ok(false);
    }
    chat.db
        .write(async |tx| {
            for person in &people {
                let key = person.to_string();
                let job = NewJob { kind: JOB, key, payload: json!({"person": person}) };
                jobs::enqueue(tx, &job).await?;
                store::looked(tx, *person, now, now + AGAIN_MS).await?;
            }
            Ok::<_, DbErr>(())
        })
        .await?;
    chat.jobs.wake();
    Ok(i64::try_from(people.len()).is_ok_and(|count| count >= PEOPLE_MAX))
}

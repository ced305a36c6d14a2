//! From the logs of the rooms to rows of what is to be sent.

use std::time::Duration;

use kit::clock::now_ms;
use kit::db::DbErr;

use super::mail;
use super::store::{self, FoundRow, Stretch};
use crate::Chat;

/// Many messages are looked at together.
const EVERY: Duration = Duration::from_millis(300);
/// What another instance wrote, or this one before a crash, is found by looking.
const AT_LEAST_EVERY: Duration = Duration::from_secs(5);
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Rooms in one transaction.
const ROOMS_MAX: i64 = 200;
/// Events of one room in one transaction.
const EVENTS_MAX: i64 = 1_000;
/// How long a row remembers that it was sent.
const REMEMBER_MS: i64 = 7 * 24 * 60 * 60 * 1000;
const TIDY_EVERY_MS: i64 = 60 * 60 * 1000;

/// Gathers whenever a log has grown.
pub(super) async fn run(chat: Chat) {
    let mut tidied = 0;
    loop {
        let wait = match gather(&chat, &mut tidied).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::error!(%error, "could not gather what is to be told: {error}");
                AFTER_FAILURE
            }
        };
        tokio::time::sleep(wait).await;
        if wait == EVERY {
            let _ = tokio::time::timeout(AT_LEAST_EVERY, chat.heads.raised()).await;
        }
    }
}

/// Takes one step in every room that went on; answers whether there is more.
async fn gather(chat: &Chat, tidied: &mut i64) -> Result<bool, DbErr> {
    let now = now_ms();
    if now - *tidied > TIDY_EVERY_MS {
        let oldest = now - REMEMBER_MS;
        chat.db
            .write(async |tx| {
                store::forget_before(tx, oldest).await?;
                mail::forget_before(tx, oldest).await
            })
            .await?;
        *tidied = now;
    }
    let behind = store::behind(chat.db.reader(), ROOMS_MAX).await?;
    if behind.is_empty() {
        return Ok(false);
    }
    let stretches: Vec<Stretch> = behind
        .iter()
        .map(|row| Stretch {
            room: row.room_id,
            after: row.seen,
            until: row.last_seq.min(row.seen + EVENTS_MAX),
            listened: row.listened,
        })
        .collect();
    let (found, mails) = find(chat, &stretches, now).await?;
    chat.db
        .write(async |tx| {
            store::insert(tx, &found, now).await?;
            mail::insert(tx, &mails, now).await?;
            store::advance(tx, &stretches).await
        })
        .await?;
    if !found.is_empty() {
        chat.delivery.due.notify_one();
    }
    let whole = i64::try_from(behind.len()).unwrap_or(i64::MAX) < ROOMS_MAX;
    let caught_up = behind.iter().zip(&stretches).all(|(row, step)| row.last_seq == step.until);
    Ok(!(whole && caught_up))
}

/// What is to be sent to browsers of what was said, and what may have to be mailed.
async fn find(
    chat: &Chat,
    stretches: &[Stretch],
    now: i64,
) -> Result<(Vec<FoundRow>, Vec<mail::NoticeRow>), DbErr> {
    let (db, oldest) = (chat.db.reader(), now - REMEMBER_MS);
    let (mut found, mut mails) = (Vec::new(), Vec::new());
    for stretch in stretches {
        if stretch.listened && chat.config.settings.push.enabled {
            found.extend(store::find(db, stretch, now, oldest).await?);
        }
        if mail::is_offered(chat) {
            mails.extend(mail::find(chat, db, stretch, (now, oldest)).await?);
        }
    }
    Ok((found, mails))
}

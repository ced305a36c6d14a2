//! Sending what was gathered to the push services of browsers.

use std::time::Duration;

use futures::future::join_all;
use kit::clock::{now_ms, random_bytes};
use kit::db::DbErr;
use kit::keys::KeyError;
use kit::web_push::{self, BrowserKeys, Push, PushError, Urgency};
use uuid::Uuid;

use super::devices;
use super::payload::payload;
use super::store::{self, ClaimedRow, JudgedRow};
use crate::messages::{self, MessageError};
use crate::{Chat, inbox, notices, sign_in};

/// So many at once.
const AT_ONCE: i64 = 16;
/// Longer than sending takes at most; what is not decided by then is sent again.
const LEASE_MS: i64 = 10_000;
/// Who is at a screen has so long to read it there.
const AT_SCREEN_MS: i64 = 10_000;
/// A browser that is off for longer finds it in the inbox.
const TTL_S: u32 = 24 * 60 * 60;
/// With the waits below it is given up after half an hour or so.
const TRIES_MAX: i32 = 10;
const FIRST_WAIT_MS: i64 = 5_000;
const LONGEST_WAIT_MS: i64 = 15 * 60 * 1000;
const LOOK_EVERY: Duration = Duration::from_secs(5);
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Sends whatever is due.
pub(super) async fn run(chat: Chat) {
    loop {
        let wait = match send_due(&chat).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "could not send what is due: {error}");
                AFTER_FAILURE
            }
        };
        let _ = tokio::time::timeout(wait, chat.delivery.due.notified()).await;
    }
}

/// Sends some of what is due; answers how long there is nothing else.
async fn send_due(chat: &Chat) -> Result<Duration, DbErr> {
    let now = now_ms();
    let claimed =
        chat.db.write(async |tx| store::claim(tx, AT_ONCE, now, now + LEASE_MS).await).await?;
    if claimed.is_empty() {
        let next = store::next_due(chat.db.reader()).await?;
        let wait = next.map_or(LOOK_EVERY, |at| {
            Duration::from_millis(u64::try_from(at - now_ms()).unwrap_or(0))
        });
        return Ok(wait.min(LOOK_EVERY));
    }
    let ends = join_all(claimed.iter().map(|row| end_of(chat, row))).await;
    chat.db
        .write(async |tx| {
            for (row, end) in claimed.iter().zip(&ends) {
                write_down(tx, row, *end).await?;
            }
            Ok::<_, DbErr>(())
        })
        .await?;
    Ok(Duration::ZERO)
}

/// What became of one try.
#[derive(Debug, Clone, Copy)]
enum End {
    /// It is over, for this reason.
    Over(&'static str),
    /// The browser is no more, and everything for it is over.
    Gone,
    /// Not before this moment.
    Again(i64),
}

async fn write_down(tx: &kit::db::Tx, row: &ClaimedRow, end: End) -> Result<(), DbErr> {
    match end {
        End::Over(outcome) => store::finish(tx, row, outcome).await,
        End::Gone => store::forget_device(tx, row.target_id).await,
        End::Again(at) => store::postpone(tx, row, at).await,
    }
}

async fn end_of(chat: &Chat, row: &ClaimedRow) -> End {
    match try_once(chat, row).await {
        Ok(end) => end,
        Err(error) => {
            let id = row.message_id;
            tracing::warn!(%error, message.id = %id, "{id} was not pushed: {error}");
            again(row, None)
        }
    }
}

/// Why one try came to no end.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the store failed")]
    Store(#[from] DbErr),
    #[error("the address does not open")]
    Keys(#[from] KeyError),
    #[error("the message cannot be read")]
    Message(#[from] MessageError),
    #[error("the sign-in cannot be looked at")]
    SignIn(#[from] sign_in::SignInError),
}

async fn try_once(chat: &Chat, row: &ClaimedRow) -> Result<End, Failed> {
    let now = now_ms();
    let Some(judged) = store::judge(chat.db.reader(), row, now).await? else {
        return Ok(End::Over("not wanted"));
    };
    if let Some(session) = judged.session_id
        && !sign_in::is_live(chat, session).await?
    {
        return Ok(End::Gone);
    }
    if notices::is_quiet(chat.db.reader(), row.person_id, now).await? {
        return Ok(End::Over("quiet"));
    }
    let read_by = row.created_at + AT_SCREEN_MS;
    if now < read_by && chat.presence.online().contains(&row.person_id) {
        return Ok(End::Again(read_by));
    }
    let mut found = messages::by_ids(chat, &[row.message_id]).await?;
    let Some(message) = found.pop().filter(|message| message.text.is_some()) else {
        return Ok(End::Over("not wanted"));
    };
    let unread = inbox::for_person(chat.db.reader(), row.person_id).await?;
    send(chat, row, &judged, &payload(&message, &judged, unread)).await
}

async fn send(
    chat: &Chat,
    row: &ClaimedRow,
    judged: &JudgedRow,
    plain: &[u8],
) -> Result<End, Failed> {
    let address = devices::open(chat, &judged.endpoint_mac, &judged.sealed)?;
    let Ok(keys) = BrowserKeys::parse(&address.p256dh, &address.auth) else {
        return Ok(End::Gone);
    };
    let topic = topic(row.message_id);
    let push = Push {
        endpoint: &address.endpoint,
        keys: &keys,
        plain,
        ttl_s: TTL_S,
        urgency: if judged.called { Urgency::High } else { Urgency::Normal },
        topic: &topic,
    };
    let delivery = &chat.delivery;
    Ok(match web_push::send(&delivery.guard, &delivery.key, &delivery.contact, &push).await {
        Ok(()) => End::Over("sent"),
        Err(PushError::Gone) => End::Gone,
        Err(PushError::Refused(reason)) => {
            tracing::warn!(device.id = %row.target_id, "a push service refused: {reason}");
            End::Over("refused")
        }
        Err(PushError::Later { reason, after }) => {
            tracing::info!(device.id = %row.target_id, "a push comes later: {reason}");
            again(row, after)
        }
    })
}

/// A copy of the same message takes the place of the first while it waits.
fn topic(message: Uuid) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(message.as_bytes())
}

/// The wait doubles with every try, and half of it is left to chance.
fn again(row: &ClaimedRow, after: Option<Duration>) -> End {
    if row.tries >= TRIES_MAX {
        return End::Over("given up");
    }
    let doubled = FIRST_WAIT_MS << u32::try_from(row.tries - 1).unwrap_or(0).min(10);
    let whole = doubled.min(LONGEST_WAIT_MS);
    let chance = i64::from(u16::from_be_bytes(random_bytes()));
    let wait = whole / 2 + whole / 2 * chance / i64::from(u16::MAX);
    let asked = after.and_then(|after| i64::try_from(after.as_millis()).ok()).unwrap_or(0);
    End::Again(now_ms() + wait.max(asked))
}

//! When a person wants to be written to.

use kit::clock::now_ms;
use kit::db::DbErr;
use protocol::{MailNotices, PutMailNotices};
use serde_json::json;
use uuid::Uuid;

use super::{is_offered, pace, store};
use crate::Chat;

/// How it is for `person`.
pub(super) async fn of(chat: &Chat, person: Uuid) -> Result<MailNotices, DbErr> {
    let row = store::choice(chat.db.reader(), person).await?;
    let settings = &chat.config.settings.mail;
    Ok(MailNotices {
        available: is_offered(chat) && row.as_ref().is_some_and(|row| row.has_address),
        show_text: row.as_ref().is_none_or(|row| row.show_text),
        text_allowed: settings.show_text,
        pace: pace::from_word(row.and_then(|row| row.pace).as_deref()),
        soon_s: settings.after_s,
        daily_hour: settings.daily_hour.min(23),
    })
}

/// `person` wants it so, what waits already too; tells all of their sockets.
pub(super) async fn put(chat: &Chat, person: Uuid, wanted: PutMailNotices) -> Result<(), DbErr> {
    let PutMailNotices { pace, show_text } = wanted;
    let zone = store::time_zone(chat.db.reader(), person).await?;
    let due = pace::due_at(pace, zone.as_deref(), &chat.config.settings.mail, now_ms());
    chat.db
        .write(async |tx| {
            store::put_choice(tx, person, pace::word(pace), show_text).await?;
            match due {
                Some(at) => store::retime(tx, person, at).await,
                None => store::drop_waiting(tx, person).await,
            }
        })
        .await?;
    chat.tell_person(person, "noticesChanged", &json!({}));
    Ok(())
}

//! Pages of an inbox, and what was read of it.

use kit::clock::now_ms;
use kit::db::DbErr;
use kit::problem::{ApiError, Kind};
use protocol::{Inbox, InboxItem, MentionReason, Message};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, ItemRow};
use crate::rooms::kind_from;
use crate::{Chat, messages};

/// More than this is shown as "more than".
pub(super) const UNREAD_MAX: i64 = 1_000;

/// Which items.
pub(super) struct Asked {
    /// Only what was not read.
    pub(super) unread: bool,
    /// Older than this message.
    pub(super) before: Uuid,
    /// So many.
    pub(super) limit: i64,
}

/// A page of `person`'s inbox.
pub(super) async fn list(chat: &Chat, person: Uuid, asked: &Asked) -> Result<Inbox, ApiError> {
    let db = chat.db.reader();
    let mut rows = store::page(db, person, asked).await.map_err(ApiError::from)?;
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.message_id.to_string());
    let unread = store::unread(db, person, UNREAD_MAX).await.map_err(ApiError::from)?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.message_id).collect();
    let mut found = messages::shown_to(chat, person, &ids).await?;
    let items = rows.into_iter().filter_map(|row| {
        let message = found.remove(&row.message_id)?;
        Some(item(row, message))
    });
    Ok(Inbox { items: items.collect(), next, unread })
}

/// Whether `message` was read, for `person`; tells all of their sockets.
pub(super) async fn mark(
    chat: &Chat,
    person: Uuid,
    message: Uuid,
    read: bool,
) -> Result<(), ApiError> {
    let at = read.then(now_ms);
    let marked = chat.db.write(async |tx| store::mark(tx, person, message, at).await);
    let room = marked.await.map_err(ApiError::from)?;
    let no_item = || ApiError::new(Kind::NotFound, "there is no such message in your inbox");
    let room = room.ok_or_else(no_item)?;
    chat.tell_person(person, "unreadChanged", &json!({"room": room}));
    Ok(())
}

/// All of `person`'s inbox up to `until` was read; tells all of their sockets.
pub(super) async fn mark_all(chat: &Chat, person: Uuid, until: Uuid) -> Result<(), ApiError> {
    let marked = chat.db.write(async |tx| {
        let marked = store::mark_all(tx, person, until, now_ms()).await?;
        Ok::<_, DbErr>(marked)
    });
    if marked.await.map_err(ApiError::from)? > 0 {
        chat.tell_person(person, "unreadChanged", &json!({}));
    }
    Ok(())
}

fn item(row: ItemRow, message: Message) -> InboxItem {
    InboxItem {
        reason: reason_from(&row.reason),
        read: row.read_at.is_some(),
        room_name: row.name,
        room_kind: kind_from(&row.kind),
        message,
    }
}

fn reason_from(word: &str) -> MentionReason {
    match word {
        "room" => MentionReason::Room,
        "here" => MentionReason::Here,
        "reply" => MentionReason::Reply,
        "quote" => MentionReason::Quote,
        _ => MentionReason::Name,
    }
}

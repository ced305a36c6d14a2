//! The reactions to a person's messages, and up to which one they have seen them.

use std::collections::HashMap;

use kit::clock::rfc3339;
use kit::problem::ApiError;
use protocol::{Message, Person, ReceivedReaction, ReceivedReactions};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, ReactionRow};
use crate::rooms::kind_from;
use crate::{Chat, messages};

/// More than this is shown as "more than".
pub(super) const UNSEEN_MAX: i64 = 100;

/// A page of the reactions to `person`'s messages, older than `before`.
pub(super) async fn list(
    chat: &Chat,
    person: Uuid,
    before: Uuid,
    limit: i64,
) -> Result<ReceivedReactions, ApiError> {
    let db = chat.db.reader();
    let seen = store::seen(db, person).await.map_err(ApiError::from)?;
    let mut rows = store::reactions(db, person, before, limit).await.map_err(ApiError::from)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let unread = store::unseen(db, person, seen, UNSEEN_MAX).await.map_err(ApiError::from)?;
    let mut ids: Vec<Uuid> = rows.iter().map(|row| row.message_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = messages::by_ids(chat, &ids).await?;
    let found: HashMap<Uuid, Message> =
        found.into_iter().map(|message| (message.id, message)).collect();
    let items = rows.into_iter().filter_map(|row| {
        let message = found.get(&row.message_id)?.clone();
        Some(item(row, seen, message))
    });
    Ok(ReceivedReactions { items: items.collect(), next, unread })
}

/// `person` has seen their reactions up to `until`; tells all of their sockets. It never goes
/// back, and never past the newest that there is.
pub(super) async fn mark(chat: &Chat, person: Uuid, until: Uuid) -> Result<(), ApiError> {
    let marked = chat.db.write(async |tx| store::mark_seen(tx, person, until).await);
    if marked.await.map_err(ApiError::from)? > 0 {
        chat.tell_person(person, "unreadChanged", &json!({}));
    }
    Ok(())
}

fn item(row: ReactionRow, seen: Uuid, message: Message) -> ReceivedReaction {
    ReceivedReaction {
        id: row.id,
        person: Person {
            id: row.person_id,
            username: row.username,
            display_name: row.display_name,
            picture: row.picture,
        },
        emoji: row.emoji,
        created_at: rfc3339(row.at),
        read: row.id <= seen,
        room_name: row.name,
        room_kind: kind_from(&row.kind),
        message,
    }
}

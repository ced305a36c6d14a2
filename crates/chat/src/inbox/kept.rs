//! The messages that a person saved, as they stand now.

use kit::clock::rfc3339;
use kit::problem::ApiError;
use protocol::{Message, SavedItem, SavedList};
use uuid::Uuid;

use crate::rooms::kind_from;
use crate::saved::{self, SavedRow};
use crate::{Chat, messages};

/// A page of what `person` saved and may read now, saved before the item `before`.
pub(crate) async fn list(
    chat: &Chat,
    person: Uuid,
    before: Uuid,
    limit: i64,
) -> Result<SavedList, ApiError> {
    let db = chat.db.reader();
    let mut rows = saved::page(db, person, before, limit).await.map_err(ApiError::from)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let ids: Vec<Uuid> = rows.iter().map(|row| row.message_id).collect();
    let mut found = messages::shown_to(chat, person, &ids).await?;
    let items = rows.into_iter().filter_map(|row| {
        let message = found.remove(&row.message_id)?;
        Some(item(row, message))
    });
    Ok(SavedList { items: items.collect(), next })
}

fn item(row: SavedRow, message: Message) -> SavedItem {
    SavedItem {
        saved_at: rfc3339(row.at),
        room_name: row.name,
        room_kind: kind_from(&row.kind),
        message,
    }
}

//! What is unread, in numbers that the server owns.

use kit::db::{DbResult, Sql};
use kit::problem::ApiError;
use protocol::{RoomUnread, Unread};
use uuid::Uuid;

use super::list::UNREAD_MAX;
use super::received::UNSEEN_MAX;
use super::store;
use crate::{Chat, rooms, threads};

/// How much is for `person`, as the icon of the app counts it: their unread inbox, and what is
/// unread in their direct rooms.
pub(crate) async fn for_person(c: &impl Sql, person: Uuid) -> DbResult<i64> {
    let calls = store::unread(c, person, UNREAD_MAX).await?;
    Ok(calls + store::unread_directly(c, person, UNREAD_MAX).await?)
}

async fn unseen(chat: &Chat, person: Uuid) -> DbResult<i64> {
    let db = chat.db.reader();
    let seen = store::seen(db, person).await?;
    store::unseen(db, person, seen, UNSEEN_MAX).await
}

/// Everything that is unread for `person`.
pub(super) async fn numbers(chat: &Chat, person: Uuid) -> Result<Unread, ApiError> {
    let db = chat.db.reader();
    let rooms = rooms::mine(chat, person).await.map_err(ApiError::from)?;
    let has_news = |room: &protocol::Room| room.unread > 0 || room.mentions > 0;
    let room = |room: protocol::Room| RoomUnread {
        room: room.id,
        last_read: room.last_read,
        unread: room.unread,
        mentions: room.mentions,
    };
    Ok(Unread {
        mentions: store::unread(db, person, UNREAD_MAX).await.map_err(ApiError::from)?,
        threads: threads::unread_threads(db, person).await.map_err(ApiError::from)?,
        reactions: unseen(chat, person).await.map_err(ApiError::from)?,
        rooms: rooms.into_iter().filter(has_news).map(room).collect(),
    })
}

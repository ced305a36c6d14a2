//! One thread, and the list of those one follows.

use protocol::{Message, Thread, ThreadList, ThreadPage};
use uuid::Uuid;

use super::store::{self, FollowedRow};
use crate::messages::{From, MessageError, Scope};
use crate::rooms::kind_from;
use crate::{Chat, messages};

/// Shown as "more than" from here on.
const UNREAD_MAX: i64 = 1_000;
/// Threads in one page of the list.
const PAGE: usize = 50;

/// A page of the thread that begins with a message, for the member `viewer`.
pub(super) async fn page(
    chat: &Chat,
    viewer: Uuid,
    (room, thread): (Uuid, Uuid),
    from: From,
    limit: i64,
) -> Result<ThreadPage, MessageError> {
    let replies = messages::history(chat, viewer, Scope::Thread(room, thread), from, limit).await?;
    let begins = messages::one(chat, viewer, room, thread).await?;
    if begins.thread.is_some() {
        return Err(MessageError::NoMessage);
    }
    let mine = store::mine(chat.db.reader(), viewer, begins.id).await?;
    Ok(ThreadPage {
        items: replies.items,
        next: replies.next,
        has_older: replies.has_older,
        has_newer: replies.has_newer,
        following: mine.following,
        last_read: mine.last_read,
        unread: mine.unread.min(UNREAD_MAX),
        mentions: mine.mentions,
        root: begins,
    })
}

/// A page of the threads that `person` follows, the one replied to last first.
pub(super) async fn followed(
    chat: &Chat,
    person: Uuid,
    before: Uuid,
) -> Result<ThreadList, MessageError> {
    let mut rows = store::followed(chat.db.reader(), person, before, PAGE + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.last_id.to_string());
    let ids: Vec<Uuid> = rows.iter().map(|row| row.root_id).collect();
    let mut roots = messages::shown_to(chat, person, &ids).await?;
    let items = rows.into_iter().filter_map(|row| {
        let root = roots.remove(&row.root_id)?;
        Some(thread(row, root))
    });
    Ok(ThreadList { items: items.collect(), next })
}

fn thread(row: FollowedRow, root: Message) -> Thread {
    Thread {
        root,
        room_name: row.name,
        room_kind: kind_from(&row.kind),
        last_read: row.last_read,
        unread: row.unread.min(UNREAD_MAX),
        mentions: row.mentions,
    }
}

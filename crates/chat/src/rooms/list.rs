//! Rooms as one person sees them.

use kit::clock::rfc3339;
use kit::db::{DbResult, Row, Value, params};
use protocol::{Person, Room, RoomKind, RoomList};
use uuid::Uuid;

use super::error::RoomError;
use super::store::{self, kind_from, role_from};
use crate::{Chat, cursor, people};

/// Unread messages are counted up to this and shown as "more than".
const UNREAD_MAX: i64 = 1_000;
/// Newest messages looked at to count them, so that counting has a bound.
const UNREAD_SCANNED: i64 = 2_000;
const DIRECTORY_PAGE: usize = 50;

#[derive(Row)]
struct RoomRow {
    id: Uuid,
    kind: String,
    name: String,
    topic: String,
    last_seq: i64,
    log_id: Uuid,
    created_at: i64,
    last_message_at: Option<i64>,
    role: Option<String>,
    last_read: Option<i64>,
    everyone_role: String,
    members: i64,
    unread: i64,
    mentions: i64,
    peer_id: Option<Uuid>,
    peer_username: Option<String>,
    peer_display_name: Option<String>,
    peer_picture: Option<String>,
    peer_blocked: Option<bool>,
}

/// The rooms that `person` is in, newest talk first.
pub(crate) async fn mine(chat: &Chat, person: Uuid) -> DbResult<Vec<Room>> {
    let tail = "WHERE m.person_id = $1 \
                ORDER BY COALESCE(r.last_message_at, r.created_at) DESC, r.id LIMIT 1000";
    rooms(chat, tail, params![person]).await
}

/// One room as `person` sees it; a stranger sees only public rooms.
pub(crate) async fn view(chat: &Chat, person: Uuid, room: Uuid) -> Result<Room, RoomError> {
    let mut rooms = rooms(chat, "WHERE r.id = $2", params![person, room]).await?;
    let room = rooms.pop().ok_or(RoomError::NoRoom)?;
    if room.role.is_none() && room.kind != RoomKind::Public {
        return Err(RoomError::NoRoom);
    }
    Ok(room)
}

/// Tells those who have a direct room with `person` that it is closed, or open again. It was
/// written already: not telling them now is no reason to undo it.
pub(crate) async fn tell_peers(chat: &Chat, person: Uuid) {
    match store::peers(chat.db.reader(), person).await {
        Ok(peers) => chat.tell_rooms_changed(&peers),
        Err(error) => tracing::warn!(%person, %error, "could not tell the peers of {person}"),
    }
}

/// The rooms that `viewer` and `other` are both in, by name; without their direct room.
pub(crate) async fn shared(
    chat: &Chat,
    viewer: Uuid,
    other: Uuid,
    after: Option<&str>,
) -> Result<RoomList, RoomError> {
    let (name, id) = after.map_or(Ok((String::new(), Uuid::nil())), parse_cursor)?;
    people::visible(chat.db.reader(), other).await?.ok_or(RoomError::NoSuch("person"))?;
    // What only the other is in is not even counted: a private room is no business of `viewer`.
    let tail = format!(
        "WHERE m.person_id = $1 AND r.kind <> 'direct' AND EXISTS (SELECT 1 FROM members o \
         WHERE o.room_id = r.id AND o.person_id = $2) \
         AND (r.name_norm > $3 OR (r.name_norm = $3 AND r.id > $4)) \
         ORDER BY r.name_norm, r.id LIMIT {}",
        DIRECTORY_PAGE + 1
    );
    Ok(cut(rooms(chat, &tail, params![viewer, other, name, id]).await?))
}

/// Public rooms whose name begins with or contains `query`, by name.
pub(crate) async fn directory(
    chat: &Chat,
    person: Uuid,
    query: &str,
    after: Option<&str>,
) -> Result<RoomList, RoomError> {
    let (after_name, after_id) = after.map_or(Ok((String::new(), Uuid::nil())), parse_cursor)?;
    let pattern = format!("%{}%", escape_like(&query.to_lowercase()));
    let tail = format!(
        "WHERE r.kind = 'public' AND r.name_norm LIKE $2 ESCAPE '!' \
         AND (r.name_norm > $3 OR (r.name_norm = $3 AND r.id > $4)) \
         ORDER BY r.name_norm, r.id LIMIT {}",
        DIRECTORY_PAGE + 1
    );
    Ok(cut(rooms(chat, &tail, params![person, pattern, after_name, after_id]).await?))
}

/// A page of the rooms that were found by name.
fn cut(mut items: Vec<Room>) -> RoomList {
    let more = items.len() > DIRECTORY_PAGE;
    items.truncate(DIRECTORY_PAGE);
    let next = items.last().filter(|_| more);
    let next = next.map(|room| cursor::after(room.id, &room.name.to_lowercase()));
    RoomList { items, next }
}

/// The name and id that a cursor means.
pub(super) fn parse_cursor(cursor: &str) -> Result<(String, Uuid), RoomError> {
    cursor::parse(cursor).ok_or(RoomError::Field {
        field: "cursor",
        kind: "not_allowed",
        detail: "this is not a cursor of ours",
    })
}

fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            escaped.push('!');
        }
        escaped.push(letter);
    }
    escaped
}

async fn rooms(chat: &Chat, tail: &str, values: Vec<Value>) -> DbResult<Vec<Room>> {
    let sql = format!(
        "SELECT r.id, r.kind, r.name, r.topic, r.last_seq, r.log_id, r.created_at, \
         r.last_message_at, r.everyone_role, r.members_count AS members, m.role, m.last_read, \
         (SELECT COUNT(*) FROM (SELECT g.author_id, g.deleted_at FROM messages g \
          WHERE g.room_id = r.id AND g.seq > m.last_read AND NOT g.aside \
          ORDER BY g.seq DESC LIMIT {UNREAD_SCANNED}) u \
          WHERE u.author_id <> $1 AND u.deleted_at IS NULL) AS unread, \
         (SELECT COUNT(*) FROM mentions x WHERE x.person_id = $1 AND x.room_id = r.id \
          AND m.role IS NOT NULL AND x.read_at IS NULL AND x.active) AS mentions, \
         p.id AS peer_id, p.username AS peer_username, p.display_name AS peer_display_name, \
         p.picture AS peer_picture, p.blocked AS peer_blocked \
         FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.person_id = $1 \
         LEFT JOIN people p ON p.id = (CASE WHEN r.kind = 'direct' AND m.role IS NOT NULL THEN \
          (SELECT o.person_id FROM members o WHERE o.room_id = r.id AND o.person_id <> $1) END) \
         {tail}"
    );
    let rows: Vec<RoomRow> = kit::db::all(chat.db.reader(), &sql, values).await?;
    Ok(rows.into_iter().map(room).collect())
}

fn room(row: RoomRow) -> Room {
    let peer = match (row.peer_id, row.peer_username, row.peer_display_name) {
        (Some(id), Some(username), Some(display_name)) => {
            Some(Person { id, username, display_name, picture: row.peer_picture })
        }
        _ => None,
    };
    Room {
        id: row.id,
        kind: kind_from(&row.kind),
        name: row.name,
        topic: row.topic,
        role: row.role.as_deref().map(role_from),
        head: row.last_seq,
        last_read: row.last_read.unwrap_or(0),
        unread: row.unread.min(UNREAD_MAX),
        mentions: row.mentions.min(UNREAD_MAX),
        everyone_role: role_from(&row.everyone_role),
        members: row.members,
        created_at: rfc3339(row.created_at),
        last_message_at: row.last_message_at.map(rfc3339),
        peer,
        closed: row.peer_blocked.unwrap_or(false),
        log_id: row.log_id,
    }
}

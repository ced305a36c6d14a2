//! Rows of rooms and memberships.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, params, scalar};
use protocol::{RoomKind, RoomRole};
use uuid::Uuid;

use super::permit::AppendPermit;

/// The word in the database.
pub(crate) fn kind_word(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Public => "public",
        RoomKind::Private => "private",
        RoomKind::Direct => "direct",
    }
}

/// What a word of the database means; an unknown one is the strictest.
pub(crate) fn kind_from(word: &str) -> RoomKind {
    match word {
        "public" => RoomKind::Public,
        "direct" => RoomKind::Direct,
        _ => RoomKind::Private,
    }
}

/// The word in the database.
pub(crate) fn role_word(role: RoomRole) -> &'static str {
    match role {
        RoomRole::Owner => "owner",
        RoomRole::Moderator => "moderator",
        RoomRole::Member => "member",
    }
}

/// What a word of the database means; an unknown one is the weakest.
pub(crate) fn role_from(word: &str) -> RoomRole {
    match word {
        "owner" => RoomRole::Owner,
        "moderator" => RoomRole::Moderator,
        _ => RoomRole::Member,
    }
}

/// Whether `role` is `least` or more.
pub(crate) fn has_role(role: RoomRole, least: RoomRole) -> bool {
    let rank = |role| match role {
        RoomRole::Owner => 2,
        RoomRole::Moderator => 1,
        RoomRole::Member => 0,
    };
    rank(role) >= rank(least)
}

/// Whether the permit's actor may call everyone in its room.
pub(crate) async fn may_call_everyone(tx: &Tx, permit: &AppendPermit) -> DbResult<bool> {
    let sql = "SELECT everyone_role FROM rooms WHERE id = $1";
    let least: Option<String> = scalar(tx, sql, params![permit.room()]).await?;
    let least = role_from(least.as_deref().unwrap_or("owner"));
    Ok(permit.member().is_ok_and(|role| has_role(role, least)))
}

/// Of which kind `room` is now, if there is one.
pub(crate) async fn kind_of(c: &impl Sql, room: Uuid) -> DbResult<Option<RoomKind>> {
    let kind: Option<String> =
        scalar(c, "SELECT kind FROM rooms WHERE id = $1", params![room]).await?;
    Ok(kind.as_deref().map(kind_from))
}

/// What `person` is in `room`, if a member.
pub(crate) async fn membership(
    c: &impl Sql,
    room: Uuid,
    person: Uuid,
) -> DbResult<Option<RoomRole>> {
    let sql = "SELECT role FROM members WHERE room_id = $1 AND person_id = $2";
    let role: Option<String> = scalar(c, sql, params![room, person]).await?;
    Ok(role.as_deref().map(role_from))
}

/// Whether a member of `room` is blocked.
pub(super) async fn has_blocked(c: &impl Sql, room: Uuid) -> DbResult<bool> {
    let sql = "SELECT COUNT(*) FROM members m JOIN people p ON p.id = m.person_id AND p.blocked \
               WHERE m.room_id = $1";
    Ok(scalar::<i64>(c, sql, params![room]).await?.unwrap_or(0) > 0)
}

/// Who has a direct room with `person`.
pub(super) async fn peers(c: &impl Sql, person: Uuid) -> DbResult<Vec<Uuid>> {
    let sql = "SELECT o.person_id AS id FROM members m \
               JOIN rooms r ON r.id = m.room_id AND r.kind = 'direct' \
               JOIN members o ON o.room_id = r.id AND o.person_id <> m.person_id \
               WHERE m.person_id = $1";
    let rows: Vec<PeerRow> = all(c, sql, params![person]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(Row)]
struct PeerRow {
    id: Uuid,
}

pub(super) async fn member_insert(
    tx: &Tx,
    room: Uuid,
    person: Uuid,
    role: RoomRole,
    (last_read, at): (i64, i64),
) -> DbResult<bool> {
    let sql = "INSERT INTO members (room_id, person_id, role, last_read, joined_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (room_id, person_id) DO NOTHING";
    let rows = exec(tx, sql, params![room, person, role_word(role), last_read, at]).await?;
    count(tx, room, rows, 1).await
}

pub(super) async fn member_delete(tx: &Tx, room: Uuid, person: Uuid) -> DbResult<bool> {
    let sql = "DELETE FROM members WHERE room_id = $1 AND person_id = $2";
    let rows = exec(tx, sql, params![room, person]).await?;
    count(tx, room, rows, -1).await
}

/// Keeps the room's number of members in step; its row is locked already.
async fn count(tx: &Tx, room: Uuid, rows: u64, change: i64) -> DbResult<bool> {
    if rows == 1 {
        let sql = "UPDATE rooms SET members_count = members_count + $2 WHERE id = $1";
        exec(tx, sql, params![room, change]).await?;
    }
    Ok(rows == 1)
}

pub(super) async fn member_set_role(
    tx: &Tx,
    room: Uuid,
    person: Uuid,
    role: RoomRole,
) -> DbResult<bool> {
    let sql = "UPDATE members SET role = $3 WHERE room_id = $1 AND person_id = $2";
    Ok(exec(tx, sql, params![room, person, role_word(role)]).await? == 1)
}

pub(super) async fn owners_count(tx: &Tx, room: Uuid) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM members WHERE room_id = $1 AND role = 'owner'";
    Ok(scalar(tx, sql, params![room]).await?.unwrap_or(0))
}

pub(super) async fn members_count(c: &impl Sql, room: Uuid) -> DbResult<i64> {
    let sql = "SELECT members_count FROM rooms WHERE id = $1";
    Ok(scalar(c, sql, params![room]).await?.unwrap_or(0))
}

pub(super) async fn rooms_count(c: &impl Sql, person: Uuid) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM members WHERE person_id = $1";
    Ok(scalar(c, sql, params![person]).await?.unwrap_or(0))
}

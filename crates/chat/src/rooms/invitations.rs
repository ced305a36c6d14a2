//! Invitations of a room: the open ones, and those for names that nobody has yet.

use kit::clock::{now_ms, rfc3339, uuid_v7};
use kit::db::{DbResult, Row, Sql, Tx, exec, params, scalar};
use protocol::{Invitation, InvitationKind, InvitationList, Person, RoomKind, RoomRole};
use uuid::Uuid;

use super::error::RoomError;
use super::members::{self, may_invite};
use super::permit::{AppendPermit, Appended, append_permit};
use super::store::{kind_from, membership};
use crate::undone::Undone;
use crate::{Chat, people};

/// Open invitations of one room.
const OPEN_MAX: i64 = 200;
const USERNAME_CHARS_MAX: usize = 64;

#[derive(Row)]
struct InvitationRow {
    id: Uuid,
    kind: String,
    username_norm: Option<String>,
    expires_at: Option<i64>,
    uses: i64,
    uses_max: Option<i64>,
    created_at: i64,
    by_id: Uuid,
    by_username: String,
    by_display_name: String,
    by_picture: Option<String>,
}

const OPEN: &str = "i.ended_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > $2) \
                    AND (i.uses_max IS NULL OR i.uses < i.uses_max)";

/// The open invitations of `room`, newest first; for those who may invite.
pub(super) async fn list(
    chat: &Chat,
    viewer: Uuid,
    room: Uuid,
) -> Result<InvitationList, RoomError> {
    check_may_invite(chat.db.reader(), viewer, room).await?;
    let sql = format!(
        "SELECT i.id, i.kind, i.username_norm, i.expires_at, i.uses, i.uses_max, i.created_at, \
         p.id AS by_id, p.username AS by_username, p.display_name AS by_display_name, \
         p.picture AS by_picture \
         FROM invitations i JOIN people p ON p.id = i.created_by \
         WHERE i.room_id = $1 AND {OPEN} ORDER BY i.id DESC LIMIT {OPEN_MAX}"
    );
    let rows: Vec<InvitationRow> =
        kit::db::all(chat.db.reader(), &sql, params![room, now_ms()]).await?;
    Ok(InvitationList { items: rows.into_iter().map(invitation).collect() })
}

/// Ends an open invitation; for those who may invite.
pub(super) async fn end(chat: &Chat, viewer: Uuid, room: Uuid, id: Uuid) -> Result<(), RoomError> {
    chat.db
        .write(async |tx| {
            check_may_invite(tx, viewer, room).await?;
            let sql = "UPDATE invitations SET ended_at = $3 \
                       WHERE id = $1 AND room_id = $2 AND ended_at IS NULL";
            match exec(tx, sql, params![id, room, now_ms()]).await? {
                0 => Err(RoomError::NoSuch("invitation")),
                _ => Ok(()),
            }
        })
        .await
}

/// Leaves an invitation for a user name that nobody has yet; the same name again is the same.
pub(super) async fn invite_name(
    chat: &Chat,
    actor: Uuid,
    room: Uuid,
    username: &str,
) -> Result<Invitation, RoomError> {
    let name = people::normalise(username);
    check_username(&name)?;
    let id = chat
        .db
        .write(async |tx| {
            check_may_invite(tx, actor, room).await?;
            let known = "SELECT id FROM invitations \
                         WHERE room_id = $1 AND username_norm = $2 AND ended_at IS NULL";
            if let Some(id) = scalar::<Uuid>(tx, known, params![room, name.as_str()]).await? {
                return Ok(id);
            }
            check_open_count(tx, room).await?;
            let id = uuid_v7();
            let sql = "INSERT INTO invitations (id, room_id, kind, username_norm, created_by, \
                       created_at, uses_max, uses) VALUES ($1, $2, 'name', $3, $4, $5, 1, 0) \
                       ON CONFLICT DO NOTHING";
            exec(tx, sql, params![id, room, name.as_str(), actor, now_ms()]).await?;
            let id: Option<Uuid> = scalar(tx, known, params![room, name.as_str()]).await?;
            id.ok_or(RoomError::NoSuch("invitation"))
        })
        .await?;
    let open = list(chat, actor, room).await?;
    open.items.into_iter().find(|item| item.id == id).ok_or(RoomError::NoSuch("invitation"))
}

/// Lets a person who has just appeared into every room that was waiting for their name.
///
/// An invitation that comes true, or no longer can, is ended and never tried again: it must not
/// bring back someone who was removed later.
pub(crate) async fn accept_pending(chat: &Chat, person: Uuid, username_norm: &str) -> DbResult<()> {
    let sql = "SELECT id, room_id, created_by FROM invitations \
               WHERE username_norm = $1 AND ended_at IS NULL ORDER BY id LIMIT 200";
    let waiting: Vec<Waiting> = kit::db::all(chat.db.reader(), sql, params![username_norm]).await?;
    for invitation in waiting {
        match members::tell_joined(chat, person, accept(chat, &invitation, person).await) {
            Ok(()) => {}
            Err(RoomError::Store(error)) => return Err(error),
            Err(refused) => tracing::info!("a pending invitation no longer holds: {refused}"),
        }
        chat.db.write(async |tx| spend(tx, invitation.id).await).await?;
    }
    Ok(())
}

#[derive(Row)]
struct Waiting {
    id: Uuid,
    room_id: Uuid,
    created_by: Uuid,
}

async fn accept(
    chat: &Chat,
    invitation: &Waiting,
    person: Uuid,
) -> Result<Appended, Undone<RoomError>> {
    chat.db
        .write(async |tx| {
            if spend(tx, invitation.id).await? == 0 {
                return Err(Undone::Already);
            }
            let permit = append_permit(tx, invitation.created_by, invitation.room_id).await?;
            let permit = permit.ok_or(RoomError::NoRoom)?;
            may_invite(&permit)?;
            if membership(tx, invitation.room_id, person).await?.is_some() {
                return Err(Undone::Already);
            }
            Ok(members::seat(tx, chat, permit, person).await?)
        })
        .await
}

async fn spend(tx: &Tx, id: Uuid) -> DbResult<u64> {
    let sql = "UPDATE invitations SET ended_at = $2, uses = 1 WHERE id = $1 AND ended_at IS NULL";
    exec(tx, sql, params![id, now_ms()]).await
}

/// Ends what still waits for someone who was removed, by any name they have.
pub(super) async fn end_for(tx: &Tx, room: Uuid, person: Uuid) -> DbResult<()> {
    let sql = "UPDATE invitations SET ended_at = $3 WHERE room_id = $1 AND ended_at IS NULL \
               AND username_norm = (SELECT username_norm FROM people WHERE id = $2)";
    exec(tx, sql, params![room, person, now_ms()]).await?;
    Ok(())
}

/// Whether `viewer` may invite into `room`, without spending a `seq`.
pub(super) async fn check_may_invite(
    c: &impl Sql,
    viewer: Uuid,
    room: Uuid,
) -> Result<(), RoomError> {
    let sql = "SELECT kind FROM rooms WHERE id = $1";
    let kind: Option<String> = scalar(c, sql, params![room]).await?;
    let role = membership(c, room, viewer).await?;
    match (kind_from(&kind.unwrap_or_default()), role) {
        (_, None) => Err(RoomError::NoRoom),
        (RoomKind::Direct, _) => Err(RoomError::Direct),
        (RoomKind::Public, _) | (_, Some(RoomRole::Owner | RoomRole::Moderator)) => Ok(()),
        (RoomKind::Private, _) => Err(RoomError::Role("owners and moderators")),
    }
}

/// Whether `inviter` could invite into the permit's room now.
pub(super) async fn may_still_invite(
    tx: &Tx,
    permit: &AppendPermit,
    inviter: Uuid,
) -> DbResult<bool> {
    Ok(match (permit.kind(), membership(tx, permit.room(), inviter).await?) {
        (RoomKind::Public, Some(_)) => true,
        (RoomKind::Private, Some(role)) => role != RoomRole::Member,
        _ => false,
    })
}

pub(super) async fn check_open_count(tx: &Tx, room: Uuid) -> Result<(), RoomError> {
    let sql = format!("SELECT COUNT(*) FROM invitations i WHERE i.room_id = $1 AND {OPEN}");
    let open: i64 = scalar(tx, &sql, params![room, now_ms()]).await?.unwrap_or(0);
    if open >= OPEN_MAX { Err(RoomError::TooMany("open invitations")) } else { Ok(()) }
}

fn check_username(name: &str) -> Result<(), RoomError> {
    let refuse = |kind, detail| Err(RoomError::Field { field: "username", kind, detail });
    if name.is_empty() {
        return refuse("required", "whom to invite?");
    }
    if name.chars().count() > USERNAME_CHARS_MAX {
        return refuse("too_long", "a user name has at most 64 characters");
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
        return refuse("not_allowed", "a user name has letters, digits, dots, dashes and lines");
    }
    Ok(())
}

fn invitation(row: InvitationRow) -> Invitation {
    let kind = if row.kind == "link" { InvitationKind::Link } else { InvitationKind::Name };
    Invitation {
        id: row.id,
        kind,
        username: row.username_norm,
        url: None,
        expires_at: row.expires_at.map(rfc3339),
        uses: row.uses,
        uses_max: row.uses_max,
        created_at: rfc3339(row.created_at),
        created_by: Person {
            id: row.by_id,
            username: row.by_username,
            display_name: row.by_display_name,
            picture: row.by_picture,
        },
    }
}

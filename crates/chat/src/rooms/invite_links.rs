//! Links that let whoever has them into a room.

use kit::clock::{now_ms, random_token, uuid_v7};
use kit::db::{Row, exec, params};
use protocol::{Invitation, InvitePreview, NewInviteLink, Person, Room, RoomPreview};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::error::RoomError;
use super::invitations::{check_may_invite, check_open_count, list, may_still_invite};
use super::members;
use super::permit::append_permit;
use super::store::{kind_from, members_count};
use super::view;
use crate::Chat;
use crate::undone::Undone;

const LIFE_S_DEFAULT: i64 = 7 * 24 * 3600;
const LIFE_S: std::ops::RangeInclusive<i64> = 60..=31_536_000;
const USES: std::ops::RangeInclusive<i64> = 1..=10_000;

/// Makes a link into `room`. Its token is in the answer and nowhere else: a hash is stored.
pub(crate) async fn create(
    chat: &Chat,
    actor: Uuid,
    room: Uuid,
    new: NewInviteLink,
) -> Result<Invitation, RoomError> {
    let life_s = new.expires_in_s.unwrap_or(LIFE_S_DEFAULT);
    let refuse = |field, detail| Err(RoomError::Field { field, kind: "out_of_range", detail });
    if !LIFE_S.contains(&life_s) {
        return refuse("expires_in_s", "a link lives from a minute to a year");
    }
    if new.uses_max.is_some_and(|uses| !USES.contains(&uses)) {
        return refuse("uses_max", "a link works 1 to 10,000 times");
    }
    let (id, token, at) = (uuid_v7(), random_token(), now_ms());
    chat.db
        .write(async |tx| {
            check_may_invite(tx, actor, room).await?;
            check_open_count(tx, room).await?;
            let sql = "INSERT INTO invitations (id, room_id, kind, token_hash, created_by, \
                       created_at, expires_at, uses_max, uses) \
                       VALUES ($1, $2, 'link', $3, $4, $5, $6, $7, 0)";
            let until = at + life_s * 1_000;
            let values = params![id, room, hash(&token), actor, at, until, new.uses_max];
            exec(tx, sql, values).await?;
            Ok::<_, RoomError>(())
        })
        .await?;
    let open = list(chat, actor, room).await?.items.into_iter();
    let mut made = open.into_iter().find(|item| item.id == id).ok_or(RoomError::NoRoom)?;
    let base = chat.config.public_url.as_str().trim_end_matches('/');
    made.url = Some(format!("{base}/invite/{token}"));
    Ok(made)
}

#[derive(Row)]
struct LinkRow {
    id: Uuid,
    room_id: Uuid,
    room_name: String,
    room_kind: String,
    by_id: Uuid,
    by_username: String,
    by_display_name: String,
    by_picture: Option<String>,
}

/// What the holder of `token` may see before accepting.
pub(super) async fn preview(chat: &Chat, token: &str) -> Result<InvitePreview, RoomError> {
    let link = find(chat, token, " AND (i.uses_max IS NULL OR i.uses < i.uses_max)").await?;
    let members = members_count(chat.db.reader(), link.room_id).await?;
    let kind = kind_from(&link.room_kind);
    let invited_by = Person {
        id: link.by_id,
        username: link.by_username,
        display_name: link.by_display_name,
        picture: link.by_picture,
    };
    Ok(InvitePreview {
        room: RoomPreview { id: link.room_id, name: link.room_name, kind, members },
        invited_by,
    })
}

/// `person` enters by the link; someone who is in already does not use it up.
pub(crate) async fn accept(chat: &Chat, person: Uuid, token: &str) -> Result<Room, RoomError> {
    let link = find(chat, token, "").await?;
    let joined = chat
        .db
        .write(async |tx| {
            let permit = append_permit(tx, person, link.room_id).await?;
            let permit = permit.ok_or(RoomError::NoRoom)?;
            if permit.member().is_ok() {
                return Err(Undone::Already);
            }
            // Whoever made the link must still be allowed to when it is used.
            if !may_still_invite(tx, &permit, link.by_id).await? {
                return Err(RoomError::NoSuch("invitation").into());
            }
            let spend = "UPDATE invitations SET uses = uses + 1 \
                         WHERE id = $1 AND ended_at IS NULL AND expires_at > $2 \
                         AND (uses_max IS NULL OR uses < uses_max)";
            if exec(tx, spend, params![link.id, now_ms()]).await? == 0 {
                return Err(RoomError::NoSuch("invitation").into());
            }
            Ok(members::seat(tx, chat, permit, person).await?)
        })
        .await;
    members::tell_joined(chat, person, joined)?;
    view(chat, person, link.room_id).await
}

/// The link of `token` if it has not ended and `also` holds.
async fn find(chat: &Chat, token: &str, also: &str) -> Result<LinkRow, RoomError> {
    let sql = format!(
        "SELECT i.id, i.room_id, r.name AS room_name, r.kind AS room_kind, p.id AS by_id, \
               p.username AS by_username, p.display_name AS by_display_name, \
               p.picture AS by_picture FROM invitations i \
               JOIN rooms r ON r.id = i.room_id JOIN people p ON p.id = i.created_by \
               WHERE i.token_hash = $1 AND i.ended_at IS NULL AND i.expires_at > $2{also}"
    );
    let row = kit::db::one(chat.db.reader(), &sql, params![hash(token), now_ms()]).await?;
    row.ok_or(RoomError::NoSuch("invitation"))
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

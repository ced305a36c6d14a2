//! Making rooms.

use kit::clock::{now_ms, uuid_v4, uuid_v7};
use kit::db::{Tx, exec, params, scalar};
use protocol::{NewRoom, Room, RoomKind, RoomRole};
use uuid::Uuid;

use super::change::{check_name, check_topic};
use super::error::RoomError;
use super::members::check_rooms_count;
use super::permit::append_permit;
use super::store::{kind_word, member_insert, role_word};
use super::view;
use crate::events::Fact;
use crate::{Chat, people, room_keys};

/// Makes a room with `person` as its owner.
pub(crate) async fn create(chat: &Chat, person: Uuid, new: NewRoom) -> Result<Room, RoomError> {
    if new.kind == RoomKind::Direct {
        return Err(RoomError::Field {
            field: "kind",
            kind: "not_allowed",
            detail: "a room made here is public or private",
        });
    }
    let (name, topic) = (check_name(&new.name)?, check_topic(&new.topic)?);
    let room = RoomSeed { id: uuid_v7(), kind: new.kind, name, topic, direct_key: None };
    let wrapped = room_keys::create(&chat.keys, room.id)?;
    chat.db
        .write(async |tx| {
            check_rooms_count(tx, chat, person).await?;
            insert(tx, &room, &wrapped, person).await?;
            seat(tx, room.id, person, person, RoomRole::Owner).await
        })
        .await?;
    chat.tell_rooms_changed(&[person]);
    view(chat, person, room.id).await
}

/// The direct room of `person` and the one called `username`; made when there is none yet.
/// The flag tells whether it was made now.
pub(crate) async fn direct(
    chat: &Chat,
    person: Uuid,
    username: &str,
) -> Result<(Room, bool), RoomError> {
    let found = people::by_username(chat.db.reader(), username).await?;
    let peer = found.filter(|peer| !peer.blocked).ok_or(RoomError::NoSuch("person"))?.id;
    if peer == person {
        return Err(RoomError::Field {
            field: "username",
            kind: "not_allowed",
            detail: "a direct room is with someone else",
        });
    }
    let key = direct_key(person, peer);
    let room = RoomSeed {
        id: uuid_v7(),
        kind: RoomKind::Direct,
        name: String::new(),
        topic: String::new(),
        direct_key: Some(key.clone()),
    };
    let wrapped = room_keys::create(&chat.keys, room.id)?;
    let (id, made) = chat
        .db
        .write(async |tx| {
            let known = "SELECT id FROM rooms WHERE direct_key = $1";
            if let Some(id) = scalar::<Uuid>(tx, known, params![key.as_str()]).await? {
                return Ok((id, false));
            }
            check_rooms_count(tx, chat, person).await?;
            if !insert(tx, &room, &wrapped, person).await? {
                let id = scalar::<Uuid>(tx, known, params![key.as_str()]).await?;
                return Ok((id.ok_or(RoomError::NoRoom)?, false));
            }
            seat(tx, room.id, person, person, RoomRole::Member).await?;
            seat(tx, room.id, person, peer, RoomRole::Member).await?;
            Ok::<_, RoomError>((room.id, true))
        })
        .await?;
    if made {
        chat.tell_rooms_changed(&[person, peer]);
    }
    Ok((view(chat, person, id).await?, made))
}

struct RoomSeed {
    id: Uuid,
    kind: RoomKind,
    name: String,
    topic: String,
    direct_key: Option<String>,
}

fn direct_key(one: Uuid, two: Uuid) -> String {
    let (first, second) = if one < two { (one, two) } else { (two, one) };
    format!("{}:{}", first.simple(), second.simple())
}

/// False when another transaction made the same direct room first.
async fn insert(tx: &Tx, room: &RoomSeed, wrapped: &str, creator: Uuid) -> Result<bool, RoomError> {
    let at = now_ms();
    let sql = "INSERT INTO rooms (id, kind, name, name_norm, topic, last_seq, log_id, \
               members_count, \
               direct_key, created_by, created_at) \
               VALUES ($1, $2, $3, $9, $4, 0, $5, 0, $6, $7, $8) \
               ON CONFLICT (direct_key) DO NOTHING";
    let values = params![
        room.id,
        kind_word(room.kind),
        room.name.as_str(),
        room.topic.as_str(),
        uuid_v4(),
        room.direct_key.clone(),
        creator,
        at,
        room.name.to_lowercase(),
    ];
    if exec(tx, sql, values).await? == 0 {
        return Ok(false);
    }
    let key =
        "INSERT INTO room_keys (room_id, version, wrapped, created_at) VALUES ($1, 1, $2, $3)";
    exec(tx, key, params![room.id, wrapped, at]).await?;
    Ok(true)
}

/// Makes `person` a member and writes it into the log.
async fn seat(
    tx: &Tx,
    room: Uuid,
    actor: Uuid,
    person: Uuid,
    role: RoomRole,
) -> Result<(), RoomError> {
    let permit = append_permit(tx, actor, room).await?.ok_or(RoomError::NoRoom)?;
    let marks = (permit.seq(), permit.at());
    member_insert(tx, room, person, role, marks).await?;
    permit.append(tx, Fact::MemberJoined { person, role: role_word(role) }).await?;
    Ok(())
}

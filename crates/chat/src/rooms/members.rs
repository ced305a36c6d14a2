//! Who is in a room: joining, leaving, adding, removing, roles.

use kit::clock::rfc3339;
use kit::db::{Row, Sql, Tx, params};
use protocol::{Invited, Member, MemberList, Person, Room, RoomKind, RoomRole};
use uuid::Uuid;

use super::error::RoomError;
use super::permit::{AppendPermit, Appended, append_permit};
use super::store::{
    member_delete, member_insert, member_set_role, members_count, membership, owners_count,
    role_from, role_word, rooms_count,
};
use super::{invitations, list, view};
use crate::events::{self, Fact};
use crate::undone::Undone;
use crate::{Chat, cursor, people};

const MEMBERS_MAX: i64 = 10_000;
const PAGE: usize = 100;

#[derive(Row)]
struct MemberRow {
    person_id: Uuid,
    username: String,
    username_norm: String,
    display_name: String,
    picture: Option<String>,
    role: String,
    joined_at: i64,
}

impl MemberRow {
    fn member(self) -> Member {
        let person = Person {
            id: self.person_id,
            username: self.username,
            display_name: self.display_name,
            picture: self.picture,
        };
        Member { person, role: role_from(&self.role), joined_at: rfc3339(self.joined_at) }
    }
}

const MEMBER: &str = "SELECT m.person_id, p.username, p.username_norm, p.display_name, p.picture, \
                      m.role, m.joined_at FROM members m JOIN people p ON p.id = m.person_id";

/// Which members.
pub(super) struct Asked<'a> {
    /// The beginning of a user name or of a word of a name; all if blank.
    pub(super) query: &'a str,
    /// After whom.
    pub(super) cursor: Option<&'a str>,
}

/// A page of the members of `room`, by user name.
pub(super) async fn page(
    chat: &Chat,
    viewer: Uuid,
    room: Uuid,
    asked: &Asked<'_>,
) -> Result<MemberList, RoomError> {
    membership(chat.db.reader(), room, viewer).await?.ok_or(RoomError::NoRoom)?;
    let sql = format!(
        "{MEMBER} WHERE m.room_id = $1 AND (p.username_norm > $2 \
         OR (p.username_norm = $2 AND p.id > $3)) AND {} \
         ORDER BY p.username_norm, p.id LIMIT {}",
        people::is_called(4),
        PAGE + 1
    );
    let start = Ok((String::new(), Uuid::nil()));
    let (name, id) = asked.cursor.map_or(start, list::parse_cursor)?;
    let mut values = params![room, name, id];
    values.extend(people::called(asked.query));
    let mut rows: Vec<MemberRow> = kit::db::all(chat.db.reader(), &sql, values).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more);
    let next = next.map(|row| cursor::after(row.person_id, &row.username_norm));
    Ok(MemberList { items: rows.into_iter().map(MemberRow::member).collect(), next })
}

/// One member of `room`.
async fn member(chat: &Chat, room: Uuid, person: Uuid) -> Result<Member, RoomError> {
    let sql = format!("{MEMBER} WHERE m.room_id = $1 AND m.person_id = $2");
    let row: Option<MemberRow> =
        kit::db::one(chat.db.reader(), &sql, params![room, person]).await?;
    Ok(row.ok_or(RoomError::NoSuch("member"))?.member())
}

/// `person` enters a public room; again is the same.
pub(crate) async fn join(chat: &Chat, person: Uuid, room: Uuid) -> Result<Room, RoomError> {
    let joined = chat
        .db
        .write(async |tx| {
            let permit = append_permit(tx, person, room).await?.ok_or(RoomError::NoRoom)?;
            if permit.member().is_ok() {
                return Err(Undone::Already);
            }
            if permit.kind() != RoomKind::Public {
                return Err(RoomError::NoRoom.into());
            }
            Ok(seat(tx, chat, permit, person).await?)
        })
        .await;
    tell_joined(chat, person, joined)?;
    view(chat, person, room).await
}

/// `actor` adds the person called `username`, or leaves an invitation for that name.
pub(crate) async fn add(
    chat: &Chat,
    actor: Uuid,
    room: Uuid,
    username: &str,
) -> Result<Invited, RoomError> {
    let found = people::by_username(chat.db.reader(), username).await?;
    let Some(person) = found else {
        let invitation = invitations::invite_name(chat, actor, room, username).await?;
        return Ok(Invited::Pending { invitation });
    };
    let joined = chat
        .db
        .write(async |tx| {
            let permit = append_permit(tx, actor, room).await?.ok_or(RoomError::NoRoom)?;
            may_invite(&permit)?;
            if person.blocked {
                return Err(RoomError::NoSuch("person").into());
            }
            if membership(tx, room, person.id).await?.is_some() {
                return Err(Undone::Already);
            }
            Ok(seat(tx, chat, permit, person.id).await?)
        })
        .await;
    tell_joined(chat, person.id, joined)?;
    Ok(Invited::Joined { member: member(chat, room, person.id).await? })
}

/// `person` goes.
pub(crate) async fn leave(chat: &Chat, person: Uuid, room: Uuid) -> Result<(), RoomError> {
    let appended = chat
        .db
        .write(async |tx| {
            let permit = append_permit(tx, person, room).await?.ok_or(RoomError::NoRoom)?;
            let role = permit.member()?;
            permit.not_direct()?;
            unseat(tx, permit, person, role).await
        })
        .await?;
    tell_left(chat, person, appended);
    Ok(())
}

/// `actor` removes `person`; moderators cannot remove owners.
pub(crate) async fn remove(
    chat: &Chat,
    actor: Uuid,
    room: Uuid,
    person: Uuid,
) -> Result<(), RoomError> {
    let appended = chat
        .db
        .write(async |tx| {
            let permit = append_permit(tx, actor, room).await?.ok_or(RoomError::NoRoom)?;
            permit.member()?;
            permit.not_direct()?;
            if actor != person {
                permit.moderator()?;
            }
            let role = membership(tx, room, person).await?.ok_or(RoomError::NoSuch("member"))?;
            if role == RoomRole::Owner {
                permit.owner()?;
            }
            unseat(tx, permit, person, role).await
        })
        .await?;
    tell_left(chat, person, appended);
    Ok(())
}

/// An owner gives `person` another role.
pub(crate) async fn change_role(
    chat: &Chat,
    actor: Uuid,
    room: Uuid,
    (person, role): (Uuid, RoomRole),
) -> Result<Member, RoomError> {
    let appended = chat
        .db
        .write(async |tx| {
            let permit = append_permit(tx, actor, room).await?.ok_or(RoomError::NoRoom)?;
            permit.owner()?;
            permit.not_direct()?;
            let before = membership(tx, room, person).await?.ok_or(RoomError::NoSuch("member"))?;
            if before == role {
                return Err(Undone::Already);
            }
            if before == RoomRole::Owner && role != RoomRole::Owner {
                keep_an_owner(tx, room).await?;
            }
            member_set_role(tx, room, person, role).await?;
            let fact = Fact::MemberChanged { person, role: role_word(role) };
            Ok(permit.append(tx, fact).await?)
        })
        .await;
    if let Some(appended) = Undone::written(appended)? {
        events::republish(chat, appended.room, appended.seq);
    }
    member(chat, room, person).await
}

/// Makes `person` a member within the permit's transaction. The first in an empty room owns it.
pub(super) async fn seat(
    tx: &Tx,
    chat: &Chat,
    permit: AppendPermit,
    person: Uuid,
) -> Result<Appended, RoomError> {
    let members = members_count(tx, permit.room()).await?;
    if members >= MEMBERS_MAX {
        return Err(RoomError::TooMany("members"));
    }
    check_rooms_count(tx, chat, person).await?;
    let role = if members == 0 { RoomRole::Owner } else { RoomRole::Member };
    let marks = (permit.seq(), permit.at());
    member_insert(tx, permit.room(), person, role, marks).await?;
    Ok(permit.append(tx, Fact::MemberJoined { person, role: role_word(role) }).await?)
}

/// Tells the room and the person's own sockets; having been there before is no error.
pub(super) fn tell_joined(
    chat: &Chat,
    person: Uuid,
    joined: Result<Appended, Undone<RoomError>>,
) -> Result<(), RoomError> {
    if let Some(appended) = Undone::written(joined)? {
        events::republish(chat, appended.room, appended.seq);
        chat.tell_rooms_changed(&[person]);
    }
    Ok(())
}

/// In a public room every member invites, in a private one owners and moderators.
pub(super) fn may_invite(permit: &AppendPermit) -> Result<(), RoomError> {
    permit.member()?;
    permit.not_direct()?;
    match permit.kind() {
        RoomKind::Public => Ok(()),
        _ => permit.moderator(),
    }
}

/// Refuses one more room for someone who is in as many as one may be.
pub(super) async fn check_rooms_count(
    c: &impl Sql,
    chat: &Chat,
    person: Uuid,
) -> Result<(), RoomError> {
    let most = i64::from(chat.config.settings.limits.rooms_per_person_max);
    if rooms_count(c, person).await? >= most {
        return Err(RoomError::TooMany("rooms of that person"));
    }
    Ok(())
}

async fn unseat(
    tx: &Tx,
    permit: AppendPermit,
    person: Uuid,
    role: RoomRole,
) -> Result<Appended, RoomError> {
    if role == RoomRole::Owner && members_count(tx, permit.room()).await? > 1 {
        keep_an_owner(tx, permit.room()).await?;
    }
    member_delete(tx, permit.room(), person).await?;
    invitations::end_for(tx, permit.room(), person).await?;
    Ok(permit.append(tx, Fact::MemberLeft { person }).await?)
}

async fn keep_an_owner(tx: &Tx, room: Uuid) -> Result<(), RoomError> {
    if owners_count(tx, room).await? <= 1 { Err(RoomError::LastOwner) } else { Ok(()) }
}

/// Delivery to the person who left ends at the log entry itself; this is for their other views.
fn tell_left(chat: &Chat, person: Uuid, appended: Appended) {
    chat.unfollow(appended.room, person);
    events::republish(chat, appended.room, appended.seq);
    chat.tell_rooms_changed(&[person]);
}

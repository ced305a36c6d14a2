//! Changing a room's name, topic or kind.

use kit::db::{Row, exec, one, params};
use protocol::{ChangeRoom, Room, RoomKind};
use uuid::Uuid;

use super::error::RoomError;
use super::permit::append_permit;
use super::store::{kind_word, role_word};
use super::view;
use crate::Chat;
use crate::events::{self, Fact};
use crate::undone::Undone;

const NAME_CHARS_MAX: usize = 80;
const TOPIC_CHARS_MAX: usize = 250;

/// Changes what `change` names; for owners and moderators.
pub(super) async fn change(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    change: ChangeRoom,
) -> Result<Room, RoomError> {
    let name = change.name.as_deref().map(check_name).transpose()?;
    let topic = change.topic.as_deref().map(check_topic).transpose()?;
    if change.kind == Some(RoomKind::Direct) {
        return Err(RoomError::Field {
            field: "kind",
            kind: "not_allowed",
            detail: "a room does not become direct",
        });
    }
    let kind = change.kind.map(kind_word);
    let everyone_role = change.everyone_role.map(role_word);
    let norm = name.as_ref().map(|name| name.to_lowercase());
    let appended = chat
        .db
        .write(async |tx| {
            let permit = append_permit(tx, person, room).await?.ok_or(RoomError::NoRoom)?;
            permit.member()?;
            permit.not_direct()?;
            permit.moderator()?;
            let sql = "SELECT name, topic, kind, everyone_role FROM rooms WHERE id = $1";
            let now: Now = one(tx, sql, params![room]).await?.ok_or(RoomError::NoRoom)?;
            let same_role = everyone_role.is_none_or(|role| role == now.everyone_role);
            if same_role && now.is(name.as_ref(), topic.as_ref(), kind) {
                return Err(Undone::Already);
            }
            let sql = "UPDATE rooms SET name = COALESCE($2, name), \
                       name_norm = COALESCE($5, name_norm), topic = COALESCE($3, topic), \
                       kind = COALESCE($4, kind), \
                       everyone_role = COALESCE($6, everyone_role) WHERE id = $1";
            let (name, topic, norm) = (name.clone(), topic.clone(), norm.clone());
            exec(tx, sql, params![room, name, topic, kind, norm, everyone_role]).await?;
            Ok(permit.append(tx, Fact::RoomChanged).await?)
        })
        .await;
    if let Some(appended) = Undone::written(appended)? {
        events::republish(chat, appended.room, appended.seq);
    }
    view(chat, person, room).await
}

/// What the room is called now.
#[derive(Row)]
struct Now {
    name: String,
    topic: String,
    kind: String,
    everyone_role: String,
}

impl Now {
    fn is(&self, name: Option<&String>, topic: Option<&String>, kind: Option<&str>) -> bool {
        name.is_none_or(|name| *name == self.name)
            && topic.is_none_or(|topic| *topic == self.topic)
            && kind.is_none_or(|kind| kind == self.kind)
    }
}

/// A name without surrounding space: 1 to 80 characters, none of them a control.
pub(super) fn check_name(name: &str) -> Result<String, RoomError> {
    let name = name.trim();
    let refuse = |kind, detail| RoomError::Field { field: "name", kind, detail };
    if name.is_empty() {
        return Err(refuse("required", "a room has a name"));
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(refuse("too_long", "a room's name has at most 80 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(refuse("not_allowed", "a room's name has no control characters"));
    }
    Ok(name.to_owned())
}

/// A topic without surrounding space: at most 250 characters, none of them a control.
pub(super) fn check_topic(topic: &str) -> Result<String, RoomError> {
    let topic = topic.trim();
    let refuse = |kind, detail| RoomError::Field { field: "topic", kind, detail };
    if topic.chars().count() > TOPIC_CHARS_MAX {
        return Err(refuse("too_long", "a topic has at most 250 characters"));
    }
    if topic.chars().any(char::is_control) {
        return Err(refuse("not_allowed", "a topic has no control characters"));
    }
    Ok(topic.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(check_name("  general ").unwrap(), "general");
        assert!(check_name("   ").is_err());
        assert!(check_name("a\nb").is_err());
        assert!(check_name(&"ñ".repeat(80)).is_ok());
        assert!(check_name(&"ñ".repeat(81)).is_err());
        assert!(check_topic(&"x".repeat(251)).is_err());
    }
}

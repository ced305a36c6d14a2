//! Events of the log as their readers see them.

use std::collections::{HashMap, HashSet};

use kit::clock::rfc3339;
use kit::db::{DbErr, DbResult, Row, Value, params, tuples};
use protocol::{Message, Person, RoomEvent};
use uuid::Uuid;

use super::error::MessageError;
use super::row::{self, SELECT};
use crate::events::{self, EventRow};
use crate::rooms::{kind_from, role_from};
use crate::{Chat, people};

/// An event of the log and, if a membership ended with it, whose.
pub(crate) struct LoggedEvent {
    pub(crate) event: RoomEvent,
    pub(crate) ends: Option<Uuid>,
}

/// At most `limit` events of `room` after `after`, in order, as their readers see them.
pub(crate) async fn events_after(
    chat: &Chat,
    room: Uuid,
    after: i64,
    limit: i64,
) -> Result<Vec<LoggedEvent>, MessageError> {
    let rows = events::page(chat.db.reader(), room, after, limit).await?;
    let seen = Seen::load(chat, room, &rows).await?;
    let mut logged = Vec::with_capacity(rows.len());
    for row in rows {
        let ends = row.person_id.filter(|_| row.kind == "memberLeft");
        logged.push(LoggedEvent { event: seen.event(&row)?, ends });
    }
    Ok(logged)
}

/// What the rows of a page speak of.
struct Seen {
    messages: HashMap<Uuid, Message>,
    people: HashMap<Uuid, Person>,
    room: RoomNow,
}

#[derive(Row)]
struct RoomNow {
    kind: String,
    name: String,
    topic: String,
}

impl Seen {
    async fn load(chat: &Chat, room: Uuid, rows: &[EventRow]) -> Result<Self, MessageError> {
        let ids: HashSet<Uuid> = rows.iter().filter_map(|row| row.message_id).collect();
        let people: HashSet<Uuid> =
            rows.iter().flat_map(|row| [Some(row.actor_id), row.person_id]).flatten().collect();
        let mut messages = HashMap::new();
        if !ids.is_empty() {
            let sql =
                format!("{SELECT} WHERE g.room_id = $1 AND g.id IN {}", tuples(1, ids.len(), 1));
            let values = std::iter::once(Value::from(room)).chain(ids.into_iter().map(Value::from));
            for message in row::messages(chat, &sql, values.collect()).await? {
                messages.insert(message.id, message);
            }
        }
        let people: Vec<Uuid> = people.into_iter().collect();
        let people = people::by_ids(chat.db.reader(), &people).await?;
        let people = people.into_iter().map(|row| (row.id, row.person())).collect();
        let sql = "SELECT kind, name, topic FROM rooms WHERE id = $1";
        let now = kit::db::one(chat.db.reader(), sql, params![room]).await?;
        Ok(Self { messages, people, room: now.ok_or(MessageError::NoRoom)? })
    }

    fn event(&self, row: &EventRow) -> DbResult<RoomEvent> {
        let (room, seq, id) = (row.room_id, row.seq, row.id);
        let created_at = rfc3339(row.at);
        let actor = self.person(Some(row.actor_id))?;
        Ok(match row.kind.as_str() {
            "message" => RoomEvent::Message(Box::new(self.message(row)?.clone())),
            "messageEdited" => {
                let now = self.message(row)?;
                RoomEvent::MessageEdited {
                    room,
                    seq,
                    id,
                    created_at,
                    message: now.id,
                    text: now.text.clone(),
                    revision: now.revision,
                    edited_at: now.edited_at.clone(),
                    deleted: now.deleted,
                    mentions: now.mentions.clone(),
                    everyone: now.everyone,
                    actor,
                }
            }
            "messageDeleted" => {
                let now = self.message(row)?;
                let (message, revision) = (now.id, now.revision);
                RoomEvent::MessageDeleted { room, seq, id, created_at, message, revision, actor }
            }
            "reactionAdded" | "reactionRemoved" => self.reaction(row, actor)?,
            "memberLeft" => {
                let person = self.person(row.person_id)?;
                RoomEvent::MemberLeft { room, seq, id, created_at, person, actor }
            }
            "memberJoined" | "memberChanged" => {
                let person = self.person(row.person_id)?;
                let role = role_from(row.role.as_deref().unwrap_or_default());
                if row.kind == "memberJoined" {
                    RoomEvent::MemberJoined { room, seq, id, created_at, person, role, actor }
                } else {
                    RoomEvent::MemberChanged { room, seq, id, created_at, person, role, actor }
                }
            }
            _ => RoomEvent::RoomChanged {
                room,
                seq,
                id,
                created_at,
                kind: kind_from(&self.room.kind),
                name: self.room.name.clone(),
                topic: self.room.topic.clone(),
                actor,
            },
        })
    }

    fn reaction(&self, row: &EventRow, actor: Person) -> DbResult<RoomEvent> {
        let (room, seq, id) = (row.room_id, row.seq, row.id);
        let (created_at, message) = (rfc3339(row.at), self.message(row)?.id);
        let emoji = row.emoji.clone().unwrap_or_default();
        let count = row.reactions.unwrap_or_default();
        Ok(if row.kind == "reactionAdded" {
            RoomEvent::ReactionAdded { room, seq, id, created_at, message, emoji, count, actor }
        } else {
            RoomEvent::ReactionRemoved { room, seq, id, created_at, message, emoji, count, actor }
        })
    }

    fn message(&self, row: &EventRow) -> DbResult<&Message> {
        let found = row.message_id.and_then(|id| self.messages.get(&id));
        found.ok_or_else(|| DbErr::RecordNotFound(format!("the message of event {}", row.seq)))
    }

    fn person(&self, id: Option<Uuid>) -> DbResult<Person> {
        let found = id.and_then(|id| self.people.get(&id)).cloned();
        found.ok_or_else(|| DbErr::RecordNotFound("a person of the log".to_owned()))
    }
}

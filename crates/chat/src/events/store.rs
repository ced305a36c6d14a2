//! The rows of the log.

use kit::db::{DbResult, Row, Sql, Tx, params, tuples};
use uuid::Uuid;

const COLUMNS: usize = 12;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fact {
    MessagePosted { message: Uuid },
    MessageEdited { message: Uuid, revision: i32 },
    MessageDeleted { message: Uuid, revision: i32 },
    ReactionAdded { message: Uuid, emoji: &'static str, count: i64 },
    ReactionRemoved { message: Uuid, emoji: &'static str, count: i64 },
    MemberJoined { person: Uuid, role: &'static str },
    MemberLeft { person: Uuid },
    MemberChanged { person: Uuid, role: &'static str },
    RoomChanged,
}

/// One row: where, what, who, when.
#[derive(Debug, Clone, Row)]
pub(crate) struct EventRow {
    pub(crate) room_id: Uuid,
    pub(crate) seq: i64,
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) message_id: Option<Uuid>,
    pub(crate) revision: Option<i32>,
    pub(crate) person_id: Option<Uuid>,
    pub(crate) role: Option<String>,
    pub(crate) emoji: Option<String>,
    pub(crate) reactions: Option<i64>,
    pub(crate) actor_id: Uuid,
    pub(crate) at: i64,
}

impl EventRow {
    /// The row of `fact` at `seq` of `room`; only a permit gives out a `seq`.
    pub(crate) fn new(room: Uuid, seq: i64, fact: Fact, actor: Uuid, at: i64) -> Self {
        let mut row = Self {
            room_id: room,
            seq,
            id: kit::clock::uuid_v7(),
            kind: String::new(),
            message_id: None,
            revision: None,
            person_id: None,
            role: None,
            emoji: None,
            reactions: None,
            actor_id: actor,
            at,
        };
        let kind = row.fill(fact);
        kind.clone_into(&mut row.kind);
        row
    }

    /// Writes down what `fact` speaks of; answers its word.
    fn fill(&mut self, fact: Fact) -> &'static str {
        let row = self;
        match fact {
            Fact::MessagePosted { message } => {
                row.id = message;
                row.message_id = Some(message);
                row.revision = Some(1);
                "message"
            }
            Fact::MessageEdited { message, revision } => {
                row.message_id = Some(message);
                row.revision = Some(revision);
                "messageEdited"
            }
            Fact::MessageDeleted { message, revision } => {
                row.message_id = Some(message);
                row.revision = Some(revision);
                "messageDeleted"
            }
            Fact::ReactionAdded { message, emoji, count } => {
                row.react(message, emoji, count);
                "reactionAdded"
            }
            Fact::ReactionRemoved { message, emoji, count } => {
                row.react(message, emoji, count);
                "reactionRemoved"
            }
            Fact::MemberJoined { person, role } => {
                row.person_id = Some(person);
                row.role = Some(role.to_owned());
                "memberJoined"
            }
            Fact::MemberLeft { person } => {
                row.person_id = Some(person);
                "memberLeft"
            }
            Fact::MemberChanged { person, role } => {
                row.person_id = Some(person);
                row.role = Some(role.to_owned());
                "memberChanged"
            }
            Fact::RoomChanged => "roomChanged",
        }
    }

    fn react(&mut self, message: Uuid, emoji: &str, count: i64) {
        self.message_id = Some(message);
        self.emoji = Some(emoji.to_owned());
        self.reactions = Some(count);
    }
}

/// Writes rows in the transaction of their facts.
pub(crate) async fn append(tx: &Tx, rows: &[EventRow]) -> DbResult<()> {
    let mut values = Vec::with_capacity(rows.len() * COLUMNS);
    for row in rows {
        values.extend(params![
            row.room_id,
            row.seq,
            row.id,
            row.kind.as_str(),
            row.message_id,
            row.revision,
            row.person_id,
            row.role.clone(),
            row.emoji.clone(),
            row.reactions,
            row.actor_id,
            row.at,
        ]);
    }
    let sql = format!(
        "INSERT INTO events \
         (room_id, seq, id, kind, message_id, revision, person_id, role, emoji, reactions, \
          actor_id, at) VALUES {}",
        tuples(rows.len(), COLUMNS, 0)
    );
    kit::db::exec(tx, &sql, values).await?;
    Ok(())
}

/// At most `limit` rows of `room` after `after`, in order.
pub(crate) async fn page(
    c: &impl Sql,
    room: Uuid,
    after: i64,
    limit: i64,
) -> DbResult<Vec<EventRow>> {
    let sql = "SELECT room_id, seq, id, kind, message_id, revision, person_id, role, emoji, \
               reactions, actor_id, at FROM events \
               WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    kit::db::all(c, sql, params![room, after, limit]).await
}

/// The newest `seq` of a room and its log id.
#[derive(Debug, Clone, Copy, Row)]
pub(crate) struct Head {
    pub(crate) last_seq: i64,
    pub(crate) log_id: Uuid,
}

/// Where `room`'s log ends.
pub(crate) async fn head(c: &impl Sql, room: Uuid) -> DbResult<Option<Head>> {
    kit::db::one(c, "SELECT last_seq, log_id FROM rooms WHERE id = $1", params![room]).await
}

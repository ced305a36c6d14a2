//! The rows of who is called.

use std::collections::{HashMap, HashSet};

use kit::db::{DbResult, Row, Sql, Tx, Value, all, exec, params, tuples};
use protocol::{Everyone, Person};
use uuid::Uuid;

use super::record::{Called, Told};

const COLUMNS: usize = 8;
/// Most rows and ids in one statement.
const ROWS_MAX: usize = 1_000;

/// The word in the database.
pub(crate) fn everyone_word(everyone: Everyone) -> &'static str {
    match everyone {
        Everyone::Room => "room",
        Everyone::Here => "here",
    }
}

/// What a word of the database means.
pub(crate) fn everyone_from(word: &str) -> Option<Everyone> {
    match word {
        "room" => Some(Everyone::Room),
        "here" => Some(Everyone::Here),
        _ => None,
    }
}

/// One person called by one message.
pub(super) struct MentionRow {
    message: Uuid,
    person: Uuid,
    room: Uuid,
    seq: i64,
    thread: Option<Uuid>,
    reason: &'static str,
    read_at: Option<i64>,
}

impl MentionRow {
    /// Who calls oneself is named in the text and told nothing.
    pub(super) fn new(call: &Called<'_>, person: Uuid, reason: &'static str) -> Self {
        let own = person == call.author;
        Self {
            message: call.message,
            person,
            room: call.room,
            seq: call.seq,
            thread: call.thread,
            reason: if own { "self" } else { reason },
            read_at: own.then_some(call.at),
        }
    }

    pub(super) fn told(&self) -> Option<Told> {
        (self.reason != "self").then_some(Told {
            person: self.person,
            message: self.message,
            room: self.room,
            thread: self.thread,
        })
    }
}

#[derive(Row)]
struct FoundRow {
    room_id: Uuid,
    person_id: Uuid,
    username: String,
    username_norm: String,
    display_name: String,
    picture: Option<String>,
}

/// The members whom a batch of calls could mean.
pub(super) struct Members {
    by_id: HashMap<(Uuid, Uuid), Person>,
    by_name: HashMap<(Uuid, String), Uuid>,
}

impl Members {
    pub(super) fn has(&self, room: Uuid, person: Uuid) -> bool {
        self.by_id.contains_key(&(room, person))
    }

    /// Whom `call` names by id though they are not in the room.
    pub(super) fn strangers(&self, call: &Called<'_>) -> Vec<Uuid> {
        call.calls.people.iter().copied().filter(|id| !self.has(call.room, *id)).collect()
    }

    /// The members whom `call` names, each once.
    pub(super) fn named(&self, call: &Called<'_>) -> Vec<Person> {
        let by_name = call.calls.names.iter();
        let by_name = by_name.filter_map(|name| self.by_name.get(&(call.room, name.clone())));
        let ids: HashSet<Uuid> = call.calls.people.iter().chain(by_name).copied().collect();
        let found = ids.into_iter().filter_map(|id| self.by_id.get(&(call.room, id)));
        let mut people: Vec<Person> = found.cloned().collect();
        people.sort_by(|one, other| one.username.cmp(&other.username));
        people
    }
}

/// Looks up all ids and names of a batch by two statements.
pub(super) async fn resolve(tx: &Tx, called: &[Called<'_>]) -> DbResult<Members> {
    let rooms: HashSet<Uuid> = called.iter().map(|call| call.room).collect();
    let ids: HashSet<Uuid> = called
        .iter()
        .flat_map(|call| call.calls.people.iter().copied().chain(call.answered).chain(call.quoted))
        .collect();
    let names: HashSet<&String> = called.iter().flat_map(|call| &call.calls.names).collect();
    let mut members = Members { by_id: HashMap::new(), by_name: HashMap::new() };
    let ids = ids.into_iter().map(Value::from).collect();
    let names = names.into_iter().map(|name| Value::from(name.as_str())).collect();
    for (column, wanted) in [("p.id", ids), ("p.username_norm", names)] {
        for row in find(tx, &rooms, column, wanted).await? {
            let person = Person {
                id: row.person_id,
                username: row.username,
                display_name: row.display_name,
                picture: row.picture,
            };
            members.by_name.insert((row.room_id, row.username_norm), person.id);
            members.by_id.insert((row.room_id, person.id), person);
        }
    }
    Ok(members)
}

async fn find(
    tx: &Tx,
    rooms: &HashSet<Uuid>,
    column: &str,
    wanted: Vec<Value>,
) -> DbResult<Vec<FoundRow>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT m.room_id, m.person_id, p.username, p.username_norm, p.display_name, p.picture \
         FROM people p JOIN members m ON m.person_id = p.id \
         WHERE {column} IN {} AND m.room_id IN {} AND NOT p.blocked",
        tuples(1, wanted.len(), 0),
        tuples(1, rooms.len(), wanted.len())
    );
    let values = wanted.into_iter().chain(rooms.iter().copied().map(Value::from)).collect();
    all(tx, &sql, values).await
}

#[derive(Row)]
struct PersonId {
    person_id: Uuid,
}

/// Those of `people` who are members of `room`.
pub(super) async fn members_among(
    tx: &Tx,
    room: Uuid,
    people: &HashSet<Uuid>,
) -> DbResult<Vec<Uuid>> {
    let sql = "SELECT person_id FROM members WHERE room_id = $1";
    let rows: Vec<PersonId> = all(tx, sql, params![room]).await?;
    Ok(rows.into_iter().map(|row| row.person_id).filter(|id| people.contains(id)).collect())
}

pub(super) async fn insert(tx: &Tx, rows: &[MentionRow]) -> DbResult<()> {
    for some in rows.chunks(ROWS_MAX) {
        let sql = format!(
            "INSERT INTO mentions \
             (message_id, person_id, room_id, seq, thread_id, reason, active, read_at) VALUES {} \
             ON CONFLICT (message_id, person_id) \
             DO UPDATE SET active = TRUE, reason = excluded.reason",
            tuples(some.len(), COLUMNS, 0)
        );
        let values = some.iter().flat_map(|row| {
            params![
                row.message,
                row.person,
                row.room,
                row.seq,
                row.thread,
                row.reason,
                true,
                row.read_at
            ]
        });
        exec(tx, &sql, values.collect()).await?;
    }
    Ok(())
}

/// Calls all members but the author, by one statement.
pub(super) async fn insert_room(tx: &Tx, call: &Called<'_>) -> DbResult<()> {
    let sql = "INSERT INTO mentions \
               (message_id, person_id, room_id, seq, thread_id, reason, active, read_at) \
               SELECT $1, m.person_id, m.room_id, $3, $4, 'room', TRUE, NULL FROM members m \
               WHERE m.room_id = $2 AND m.person_id <> $5 \
               ON CONFLICT (message_id, person_id) DO UPDATE SET active = TRUE, \
               reason = CASE WHEN mentions.active THEN mentions.reason ELSE 'room' END";
    let values = params![call.message, call.room, call.seq, call.thread, call.author];
    exec(tx, sql, values).await?;
    Ok(())
}

#[derive(Row)]
struct CalledRow {
    person_id: Uuid,
    reason: String,
}

/// Calls everyone off whom `message` calls; answers who that was, or had been, and why.
pub(super) async fn call_off(tx: &Tx, message: Uuid) -> DbResult<HashMap<Uuid, String>> {
    let sql =
        "UPDATE mentions SET active = FALSE WHERE message_id = $1 RETURNING person_id, reason";
    let rows: Vec<CalledRow> = all(tx, sql, params![message]).await?;
    Ok(rows.into_iter().map(|row| (row.person_id, row.reason)).collect())
}

/// Takes a deleted message out of every inbox; answers whose.
pub(crate) async fn forget(tx: &Tx, message: Uuid) -> DbResult<Vec<Uuid>> {
    let sql = "DELETE FROM mentions WHERE message_id = $1 RETURNING person_id";
    let rows: Vec<PersonId> = all(tx, sql, params![message]).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// Whether a row of `mentions` is of a message that the timeline of its room shows: none of a
/// thread, or a reply that is in the room, too.
const IN_ROOM: &str = "(thread_id IS NULL OR EXISTS (SELECT 1 FROM messages g \
                       WHERE g.id = mentions.message_id AND NOT g.aside))";

/// What calls `person` in the timeline of `room` up to `seq` is read.
pub(crate) async fn read_room(
    tx: &Tx,
    person: Uuid,
    (room, seq): (Uuid, i64),
    at: i64,
) -> DbResult<u64> {
    let sql = format!(
        "UPDATE mentions SET read_at = $4 WHERE person_id = $1 AND room_id = $2 \
         AND read_at IS NULL AND active AND seq <= $3 AND {IN_ROOM}"
    );
    exec(tx, &sql, params![person, room, seq, at]).await
}

/// What calls `person` in a thread up to `seq` is read.
pub(crate) async fn read_thread(
    tx: &Tx,
    person: Uuid,
    (room, thread, seq): (Uuid, Uuid, i64),
    at: i64,
) -> DbResult<u64> {
    let sql = "UPDATE mentions SET read_at = $5 WHERE person_id = $1 AND room_id = $2 \
               AND read_at IS NULL AND active AND thread_id = $3 AND seq <= $4";
    exec(tx, sql, params![person, room, thread, seq, at]).await
}

/// What calls `person` in the timeline of `room` from `seq` on is not read.
pub(crate) async fn unread_from(tx: &Tx, person: Uuid, (room, seq): (Uuid, i64)) -> DbResult<u64> {
    let sql = format!(
        "UPDATE mentions SET read_at = NULL WHERE person_id = $1 AND room_id = $2 \
         AND read_at IS NOT NULL AND seq >= $3 AND reason <> 'self' AND {IN_ROOM}"
    );
    exec(tx, &sql, params![person, room, seq]).await
}

#[derive(Row)]
struct NamedRow {
    message_id: Uuid,
    id: Uuid,
    username: String,
    display_name: String,
    picture: Option<String>,
}

/// The people whom `messages` name, under their present names.
pub(crate) async fn named_in(
    c: &impl Sql,
    messages: &[Uuid],
) -> DbResult<HashMap<Uuid, Vec<Person>>> {
    let mut named: HashMap<Uuid, Vec<Person>> = HashMap::new();
    for some in messages.chunks(ROWS_MAX) {
        let sql = format!(
            "SELECT x.message_id, p.id, p.username, p.display_name, p.picture FROM mentions x \
             JOIN people p ON p.id = x.person_id WHERE x.message_id IN {} AND x.active \
             AND x.reason IN ('name', 'self') ORDER BY p.username",
            tuples(1, some.len(), 0)
        );
        let values = some.iter().copied().map(Value::from).collect();
        for row in all::<NamedRow>(c, &sql, values).await? {
            let person = Person {
                id: row.id,
                username: row.username,
                display_name: row.display_name,
                picture: row.picture,
            };
            named.entry(row.message_id).or_default().push(person);
        }
    }
    Ok(named)
}

//! The rows of a batch of messages.

use std::collections::{BTreeMap, HashMap};

use kit::db::{DbResult, Row, Tx, Value, all, exec, for_update, params, tuples};
use protocol::Person;
use uuid::Uuid;

use super::writer::Pending;
use crate::events::{self, EventRow, Fact};

/// What the store decided about one message of a batch.
pub(super) enum Decision {
    Stored { seq: i64, sender: Person },
    Repeated { id: Uuid, seq: i64 },
    IdUsed,
    NoRoom,
}

/// Decides about every message of `batch`, in order, and writes those that are new.
///
/// The rooms are locked before memberships are read. The number of statements does not depend
/// on the number of messages.
pub(super) async fn store(tx: &Tx, batch: &[Pending]) -> DbResult<Vec<Decision>> {
    let mut heads = lock_rooms(tx, batch).await?;
    let members = members(tx, batch).await?;
    let known = known(tx, batch).await?;
    let mut decisions = Vec::with_capacity(batch.len());
    for pending in batch {
        decisions.push(decide(pending, &mut heads, &members, &known));
    }
    let new: Vec<(&Pending, i64)> = batch
        .iter()
        .zip(&decisions)
        .filter_map(|(pending, decision)| match decision {
            Decision::Stored { seq, .. } => Some((pending, *seq)),
            _ => None,
        })
        .collect();
    if !new.is_empty() {
        insert_messages(tx, &new).await?;
        insert_revisions(tx, &new).await?;
        let facts: Vec<EventRow> = new.iter().map(event).collect();
        events::append(tx, &facts).await?;
        advance_rooms(tx, &new).await?;
    }
    Ok(decisions)
}

type MemberKey = (Uuid, Uuid);

fn decide(
    pending: &Pending,
    heads: &mut BTreeMap<Uuid, i64>,
    members: &HashMap<MemberKey, Person>,
    known: &HashMap<MemberKey, KnownRow>,
) -> Decision {
    let sender = members.get(&(pending.room, pending.author));
    let (Some(sender), Some(head)) = (sender, heads.get_mut(&pending.room)) else {
        return Decision::NoRoom;
    };
    if let Some(known) = known.get(&(pending.author, pending.client_message_id)) {
        let same = known.room_id == pending.room && known.body_mac == pending.body_mac;
        return if same {
            Decision::Repeated { id: known.id, seq: known.seq }
        } else {
            Decision::IdUsed
        };
    }
    *head += 1;
    Decision::Stored { seq: *head, sender: sender.clone() }
}

fn event((pending, seq): &(&Pending, i64)) -> EventRow {
    let fact = Fact::MessagePosted { message: pending.id };
    EventRow::new(pending.room, *seq, fact, pending.author, pending.at)
}

#[derive(Row)]
struct HeadRow {
    id: Uuid,
    last_seq: i64,
}

/// Always in the order of ids, so that two instances never wait for each other.
async fn lock_rooms(tx: &Tx, batch: &[Pending]) -> DbResult<BTreeMap<Uuid, i64>> {
    let ids: std::collections::BTreeSet<Uuid> = batch.iter().map(|item| item.room).collect();
    let sql = format!(
        "SELECT id, last_seq FROM rooms WHERE id IN {} ORDER BY id{}",
        tuples(1, ids.len(), 0),
        for_update(tx)
    );
    let values = ids.into_iter().map(Value::from).collect();
    let rows: Vec<HeadRow> = all(tx, &sql, values).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.last_seq)).collect())
}

#[derive(Row)]
struct SenderRow {
    room_id: Uuid,
    person_id: Uuid,
    username: String,
    display_name: String,
}

async fn members(tx: &Tx, batch: &[Pending]) -> DbResult<HashMap<MemberKey, Person>> {
    let pairs: std::collections::HashSet<MemberKey> =
        batch.iter().map(|item| (item.room, item.author)).collect();
    let sql = format!(
        "SELECT m.room_id, m.person_id, p.username, p.display_name FROM members m \
         JOIN people p ON p.id = m.person_id \
         WHERE (m.room_id, m.person_id) IN (VALUES {}) AND NOT p.blocked",
        tuples(pairs.len(), 2, 0)
    );
    let values = pairs.into_iter().flat_map(|(room, person)| params![room, person]).collect();
    let rows: Vec<SenderRow> = all(tx, &sql, values).await?;
    let sender = |row: SenderRow| {
        let person =
            Person { id: row.person_id, username: row.username, display_name: row.display_name };
        ((row.room_id, row.person_id), person)
    };
    Ok(rows.into_iter().map(sender).collect())
}

#[derive(Row)]
struct KnownRow {
    id: Uuid,
    room_id: Uuid,
    seq: i64,
    author_id: Uuid,
    client_message_id: Uuid,
    body_mac: Vec<u8>,
}

/// What these authors sent under these ids before.
async fn known(tx: &Tx, batch: &[Pending]) -> DbResult<HashMap<MemberKey, KnownRow>> {
    let sql = format!(
        "SELECT id, room_id, seq, author_id, client_message_id, body_mac FROM messages \
         WHERE (author_id, client_message_id) IN (VALUES {})",
        tuples(batch.len(), 2, 0)
    );
    let values =
        batch.iter().flat_map(|item| params![item.author, item.client_message_id]).collect();
    let rows: Vec<KnownRow> = all(tx, &sql, values).await?;
    Ok(rows.into_iter().map(|row| ((row.author_id, row.client_message_id), row)).collect())
}

async fn insert_messages(tx: &Tx, new: &[(&Pending, i64)]) -> DbResult<()> {
    let sql = format!(
        "INSERT INTO messages (id, room_id, seq, author_id, client_message_id, body_mac, \
         revision, created_at) VALUES {}",
        tuples(new.len(), 8, 0)
    );
    let mut values = Vec::with_capacity(new.len() * 8);
    for (item, seq) in new {
        values.extend(params![
            item.id,
            item.room,
            *seq,
            item.author,
            item.client_message_id,
            item.body_mac.to_vec(),
            1_i32,
            item.at,
        ]);
    }
    exec(tx, &sql, values).await?;
    Ok(())
}

async fn insert_revisions(tx: &Tx, new: &[(&Pending, i64)]) -> DbResult<()> {
    let sql = format!(
        "INSERT INTO revisions (message_id, revision, kind, actor_id, body, created_at) VALUES {}",
        tuples(new.len(), 6, 0)
    );
    let mut values = Vec::with_capacity(new.len() * 6);
    for (item, _) in new {
        let body = item.cell.clone();
        values.extend(params![item.id, 1_i32, "posted", item.author, body, item.at]);
    }
    exec(tx, &sql, values).await?;
    Ok(())
}

async fn advance_rooms(tx: &Tx, new: &[(&Pending, i64)]) -> DbResult<()> {
    let mut last = BTreeMap::new();
    for (item, seq) in new {
        last.insert(item.room, (*seq, item.at));
    }
    let sql = format!(
        "UPDATE rooms SET last_seq = v.column2, last_message_at = v.column3 \
         FROM (VALUES {}) AS v WHERE rooms.id = v.column1",
        tuples(last.len(), 3, 0)
    );
    let values = last.into_iter().flat_map(|(room, (seq, at))| params![room, seq, at]).collect();
    exec(tx, &sql, values).await?;
    Ok(())
}

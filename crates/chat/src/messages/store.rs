//! The rows of a batch of messages.

use std::collections::{BTreeMap, HashMap, HashSet};

use kit::db::{DbResult, Row, Tx, Value, all, exec, for_update, params, tuples};
use protocol::{Everyone, Person, RoomRole};
use uuid::Uuid;

use super::answers;
use super::error::MessageError;
use super::writer::Pending;
use crate::events::{self, EventRow, Fact};
use crate::files::{self, Attachable};
use crate::mentions::{self, Called, Told, everyone_word};
use crate::rooms::{has_role, role_from};

/// What the store decided about a batch.
pub(super) struct Batch {
    /// One for each message.
    pub(super) decisions: Vec<Decision>,
    /// Who is called by them.
    pub(super) told: Vec<Told>,
}

/// What the store decided about one message of a batch.
pub(super) enum Decision {
    Stored(Box<Stored>),
    Repeated { id: Uuid, seq: i64 },
    Refused(Refusal),
}

/// What the store knows of a new message.
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) sender: Person,
    /// The people whom it names.
    pub(super) named: Vec<Person>,
    pub(super) everyone: Option<Everyone>,
    /// Who wrote the root of its thread.
    answered: Option<Uuid>,
    /// Who wrote what it quotes.
    quoted: Option<Uuid>,
}

/// Why a message is not written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    /// The client's id names another message.
    IdUsed,
    /// Not a member, or no such room.
    NoRoom,
    /// The other person of a direct room is blocked.
    Closed,
    /// What it refers to is not there.
    NoMessage,
    /// What it answers is itself a reply.
    NotRoot,
    /// A file that it cannot take.
    NoFile,
}

impl From<Refusal> for MessageError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::IdUsed => Self::IdUsed,
            Refusal::NoRoom => Self::NoRoom,
            Refusal::Closed => Self::Closed,
            Refusal::NoMessage => Self::NoMessage,
            Refusal::NotRoot => Self::NotRoot,
            Refusal::NoFile => Self::NoFile,
        }
    }
}

/// A new message and its place.
pub(super) type New<'a> = (&'a Pending, i64);

/// Decides about every message of `batch`, in order, and writes those that are new.
///
/// The rooms are locked before memberships are read. The number of statements does not depend
/// on the number of messages. `online` are the people whom `@here` calls.
pub(super) async fn store(
    tx: &Tx,
    batch: &[Pending],
    online: impl Fn() -> HashSet<Uuid>,
) -> DbResult<Batch> {
    let mut heads = lock_rooms(tx, batch).await?;
    let mut ground = Ground {
        members: members(tx, batch).await?,
        known: known(tx, batch).await?,
        anchors: anchors(tx, batch).await?,
        files: waiting_files(tx, batch).await?,
    };
    let mut decisions: Vec<Decision> = Vec::with_capacity(batch.len());
    for pending in batch {
        decisions.push(ground.decide(pending, &mut heads));
    }
    let new: Vec<(&Pending, &Stored)> = batch
        .iter()
        .zip(&decisions)
        .filter_map(|(pending, decision)| match decision {
            Decision::Stored(stored) => Some((pending, stored.as_ref())),
            _ => None,
        })
        .collect();
    if new.is_empty() {
        return Ok(Batch { decisions, told: Vec::new() });
    }
    insert_messages(tx, &new).await?;
    let new_at: Vec<New<'_>> = new.iter().map(|(item, stored)| (*item, stored.seq)).collect();
    insert_revisions(tx, &new_at).await?;
    attach_files(tx, &new_at).await?;
    let facts: Vec<EventRow> = new_at.iter().map(event).collect();
    events::append(tx, &facts).await?;
    advance_rooms(tx, &new_at).await?;
    let called: Vec<Called<'_>> = new.iter().filter_map(called).collect();
    let mut recorded = mentions::record(tx, &called, online).await?;
    answers::count(tx, &new_at).await?;
    let authors = new.iter().map(|(item, stored)| (item.id, stored.answered)).collect();
    answers::follow(tx, &new_at, &authors, &recorded.named).await?;
    for (pending, decision) in batch.iter().zip(&mut decisions) {
        if let Decision::Stored(stored) = decision {
            stored.named = recorded.named.remove(&pending.id).unwrap_or_default();
            stored.named.extend(recorded.others.remove(&pending.id).unwrap_or_default());
        }
    }
    Ok(Batch { decisions, told: recorded.told })
}

type MemberKey = (Uuid, Uuid);

/// What is looked up before anything is decided.
struct Ground {
    members: HashMap<MemberKey, Sender>,
    known: HashMap<MemberKey, KnownRow>,
    anchors: HashMap<Uuid, AnchorRow>,
    /// Those that no message has yet.
    files: HashMap<Uuid, Attachable>,
}

impl Ground {
    fn decide(&mut self, pending: &Pending, heads: &mut BTreeMap<Uuid, HeadRow>) -> Decision {
        let sender = self.members.get(&(pending.room, pending.author));
        let (Some(sender), Some(head)) = (sender, heads.get_mut(&pending.room)) else {
            return Decision::Refused(Refusal::NoRoom);
        };
        if let Some(known) = self.known.get(&(pending.author, pending.client_message_id)) {
            let same = known.room_id == pending.room && known.body_mac == pending.body_mac;
            return if same {
                Decision::Repeated { id: known.id, seq: known.seq }
            } else {
                Decision::Refused(Refusal::IdUsed)
            };
        }
        if head.blocked_peers > 0 {
            return Decision::Refused(Refusal::Closed);
        }
        let refers = match self.refers(pending) {
            Ok(refers) => refers,
            Err(refusal) => return Decision::Refused(refusal),
        };
        if !take_files(&mut self.files, pending) {
            return Decision::Refused(Refusal::NoFile);
        }
        head.last_seq += 1;
        let may_call = has_role(sender.role, role_from(&head.everyone_role));
        Decision::Stored(Box::new(Stored {
            seq: head.last_seq,
            sender: sender.person.clone(),
            named: Vec::new(),
            everyone: pending.calls.everyone.filter(|_| may_call),
            answered: refers.0,
            quoted: refers.1,
        }))
    }

    /// Who wrote the root of the thread, and what is quoted.
    fn refers(&self, pending: &Pending) -> Result<(Option<Uuid>, Option<Uuid>), Refusal> {
        let anchor = |id: Uuid| {
            let found = self.anchors.get(&id).filter(|anchor| anchor.room_id == pending.room);
            found.ok_or(Refusal::NoMessage)
        };
        let root = pending.refers.thread.map(anchor).transpose()?;
        if root.is_some_and(|root| root.thread_id.is_some()) {
            return Err(Refusal::NotRoot);
        }
        let quoted = pending.refers.quote.map(anchor).transpose()?;
        if quoted.is_some_and(|quoted| quoted.deleted_at.is_some()) {
            return Err(Refusal::NoMessage);
        }
        Ok((root.map(|root| root.author_id), quoted.map(|quoted| quoted.author_id)))
    }
}

/// Takes the files of a message, which has each of them alone; false when it may not.
fn take_files(files: &mut HashMap<Uuid, Attachable>, pending: &Pending) -> bool {
    let may = |file: &Attachable| file.room_id == pending.room && file.owner_id == pending.author;
    let good = pending.files.iter().all(|id| files.get(id).is_some_and(may));
    good && pending.files.iter().all(|id| files.remove(id).is_some())
}

fn event((pending, seq): &New<'_>) -> EventRow {
    let fact = Fact::MessagePosted { message: pending.id };
    EventRow::new(pending.room, *seq, fact, pending.author, pending.at)
}

/// The calls of a message that calls anyone.
fn called<'a>((item, stored): &(&'a Pending, &'a Stored)) -> Option<Called<'a>> {
    let silent = item.calls.is_empty() && stored.answered.is_none() && stored.quoted.is_none();
    (!silent).then_some(Called {
        message: item.id,
        room: item.room,
        seq: stored.seq,
        thread: item.refers.thread,
        author: item.author,
        at: item.at,
        calls: &item.calls,
        everyone: stored.everyone,
        answered: stored.answered,
        quoted: stored.quoted,
    })
}

#[derive(Row)]
struct HeadRow {
    id: Uuid,
    last_seq: i64,
    everyone_role: String,
    blocked_peers: i64,
}

/// Always in the order of ids, so that two instances never wait for each other.
async fn lock_rooms(tx: &Tx, batch: &[Pending]) -> DbResult<BTreeMap<Uuid, HeadRow>> {
    let ids: std::collections::BTreeSet<Uuid> = batch.iter().map(|item| item.room).collect();
    let sql = format!(
        "SELECT id, last_seq, everyone_role, (CASE kind WHEN 'direct' THEN (SELECT COUNT(*) \
         FROM members m JOIN people p ON p.id = m.person_id AND p.blocked WHERE m.room_id = \
         rooms.id) ELSE 0 END) AS blocked_peers FROM rooms WHERE id IN {} ORDER BY id{}",
        tuples(1, ids.len(), 0),
        for_update(tx)
    );
    let values = ids.into_iter().map(Value::from).collect();
    let rows: Vec<HeadRow> = all(tx, &sql, values).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

#[derive(Row)]
struct AnchorRow {
    id: Uuid,
    room_id: Uuid,
    author_id: Uuid,
    thread_id: Option<Uuid>,
    deleted_at: Option<i64>,
}

/// The messages that those of the batch answer or quote.
async fn anchors(tx: &Tx, batch: &[Pending]) -> DbResult<HashMap<Uuid, AnchorRow>> {
    let ids: HashSet<Uuid> =
        batch.iter().flat_map(|item| [item.refers.thread, item.refers.quote]).flatten().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, room_id, author_id, thread_id, deleted_at FROM messages WHERE id IN {}",
        tuples(1, ids.len(), 0)
    );
    let rows: Vec<AnchorRow> = all(tx, &sql, ids.into_iter().map(Value::from).collect()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The files of the batch that no message has.
async fn waiting_files(tx: &Tx, batch: &[Pending]) -> DbResult<HashMap<Uuid, Attachable>> {
    let ids: Vec<Uuid> = batch.iter().flat_map(|item| item.files.iter().copied()).collect();
    let found = files::attachable(tx, &ids, kit::clock::now_ms()).await?;
    Ok(found.into_iter().map(|file| (file.id, file)).collect())
}

async fn attach_files(tx: &Tx, new: &[New<'_>]) -> DbResult<()> {
    let of = |(item, _): &New<'_>| {
        let message = item.id;
        (0_i32..).zip(item.files.clone()).map(move |(at, file)| (file, message, at))
    };
    files::attach(tx, &new.iter().flat_map(of).collect::<Vec<_>>()).await
}

struct Sender {
    person: Person,
    role: RoomRole,
}

#[derive(Row)]
struct SenderRow {
    room_id: Uuid,
    person_id: Uuid,
    role: String,
    username: String,
    display_name: String,
    picture: Option<String>,
}

async fn members(tx: &Tx, batch: &[Pending]) -> DbResult<HashMap<MemberKey, Sender>> {
    let pairs: HashSet<MemberKey> = batch.iter().map(|item| (item.room, item.author)).collect();
    let sql = format!(
        "SELECT m.room_id, m.person_id, m.role, p.username, p.display_name, p.picture \
         FROM members m JOIN people p ON p.id = m.person_id \
         WHERE (m.room_id, m.person_id) IN (VALUES {}) AND NOT p.blocked",
        tuples(pairs.len(), 2, 0)
    );
    let values = pairs.into_iter().flat_map(|(room, person)| params![room, person]).collect();
    let rows: Vec<SenderRow> = all(tx, &sql, values).await?;
    let sender = |row: SenderRow| {
        let person = Person {
            id: row.person_id,
            username: row.username,
            display_name: row.display_name,
            picture: row.picture,
        };
        ((row.room_id, row.person_id), Sender { person, role: role_from(&row.role) })
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

async fn insert_messages(tx: &Tx, new: &[(&Pending, &Stored)]) -> DbResult<()> {
    let sql = format!(
        "INSERT INTO messages (id, room_id, seq, author_id, client_message_id, body_mac, \
         revision, created_at, thread_id, aside, quote_id, everyone) VALUES {}",
        tuples(new.len(), 12, 0)
    );
    let mut values = Vec::with_capacity(new.len() * 12);
    for (item, stored) in new {
        values.extend(params![
            item.id,
            item.room,
            stored.seq,
            item.author,
            item.client_message_id,
            item.body_mac.to_vec(),
            1_i32,
            item.at,
            item.refers.thread,
            item.refers.aside(),
            item.refers.quote,
            stored.everyone.map(everyone_word),
        ]);
    }
    exec(tx, &sql, values).await?;
    Ok(())
}

async fn insert_revisions(tx: &Tx, new: &[New<'_>]) -> DbResult<()> {
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

async fn advance_rooms(tx: &Tx, new: &[New<'_>]) -> DbResult<()> {
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

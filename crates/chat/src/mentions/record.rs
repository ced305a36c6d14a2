//! Writing who is called, in the transaction of the message.

use std::collections::{HashMap, HashSet};

use kit::db::{DbResult, Tx};
use protocol::{Everyone, Person};
use uuid::Uuid;

use super::calls::Calls;
use super::store::{self, MentionRow};
use crate::people::{self, PersonRow};

/// A message whose calls are to be written.
pub(crate) struct Called<'a> {
    pub(crate) message: Uuid,
    pub(crate) room: Uuid,
    pub(crate) seq: i64,
    pub(crate) thread: Option<Uuid>,
    pub(crate) author: Uuid,
    pub(crate) at: i64,
    pub(crate) calls: &'a Calls,
    /// The call to everyone, if the author may make it.
    pub(crate) everyone: Option<Everyone>,
    /// Who wrote the root of the thread.
    pub(crate) answered: Option<Uuid>,
    /// Who wrote the quoted message.
    pub(crate) quoted: Option<Uuid>,
}

/// Who is to hear of a message besides the room.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) person: Uuid,
    pub(crate) message: Uuid,
    pub(crate) room: Uuid,
    pub(crate) thread: Option<Uuid>,
}

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// The members named, by message; the author, too.
    pub(crate) named: HashMap<Uuid, Vec<Person>>,
    /// Who is named by id and is no member, by message: shown by name, and told nothing.
    pub(crate) others: HashMap<Uuid, Vec<Person>>,
    /// Each person called, but for those called only by `@room`: the room hears that itself.
    pub(crate) told: Vec<Told>,
}

/// Writes the calls of new messages by a number of statements that does not depend on theirs.
/// `online` are the people whom `@here` calls.
pub(crate) async fn record(
    tx: &Tx,
    called: &[Called<'_>],
    online: impl Fn() -> HashSet<Uuid>,
) -> DbResult<Recorded> {
    let mut recorded = Recorded::default();
    if called.is_empty() {
        return Ok(recorded);
    }
    let members = store::resolve(tx, called).await?;
    let mut rows: HashMap<(Uuid, Uuid), MentionRow> = HashMap::new();
    for call in called {
        let named = members.named(call);
        let people = named.iter().map(|person| (person.id, "name"));
        let other = |who: &Uuid| *who != call.author && members.has(call.room, *who);
        let answered = call.answered.filter(other).map(|person| (person, "reply"));
        let quoted = call.quoted.filter(other).map(|person| (person, "quote"));
        for (person, reason) in people.chain(answered).chain(quoted) {
            let row = MentionRow::new(call, person, reason);
            rows.entry((call.message, person)).or_insert(row);
        }
        recorded.named.insert(call.message, named);
    }
    recorded.others = others(tx, called, &members).await?;
    for call in called.iter().filter(|call| call.everyone == Some(Everyone::Here)) {
        let mut here = online();
        here.remove(&call.author);
        for person in store::members_among(tx, call.room, &here).await? {
            let row = MentionRow::new(call, person, "here");
            rows.entry((call.message, person)).or_insert(row);
        }
    }
    let rows: Vec<MentionRow> = rows.into_values().collect();
    store::insert(tx, &rows).await?;
    for call in called.iter().filter(|call| call.everyone == Some(Everyone::Room)) {
        store::insert_room(tx, call).await?;
    }
    recorded.told = rows.iter().filter_map(MentionRow::told).collect();
    Ok(recorded)
}

async fn others(
    tx: &Tx,
    called: &[Called<'_>],
    members: &store::Members,
) -> DbResult<HashMap<Uuid, Vec<Person>>> {
    let strangers: HashMap<Uuid, Vec<Uuid>> =
        called.iter().map(|call| (call.message, members.strangers(call))).collect();
    let ids: Vec<Uuid> = strangers.values().flatten().copied().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut people: Vec<Person> =
        people::by_ids(tx, &ids).await?.into_iter().map(PersonRow::person).collect();
    people.sort_by(|one, other| one.username.cmp(&other.username));
    let of = |ids: Vec<Uuid>| people.iter().filter(|it| ids.contains(&it.id)).cloned().collect();
    Ok(strangers.into_iter().map(|(message, ids)| (message, of(ids))).collect())
}

/// Writes the calls of an edited message: who is called no more is called off, who is called
/// newly is told, and who was told before is not told again. If it `called_here` before, `@here`
/// goes on calling those who were there then.
pub(crate) async fn record_again(
    tx: &Tx,
    called: Called<'_>,
    called_here: bool,
    online: impl Fn() -> HashSet<Uuid>,
) -> DbResult<Recorded> {
    let before = store::call_off(tx, called.message).await?;
    let were_here = before.iter().filter(|(_, reason)| reason.as_str() == "here");
    let were_here: HashSet<Uuid> = were_here.map(|(person, _)| *person).collect();
    let here = || if called_here { were_here.clone() } else { online() };
    let mut recorded = record(tx, &[called], here).await?;
    recorded.told.retain(|told| !before.contains_key(&told.person));
    Ok(recorded)
}

//! Whom texts name, so that every reader sees a name where a text has an id.

use std::collections::{HashMap, HashSet};

use kit::db::{DbResult, Sql};
use protocol::{Message, Person};
use uuid::Uuid;

use crate::mentions;
use crate::people;

/// Adds to `messages`, and to what they quote, the people whom their texts name: who is called,
/// and who is only named by id because they are not in the room.
pub(super) async fn add(c: &impl Sql, messages: &mut [Message]) -> DbResult<()> {
    let quotes = messages.iter().filter_map(|message| message.quote.as_ref());
    let quotes = quotes.map(|quote| (quote.message, quote.text.as_deref()));
    let texts = messages.iter().map(|message| (message.id, message.text.as_deref()));
    let texts = texts.chain(quotes).filter_map(|(id, text)| Some((id, text?)));
    let calling: Vec<(Uuid, &str)> = texts.filter(|(_, text)| text.contains('@')).collect();
    let named = named(c, &calling).await?;
    let of = |id: Uuid| named.get(&id).cloned().unwrap_or_default();
    for message in messages {
        message.mentions = of(message.id);
        if let Some(quote) = &mut message.quote {
            quote.mentions = of(quote.message);
        }
    }
    Ok(())
}

/// The people whom texts name by id, by id.
pub(super) async fn by_id(
    c: &impl Sql,
    ids: impl Iterator<Item = Uuid>,
) -> DbResult<HashMap<Uuid, Person>> {
    let ids: HashSet<Uuid> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = people::by_ids(c, &ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.person())).collect())
}

async fn named(c: &impl Sql, texts: &[(Uuid, &str)]) -> DbResult<HashMap<Uuid, Vec<Person>>> {
    let ids: HashSet<Uuid> = texts.iter().map(|(id, _)| *id).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut named = mentions::named_in(c, &ids).await?;
    let is_called = |message: &Uuid, id: &Uuid| {
        named.get(message).is_some_and(|people| people.iter().any(|person| person.id == *id))
    };
    let others: HashSet<(Uuid, Uuid)> = texts
        .iter()
        .flat_map(|(message, text)| mentions::ids_in(text).into_iter().map(|id| (*message, id)))
        .filter(|(message, id)| !is_called(message, id))
        .collect();
    let people = by_id(c, others.iter().map(|(_, id)| *id)).await?;
    let mut others: Vec<(Uuid, &Person)> =
        others.into_iter().filter_map(|(message, id)| Some((message, people.get(&id)?))).collect();
    others.sort_by(|one, other| one.1.username.cmp(&other.1.username));
    for (message, person) in others {
        named.entry(message).or_default().push(person.clone());
    }
    Ok(named)
}

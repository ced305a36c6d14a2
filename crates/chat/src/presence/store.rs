//! What presence asks the database.

use std::collections::HashSet;

use kit::db::{DbResult, Row, Sql, Tx, Value, all, exec, params, scalar, tuples};
use uuid::Uuid;

#[derive(Row)]
struct PersonId {
    person_id: Uuid,
}

/// Those of `people` with whom `person` shares a room; themselves, too, if they are in any.
pub(crate) async fn shares_room_with(
    c: &impl Sql,
    person: Uuid,
    people: &HashSet<Uuid>,
) -> DbResult<HashSet<Uuid>> {
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "SELECT DISTINCT o.person_id FROM members o JOIN members m \
         ON m.room_id = o.room_id AND m.person_id = $1 WHERE o.person_id IN {}",
        tuples(1, people.len(), 1)
    );
    let values = std::iter::once(person).chain(people.iter().copied()).map(Value::from);
    let rows: Vec<PersonId> = all(c, &sql, values.collect()).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// Whether `person` wants to be seen by nobody.
pub(crate) async fn is_hidden(c: &impl Sql, person: Uuid) -> DbResult<bool> {
    let sql = "SELECT hidden FROM presence_choices WHERE person_id = $1";
    Ok(scalar(c, sql, params![person]).await?.unwrap_or(false))
}

/// Keeps what `person` wants.
pub(crate) async fn set_hidden(tx: &Tx, person: Uuid, hidden: bool) -> DbResult<()> {
    let sql = "INSERT INTO presence_choices (person_id, hidden) VALUES ($1, $2) \
               ON CONFLICT (person_id) DO UPDATE SET hidden = excluded.hidden";
    exec(tx, sql, params![person, hidden]).await?;
    Ok(())
}

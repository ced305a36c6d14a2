//! The table `factors`.

use kit::clock::{now_ms, uuid_v7};
use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params};
use uuid::Uuid;

use super::Kind;

/// A second factor that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Enrolled {
    /// Of the row, and of the row in its kind's own table.
    pub(crate) id: Uuid,
    /// What it is.
    pub(crate) kind: Kind,
    /// How its person calls it.
    pub(crate) name: String,
    /// Since when, milliseconds.
    pub(crate) created_at: i64,
    /// When it was last shown.
    pub(crate) last_used_at: Option<i64>,
    /// Its person wants to be asked for it first.
    pub(crate) preferred: bool,
}

const COLUMNS: &str = "id, kind, name, created_at, last_used_at, preferred";

#[derive(Row)]
struct FactorRow {
    id: Uuid,
    kind: String,
    name: String,
    created_at: i64,
    last_used_at: Option<i64>,
    preferred: bool,
}

impl FactorRow {
    /// A kind that this version does not know is no factor.
    fn open(self) -> Option<Enrolled> {
        Some(Enrolled {
            id: self.id,
            kind: Kind::of(&self.kind)?,
            name: self.name,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            preferred: self.preferred,
        })
    }
}

/// The second factors of a person, the strongest first and then in the order of their making.
pub(crate) async fn of(c: &impl Sql, user: Uuid) -> DbResult<Vec<Enrolled>> {
    let sql = format!("SELECT {COLUMNS} FROM factors WHERE user_id = $1 ORDER BY id");
    let rows: Vec<FactorRow> = all(c, &sql, params![user]).await?;
    let mut enrolled: Vec<Enrolled> = rows.into_iter().filter_map(FactorRow::open).collect();
    enrolled.sort_by_key(|factor| factor.kind);
    Ok(enrolled)
}

/// One factor of a person.
pub(crate) async fn find(c: &impl Sql, user: Uuid, id: Uuid) -> DbResult<Option<Enrolled>> {
    let sql = format!("SELECT {COLUMNS} FROM factors WHERE user_id = $1 AND id = $2");
    let row: Option<FactorRow> = one(c, &sql, params![user, id]).await?;
    Ok(row.and_then(FactorRow::open))
}

/// Adds a factor and answers its id, under which its kind's own row is stored next. Of a kind
/// that exists once per person, an old one stays, and the answer is `None`.
pub(crate) async fn add(tx: &Tx, user: Uuid, kind: Kind, name: &str) -> DbResult<Option<Uuid>> {
    let id = uuid_v7();
    let sql = "INSERT INTO factors (id, user_id, kind, name, created_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let values = params![id, user, kind.as_str(), name, now_ms()];
    Ok((exec(tx, sql, values).await? == 1).then_some(id))
}

/// Writes down that a factor was shown.
pub(crate) async fn mark_used(tx: &Tx, id: Uuid) -> DbResult<()> {
    let sql = "UPDATE factors SET last_used_at = $2 WHERE id = $1";
    exec(tx, sql, params![id, now_ms()]).await?;
    Ok(())
}

/// Gives a factor another name.
pub(super) async fn rename(tx: &Tx, user: Uuid, id: Uuid, name: &str) -> DbResult<bool> {
    let sql = "UPDATE factors SET name = $3 WHERE user_id = $1 AND id = $2";
    Ok(exec(tx, sql, params![user, id, name]).await? == 1)
}

/// Makes a factor the one that its person is asked for first, or none of them.
pub(super) async fn prefer(tx: &Tx, user: Uuid, id: Option<Uuid>) -> DbResult<()> {
    let sql = "UPDATE factors SET preferred = (id = $2) WHERE user_id = $1";
    exec(tx, sql, params![user, id.unwrap_or(Uuid::nil())]).await?;
    Ok(())
}

/// Takes a factor away, with all that its kind keeps; of many at once, one is told that it did.
pub(super) async fn remove(tx: &Tx, user: Uuid, id: Uuid) -> DbResult<bool> {
    let sql = "DELETE FROM factors WHERE user_id = $1 AND id = $2";
    Ok(exec(tx, sql, params![user, id]).await? == 1)
}

/// Takes away what was added since a time, milliseconds; answers it.
pub(crate) async fn remove_since(tx: &Tx, user: Uuid, since: i64) -> DbResult<Vec<Enrolled>> {
    let mut added = of(tx, user).await?;
    added.retain(|factor| factor.created_at >= since);
    for factor in &added {
        remove(tx, user, factor.id).await?;
    }
    Ok(added)
}

/// Takes all factors away; answers how many there were.
pub(super) async fn remove_all(tx: &Tx, user: Uuid) -> DbResult<u64> {
    exec(tx, "DELETE FROM factors WHERE user_id = $1", params![user]).await
}

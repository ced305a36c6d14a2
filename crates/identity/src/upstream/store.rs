//! The tables `federated_identities` and `upstream_sessions`.

use kit::clock::{now_ms, uuid_v7};
use kit::db::{DbErr, DbResult, Row, Sql, Tx, all, exec, one, params};
use uuid::Uuid;

use super::arrival::Arrival;
use crate::Identity;

/// An account elsewhere by which somebody signs in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Linked {
    /// Of the row.
    pub(crate) id: Uuid,
    /// Whose it is.
    pub(crate) user: Uuid,
    /// The provider's name when it was linked.
    pub(crate) provider: String,
    /// The provider's issuer.
    pub(crate) iss: String,
    /// How the person is called there; may be empty.
    pub(crate) name: String,
    /// Since when, milliseconds.
    pub(crate) since: i64,
    /// When it was last used.
    pub(crate) last_used_at: Option<i64>,
}

#[derive(Row)]
struct LinkedRow {
    id: Uuid,
    user_id: Uuid,
    provider: String,
    iss: String,
    name: Vec<u8>,
    linked_at: i64,
    last_used_at: Option<i64>,
}

const CONTEXT: &str = "linked account";
const COLUMNS: &str = "id, user_id, provider, iss, name, linked_at, last_used_at";

impl LinkedRow {
    fn open(self, identity: &Identity) -> DbResult<Linked> {
        let name = identity.keys.open_value(CONTEXT, self.id.as_bytes(), &self.name);
        let name = name.map_err(|error| DbErr::Custom(format!("a linked account: {error}")))?;
        Ok(Linked {
            id: self.id,
            user: self.user_id,
            provider: self.provider,
            iss: self.iss,
            name: String::from_utf8_lossy(&name).into_owned(),
            since: self.linked_at,
            last_used_at: self.last_used_at,
        })
    }
}

/// The link of somebody at an issuer. One of an account that was never confirmed is none: it is
/// made anew by whoever begins anew.
pub(super) async fn find(
    identity: &Identity,
    c: &impl Sql,
    (iss, sub): (&str, &str),
) -> DbResult<Option<Linked>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM federated_identities WHERE iss = $1 AND sub = $2 \
         AND user_id NOT IN (SELECT id FROM users WHERE status = 'pending')"
    );
    let row: Option<LinkedRow> = one(c, &sql, params![iss, sub]).await?;
    row.map(|row| row.open(identity)).transpose()
}

/// The accounts elsewhere of a person, in the order in which they were linked.
pub(crate) async fn of(identity: &Identity, c: &impl Sql, user: Uuid) -> DbResult<Vec<Linked>> {
    let sql = format!("SELECT {COLUMNS} FROM federated_identities WHERE user_id = $1 ORDER BY id");
    let rows: Vec<LinkedRow> = all(c, &sql, params![user]).await?;
    rows.into_iter().map(|row| row.open(identity)).collect()
}

/// Links who has arrived to `user`; says nothing when they are linked to a confirmed account
/// already.
pub(super) async fn insert(
    identity: &Identity,
    tx: &Tx,
    (arrival, user): (&Arrival, Uuid),
) -> DbResult<Option<Uuid>> {
    let (id, now) = (uuid_v7(), now_ms());
    let name = identity.keys.seal(CONTEXT, id.as_bytes(), arrival.name().as_bytes());
    let name = name.map_err(|error| DbErr::Custom(format!("a linked account: {error}")))?;
    let sql = "INSERT INTO federated_identities (id, user_id, provider, iss, sub, name, \
               linked_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
               ON CONFLICT DO NOTHING";
    let (provider, iss) = (arrival.provider.as_str(), arrival.iss.as_str());
    let values = params![id, user, provider, iss, arrival.sub.as_str(), name, now];
    Ok((exec(tx, sql, values).await? == 1).then_some(id))
}

/// Removes the account that this person at an issuer began here and never confirmed.
pub(super) async fn clear_pending(tx: &Tx, (iss, sub): (&str, &str)) -> DbResult<()> {
    let sql = "DELETE FROM users WHERE status = 'pending' AND id IN \
               (SELECT user_id FROM federated_identities WHERE iss = $1 AND sub = $2)";
    exec(tx, sql, params![iss, sub]).await.map(drop)
}

/// Writes down a use.
pub(super) async fn mark_used(tx: &Tx, id: Uuid) -> DbResult<()> {
    let sql = "UPDATE federated_identities SET last_used_at = $2 WHERE id = $1";
    exec(tx, sql, params![id, now_ms()]).await.map(drop)
}

/// Unlinks one of a person's; of many at once, one is told that it did.
pub(super) async fn remove(tx: &Tx, user: Uuid, id: Uuid) -> DbResult<bool> {
    let sql = "DELETE FROM federated_identities WHERE user_id = $1 AND id = $2";
    Ok(exec(tx, sql, params![user, id]).await? == 1)
}

/// Unlinks what was linked since a time, milliseconds; answers it.
pub(crate) async fn unlink_since(
    identity: &Identity,
    tx: &Tx,
    user: Uuid,
    since: i64,
) -> DbResult<Vec<Linked>> {
    let mut linked = of(identity, tx, user).await?;
    linked.retain(|one| one.since >= since);
    for one in &linked {
        remove(tx, user, one.id).await?;
    }
    Ok(linked)
}

/// Writes down that a session rests on a link, in the sign-in there that is called `sid`.
pub(super) async fn rest(
    tx: &Tx,
    session: Uuid,
    (link, sid): (Uuid, Option<&str>),
) -> DbResult<()> {
    let sql = "INSERT INTO upstream_sessions (session_id, identity_id, sid) VALUES ($1, $2, $3) \
               ON CONFLICT (session_id) DO UPDATE SET identity_id = excluded.identity_id, \
               sid = excluded.sid";
    exec(tx, sql, params![session, link, sid.map(str::to_owned)]).await.map(drop)
}

/// Forgets on what a session rested: its person has proved here who they are.
pub(super) async fn stand_alone(tx: &Tx, session: Uuid) -> DbResult<()> {
    let sql = "DELETE FROM upstream_sessions WHERE session_id = $1";
    exec(tx, sql, params![session]).await.map(drop)
}

/// The sessions that rest on sign-ins at an issuer: the one called `sid`, or all of a person.
pub(super) async fn resting(
    tx: &Tx,
    iss: &str,
    (sub, sid): (Option<&str>, Option<&str>),
) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct Id {
        session_id: Uuid,
    }
    let sql = "SELECT r.session_id FROM upstream_sessions r \
               JOIN federated_identities f ON f.id = r.identity_id \
               JOIN sessions s ON s.id = r.session_id \
               WHERE f.iss = $1 AND s.ended_at IS NULL \
               AND ($2 IS NULL OR f.sub = $2) AND ($3 IS NULL OR r.sid = $3) ORDER BY r.session_id";
    let values = params![iss, sub.map(str::to_owned), sid.map(str::to_owned)];
    let found: Vec<Id> = all(tx, sql, values).await?;
    Ok(found.into_iter().map(|row| row.session_id).collect())
}

/// Forgets sign-ins that are half done and rest on a sign-in elsewhere of this person.
pub(super) async fn forget_halves(tx: &Tx, (iss, sub): (&str, &str)) -> DbResult<()> {
    let sql = "UPDATE interactions SET user_id = NULL, acr = NULL, amr = '', upstream = NULL \
               WHERE upstream IS NOT NULL AND user_id IN \
               (SELECT user_id FROM federated_identities WHERE iss = $1 AND sub = $2)";
    exec(tx, sql, params![iss, sub]).await.map(drop)
}

//! Rows of reactions.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params, scalar};
use protocol::{Person, Reactors};
use uuid::Uuid;

/// Most people shown for one emoji.
const PEOPLE_MAX: i64 = 50;

/// A reaction to be written.
pub(super) struct NewReaction<'a> {
    /// Its place among all reactions to the author's messages.
    pub(super) id: Uuid,
    pub(super) message: Uuid,
    /// Who wrote the message.
    pub(super) author: Uuid,
    pub(super) emoji: &'a str,
    pub(super) person: Uuid,
    pub(super) seq: i64,
}

/// False when it was there.
pub(super) async fn insert(tx: &Tx, new: NewReaction<'_>) -> DbResult<bool> {
    let sql = "INSERT INTO reactions (id, message_id, author_id, emoji, person_id, seq) \
               VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (message_id, emoji, person_id) DO NOTHING";
    let values = params![new.id, new.message, new.author, new.emoji, new.person, new.seq];
    Ok(exec(tx, sql, values).await? == 1)
}

/// False when it was not there.
pub(super) async fn delete(
    tx: &Tx,
    message: Uuid,
    (emoji, person): (&str, Uuid),
) -> DbResult<bool> {
    let sql = "DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND person_id = $3";
    Ok(exec(tx, sql, params![message, emoji, person]).await? == 1)
}

/// A deleted message has no reactions; answers how many it had.
pub(crate) async fn forget(tx: &Tx, message: Uuid) -> DbResult<u64> {
    exec(tx, "DELETE FROM reactions WHERE message_id = $1", params![message]).await
}

pub(super) async fn kinds(tx: &Tx, message: Uuid) -> DbResult<i64> {
    let sql = "SELECT COUNT(DISTINCT emoji) FROM reactions WHERE message_id = $1";
    Ok(scalar(tx, sql, params![message]).await?.unwrap_or(0))
}

pub(super) async fn count(tx: &Tx, message: Uuid, emoji: &str) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM reactions WHERE message_id = $1 AND emoji = $2";
    Ok(scalar(tx, sql, params![message, emoji]).await?.unwrap_or(0))
}

/// Who wrote a message.
#[derive(Row)]
pub(super) struct AuthorRow {
    pub(super) author_id: Uuid,
    /// Whether they are in the room still.
    pub(super) is_member: bool,
}

/// Who wrote `message`, if it is in `room` and was not deleted.
pub(super) async fn author(c: &impl Sql, room: Uuid, message: Uuid) -> DbResult<Option<AuthorRow>> {
    let sql = "SELECT g.author_id, m.person_id IS NOT NULL AS is_member FROM messages g \
               LEFT JOIN members m ON m.room_id = g.room_id AND m.person_id = g.author_id \
               WHERE g.id = $1 AND g.room_id = $2 AND g.deleted_at IS NULL";
    one(c, sql, params![message, room]).await
}

#[derive(Row)]
struct ReactorRow {
    emoji: String,
    total: i64,
    id: Uuid,
    username: String,
    display_name: String,
    picture: Option<String>,
}

/// Who reacted to `message`: the first of each emoji.
pub(super) async fn reactors(c: &impl Sql, message: Uuid) -> DbResult<Vec<Reactors>> {
    let sql = "SELECT x.emoji, x.total, p.id, p.username, p.display_name, p.picture FROM \
               (SELECT emoji, person_id, seq, COUNT(*) OVER (PARTITION BY emoji) AS total, \
                ROW_NUMBER() OVER (PARTITION BY emoji ORDER BY seq) AS place, \
                MIN(seq) OVER (PARTITION BY emoji) AS first FROM reactions \
                WHERE message_id = $1) x \
               JOIN people p ON p.id = x.person_id WHERE x.place <= $2 ORDER BY x.first, x.seq";
    let mut items: Vec<Reactors> = Vec::new();
    for row in all::<ReactorRow>(c, sql, params![message, PEOPLE_MAX]).await? {
        let person = Person {
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            picture: row.picture,
        };
        match items.last_mut().filter(|last| last.emoji == row.emoji) {
            Some(last) => last.people.push(person),
            None => {
                items.push(Reactors { emoji: row.emoji, count: row.total, people: vec![person] });
            }
        }
    }
    Ok(items)
}

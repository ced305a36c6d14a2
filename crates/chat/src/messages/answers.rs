//! Threads as far as messages write them: how many replies there are, and who follows.

use std::collections::HashMap;

use kit::db::{DbResult, Row, Sql, Tx, Value, all, exec, params, tuples};
use protocol::Person;
use uuid::Uuid;

use super::store::New;

/// Counts the new replies into their threads, by one statement.
pub(super) async fn count(tx: &Tx, new: &[New<'_>]) -> DbResult<()> {
    let mut threads: HashMap<Uuid, (i64, New<'_>)> = HashMap::new();
    for (item, seq) in new {
        let Some(root) = item.refers.thread else { continue };
        let thread = threads.entry(root).or_insert((0, (item, *seq)));
        *thread = (thread.0 + 1, (item, *seq));
    }
    if threads.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO threads (root_id, room_id, replies, last_id, last_seq, last_at) VALUES {} \
         ON CONFLICT (root_id) DO UPDATE SET replies = threads.replies + excluded.replies, \
         last_id = excluded.last_id, last_seq = excluded.last_seq, last_at = excluded.last_at",
        tuples(threads.len(), 6, 0)
    );
    let row = |(root, (replies, (last, seq))): (Uuid, (i64, New<'_>))| -> Vec<Value> {
        params![root, last.room, replies, last.id, seq, last.at]
    };
    exec(tx, &sql, threads.into_iter().flat_map(row).collect()).await?;
    Ok(())
}

/// Whoever replies follows the thread; so do its root's author and whom a reply names, unless
/// they said otherwise. `authors` are the roots' authors by reply.
pub(super) async fn follow(
    tx: &Tx,
    new: &[New<'_>],
    authors: &HashMap<Uuid, Option<Uuid>>,
    named: &HashMap<Uuid, Vec<Person>>,
) -> DbResult<()> {
    let mut repliers = HashMap::new();
    let mut others = HashMap::new();
    for (item, seq) in new {
        let Some(root) = item.refers.thread else { continue };
        repliers.insert((root, item.author), (item.room, *seq));
        let author = authors.get(&item.id).copied().flatten();
        let named = named.get(&item.id).into_iter().flatten().map(|person| person.id);
        for person in author.into_iter().chain(named) {
            others.entry((root, person)).or_insert((item.room, *seq - 1));
        }
    }
    let on_conflict = "DO UPDATE SET following = TRUE, last_read = CASE WHEN excluded.last_read > \
                       thread_followers.last_read THEN excluded.last_read \
                       ELSE thread_followers.last_read END";
    insert(tx, repliers, on_conflict).await?;
    insert(tx, others, "DO NOTHING").await
}

/// Whom an edited reply names follows its thread, too, unless they said otherwise.
pub(super) async fn follow_named(
    tx: &Tx,
    (room, thread, seq): (Uuid, Uuid, i64),
    named: impl Iterator<Item = Uuid>,
) -> DbResult<()> {
    let rows = named.map(|person| ((thread, person), (room, seq - 1)));
    insert(tx, rows.collect(), "DO NOTHING").await
}

async fn insert(
    tx: &Tx,
    followers: HashMap<(Uuid, Uuid), (Uuid, i64)>,
    on_conflict: &str,
) -> DbResult<()> {
    if followers.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO thread_followers (root_id, person_id, room_id, following, last_read) \
         VALUES {} ON CONFLICT (root_id, person_id) {on_conflict}",
        tuples(followers.len(), 5, 0)
    );
    let row =
        |((root, person), (room, read))| -> Vec<Value> { params![root, person, room, true, read] };
    exec(tx, &sql, followers.into_iter().flat_map(row).collect()).await?;
    Ok(())
}

/// Who of the members of its room follows the thread of `root`.
pub(super) async fn followers(c: &impl Sql, root: Uuid) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct FollowerRow {
        person_id: Uuid,
    }
    let sql = "SELECT f.person_id FROM thread_followers f \
               JOIN members m ON m.room_id = f.room_id AND m.person_id = f.person_id \
               WHERE f.root_id = $1 AND f.following";
    let rows: Vec<FollowerRow> = all(c, sql, params![root]).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// A reply was deleted.
pub(super) async fn count_off(tx: &Tx, root: Uuid) -> DbResult<()> {
    let sql = "UPDATE threads SET replies = replies - 1 WHERE root_id = $1";
    exec(tx, sql, params![root]).await?;
    Ok(())
}

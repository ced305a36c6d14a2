//! Rows of what is to be mailed, and of when each person wants it.

use kit::db::{DbResult, Row, Sql, Tx, Value, all, exec, one, params, scalar, tuples};
use uuid::Uuid;

use super::pace;
use crate::config::MailSettings;
use crate::delivery::store::{CALLED, CALLED_WHO, CHOICES, EVENTS, Stretch, wanted as wants};

/// Most rows in one statement.
const ROWS_MAX: usize = 1_000;

/// What a person chose, and whether they have an address.
#[derive(Row)]
pub(super) struct ChoiceRow {
    pub(super) pace: Option<String>,
    pub(super) has_address: bool,
    pub(super) show_text: bool,
}

/// What a person chose, if there is such a person.
pub(super) async fn choice(c: &impl Sql, person: Uuid) -> DbResult<Option<ChoiceRow>> {
    let sql = "SELECT q.pace, p.email IS NOT NULL AS has_address, \
               COALESCE(q.show_text, TRUE) AS show_text FROM people p \
               LEFT JOIN mail_choices q ON q.person_id = p.id WHERE p.id = $1";
    one(c, sql, params![person]).await
}

/// Keeps what a person chose; of the texts, too, if they said.
pub(super) async fn put_choice(
    tx: &Tx,
    person: Uuid,
    pace: &str,
    show_text: Option<bool>,
) -> DbResult<()> {
    let sql = "INSERT INTO mail_choices (person_id, pace, show_text) \
               VALUES ($1, $2, COALESCE($3, TRUE)) ON CONFLICT (person_id) DO UPDATE \
               SET pace = excluded.pace, show_text = COALESCE($3, mail_choices.show_text)";
    exec(tx, sql, params![person, pace, show_text]).await.map(drop)
}

/// The time zone of a person's quiet hours.
pub(super) async fn time_zone(c: &impl Sql, person: Uuid) -> DbResult<Option<String>> {
    let sql = "SELECT time_zone FROM notice_choices WHERE person_id = $1";
    Ok(scalar::<Option<String>>(c, sql, params![person]).await?.flatten())
}

/// All that waits for a person is due at `at`.
pub(super) async fn retime(tx: &Tx, person: Uuid, at: i64) -> DbResult<()> {
    let sql = "UPDATE mail_notices SET due_at = $2, look_at = $2 \
               WHERE person_id = $1 AND outcome IS NULL";
    exec(tx, sql, params![person, at]).await.map(drop)
}

/// Nothing that waits for a person is wanted any more.
pub(super) async fn drop_waiting(tx: &Tx, person: Uuid) -> DbResult<()> {
    let sql = "UPDATE mail_notices SET outcome = 'not wanted' \
               WHERE person_id = $1 AND (outcome IS NULL OR outcome = 'parked')";
    exec(tx, sql, params![person]).await.map(drop)
}

/// A message that calls somebody who may want mail.
#[derive(Row)]
pub(super) struct FoundRow {
    message_id: Uuid,
    room_id: Uuid,
    person_id: Uuid,
    pace: Option<String>,
    time_zone: Option<String>,
}

impl FoundRow {
    /// The same with its moment; nothing for who wants no mail.
    pub(super) fn due(self, settings: &MailSettings, now: i64) -> Option<NoticeRow> {
        let pace = pace::from_word(self.pace.as_deref());
        let due_at = pace::due_at(pace, self.time_zone.as_deref(), settings, now)?;
        let Self { message_id, room_id, person_id, .. } = self;
        Some(NoticeRow { message_id, room_id, person_id, due_at })
    }
}

/// What is to be written down of it.
pub(in crate::delivery) struct NoticeRow {
    message_id: Uuid,
    room_id: Uuid,
    person_id: Uuid,
    due_at: i64,
}

/// Each message of `stretch` with each member whom it calls, who wants to be told of it, and who
/// has an address.
pub(super) async fn find(
    c: &impl Sql,
    stretch: &Stretch,
    now: i64,
    oldest: i64,
) -> DbResult<Vec<FoundRow>> {
    let sql = format!(
        "{EVENTS}, who AS ({CALLED_WHO}) \
         SELECT g.id AS message_id, g.room_id, m.person_id, q.pace, c.time_zone FROM who \
         JOIN messages g ON g.id = who.message_id JOIN rooms r ON r.id = g.room_id \
         JOIN members m ON m.room_id = g.room_id AND m.person_id = who.person_id \
         JOIN people p ON p.id = m.person_id AND p.email IS NOT NULL AND NOT p.blocked \
         LEFT JOIN mail_choices q ON q.person_id = m.person_id {CHOICES} \
         WHERE g.created_at > $5 AND {CALLED} AND {}",
        wants()
    );
    all(c, &sql, params![now, stretch.room, stretch.after, stretch.until, oldest]).await
}

/// Writes a row for each, but for those who have one already.
pub(super) async fn insert(tx: &Tx, found: &[NoticeRow], now: i64) -> DbResult<()> {
    for some in found.chunks(ROWS_MAX) {
        let sql = format!(
            "INSERT INTO mail_notices \
             (message_id, person_id, room_id, due_at, look_at, created_at) \
             VALUES {} ON CONFLICT (message_id, person_id) DO NOTHING",
            tuples(some.len(), 6, 0)
        );
        let values = some.iter().flat_map(|row| {
            let NoticeRow { message_id, room_id, person_id, due_at } = *row;
            params![message_id, person_id, room_id, due_at, due_at, now]
        });
        exec(tx, &sql, values.collect()).await?;
    }
    Ok(())
}

/// Forgets what was told, or not, before `oldest`.
pub(super) async fn forget_before(tx: &Tx, oldest: i64) -> DbResult<()> {
    exec(tx, "DELETE FROM mail_notices WHERE created_at < $1", params![oldest]).await.map(drop)
}

/// At most `limit` people for whom something is due.
pub(super) async fn due(c: &impl Sql, now: i64, limit: i64) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct DueRow {
        person_id: Uuid,
    }
    let sql = "SELECT DISTINCT person_id FROM mail_notices \
               WHERE outcome IS NULL AND look_at <= $1 LIMIT $2";
    let rows: Vec<DueRow> = all(c, sql, params![now, limit]).await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// A person for whom there is a job now is looked at again at `again`.
pub(super) async fn looked(tx: &Tx, person: Uuid, now: i64, again: i64) -> DbResult<()> {
    let sql = "UPDATE mail_notices SET look_at = $3 \
               WHERE person_id = $1 AND outcome IS NULL AND look_at <= $2";
    exec(tx, sql, params![person, now, again]).await.map(drop)
}

/// All messages that wait for a person, whether they are still to be told or not.
pub(super) async fn waiting(c: &impl Sql, person: Uuid) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct WaitingRow {
        message_id: Uuid,
    }
    let sql = "SELECT message_id FROM mail_notices WHERE person_id = $1 \
               AND (outcome IS NULL OR outcome = 'parked')";
    let rows: Vec<WaitingRow> = all(c, sql, params![person]).await?;
    Ok(rows.into_iter().map(|row| row.message_id).collect())
}

/// A message that is still to be told, and where it is.
#[derive(Row)]
pub(super) struct WantedRow {
    pub(super) message_id: Uuid,
    pub(super) room_id: Uuid,
    pub(super) thread_id: Option<Uuid>,
    /// Of the room.
    pub(super) name: String,
    /// Of the room.
    pub(super) kind: String,
}

/// Those that wait for a person and call them still, oldest first: unread, not muted, not
/// deleted, and no browser of theirs told of them.
pub(super) async fn wanted(c: &impl Sql, person: Uuid, now: i64) -> DbResult<Vec<WantedRow>> {
    let sql = format!(
        "SELECT g.id AS message_id, g.room_id, g.thread_id, r.name, r.kind FROM mail_notices o \
         JOIN messages g ON g.id = o.message_id JOIN rooms r ON r.id = g.room_id \
         JOIN members m ON m.room_id = g.room_id AND m.person_id = o.person_id {CHOICES} \
         WHERE o.person_id = $2 AND (o.outcome IS NULL OR o.outcome = 'parked') \
         AND {CALLED} AND {} AND NOT EXISTS (SELECT 1 FROM deliveries b \
         WHERE b.message_id = g.id AND b.person_id = $2 AND b.outcome = 'sent') \
         ORDER BY g.id",
        wants()
    );
    all(c, &sql, params![now, person]).await
}

/// They are over.
pub(super) async fn finish(
    tx: &Tx,
    person: Uuid,
    messages: &[Uuid],
    outcome: &str,
) -> DbResult<()> {
    for some in messages.chunks(ROWS_MAX) {
        let sql = format!(
            "UPDATE mail_notices SET outcome = $2 WHERE person_id = $1 AND message_id IN {}",
            tuples(1, some.len(), 2)
        );
        let ids = some.iter().map(|id| Value::from(*id));
        exec(tx, &sql, params![person, outcome].into_iter().chain(ids).collect()).await?;
    }
    Ok(())
}

/// They wait until `until`.
pub(super) async fn postpone(tx: &Tx, person: Uuid, messages: &[Uuid], until: i64) -> DbResult<()> {
    for some in messages.chunks(ROWS_MAX) {
        let sql = format!(
            "UPDATE mail_notices SET outcome = NULL, due_at = $2, look_at = $2 \
             WHERE person_id = $1 AND message_id IN {}",
            tuples(1, some.len(), 2)
        );
        let ids = some.iter().map(|id| Value::from(*id));
        exec(tx, &sql, params![person, until].into_iter().chain(ids).collect()).await?;
    }
    Ok(())
}

/// What was due for a person is given up for now.
pub(super) async fn park(tx: &Tx, person: Uuid, now: i64) -> DbResult<()> {
    let sql = "UPDATE mail_notices SET outcome = 'parked' \
               WHERE person_id = $1 AND outcome IS NULL AND due_at <= $2";
    exec(tx, sql, params![person, now]).await.map(drop)
}

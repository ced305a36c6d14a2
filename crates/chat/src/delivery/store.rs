//! Rows of browsers, and of what is to be sent to them.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params, scalar, tuples};
use uuid::Uuid;

/// Most rows in one statement.
const ROWS_MAX: usize = 1_000;

/// The key as it was sealed.
pub(super) async fn key(c: &impl Sql) -> DbResult<Option<Vec<u8>>> {
    scalar(c, "SELECT sealed FROM push_key WHERE id = 1", vec![]).await
}

/// Keeps the first key; answers the one that is kept.
pub(super) async fn keep_key(tx: &Tx, sealed: Vec<u8>) -> DbResult<Option<Vec<u8>>> {
    let sql = "INSERT INTO push_key (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    exec(tx, sql, params![sealed]).await?;
    key(tx).await
}

pub(super) struct NewDevice {
    pub(super) id: Uuid,
    pub(super) person: Uuid,
    pub(super) session: Option<Uuid>,
    pub(super) mac: Vec<u8>,
    pub(super) sealed: Vec<u8>,
    pub(super) at: i64,
}

#[derive(Row)]
pub(super) struct DeviceRow {
    pub(super) id: Uuid,
    pub(super) created_at: i64,
}

pub(super) async fn devices(c: &impl Sql, person: Uuid) -> DbResult<Vec<DeviceRow>> {
    let sql = "SELECT id, created_at FROM push_devices WHERE person_id = $1 \
               ORDER BY created_at, id";
    all(c, sql, params![person]).await
}

/// Writes a browser. One that is known already stays as it is, but with its new keys and session;
/// if it was somebody else's, it begins anew.
pub(super) async fn put_device(tx: &Tx, new: &NewDevice) -> DbResult<DeviceRow> {
    let sql = "DELETE FROM push_devices WHERE endpoint_mac = $1 AND person_id <> $2";
    exec(tx, sql, params![new.mac.clone(), new.person]).await?;
    let sql = "INSERT INTO push_devices (id, person_id, session_id, endpoint_mac, sealed, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (endpoint_mac) \
               DO UPDATE SET session_id = excluded.session_id, sealed = excluded.sealed \
               RETURNING id, created_at";
    let (mac, sealed) = (new.mac.clone(), new.sealed.clone());
    let values = params![new.id, new.person, new.session, mac, sealed, new.at];
    let kept = one(tx, sql, values).await?;
    kept.ok_or_else(|| kit::db::DbErr::RecordNotFound("push_devices".to_owned()))
}

/// Leaves `most` browsers to `person`.
pub(super) async fn forget_oldest(tx: &Tx, person: Uuid, most: i64) -> DbResult<()> {
    let sql = "DELETE FROM push_devices WHERE person_id = $1 AND id NOT IN (\
               SELECT id FROM push_devices WHERE person_id = $1 \
               ORDER BY created_at DESC, id DESC LIMIT $2)";
    exec(tx, sql, params![person, most]).await.map(drop)
}

pub(super) async fn remove_device(tx: &Tx, person: Uuid, device: Uuid) -> DbResult<u64> {
    let sql = "DELETE FROM push_devices WHERE id = $1 AND person_id = $2";
    exec(tx, sql, params![device, person]).await
}

/// Forgets a browser, and what was to be sent to it.
pub(super) async fn forget_device(tx: &Tx, device: Uuid) -> DbResult<()> {
    exec(tx, "DELETE FROM push_devices WHERE id = $1", params![device]).await?;
    let sql = "UPDATE deliveries SET outcome = 'gone' WHERE target_id = $1 AND outcome IS NULL";
    exec(tx, sql, params![device]).await.map(drop)
}

/// A room whose log went on.
#[derive(Row)]
pub(super) struct BehindRow {
    pub(super) room_id: Uuid,
    pub(super) last_seq: i64,
    pub(super) seen: i64,
    /// Whether any member has a browser that is told.
    pub(super) listened: bool,
}

/// At most `limit` rooms whose log goes on after the position that was reached.
pub(super) async fn behind(c: &impl Sql, limit: i64) -> DbResult<Vec<BehindRow>> {
    let sql = "SELECT r.id AS room_id, r.last_seq, COALESCE(o.seq, 0) AS seen, \
               EXISTS (SELECT 1 FROM members m JOIN push_devices d ON d.person_id = m.person_id \
               WHERE m.room_id = r.id) AS listened \
               FROM rooms r LEFT JOIN delivery_positions o ON o.room_id = r.id \
               WHERE r.last_seq > COALESCE(o.seq, 0) LIMIT $1";
    all(c, sql, params![limit]).await
}

/// A part of a room's log.
pub(super) struct Stretch {
    pub(super) room: Uuid,
    /// Without this event.
    pub(super) after: i64,
    /// With this one.
    pub(super) until: i64,
    pub(super) listened: bool,
}

/// What every question about a message `g`, its room `r` and a member `m` begins with.
pub(super) const CHOICES: &str = "\
    LEFT JOIN mentions x ON x.message_id = g.id AND x.person_id = m.person_id \
    AND x.active AND x.reason <> 'self' \
    LEFT JOIN thread_followers f ON f.root_id = g.thread_id AND f.person_id = m.person_id \
    AND f.following \
    LEFT JOIN notice_choices c ON c.person_id = m.person_id \
    LEFT JOIN room_notice_choices n ON n.person_id = m.person_id AND n.room_id = m.room_id";

/// Whether the message calls the member: by name or reply, directly, or in a thread they follow.
pub(super) const CALLED: &str =
    "(x.message_id IS NOT NULL OR r.kind = 'direct' OR f.root_id IS NOT NULL)";

/// Whether the member wants to be told of it and has not read it. `$1` is now.
pub(super) fn wanted() -> String {
    format!(
        "g.deleted_at IS NULL AND g.author_id <> m.person_id \
         AND (n.muted_until IS NULL OR n.muted_until <= $1) \
         AND CASE COALESCE(n.level, c.level, 'mentions') WHEN 'none' THEN FALSE \
         WHEN 'all' THEN NOT g.aside OR {CALLED} ELSE {CALLED} END \
         AND CASE WHEN x.message_id IS NOT NULL THEN x.read_at IS NULL \
         WHEN g.aside THEN f.last_read IS NULL OR f.last_read < g.seq \
         ELSE m.last_read < g.seq END"
    )
}

/// A message that somebody is to be told of in one of their browsers.
#[derive(Row)]
pub(super) struct FoundRow {
    message_id: Uuid,
    room_id: Uuid,
    person_id: Uuid,
    device: Uuid,
}

/// What was said in a stretch (`$2` to `$4`): every question about one begins with it.
pub(super) const EVENTS: &str = "\
    WITH ev AS MATERIALIZED (SELECT e.message_id, e.kind FROM events e \
    WHERE e.room_id = $2 AND e.seq > $3 AND e.seq <= $4 \
    AND e.kind IN ('message', 'messageEdited'))";

/// Who is called by what was said: by name or reply, in a thread they follow, or directly. The
/// cost is that of these people and not of all members. An edit counts where it calls somebody.
pub(super) const CALLED_WHO: &str = "\
    SELECT x.message_id, x.person_id FROM ev \
    JOIN mentions x ON x.message_id = ev.message_id AND x.active \
    UNION SELECT g.id, f.person_id FROM ev JOIN messages g ON g.id = ev.message_id \
    JOIN thread_followers f ON f.root_id = g.thread_id AND f.following \
    WHERE ev.kind = 'message' \
    UNION SELECT ev.message_id, m.person_id FROM ev \
    JOIN rooms r ON r.id = $2 AND r.kind = 'direct' JOIN members m ON m.room_id = r.id \
    WHERE ev.kind = 'message'";

/// Who wants to hear everything.
const EAGER: &str = "\
    eager AS MATERIALIZED (SELECT m.person_id FROM members m \
    LEFT JOIN notice_choices c ON c.person_id = m.person_id \
    LEFT JOIN room_notice_choices n ON n.person_id = m.person_id AND n.room_id = m.room_id \
    WHERE m.room_id = $2 AND COALESCE(n.level, c.level) = 'all')";

/// Each message of `stretch` with each browser of a member who wants to be told of it. Nothing
/// from before `oldest` is told any more, nor from before the browser was turned on.
pub(super) async fn find(
    c: &impl Sql,
    stretch: &Stretch,
    now: i64,
    oldest: i64,
) -> DbResult<Vec<FoundRow>> {
    let sql = format!(
        "{EVENTS}, {EAGER}, who AS ({CALLED_WHO} \
         UNION SELECT ev.message_id, eager.person_id FROM ev CROSS JOIN eager \
         WHERE ev.kind = 'message') \
         SELECT g.id AS message_id, g.room_id, m.person_id, d.id AS device FROM who \
         JOIN messages g ON g.id = who.message_id JOIN rooms r ON r.id = g.room_id \
         JOIN members m ON m.room_id = g.room_id AND m.person_id = who.person_id \
         JOIN push_devices d ON d.person_id = m.person_id AND d.created_at <= g.created_at \
         {CHOICES} WHERE g.created_at > $5 AND {}",
        wanted()
    );
    all(c, &sql, params![now, stretch.room, stretch.after, stretch.until, oldest]).await
}

/// Writes a row for each, but for those who have one already.
pub(super) async fn insert(tx: &Tx, found: &[FoundRow], now: i64) -> DbResult<()> {
    for some in found.chunks(ROWS_MAX) {
        let sql = format!(
            "INSERT INTO deliveries \
             (message_id, target_id, way, person_id, room_id, tries, next_at, created_at) \
             VALUES {} ON CONFLICT (message_id, target_id) DO NOTHING",
            tuples(some.len(), 8, 0)
        );
        let values = some.iter().flat_map(|row| {
            let FoundRow { message_id, room_id, person_id, device } = *row;
            params![message_id, device, "push", person_id, room_id, 0, now, now]
        });
        exec(tx, &sql, values.collect()).await?;
    }
    Ok(())
}

/// The positions that were reached; none goes back.
pub(super) async fn advance(tx: &Tx, stretches: &[Stretch]) -> DbResult<()> {
    let sql = format!(
        "INSERT INTO delivery_positions (room_id, seq) VALUES {} ON CONFLICT (room_id) \
         DO UPDATE SET seq = excluded.seq WHERE delivery_positions.seq < excluded.seq",
        tuples(stretches.len(), 2, 0)
    );
    let values = stretches.iter().flat_map(|stretch| params![stretch.room, stretch.until]);
    exec(tx, &sql, values.collect()).await.map(drop)
}

/// Forgets what was told before `oldest`.
pub(super) async fn forget_before(tx: &Tx, oldest: i64) -> DbResult<u64> {
    exec(tx, "DELETE FROM deliveries WHERE created_at < $1", params![oldest]).await
}

/// One try to send one message to one browser.
#[derive(Row)]
pub(super) struct ClaimedRow {
    pub(super) message_id: Uuid,
    pub(super) target_id: Uuid,
    pub(super) person_id: Uuid,
    /// Which try it is; the first is 1.
    pub(super) tries: i32,
    pub(super) created_at: i64,
}

/// Takes at most `limit` rows that are due; nobody else takes them before `lease`.
pub(super) async fn claim(tx: &Tx, limit: i64, now: i64, lease: i64) -> DbResult<Vec<ClaimedRow>> {
    let sql = "UPDATE deliveries SET next_at = $3, tries = tries + 1 \
               WHERE outcome IS NULL AND next_at <= $1 AND (message_id, target_id) IN (\
               SELECT message_id, target_id FROM deliveries \
               WHERE way = 'push' AND outcome IS NULL AND next_at <= $1 \
               ORDER BY next_at LIMIT $2) \
               RETURNING message_id, target_id, person_id, tries, created_at";
    all(tx, sql, params![now, limit, lease]).await
}

/// When the next row is due.
pub(super) async fn next_due(c: &impl Sql) -> DbResult<Option<i64>> {
    let sql = "SELECT MIN(next_at) FROM deliveries WHERE way = 'push' AND outcome IS NULL";
    Ok(scalar::<Option<i64>>(c, sql, vec![]).await?.flatten())
}

/// What is known when a message is sent.
#[derive(Row)]
pub(super) struct JudgedRow {
    pub(super) session_id: Option<Uuid>,
    pub(super) endpoint_mac: Vec<u8>,
    pub(super) sealed: Vec<u8>,
    /// Of the room.
    pub(super) name: String,
    /// Of the room.
    pub(super) kind: String,
    pub(super) called: bool,
}

/// Looks again whether a row is to be sent.
pub(super) async fn judge(c: &impl Sql, row: &ClaimedRow, now: i64) -> DbResult<Option<JudgedRow>> {
    let sql = format!(
        "SELECT d.session_id, d.endpoint_mac, d.sealed, r.name, r.kind, {CALLED} AS called \
         FROM messages g JOIN rooms r ON r.id = g.room_id \
         JOIN members m ON m.room_id = g.room_id \
         JOIN people p ON p.id = m.person_id AND NOT p.blocked \
         JOIN push_devices d ON d.person_id = m.person_id {CHOICES} \
         WHERE g.id = $2 AND d.id = $3 AND {}",
        wanted()
    );
    one(c, &sql, params![now, row.message_id, row.target_id]).await
}

/// It is over.
pub(super) async fn finish(tx: &Tx, row: &ClaimedRow, outcome: &str) -> DbResult<()> {
    let sql = "UPDATE deliveries SET outcome = $3 WHERE message_id = $1 AND target_id = $2";
    exec(tx, sql, params![row.message_id, row.target_id, outcome]).await.map(drop)
}

/// It is tried again, not before `at`.
pub(super) async fn postpone(tx: &Tx, row: &ClaimedRow, at: i64) -> DbResult<()> {
    let sql = "UPDATE deliveries SET next_at = $3 WHERE message_id = $1 AND target_id = $2";
    exec(tx, sql, params![row.message_id, row.target_id, at]).await.map(drop)
}

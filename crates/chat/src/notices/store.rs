//! Rows of the choices.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params};
use protocol::{NoticeChoices, NoticeLevel, QuietHours};
use uuid::Uuid;

use super::choices::{level_from, level_word};

#[derive(Row)]
struct EverywhereRow {
    level: String,
    quiet_from: Option<i32>,
    quiet_to: Option<i32>,
    time_zone: Option<String>,
}

/// A room with a choice of its own.
#[derive(Row)]
pub(super) struct RoomRow {
    pub(super) room_id: Uuid,
    pub(super) level: Option<String>,
    pub(super) muted_until: Option<i64>,
}

/// What `person` wants everywhere; told of what calls them unless they chose.
pub(super) async fn everywhere(c: &impl Sql, person: Uuid) -> DbResult<NoticeChoices> {
    let sql = "SELECT level, quiet_from, quiet_to, time_zone FROM notice_choices \
               WHERE person_id = $1";
    let Some(row) = one::<EverywhereRow>(c, sql, params![person]).await? else {
        return Ok(NoticeChoices { level: NoticeLevel::Mentions, quiet_hours: None });
    };
    let quiet_hours = match (row.quiet_from, row.quiet_to, row.time_zone) {
        (Some(from_minute), Some(to_minute), Some(time_zone)) => {
            Some(QuietHours { from_minute, to_minute, time_zone })
        }
        _ => None,
    };
    Ok(NoticeChoices { level: level_from(&row.level), quiet_hours })
}

/// The rooms that `person` is in and has a choice of its own for.
pub(super) async fn rooms(c: &impl Sql, person: Uuid) -> DbResult<Vec<RoomRow>> {
    let sql = "SELECT n.room_id, n.level, n.muted_until FROM room_notice_choices n \
               JOIN members m ON m.room_id = n.room_id AND m.person_id = n.person_id \
               WHERE n.person_id = $1 ORDER BY n.room_id";
    all(c, sql, params![person]).await
}

pub(super) async fn put(tx: &Tx, person: Uuid, choices: &NoticeChoices) -> DbResult<()> {
    let sql = "INSERT INTO notice_choices (person_id, level, quiet_from, quiet_to, time_zone) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id) DO UPDATE SET \
               level = excluded.level, quiet_from = excluded.quiet_from, \
               quiet_to = excluded.quiet_to, time_zone = excluded.time_zone";
    let hours = choices.quiet_hours.as_ref();
    let values = params![
        person,
        level_word(choices.level),
        hours.map(|hours| hours.from_minute),
        hours.map(|hours| hours.to_minute),
        hours.map(|hours| hours.time_zone.clone()),
    ];
    exec(tx, sql, values).await?;
    Ok(())
}

pub(super) async fn put_room(
    tx: &Tx,
    (person, room): (Uuid, Uuid),
    level: Option<&str>,
    muted_until: Option<i64>,
) -> DbResult<()> {
    let sql = "INSERT INTO room_notice_choices (person_id, room_id, level, muted_until) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (person_id, room_id) DO UPDATE SET \
               level = excluded.level, muted_until = excluded.muted_until";
    exec(tx, sql, params![person, room, level, muted_until]).await?;
    Ok(())
}

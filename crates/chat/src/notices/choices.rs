//! Keeping and reading the choices.

use kit::clock::{now_ms, rfc3339};
use kit::db::DbErr;
use kit::problem::{ApiError, Kind};
use protocol::{NoticeChoices, NoticeLevel, Notices, PutRoomNotices, QuietHours, RoomNotices};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, RoomRow};
use crate::{Chat, rooms};

const MINUTES: std::ops::Range<i32> = 0..1_440;
const MUTED_S: std::ops::RangeInclusive<i64> = 1..=315_360_000;
const ZONE_BYTES_MAX: usize = 64;

/// All choices of `person`.
pub(super) async fn all(chat: &Chat, person: Uuid) -> Result<Notices, ApiError> {
    let db = chat.db.reader();
    let everywhere = store::everywhere(db, person).await.map_err(ApiError::from)?;
    let rooms = store::rooms(db, person).await.map_err(ApiError::from)?;
    Ok(Notices { everywhere, rooms: rooms.iter().map(room_notices).collect() })
}

/// `person` wants this everywhere; tells all of their sockets.
pub(super) async fn put(
    chat: &Chat,
    person: Uuid,
    choices: &NoticeChoices,
) -> Result<(), ApiError> {
    choices.quiet_hours.as_ref().map(check_hours).transpose()?;
    let written = chat.db.write(async |tx| {
        store::put(tx, person, choices).await?;
        Ok::<_, DbErr>(())
    });
    written.await.map_err(ApiError::from)?;
    chat.tell_person(person, "noticesChanged", &json!({}));
    Ok(())
}

/// `person` wants this of `room`; tells all of their sockets.
pub(super) async fn put_room(
    chat: &Chat,
    person: Uuid,
    room: Uuid,
    choice: PutRoomNotices,
) -> Result<RoomNotices, ApiError> {
    if choice.muted_for_s.is_some_and(|seconds| !MUTED_S.contains(&seconds)) {
        let detail = "a room is muted for 1 to 315,360,000 seconds";
        return Err(ApiError::field("muted_for_s", "out_of_range", detail));
    }
    let muted_until = choice.muted_for_s.map(|seconds| now_ms() + seconds * 1_000);
    let level = choice.level.map(level_word);
    let written = chat.db.write(async |tx| {
        if rooms::membership(tx, room, person).await?.is_none() {
            return Ok(false);
        }
        store::put_room(tx, (person, room), level, muted_until).await?;
        Ok::<_, DbErr>(true)
    });
    if !written.await.map_err(ApiError::from)? {
        return Err(ApiError::new(Kind::NotFound, "there is no such room for you"));
    }
    chat.tell_person(person, "noticesChanged", &json!({"room": room}));
    Ok(RoomNotices { room, level: choice.level, muted_until: muted_until.map(rfc3339) })
}

/// The word in the database.
pub(super) fn level_word(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::All => "all",
        NoticeLevel::Mentions => "mentions",
        NoticeLevel::None => "none",
    }
}

/// What a word of the database means; an unknown one is the default.
pub(super) fn level_from(word: &str) -> NoticeLevel {
    match word {
        "all" => NoticeLevel::All,
        "none" => NoticeLevel::None,
        _ => NoticeLevel::Mentions,
    }
}

fn room_notices(row: &RoomRow) -> RoomNotices {
    RoomNotices {
        room: row.room_id,
        level: row.level.as_deref().map(level_from),
        muted_until: row.muted_until.filter(|until| *until > now_ms()).map(rfc3339),
    }
}

/// Whether a zone is in the database of zones is for whoever delivers to know.
fn check_hours(hours: &QuietHours) -> Result<(), ApiError> {
    let out_of_range =
        |field| ApiError::field(field, "out_of_range", "a minute of the day is 0 to 1,439");
    if !MINUTES.contains(&hours.from_minute) {
        return Err(out_of_range("quiet_hours.from_minute"));
    }
    if !MINUTES.contains(&hours.to_minute) {
        return Err(out_of_range("quiet_hours.to_minute"));
    }
    let zone = &hours.time_zone;
    let letters = zone.chars().all(|c| c.is_ascii_alphanumeric() || "_+-/".contains(c));
    if zone.is_empty() || zone.len() > ZONE_BYTES_MAX || !letters {
        let detail = "a time zone is called as in Europe/Madrid";
        return Err(ApiError::field("quiet_hours.time_zone", "not_allowed", detail));
    }
    Ok(())
}

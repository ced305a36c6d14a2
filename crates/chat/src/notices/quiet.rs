//! Whether it is quiet for somebody now, by the clock on their wall.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kit::db::{DbResult, Sql};
use protocol::QuietHours;
use uuid::Uuid;

use super::store;

/// Whether `person` wants to hear nothing at `now`, milliseconds.
pub(crate) async fn is_quiet(c: &impl Sql, person: Uuid, now: i64) -> DbResult<bool> {
    let choices = store::everywhere(c, person).await?;
    Ok(choices.quiet_hours.is_some_and(|hours| within(&hours, now)))
}

/// Hours may cross midnight; those that end as they begin are none. A zone that is in no database
/// is UTC.
fn within(hours: &QuietHours, now: i64) -> bool {
    let zone = TimeZone::get(&hours.time_zone).unwrap_or(TimeZone::UTC);
    let Ok(now) = Timestamp::from_millisecond(now) else { return false };
    let wall = zone.to_datetime(now);
    let minute = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
    let (from, to) = (hours.from_minute, hours.to_minute);
    if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(zone: &str, (from_minute, to_minute): (i32, i32), now: &str) -> bool {
        let hours = QuietHours { from_minute, to_minute, time_zone: zone.to_owned() };
        within(&hours, kit::clock::parse_rfc3339(now).unwrap())
    }

    #[test]
    fn hours_are_of_the_wall_also_across_midnight_and_in_summer() {
        let night = (22 * 60, 8 * 60);
        assert!(quiet("Europe/Madrid", night, "2026-01-10T21:00:00Z"), "22:00 in winter");
        assert!(!quiet("Europe/Madrid", night, "2026-01-10T20:59:00Z"));
        assert!(quiet("Europe/Madrid", night, "2026-07-10T20:00:00Z"), "22:00 in summer");
        assert!(!quiet("Europe/Madrid", night, "2026-07-10T06:00:00Z"), "8:00 is day");
        assert!(quiet("America/Argentina/Buenos_Aires", night, "2026-07-10T01:00:00Z"));
        let noon = (12 * 60, 13 * 60);
        assert!(quiet("UTC", noon, "2026-07-10T12:59:00Z"));
        assert!(!quiet("UTC", noon, "2026-07-10T13:00:00Z"));
        assert!(!quiet("UTC", (60, 60), "2026-07-10T01:00:00Z"), "no hours");
        assert!(quiet("Nowhere/Town", noon, "2026-07-10T12:00:00Z"), "as in UTC");
    }
}

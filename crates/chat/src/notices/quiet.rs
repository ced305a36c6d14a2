//! Whether it is quiet for somebody now, by the clock on their wall.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kit::db::{DbResult, Sql};
use protocol::QuietHours;
use uuid::Uuid;

use super::store;

/// Whether `person` wants to hear nothing at `now`, milliseconds.
pub(crate) async fn is_quiet(c: &impl Sql, person: Uuid, now: i64) -> DbResult<bool> {
    Ok(quiet_until(c, person, now).await?.is_some())
}

/// Until when `person` wants to hear nothing, if they want to hear nothing at `now`.
pub(crate) async fn quiet_until(c: &impl Sql, person: Uuid, now: i64) -> DbResult<Option<i64>> {
    let choices = store::everywhere(c, person).await?;
    Ok(choices.quiet_hours.and_then(|hours| end(&hours, now)))
}

/// When the hours end that `now` is within, by the clock on the wall, also in a night in which it
/// is changed. Hours may cross midnight; those that end as they begin are none. A zone that is in
/// no database is UTC.
fn end(hours: &QuietHours, now: i64) -> Option<i64> {
    let zone = TimeZone::get(&hours.time_zone).unwrap_or(TimeZone::UTC);
    let wall = zone.to_datetime(Timestamp::from_millisecond(now).ok()?);
    let minute = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
    let (from, to) = (hours.from_minute, hours.to_minute);
    let within =
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to };
    if !within {
        return None;
    }
    let day = if minute < to { wall.date() } else { wall.date().tomorrow().ok()? };
    let (hour, minute) = (i8::try_from(to / 60).ok()?, i8::try_from(to % 60).ok()?);
    let then = zone.into_ambiguous_zoned_datetime(day.at(hour, minute, 0, 0));
    let first = then.clone().compatible().ok()?.timestamp().as_millisecond();
    // The clock may show it a second time, when it was put back.
    if first > now { Some(first) } else { Some(then.later().ok()?.timestamp().as_millisecond()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(zone: &str, (from_minute, to_minute): (i32, i32), now: &str) -> bool {
        let hours = QuietHours { from_minute, to_minute, time_zone: zone.to_owned() };
        end(&hours, kit::clock::parse_rfc3339(now).unwrap()).is_some()
    }

    #[test]
    fn quiet_hours_end_when_the_clock_on_the_wall_says_so() {
        let ends = |(from_minute, to_minute), now| {
            let time_zone = "Europe/Madrid".to_owned();
            let hours = QuietHours { from_minute, to_minute, time_zone };
            end(&hours, kit::clock::parse_rfc3339(now).unwrap()).map(kit::clock::rfc3339)
        };
        let night = (22 * 60, 8 * 60);
        let morning = Some("2026-01-11T07:00:00.000Z".to_owned());
        assert_eq!(ends(night, "2026-01-10T21:00:59.500Z"), morning);
        assert_eq!(ends(night, "2026-01-11T06:59:59.999Z"), morning);
        assert_eq!(ends(night, "2026-01-11T07:00:00Z"), None);
        let (spring, autumn) = ("2026-03-28T23:00:00Z", "2026-10-24T23:00:00Z");
        assert_eq!(ends(night, spring).as_deref(), Some("2026-03-29T06:00:00.000Z"));
        assert_eq!(ends(night, autumn).as_deref(), Some("2026-10-25T07:00:00.000Z"));
        let twice = (22 * 60, 2 * 60 + 30);
        let again = "2026-10-25T01:10:00Z"; // 2:10 of the second time.
        assert_eq!(ends(twice, again).as_deref(), Some("2026-10-25T01:30:00.000Z"));
        let noon = (12 * 60, 12 * 60 + 30);
        assert_eq!(ends(noon, "2026-07-10T10:10:00Z").as_deref(), Some("2026-07-10T10:30:00.000Z"));
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

//! When somebody wants to be written to, and when that is next.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use protocol::MailPace;

use crate::config::MailSettings;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// The word in the database.
pub(super) fn word(pace: MailPace) -> &'static str {
    match pace {
        MailPace::Soon => "soon",
        MailPace::Hourly => "hourly",
        MailPace::Daily => "daily",
        MailPace::Never => "never",
    }
}

/// What a word of the database means; an unknown one is the default, and so is none.
pub(super) fn from_word(word: Option<&str>) -> MailPace {
    match word {
        Some("hourly") => MailPace::Hourly,
        Some("daily") => MailPace::Daily,
        Some("never") => MailPace::Never,
        _ => MailPace::Soon,
    }
}

/// When a message that comes now is told; never, for who wants no mail.
pub(super) fn due_at(
    pace: MailPace,
    zone: Option<&str>,
    settings: &MailSettings,
    now: i64,
) -> Option<i64> {
    match pace {
        MailPace::Soon => Some(now + i64::from(settings.after_s) * 1_000),
        MailPace::Hourly => Some((now.div_euclid(HOUR_MS) + 1) * HOUR_MS),
        MailPace::Daily => Some(next_day_at(settings.daily_hour, zone, now)),
        MailPace::Never => None,
    }
}

/// The next time that it is `hour` on the wall of `zone`; a zone that is in no database is UTC.
fn next_day_at(hour: u8, zone: Option<&str>, now: i64) -> i64 {
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or(TimeZone::UTC);
    let hour = i8::try_from(hour.min(23)).expect("an hour of the day");
    let next = || {
        let now = Timestamp::from_millisecond(now).ok()?;
        let today = zone.to_datetime(now).date();
        let moment = |day: Date| zone.to_timestamp(day.at(hour, 0, 0, 0)).ok();
        let then = moment(today).filter(|then| *then > now);
        then.or_else(|| moment(today.tomorrow().ok()?)).map(Timestamp::as_millisecond)
    };
    next().unwrap_or(now + 24 * HOUR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(pace: MailPace, zone: Option<&str>, now: &str) -> Option<String> {
        let now = kit::clock::parse_rfc3339(now).unwrap();
        due_at(pace, zone, &MailSettings::default(), now).map(kit::clock::rfc3339)
    }

    #[test]
    fn each_pace_has_its_moment_by_the_clock_on_the_wall() {
        let madrid = Some("Europe/Madrid");
        for (pace, zone, now, then) in [
            (MailPace::Soon, madrid, "2026-07-10T09:59:30Z", "2026-07-10T10:09:30.000Z"),
            (MailPace::Hourly, madrid, "2026-07-10T09:59:30Z", "2026-07-10T10:00:00.000Z"),
            (MailPace::Hourly, None, "2026-07-10T10:00:00Z", "2026-07-10T11:00:00.000Z"),
            (MailPace::Daily, None, "2026-07-10T07:59:59Z", "2026-07-10T08:00:00.000Z"),
            (MailPace::Daily, None, "2026-07-10T08:00:00Z", "2026-07-11T08:00:00.000Z"),
            (MailPace::Daily, madrid, "2026-07-10T07:00:00Z", "2026-07-11T06:00:00.000Z"),
            (MailPace::Daily, madrid, "2026-01-10T06:59:00Z", "2026-01-10T07:00:00.000Z"),
            (MailPace::Daily, Some("No/Where"), "2026-01-10T08:30:00Z", "2026-01-11T08:00:00.000Z"),
        ] {
            assert_eq!(due(pace, zone, now).as_deref(), Some(then), "{pace:?} {zone:?} {now}");
        }
        assert_eq!(due(MailPace::Never, None, "2026-07-10T08:00:00Z"), None);
    }

    #[test]
    fn a_word_is_its_pace_again() {
        for pace in [MailPace::Soon, MailPace::Hourly, MailPace::Daily, MailPace::Never] {
            assert_eq!(from_word(Some(word(pace))), pace);
        }
        assert_eq!(from_word(None), MailPace::Soon);
    }
}

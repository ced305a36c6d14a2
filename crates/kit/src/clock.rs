//! Time, ids and randomness: the only place that reads the clock or the system's entropy.

use rand::TryRng as _;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use uuid::Uuid;

/// Milliseconds since the Unix epoch, UTC.
pub fn now_ms() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000)
        .expect("the year is below 292 million")
}

/// `ms` as RFC 3339 in UTC with milliseconds: `2026-11-23T09:31:07.250Z`.
pub fn rfc3339(ms: i64) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&format).ok())
        .unwrap_or_default()
}

/// The milliseconds of an RFC 3339 time, with any offset.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// A new time-ordered id (UUIDv7, RFC 9562 section 5.7); for everything of ours.
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
pub fn uuid_v7() -> Uuid {
    Uuid::now_v7()
}

/// A random id (UUIDv4) whose value tells nothing, not even its time; for subjects.
pub fn uuid_v4() -> Uuid {
    Uuid::new_v4()
}

/// `N` bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).expect("the operating system has entropy");
    bytes
}

/// A secret of 256 bits as 43 characters of base64url: for cookies, links and tokens.
pub fn random_token() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_767_225_600_007), "2026-01-01T00:00:00.007Z");
    }

    #[test]
    fn a_time_is_read_with_any_offset() {
        assert_eq!(parse_rfc3339("2026-01-01T00:00:00.007Z"), Some(1_767_225_600_007));
        assert_eq!(parse_rfc3339("2026-01-01T01:00:00+01:00"), Some(1_767_225_600_000));
        assert_eq!(parse_rfc3339("1969-12-31T23:59:59.999Z"), Some(-1));
        for wrong in ["", "2026-01-01", "tomorrow", "2026-13-01T00:00:00Z"] {
            assert_eq!(parse_rfc3339(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn two_tokens_differ_and_have_256_bits() {
        let (one, two) = (random_token(), random_token());
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
    }
}

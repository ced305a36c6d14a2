//! Whole numbers as JSON has them: `5.0` is one, too.

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Number;

/// A whole number, written with or without a fraction of nothing.
pub(crate) fn number<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let number = Number::deserialize(from)?;
    let written = || number.as_f64().and_then(|number| number.to_string().parse().ok());
    let whole = number.as_i64().or_else(written);
    let fits = whole.and_then(|whole| T::try_from(whole).ok());
    fits.ok_or_else(|| D::Error::custom("a whole number is wanted here"))
}

/// The same where it may be absent or null.
pub(crate) fn optional<'de, D>(from: D) -> Result<Option<i64>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(present) = Option::<Number>::deserialize(from)? else { return Ok(None) };
    number(present).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use crate::ReadMarker;

    #[test]
    fn a_whole_number_may_have_a_fraction_of_nothing_and_no_other() {
        let seq = |text: &str| serde_json::from_str::<ReadMarker>(text).map(|marker| marker.seq);
        assert_eq!(seq(r#"{"seq": 5.0}"#).unwrap(), 5);
        assert_eq!(seq(r#"{"seq": 5}"#).unwrap(), 5);
        for other in [r#"{"seq": 5.5}"#, r#"{"seq": 1e300}"#, r#"{"seq": "5"}"#] {
            assert!(seq(other).is_err(), "{other}");
        }
    }
}

//! `application/x-www-form-urlencoded` as OAuth wants it: nothing twice, empty is absent.

use url::form_urlencoded;

/// Longest query or body that is looked at, bytes.
pub(crate) const BYTES_MAX: usize = 16 * 1024;
/// Most parameters of one request.
const PARAMS_MAX: usize = 64;
/// The one parameter that a specification allows more than once (RFC 8707 section 2).
const REPEATABLE: &str = "resource";

/// Why the parameters cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParamsError {
    /// Over a limit.
    #[error("the request has more than {BYTES_MAX} bytes or {PARAMS_MAX} parameters")]
    TooLong,
    /// Bytes that are no text.
    #[error("a parameter is not UTF-8, or has a NUL")]
    NotText,
}

/// The parameters of a request, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Reads a query string or a form body.
    pub(crate) fn parse(raw: &[u8]) -> Result<Self, ParamsError> {
        if raw.len() > BYTES_MAX {
            return Err(ParamsError::TooLong);
        }
        let mut pairs = Vec::new();
        for (name, value) in form_urlencoded::parse(raw) {
            if pairs.len() == PARAMS_MAX {
                return Err(ParamsError::TooLong);
            }
            // The decoder writes U+FFFD for what is not UTF-8; nobody sends that on purpose. NUL is
            // no text to PostgreSQL.
            let odd = ['\u{FFFD}', '\0'];
            if name.contains(odd) || value.contains(odd) {
                return Err(ParamsError::NotText);
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self { pairs })
    }

    /// A parameter's value; one without a value is absent (RFC 6749 section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value that a parameter has.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.pairs.iter().filter(move |(found, _)| found == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a parameter comes more than once, with or without a value.
    pub(crate) fn repeats(&self, name: &str) -> bool {
        self.pairs.iter().filter(|(found, _)| found == name).count() > 1
    }

    /// The first parameter that comes more than once and must not.
    pub(crate) fn repeated(&self) -> Option<&str> {
        let mut names = self.pairs.iter().map(|(name, _)| name.as_str());
        names.find(|name| *name != REPEATABLE && self.repeats(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_parameter_without_a_value_is_absent_but_still_counts_as_one() {
        let params = Params::parse(b"a=&b=1&a=2&resource=x&resource=y").unwrap();
        assert_eq!(
            (params.get("a"), params.get("b"), params.get("c")),
            (Some("2"), Some("1"), None)
        );
        assert_eq!(params.repeated(), Some("a"));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(Params::parse(b"resource=x&resource=y").unwrap().repeated(), None);
    }

    #[test]
    fn what_is_too_much_or_no_text_is_refused() {
        let many = "a=1&".repeat(PARAMS_MAX + 1);
        assert_eq!(Params::parse(many.as_bytes()), Err(ParamsError::TooLong));
        assert_eq!(Params::parse(&vec![b'a'; BYTES_MAX + 1]), Err(ParamsError::TooLong));
        assert_eq!(Params::parse(b"state=%ff%fe"), Err(ParamsError::NotText));
        assert_eq!(Params::parse(b"client_id=chat%00"), Err(ParamsError::NotText));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(params) = Params::parse(&raw) {
                prop_assert!(params.pairs.len() <= PARAMS_MAX);
            }
        }

        #[test]
        fn what_is_written_is_read(
            pairs in proptest::collection::vec(("[a-z_]{1,9}", "[^\u{FFFD}\0]{1,20}"), 0..9),
        ) {
            let mut text = form_urlencoded::Serializer::new(String::new());
            let text = text.extend_pairs(&pairs).finish();
            let params = Params::parse(text.as_bytes()).unwrap();
            for (name, _) in &pairs {
                let first = pairs.iter().find(|(found, _)| found == name);
                prop_assert_eq!(params.get(name), first.map(|(_, value)| value.as_str()));
                let times = pairs.iter().filter(|(found, _)| found == name).count();
                prop_assert_eq!(params.repeats(name), times > 1);
            }
        }
    }
}

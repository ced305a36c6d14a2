//! What was shown and must not be shown again, in this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::CallerError;

/// Ids until they are too old to be accepted anyway.
pub(super) struct Seen {
    most: usize,
    until_s: Mutex<HashMap<String, i64>>,
}

impl Seen {
    /// Remembers `most` ids at once; more are refused rather than forgotten.
    pub(super) fn new(most: usize) -> Self {
        Self { most, until_s: Mutex::default() }
    }

    /// Remembers `id` until `until_s`; answers whether it was not known.
    pub(super) fn is_first(
        &self,
        id: String,
        until_s: i64,
        now_s: i64,
    ) -> Result<bool, CallerError> {
        let mut seen = self.until_s.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= self.most {
            seen.retain(|_, until_s| *until_s >= now_s);
        }
        if seen.len() >= self.most && !seen.contains_key(&id) {
            return Err(CallerError::Unavailable("too many at once".to_owned()));
        }
        Ok(seen.insert(id, until_s).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_room_comes_only_from_what_is_too_old() {
        let seen = Seen::new(2);
        let first = |id: &str, now_s| seen.is_first(id.to_owned(), 100, now_s);
        assert!(first("a", 1).unwrap());
        assert!(!first("a", 2).unwrap());
        assert!(first("b", 2).unwrap());
        assert!(first("c", 3).is_err(), "full");
        assert!(!first("a", 4).unwrap(), "and still known");
        assert!(first("c", 101).unwrap());
    }
}

//! The people whom everyone here may see, a page at a time.

use kit::db::DbResult;
use protocol::{PeopleList, Person};
use uuid::Uuid;

use super::store;
use crate::{Chat, cursor};

/// What is asked of the directory.
pub(crate) struct Asked<'a> {
    /// The beginning of a user name or of a word of a name; everyone if blank.
    pub(crate) query: &'a str,
    /// After whom.
    pub(crate) after: Place,
    /// How many.
    pub(crate) limit: usize,
}

/// A place between two people of the directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) name: String,
    pub(super) id: Uuid,
}

impl Place {
    /// Before everyone.
    pub(crate) fn start() -> Self {
        Self { name: String::new(), id: Uuid::nil() }
    }

    /// The place that a cursor of ours means.
    pub(super) fn parse(cursor: &str) -> Option<Self> {
        let (name, id) = cursor::parse(cursor)?;
        (!name.contains(char::is_control)).then_some(Self { name, id })
    }

    fn cursor(&self) -> String {
        cursor::after(self.id, &self.name)
    }
}

/// A page of the people who are not blocked, by the name that pages show.
pub(crate) async fn page(chat: &Chat, asked: &Asked<'_>) -> DbResult<PeopleList> {
    let mut rows = store::search(chat.db.reader(), asked).await?;
    let more = rows.len() > asked.limit;
    rows.truncate(asked.limit);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| Place { name: row.name_order.clone(), id: row.id }.cursor());
    let items = rows.into_iter().map(|row| Person {
        id: row.id,
        username: row.username,
        display_name: row.display_name,
        picture: row.picture,
    });
    Ok(PeopleList { items: items.collect(), next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_says_after_whom_and_any_other_text_is_none() {
        let place = Place { name: "ana ~ maria".to_owned(), id: kit::clock::uuid_v7() };
        assert_eq!(Place::parse(&place.cursor()), Some(place));
        for other in ["", "~", "ana", "x~ana", "00000000000000000000000000000000~a\0"] {
            assert_eq!(Place::parse(other), None, "{other:?}");
        }
    }
}

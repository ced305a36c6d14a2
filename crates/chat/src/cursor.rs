//! Cursors of lists that are sorted by name: after the row with this name and id.

use uuid::Uuid;

/// The cursor after a row.
pub(crate) fn after(id: Uuid, name: &str) -> String {
    format!("{}~{name}", id.simple())
}

/// The name and id of the row that a cursor of [`after`] means; nothing for any other text.
pub(crate) fn parse(cursor: &str) -> Option<(String, Uuid)> {
    let (id, name) = cursor.split_once('~')?;
    Some((name.to_owned(), Uuid::parse_str(id).ok()?))
}

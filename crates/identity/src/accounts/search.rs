//! Finding accounts.

use kit::db::Conditions;
use uuid::Uuid;

use super::store::{self, COLUMNS};
use super::{Account, AccountError, Email, Role, Status};
use crate::Identity;

/// Which accounts to find.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// Part of a user name or display name, or a whole address.
    pub(crate) query: Option<String>,
    /// With this role.
    pub(crate) role: Option<Role>,
    /// With this status.
    pub(crate) status: Option<Status>,
    /// Made after this one.
    pub(crate) after: Option<Uuid>,
}

/// Accounts in the order in which they were made.
pub(crate) async fn search(
    identity: &Identity,
    search: &Search,
    limit: i64,
) -> Result<Vec<Account>, AccountError> {
    let mut conditions = Conditions::default();
    conditions.add_if("id >", search.after);
    conditions.add_if("role =", search.role.map(Role::as_str));
    conditions.add_if("status =", search.status.map(Status::as_str));
    if let Some(query) = &search.query {
        // Addresses are sealed, so only a whole one can be found.
        if let Some(email) = Email::parse(query) {
            conditions.add("email_mac =", store::email_mac(identity, &email));
        } else {
            let like = "(username_norm LIKE ? ESCAPE '!' OR LOWER(display_name) LIKE ? ESCAPE '!')";
            conditions.also(like, Some(pattern(query).into()));
        }
    }
    let (place, last, values) = conditions.limited(limit);
    let sql = format!("SELECT {COLUMNS} FROM users{place} ORDER BY id{last}");
    store::read_all(identity, identity.db.reader(), &sql, values).await
}

/// Anywhere in a text, with nothing special in it.
fn pattern(query: &str) -> String {
    let mut pattern = String::from("%");
    for c in query.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

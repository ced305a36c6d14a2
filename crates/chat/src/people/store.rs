//! Rows of people.

use kit::db::{DbResult, Row, Sql, Tx, Value, all, exec, for_update, one, params, scalar};
use protocol::Person;
use uuid::Uuid;

use super::directory::Asked;
use super::{Account, name, normalise};

/// Most ids in one query.
const IDS_MAX: usize = 500;

/// A person as the database has them.
#[derive(Debug, Clone, Row)]
pub(crate) struct PersonRow {
    pub(crate) id: Uuid,
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) username: String,
    pub(crate) display_name: String,
    pub(crate) picture: Option<String>,
    pub(crate) role: String,
    pub(crate) blocked: bool,
}

impl PersonRow {
    /// As others see them.
    pub(crate) fn person(self) -> Person {
        Person {
            id: self.id,
            username: self.username,
            display_name: self.display_name,
            picture: self.picture,
        }
    }
}

pub(super) struct NewPerson {
    pub(super) id: Uuid,
    pub(super) email: Option<Vec<u8>>,
    pub(super) username_norm: String,
    pub(super) account: Account,
}

const COLUMNS: &str = "id, iss, sub, username, display_name, picture, role, blocked";

/// The person with this id.
pub(crate) async fn get(c: &impl Sql, id: Uuid) -> DbResult<Option<PersonRow>> {
    one(c, &format!("SELECT {COLUMNS} FROM people WHERE id = $1"), params![id]).await
}

/// The person who is this account.
pub(crate) async fn by_account(c: &impl Sql, iss: &str, sub: &str) -> DbResult<Option<PersonRow>> {
    let sql = format!("SELECT {COLUMNS} FROM people WHERE iss = $1 AND sub = $2");
    one(c, &sql, params![iss, sub]).await
}

/// The people with these ids, in no order; unknown ids are left out.
pub(crate) async fn by_ids(c: &impl Sql, ids: &[Uuid]) -> DbResult<Vec<PersonRow>> {
    let mut people = Vec::with_capacity(ids.len());
    for some in ids.chunks(IDS_MAX) {
        let marks = kit::db::tuples(1, some.len(), 0);
        let sql = format!("SELECT {COLUMNS} FROM people WHERE id IN {marks}");
        let values = some.iter().map(|id| kit::db::Value::from(*id)).collect();
        people.extend(all::<PersonRow>(c, &sql, values).await?);
    }
    Ok(people)
}

/// The person who has this user name now.
pub(crate) async fn by_username(c: &impl Sql, username: &str) -> DbResult<Option<PersonRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM people WHERE username_norm = $1 ORDER BY updated_at DESC LIMIT 1"
    );
    one(c, &sql, params![normalise(username)]).await
}

/// The person with this id, if others may see them.
pub(crate) async fn visible(c: &impl Sql, id: Uuid) -> DbResult<Option<PersonRow>> {
    let sql = format!("SELECT {COLUMNS} FROM people WHERE id = $1 AND NOT blocked");
    one(c, &sql, params![id]).await
}

/// A person in the directory.
#[derive(Row)]
pub(super) struct FoundRow {
    pub(super) id: Uuid,
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) picture: Option<String>,
    pub(super) name_order: String,
}

/// People by name, one more than asked for if there are; accents need not be typed.
pub(super) async fn search(c: &impl Sql, asked: &Asked<'_>) -> DbResult<Vec<FoundRow>> {
    let sql = format!(
        "SELECT p.id, p.username, p.display_name, p.picture, p.name_order FROM people p \
         WHERE NOT p.blocked AND (p.name_order, p.id) > ($1, $2) \
         AND {} ORDER BY p.name_order, p.id LIMIT $3",
        is_called(4)
    );
    let (after, limit) = (&asked.after, i64::try_from(asked.limit).unwrap_or(0));
    let mut values = params![after.name.clone(), after.id, limit + 1];
    values.extend(called(asked.query));
    all(c, &sql, values).await
}

/// Whether the row `p` of a person is of one who is [`called`] so; its values begin at `first`.
pub(crate) fn is_called(first: usize) -> String {
    let [begins, word, plain, plain_word] = [first, first + 1, first + 2, first + 3];
    format!(
        "(p.username_norm LIKE ${begins} ESCAPE '!' OR p.display_norm LIKE ${begins} ESCAPE '!' \
         OR p.display_norm LIKE ${word} ESCAPE '!' OR p.name_order LIKE ${plain} ESCAPE '!' \
         OR p.name_order LIKE ${plain_word} ESCAPE '!')"
    )
}

/// The values of [`is_called`]: `query` begins a user name or a word of a name.
pub(crate) fn called(query: &str) -> Vec<Value> {
    let begins = like_prefix(&normalise(query));
    let plain = like_prefix(&name::folded(&normalise(query)));
    let word = |begins: &str| format!("% {begins}");
    params![begins.clone(), word(&begins), plain.clone(), word(&plain)]
}

/// How a person is reached, as it is stored.
#[derive(Row)]
pub(super) struct AddresseeRow {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) display_name: String,
    pub(super) locale: Option<String>,
    pub(super) email: Vec<u8>,
}

/// How a person is reached who has an address and is not blocked.
pub(super) async fn addressee(c: &impl Sql, id: Uuid) -> DbResult<Option<AddresseeRow>> {
    let sql = "SELECT iss, sub, display_name, locale, email FROM people \
               WHERE id = $1 AND NOT blocked AND email IS NOT NULL";
    one(c, sql, params![id]).await
}

/// Gives a person another picture, or none; answers the name of the former one's blob.
pub(crate) async fn set_picture(
    tx: &Tx,
    id: Uuid,
    picture: Option<&str>,
) -> DbResult<Option<String>> {
    let sql = format!("SELECT picture FROM people WHERE id = $1{}", for_update(tx));
    let former = scalar::<Option<String>>(tx, &sql, params![id]).await?.flatten();
    let sql = "UPDATE people SET picture = $2 WHERE id = $1";
    exec(tx, sql, params![id, picture.map(str::to_owned)]).await?;
    Ok(former)
}

/// Says that a person is blocked, or no longer; what they wrote stays. Answers whether it was
/// otherwise before.
pub(crate) async fn set_blocked(tx: &Tx, id: Uuid, blocked: bool) -> DbResult<bool> {
    let sql = "UPDATE people SET blocked = $2 WHERE id = $1 AND blocked <> $2";
    Ok(exec(tx, sql, params![id, blocked]).await? > 0)
}

/// The rooms that a person is in.
pub(crate) async fn rooms_of(c: &impl Sql, id: Uuid) -> DbResult<Vec<Uuid>> {
    #[derive(Row)]
    struct RoomRow {
        room_id: Uuid,
    }
    let sql = "SELECT room_id FROM members WHERE person_id = $1";
    let rows: Vec<RoomRow> = all(c, sql, params![id]).await?;
    Ok(rows.into_iter().map(|row| row.room_id).collect())
}

/// Whether somebody's picture is the blob of that name.
pub(crate) async fn has_picture(c: &impl Sql, picture: &str) -> DbResult<bool> {
    let sql = "SELECT id FROM people WHERE picture = $1 LIMIT 1";
    Ok(scalar::<Uuid>(c, sql, params![picture]).await?.is_some())
}

/// The address as it is stored.
pub(super) async fn sealed_email(c: &impl Sql, id: Uuid) -> DbResult<Option<Vec<u8>>> {
    let sql = "SELECT email FROM people WHERE id = $1";
    Ok(scalar::<Option<Vec<u8>>>(c, sql, params![id]).await?.flatten())
}

/// Writes a person and answers the id that the account has.
pub(super) async fn upsert(tx: &Tx, new: NewPerson, now: i64) -> DbResult<Uuid> {
    let account = new.account;
    let name_order = name::order(&account.display_name, &account.username);
    let display_norm = account.display_name.to_lowercase();
    // What the issuer did not tell this time stays as it was.
    let sql = "INSERT INTO people (id, iss, sub, username, username_norm, display_name, \
               display_norm, role, email, locale, name_order, blocked, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE($8, 'member'), $9, $11, $12, FALSE, \
               $10, $10) \
               ON CONFLICT (iss, sub) DO UPDATE SET username = excluded.username, \
               username_norm = excluded.username_norm, display_name = excluded.display_name, \
               display_norm = excluded.display_norm, \
               name_order = excluded.name_order, role = COALESCE($8, people.role), \
               email = COALESCE(excluded.email, people.email), \
               locale = COALESCE(excluded.locale, people.locale), updated_at = excluded.updated_at \
               RETURNING id";
    let values = params![
        new.id,
        account.iss,
        account.sub,
        account.username,
        new.username_norm,
        account.display_name,
        display_norm,
        account.role,
        new.email,
        now,
        account.locale,
        name_order
    ];
    let id = scalar(tx, sql, values).await?;
    id.ok_or_else(|| kit::db::DbErr::RecordNotFound("people".to_owned()))
}

fn like_prefix(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_in_a_question_is_a_letter() {
        assert_eq!(like_prefix("a_b%!"), "a!_b!%!!%");
    }
}

//! Endpoints about people.

use axum::extract::State;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use protocol::{Me, PeopleList, Person};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::directory::{self, Asked, Place};
use super::{MeError, me, visible};
use crate::limits::Reader;
use crate::{Chat, Viewer};

/// People in one answer, if nobody says how many.
const PAGE: usize = 20;
/// Most people in one answer.
const PAGE_MAX: usize = 100;
/// Longest cursor of ours: an id and the longest name that is sorted by.
const CURSOR_BYTES_MAX: usize = 1_000;
/// Longest question, characters.
const QUERY_CHARS_MAX: usize = 80;

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(get_me))
        .routes(routes!(find_people))
        .routes(routes!(get_person))
}

/// The person who asks.
#[utoipa::path(get, path = "/me", tag = "people", operation_id = "getMe",
    responses((status = 200, body = Me)))]
async fn get_me(State(chat): State<Chat>, viewer: Viewer) -> Result<Json<Me>, ApiError> {
    Ok(Json(me(&chat, &viewer).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Find {
    /// The beginning of a user name or of a word of the name to show; everyone if it is blank.
    query: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// How many; 20 if not said, at most 100.
    limit: Option<usize>,
}

impl Find {
    fn check(&self) -> Result<Asked<'_>, ApiError> {
        let query = self.query.as_deref().unwrap_or_default();
        if query.chars().count() > QUERY_CHARS_MAX {
            return Err(ApiError::field("query", "too_long", "at most 80 characters"));
        }
        let limit = self.limit.unwrap_or(PAGE);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(ApiError::field("limit", "out_of_range", "a page has 1 to 100 people"));
        }
        let after = match self.cursor.as_deref() {
            None => Some(Place::start()),
            Some(cursor) if cursor.len() > CURSOR_BYTES_MAX => None,
            Some(cursor) => Place::parse(cursor),
        };
        let refused = || ApiError::field("cursor", "not_allowed", "this is not a cursor of ours");
        Ok(Asked { query, after: after.ok_or_else(refused)?, limit })
    }
}

/// The people here, by the name that pages show, or those whose name begins as you say.
#[utoipa::path(get, path = "/people", tag = "people", operation_id = "findPeople", params(Find),
    responses((status = 200, body = PeopleList)))]
async fn find_people(
    State(chat): State<Chat>,
    _by: Reader,
    Query(find): Query<Find>,
) -> Result<Json<PeopleList>, ApiError> {
    Ok(Json(directory::page(&chat, &find.check()?).await?))
}

/// One person.
#[utoipa::path(get, path = "/people/{person}", tag = "people", operation_id = "getPerson",
    params(("person" = Uuid, Path)), responses((status = 200, body = Person)))]
async fn get_person(
    State(chat): State<Chat>,
    _by: Reader,
    Path(person): Path<Uuid>,
) -> Result<Json<Person>, ApiError> {
    let found = visible(chat.db.reader(), person).await?.ok_or(MeError::Unknown)?;
    Ok(Json(found.person()))
}

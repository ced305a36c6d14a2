//! Endpoints about people.

use axum::extract::State;
use kit::json::{Json, Query};
use kit::problem::ApiError;
use protocol::{Me, PeopleList};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{PersonRow, me, search};
use crate::limits::Reader;
use crate::{Chat, Viewer};

/// Most people in one answer.
const PEOPLE_MAX: u32 = 20;
/// Longest question, characters.
const QUERY_CHARS_MAX: usize = 80;

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new().routes(routes!(get_me)).routes(routes!(find_people))
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
    /// The beginning of a user name or of a word of the name to show.
    query: String,
}

/// People by the beginning of their name; at most 20.
#[utoipa::path(get, path = "/people", tag = "people", operation_id = "findPeople", params(Find),
    responses((status = 200, body = PeopleList)))]
async fn find_people(
    State(chat): State<Chat>,
    _by: Reader,
    Query(find): Query<Find>,
) -> Result<Json<PeopleList>, ApiError> {
    if find.query.chars().count() > QUERY_CHARS_MAX {
        return Err(ApiError::field("query", "too_long", "at most 80 characters"));
    }
    if find.query.trim().is_empty() {
        return Ok(Json(PeopleList { items: Vec::new() }));
    }
    let found = search(chat.db.reader(), &find.query, PEOPLE_MAX).await.map_err(ApiError::from)?;
    Ok(Json(PeopleList { items: found.into_iter().map(PersonRow::person).collect() }))
}

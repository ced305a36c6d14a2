//! People as others see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Chat's own id of the person.
    pub id: Uuid,
    /// Unique name, as in `@ana`.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// Where their picture is, below `media_url` of `GET /api/me`: a square of 256 pixels, which
    /// never changes under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// A page of people.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PeopleList {
    /// By the name to show, or the user name where that is blank; without regard to case and
    /// accents.
    pub items: Vec<Person>,
    /// The `cursor` of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The person who asks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// As others see them.
    pub person: Person,
    /// Only told to themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `owner`, `admin` or `member` of the whole installation.
    pub role: String,
    /// What this session or token may do.
    pub scopes: Vec<String>,
    /// Where pictures of people are: `/media`, or the address of a CDN.
    pub media_url: String,
}

//! `/keys`: what signs tokens.

use axum::extract::State;
use kit::clock::rfc3339;
use kit::json::Json;
use kit::problem::ApiError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Changer, Reader};
use crate::Identity;
use crate::oauth::{Described, Rotation, described_keys, rotate_keys};

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(rotate)).routes(routes!(compromise))
}

/// A key that signs tokens, without its secrets.
#[derive(Serialize, ToSchema)]
#[schema(as = SigningKey)]
struct KeyBody {
    /// Its name: its thumbprint.
    kid: String,
    /// What it signs with.
    alg: String,
    /// `next`, `active`, `retired` or `destroyed`.
    state: String,
    /// When it was made.
    created_at: String,
    /// From when on it signs.
    not_before: String,
    /// Until when it is published, once it is retired.
    #[serde(skip_serializing_if = "Option::is_none")]
    retire_at: Option<String>,
}

/// The keys, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = SigningKeyList)]
struct KeyList {
    items: Vec<KeyBody>,
}

impl From<Vec<Described>> for KeyList {
    fn from(keys: Vec<Described>) -> Self {
        let body = |key: Described| KeyBody {
            kid: key.kid,
            alg: key.alg,
            state: key.state,
            created_at: rfc3339(key.created_at),
            not_before: rfc3339(key.not_before),
            retire_at: key.retire_at.map(rfc3339),
        };
        Self { items: keys.into_iter().map(body).collect() }
    }
}

/// The keys that sign tokens, the newest first.
#[utoipa::path(get, path = "/keys", tag = "keys", operation_id = "listKeys",
    responses((status = 200, body = KeyList)))]
async fn list(State(identity): State<Identity>, _by: Reader) -> Result<Json<KeyList>, ApiError> {
    Ok(Json(described_keys(identity.db.reader()).await?.into()))
}

/// Change the keys: new ones are published now and sign once everybody has them, and old tokens
/// stay good. Asked again meanwhile, nothing more changes.
#[utoipa::path(post, path = "/keys/rotate", tag = "keys", operation_id = "rotateKeys",
    responses((status = 200, body = KeyList)))]
async fn rotate(
    State(identity): State<Identity>,
    Changer(by): Changer,
) -> Result<Json<KeyList>, ApiError> {
    Ok(Json(rotate_keys(&identity, &by, Rotation::Planned).await?.into()))
}

/// Change the keys because somebody else may know them: new ones sign at once, and every old
/// token is refused at once, the caller's too.
#[utoipa::path(post, path = "/keys/compromise", tag = "keys", operation_id = "compromiseKeys",
    responses((status = 200, body = KeyList)))]
async fn compromise(
    State(identity): State<Identity>,
    Changer(by): Changer,
) -> Result<Json<KeyList>, ApiError> {
    Ok(Json(rotate_keys(&identity, &by, Rotation::Compromised).await?.into()))
}

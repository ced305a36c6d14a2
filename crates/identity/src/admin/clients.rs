//! `/clients`: the apps that people sign in to.

mod body;

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Changer, Reader};
use super::paging;
use crate::Identity;
use crate::oauth::clients::{self, ClientError};
use body::{Asked, ClientBody, ClientList, EditBody, ListedBody, NewBody, Rotation, SecretBody};

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, edit, delete))
        .routes(routes!(rotate))
}

/// The apps that people sign in to, by their ids.
#[utoipa::path(get, path = "/clients", tag = "clients", operation_id = "listClients",
    params(Asked), responses((status = 200, body = ClientList)))]
async fn list(
    State(identity): State<Identity>,
    _by: Reader,
    Query(asked): Query<Asked>,
) -> Result<Json<ClientList>, ApiError> {
    let limit = paging::limit(asked.limit)?;
    let after: Option<String> = paging::after(asked.cursor.as_deref())?;
    let after = after.unwrap_or_default();
    let found = clients::list(identity.db.reader(), &after, limit).await?;
    let next = paging::next(&found, limit, |last| last.id.clone());
    Ok(Json(ClientList { items: found.into_iter().map(ListedBody::from).collect(), next }))
}

/// Register an app. Its secret is in this answer only.
#[utoipa::path(post, path = "/clients", tag = "clients", operation_id = "createClient",
    request_body = NewBody, responses((status = 201, body = SecretBody)))]
async fn create(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Json(new): Json<NewBody>,
) -> Result<(StatusCode, Json<SecretBody>), ApiError> {
    let (client_id, client_secret) = clients::create(&identity.oauth, &by, new.parse()).await?;
    Ok((StatusCode::CREATED, Json(SecretBody { client_id, client_secret })))
}

/// One app.
#[utoipa::path(get, path = "/clients/{client}", tag = "clients", operation_id = "getClient",
    params(("client" = String, Path)), responses((status = 200, body = ClientBody)))]
async fn read(
    State(identity): State<Identity>,
    _by: Reader,
    Path(client): Path<String>,
) -> Result<Json<ClientBody>, ApiError> {
    let found = clients::find(identity.db.reader(), &client).await?;
    Ok(Json(found.ok_or(ClientError::Unknown)?.into()))
}

/// Change an app. One that the server registers at its start is changed in the configuration.
#[utoipa::path(patch, path = "/clients/{client}", tag = "clients", operation_id = "editClient",
    params(("client" = String, Path)), request_body = EditBody,
    responses((status = 200, body = ClientBody)))]
async fn edit(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(client): Path<String>,
    Json(body): Json<EditBody>,
) -> Result<Json<ClientBody>, ApiError> {
    Ok(Json(clients::edit(&identity, &by, &client, body.into()).await?.into()))
}

/// Give an app a new secret, which is in this answer only.
#[utoipa::path(post, path = "/clients/{client}/secret", tag = "clients",
    operation_id = "rotateClientSecret", params(("client" = String, Path)),
    request_body = Rotation, responses((status = 200, body = SecretBody)))]
async fn rotate(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(client): Path<String>,
    Json(body): Json<Rotation>,
) -> Result<Json<SecretBody>, ApiError> {
    let secret = clients::new_secret_of(&identity, &by, &client, body.old_life_ms()?).await?;
    Ok(Json(SecretBody { client_id: client, client_secret: Some(secret) }))
}

/// Remove an app and everything that people gave it.
#[utoipa::path(delete, path = "/clients/{client}", tag = "clients",
    operation_id = "deleteClient", params(("client" = String, Path)),
    responses((status = 204)))]
async fn delete(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(client): Path<String>,
) -> Result<StatusCode, ApiError> {
    clients::delete(&identity, &by, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `/users`: who is here.

mod body;

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::caller::{Changer, Moderator};
use super::paging;
use crate::accounts::{self, Account, AccountError, Search, Sent};
use crate::{Identity, addresses, factors};
use body::{Asked, BlockBody, EditBody, NewUser, Removed, RoleBody, UserBody, UserList};

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, edit))
        .routes(routes!(block, unblock))
        .routes(routes!(change_role))
        .routes(routes!(reset_password))
        .routes(routes!(remove_factors))
}

/// Who is here, in the order in which the accounts were made. Addresses are only shown to who may
/// read everything.
#[utoipa::path(get, path = "/users", tag = "users", operation_id = "listUsers",
    params(Asked), responses((status = 200, body = UserList)))]
async fn list(
    State(identity): State<Identity>,
    by: Moderator,
    Query(asked): Query<Asked>,
) -> Result<Json<UserList>, ApiError> {
    let limit = paging::limit(asked.limit)?;
    let query = paging::text("query", asked.query)?;
    // Whether an address has an account is an address, too.
    if !by.reads && query.as_ref().is_some_and(|query| query.contains('@')) {
        return Ok(Json(UserList { items: Vec::new(), next: None }));
    }
    let search = Search {
        query,
        role: asked.role,
        status: asked.status,
        after: paging::after(asked.cursor.as_deref())?,
    };
    let found = accounts::search(&identity, &search, limit).await?;
    let next = paging::next(&found, limit, |last| last.id.to_string());
    let items = found.iter().map(|account| UserBody::of(account, by.reads)).collect();
    Ok(Json(UserList { items, next }))
}

/// Make an account for somebody, who gets a mail with a link and chooses the password. Until then
/// it is pending.
///
/// An address has one invitation. Whoever is invited again keeps theirs, with the account that was
/// made for it: a new link is mailed, and the ones before it end. What is left out then stays as it
/// was, the role too, and what is said is changed. The answer is 200, and the audit tells
/// `signup.invited_again`. Only who may change the account may do it. A sign-up that nobody has
/// confirmed gives way to the invitation.
#[utoipa::path(post, path = "/users", tag = "users", operation_id = "createUser",
    request_body = NewUser, responses((status = 201, body = UserBody),
        (status = 200, description = "It was sent again.", body = UserBody)))]
async fn create(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Json(new): Json<NewUser>,
) -> Result<(StatusCode, Json<UserBody>), ApiError> {
    let parsed = new.parse()?;
    let (status, account) = match accounts::invite(&identity, &by, &parsed.invited()).await? {
        Sent::New(account) => (StatusCode::CREATED, account),
        Sent::Again(account) => (StatusCode::OK, account),
    };
    Ok((status, Json(UserBody::of(&account, true))))
}

/// One account, with its second factors.
#[utoipa::path(get, path = "/users/{user}", tag = "users", operation_id = "getUser",
    params(("user" = Uuid, Path)), responses((status = 200, body = UserBody)))]
async fn read(
    State(identity): State<Identity>,
    by: Moderator,
    Path(user): Path<Uuid>,
) -> Result<Json<UserBody>, ApiError> {
    let account = found(&identity, user).await?;
    let mut body = UserBody::of(&account, by.reads);
    if by.reads {
        let reader = identity.db.reader();
        body.add_email_change(addresses::waiting_of(&identity, reader, user).await?);
        body.add_factors(factors::of(identity.db.reader(), user).await?);
    }
    Ok(Json(body))
}

/// Change what an account says about its person, and ask for another address of theirs.
#[utoipa::path(patch, path = "/users/{user}", tag = "users", operation_id = "editUser",
    params(("user" = Uuid, Path)), request_body = EditBody,
    responses((status = 200, body = UserBody)))]
async fn edit(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(user): Path<Uuid>,
    Json(body): Json<EditBody>,
) -> Result<Json<UserBody>, ApiError> {
    let account = accounts::edit(&identity, &by, user, &body.parse()?).await?;
    let mut answer = UserBody::of(&account, true);
    let reader = identity.db.reader();
    answer.add_email_change(addresses::waiting_of(&identity, reader, user).await?);
    Ok(Json(answer))
}

/// Close an account and end its sessions everywhere, sockets too; again is the same.
#[utoipa::path(put, path = "/users/{user}/block", tag = "users", operation_id = "blockUser",
    params(("user" = Uuid, Path)), request_body = BlockBody,
    responses((status = 200, body = UserBody)))]
async fn block(
    State(identity): State<Identity>,
    by: Moderator,
    Path(user): Path<Uuid>,
    Json(body): Json<BlockBody>,
) -> Result<Json<UserBody>, ApiError> {
    accounts::block(&identity, &by.actor, user, &body.parse()?).await?;
    Ok(Json(UserBody::of(&found(&identity, user).await?, by.reads)))
}

/// Open a blocked account again; again is the same.
#[utoipa::path(delete, path = "/users/{user}/block", tag = "users", operation_id = "unblockUser",
    params(("user" = Uuid, Path)), responses((status = 200, body = UserBody)))]
async fn unblock(
    State(identity): State<Identity>,
    by: Moderator,
    Path(user): Path<Uuid>,
) -> Result<Json<UserBody>, ApiError> {
    accounts::unblock(&identity, &by.actor, user).await?;
    Ok(Json(UserBody::of(&found(&identity, user).await?, by.reads)))
}

/// Give an account another role. Only owners make and unmake owners and admins, and there is
/// always an owner.
#[utoipa::path(put, path = "/users/{user}/role", tag = "users", operation_id = "changeRole",
    params(("user" = Uuid, Path)), request_body = RoleBody,
    responses((status = 200, body = UserBody)))]
async fn change_role(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(user): Path<Uuid>,
    Json(body): Json<RoleBody>,
) -> Result<Json<UserBody>, ApiError> {
    accounts::change_role(&identity, &by, user, body.role).await?;
    Ok(Json(UserBody::of(&found(&identity, user).await?, true)))
}

/// Take the password from an account, end its sessions, and mail its person a link by which they
/// choose another. To who was invited and has not come it sends the invitation again, with a new
/// link.
#[utoipa::path(post, path = "/users/{user}/password-reset", tag = "users",
    operation_id = "resetPassword", params(("user" = Uuid, Path)), responses((status = 204)))]
async fn reset_password(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(user): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    accounts::force_reset(&identity, &by, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take all second factors from somebody who has lost them, and end their sessions.
#[utoipa::path(delete, path = "/users/{user}/factors", tag = "users",
    operation_id = "removeFactors", params(("user" = Uuid, Path)),
    responses((status = 200, body = Removed)))]
async fn remove_factors(
    State(identity): State<Identity>,
    Changer(by): Changer,
    Path(user): Path<Uuid>,
) -> Result<Json<Removed>, ApiError> {
    Ok(Json(Removed { removed: factors::remove_all(&identity, &by, user).await? }))
}

async fn found(identity: &Identity, user: Uuid) -> Result<Account, ApiError> {
    let account = accounts::for_claims(identity, user).await?;
    account.ok_or_else(|| AccountError::Unknown.into())
}

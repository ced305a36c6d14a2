//! Endpoints of rooms, members and invitations.

use axum::extract::State;
use http::StatusCode;
use kit::json::{Json, Path, Query};
use kit::problem::ApiError;
use protocol::{
    ChangeMember, ChangeRoom, Invitation, InvitationList, InvitePreview, Invited, Member,
    MemberList, NewDirect, NewInviteLink, NewMember, NewRoom, ReadMarker, Room, RoomList,
    UnreadMarker,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{change, create, invitations, invite_links, list, members, read_marker, view};
use crate::Chat;
use crate::limits::{Changer, Reader};

const QUERY_CHARS_MAX: usize = 80;
const CURSOR_BYTES_MAX: usize = 500;

/// The endpoints, below `/api`.
pub(crate) fn router() -> OpenApiRouter<Chat> {
    OpenApiRouter::new()
        .routes(routes!(list_rooms, create_room))
        .routes(routes!(list_directory))
        .routes(routes!(create_direct))
        .routes(routes!(list_shared_rooms))
        .routes(routes!(get_room, change_room))
        .routes(routes!(join_room))
        .routes(routes!(leave_room))
        .routes(routes!(mark_room_read))
        .routes(routes!(mark_room_unread))
        .routes(routes!(list_members, add_member))
        .routes(routes!(change_member, remove_member))
        .routes(routes!(list_invitations))
        .routes(routes!(create_invite_link))
        .routes(routes!(end_invitation))
        .routes(routes!(preview_invite, accept_invite))
}

/// The rooms you are in, at most 1,000, the one spoken in last first.
#[utoipa::path(get, path = "/rooms", tag = "rooms", operation_id = "listRooms",
    responses((status = 200, body = RoomList)))]
async fn list_rooms(State(chat): State<Chat>, by: Reader) -> Result<Json<RoomList>, ApiError> {
    Ok(Json(RoomList { items: list::mine(&chat, by.0).await?, next: None }))
}

/// Make a room; you become its owner.
#[utoipa::path(post, path = "/rooms", tag = "rooms", operation_id = "createRoom",
    request_body = NewRoom, responses((status = 201, body = Room)))]
async fn create_room(
    State(chat): State<Chat>,
    by: Changer,
    Json(new): Json<NewRoom>,
) -> Result<(StatusCode, Json<Room>), ApiError> {
    Ok((StatusCode::CREATED, Json(create::create(&chat, by.0, new).await?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Directory {
    /// Part of a name, at most 80 characters.
    query: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Public rooms by name, whether you are in them or not.
#[utoipa::path(get, path = "/rooms/directory", tag = "rooms", operation_id = "listDirectory",
    params(Directory), responses((status = 200, body = RoomList)))]
async fn list_directory(
    State(chat): State<Chat>,
    by: Reader,
    Query(asked): Query<Directory>,
) -> Result<Json<RoomList>, ApiError> {
    let query = asked.query.unwrap_or_default();
    if query.chars().count() > QUERY_CHARS_MAX {
        return Err(ApiError::field("query", "too_long", "at most 80 characters"));
    }
    check_cursor(asked.cursor.as_deref())?;
    Ok(Json(list::directory(&chat, by.0, &query, asked.cursor.as_deref()).await?))
}

/// The direct room with one person; 201 when it was made now.
#[utoipa::path(post, path = "/direct", tag = "rooms", operation_id = "createDirect",
    request_body = NewDirect,
    responses((status = 200, body = Room), (status = 201, body = Room)))]
async fn create_direct(
    State(chat): State<Chat>,
    by: Changer,
    Json(new): Json<NewDirect>,
) -> Result<(StatusCode, Json<Room>), ApiError> {
    let (room, made) = create::direct(&chat, by.0, &new.username).await?;
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(room)))
}

/// A room you are in, or a public one.
#[utoipa::path(get, path = "/rooms/{room}", tag = "rooms", operation_id = "getRoom",
    params(("room" = Uuid, Path)), responses((status = 200, body = Room)))]
async fn get_room(
    State(chat): State<Chat>,
    by: Reader,
    Path(room): Path<Uuid>,
) -> Result<Json<Room>, ApiError> {
    Ok(Json(view(&chat, by.0, room).await?))
}

/// Change name, topic or kind; for owners and moderators.
#[utoipa::path(patch, path = "/rooms/{room}", tag = "rooms", operation_id = "changeRoom",
    params(("room" = Uuid, Path)), request_body = ChangeRoom,
    responses((status = 200, body = Room)))]
async fn change_room(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
    Json(body): Json<ChangeRoom>,
) -> Result<Json<Room>, ApiError> {
    Ok(Json(change::change(&chat, by.0, room, body).await?))
}

/// Enter a public room; again is the same.
#[utoipa::path(post, path = "/rooms/{room}/join", tag = "members", operation_id = "joinRoom",
    params(("room" = Uuid, Path)), responses((status = 200, body = Room)))]
async fn join_room(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
) -> Result<Json<Room>, ApiError> {
    Ok(Json(members::join(&chat, by.0, room).await?))
}

/// Leave a room; its last owner cannot while others are in it.
#[utoipa::path(post, path = "/rooms/{room}/leave", tag = "members", operation_id = "leaveRoom",
    params(("room" = Uuid, Path)), responses((status = 204)))]
async fn leave_room(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    members::leave(&chat, by.0, room).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark everything up to a `seq` as read, on all of your devices.
#[utoipa::path(put, path = "/rooms/{room}/read", tag = "rooms", operation_id = "markRead",
    params(("room" = Uuid, Path)), request_body = ReadMarker, responses((status = 204)))]
async fn mark_room_read(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
    Json(marker): Json<ReadMarker>,
) -> Result<StatusCode, ApiError> {
    read_marker::mark_read(&chat, by.0, room, marker.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make everything from one message of the timeline on unread again.
#[utoipa::path(put, path = "/rooms/{room}/unread", tag = "rooms",
    operation_id = "markRoomUnread",
    params(("room" = Uuid, Path)), request_body = UnreadMarker, responses((status = 204)))]
async fn mark_room_unread(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
    Json(marker): Json<UnreadMarker>,
) -> Result<StatusCode, ApiError> {
    read_marker::mark_unread(&chat, by.0, room, marker.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The rooms that you and a person are both in, by name, 50 at a time; without your direct room.
#[utoipa::path(get, path = "/people/{person}/rooms", tag = "people",
    operation_id = "listSharedRooms",
    params(("person" = Uuid, Path), Page), responses((status = 200, body = RoomList)))]
async fn list_shared_rooms(
    State(chat): State<Chat>,
    by: Reader,
    Path(person): Path<Uuid>,
    Query(page): Query<Page>,
) -> Result<Json<RoomList>, ApiError> {
    check_cursor(page.cursor.as_deref())?;
    Ok(Json(list::shared(&chat, by.0, person, page.cursor.as_deref()).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Called {
    /// The beginning of a user name or of a word of the name to show, at most 80 characters;
    /// accents need not be typed. Everyone if it is blank.
    query: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The members of a room you are in, by user name, 100 at a time, or those who are called so.
#[utoipa::path(get, path = "/rooms/{room}/members", tag = "members", operation_id = "listMembers",
    params(("room" = Uuid, Path), Called), responses((status = 200, body = MemberList)))]
async fn list_members(
    State(chat): State<Chat>,
    by: Reader,
    Path(room): Path<Uuid>,
    Query(called): Query<Called>,
) -> Result<Json<MemberList>, ApiError> {
    let query = called.query.as_deref().unwrap_or_default();
    if query.chars().count() > QUERY_CHARS_MAX {
        return Err(ApiError::field("query", "too_long", "at most 80 characters"));
    }
    check_cursor(called.cursor.as_deref())?;
    let asked = members::Asked { query, cursor: called.cursor.as_deref() };
    Ok(Json(members::page(&chat, by.0, room, &asked).await?))
}

/// Add a person by user name (201), or leave an invitation for a name nobody has yet (202).
#[utoipa::path(post, path = "/rooms/{room}/members", tag = "members", operation_id = "addMember",
    params(("room" = Uuid, Path)), request_body = NewMember,
    responses((status = 201, body = Invited), (status = 202, body = Invited)))]
async fn add_member(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
    Json(new): Json<NewMember>,
) -> Result<(StatusCode, Json<Invited>), ApiError> {
    let invited = members::add(&chat, by.0, room, &new.username).await?;
    let status = match &invited {
        Invited::Joined { .. } => StatusCode::CREATED,
        Invited::Pending { .. } => StatusCode::ACCEPTED,
    };
    Ok((status, Json(invited)))
}

/// Give a member another role; for owners.
#[utoipa::path(patch, path = "/rooms/{room}/members/{person}", tag = "members",
    operation_id = "changeMember",
    params(("room" = Uuid, Path), ("person" = Uuid, Path)), request_body = ChangeMember,
    responses((status = 200, body = Member)))]
async fn change_member(
    State(chat): State<Chat>,
    by: Changer,
    Path((room, person)): Path<(Uuid, Uuid)>,
    Json(body): Json<ChangeMember>,
) -> Result<Json<Member>, ApiError> {
    Ok(Json(members::change_role(&chat, by.0, room, (person, body.role)).await?))
}

/// Remove a member; for owners and moderators. What is delivered to them ends at once.
#[utoipa::path(delete, path = "/rooms/{room}/members/{person}", tag = "members",
    operation_id = "removeMember",
    params(("room" = Uuid, Path), ("person" = Uuid, Path)), responses((status = 204)))]
async fn remove_member(
    State(chat): State<Chat>,
    by: Changer,
    Path((room, person)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    members::remove(&chat, by.0, room, person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The open invitations of a room, for those who may invite.
#[utoipa::path(get, path = "/rooms/{room}/invitations", tag = "invitations",
    operation_id = "listInvitations",
    params(("room" = Uuid, Path)), responses((status = 200, body = InvitationList)))]
async fn list_invitations(
    State(chat): State<Chat>,
    by: Reader,
    Path(room): Path<Uuid>,
) -> Result<Json<InvitationList>, ApiError> {
    Ok(Json(invitations::list(&chat, by.0, room).await?))
}

/// Make a link that lets its holders in. The link is told only here.
#[utoipa::path(post, path = "/rooms/{room}/invite-links", tag = "invitations",
    operation_id = "createInviteLink",
    params(("room" = Uuid, Path)), request_body = NewInviteLink,
    responses((status = 201, body = Invitation)))]
async fn create_invite_link(
    State(chat): State<Chat>,
    by: Changer,
    Path(room): Path<Uuid>,
    Json(new): Json<NewInviteLink>,
) -> Result<(StatusCode, Json<Invitation>), ApiError> {
    Ok((StatusCode::CREATED, Json(invite_links::create(&chat, by.0, room, new).await?)))
}

/// End an open invitation.
#[utoipa::path(delete, path = "/rooms/{room}/invitations/{invitation}", tag = "invitations",
    operation_id = "endInvitation",
    params(("room" = Uuid, Path), ("invitation" = Uuid, Path)), responses((status = 204)))]
async fn end_invitation(
    State(chat): State<Chat>,
    by: Changer,
    Path((room, invitation)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    invitations::end(&chat, by.0, room, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where an invitation link leads.
#[utoipa::path(get, path = "/invites/{token}", tag = "invitations",
    operation_id = "previewInvite",
    params(("token" = String, Path)), responses((status = 200, body = InvitePreview)))]
async fn preview_invite(
    State(chat): State<Chat>,
    _by: Reader,
    Path(token): Path<String>,
) -> Result<Json<InvitePreview>, ApiError> {
    Ok(Json(invite_links::preview(&chat, &token).await?))
}

/// Enter the room of an invitation link.
#[utoipa::path(post, path = "/invites/{token}", tag = "invitations",
    operation_id = "acceptInvite",
    params(("token" = String, Path)), responses((status = 200, body = Room)))]
async fn accept_invite(
    State(chat): State<Chat>,
    by: Changer,
    Path(token): Path<String>,
) -> Result<Json<Room>, ApiError> {
    Ok(Json(invite_links::accept(&chat, by.0, &token).await?))
}

fn check_cursor(cursor: Option<&str>) -> Result<(), ApiError> {
    match cursor {
        Some(cursor) if cursor.len() > CURSOR_BYTES_MAX => {
            Err(ApiError::field("cursor", "too_long", "this is not a cursor of ours"))
        }
        _ => Ok(()),
    }
}

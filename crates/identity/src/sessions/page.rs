//! `/account/sessions`.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;
use uuid::Uuid;

use super::store::App;
use super::{Listed, SessionWords, agent, apps_of, live, place};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login::{self, Session};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show, with_cookie};
use crate::visitor::Visitor;

/// The page, below the issuer.
const PATH: &str = "/account/sessions";
const SIGN_IN: &str = "/login?to=account/sessions";

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route(PATH, get(page))
        .route("/account/sessions/others/end", post(end_others))
        .route("/account/sessions/{id}/end", post(end_one))
}

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage<'a> {
    shell: &'a Shell,
    t: &'static SessionWords,
    lines: Vec<Line>,
    notice: Option<Notice>,
}

/// A session as the page shows it.
struct Line {
    id: Uuid,
    is_here: bool,
    device: String,
    place: String,
    signed_in: String,
    last_seen: String,
    apps: String,
}

impl Line {
    fn of(t: &SessionWords, here: Uuid, (listed, apps): (&Listed, &[App])) -> Self {
        let own = apps.iter().filter(|app| app.session_id == listed.id);
        Self {
            id: listed.id,
            is_here: listed.id == here,
            device: agent::device(t, &listed.user_agent),
            place: place::network(t, &listed.ip),
            signed_in: minute(listed.created_at),
            last_seen: minute(listed.last_seen_at()),
            apps: own.map(|app| app.name.as_str()).collect::<Vec<_>>().join(", "),
        }
    }
}

/// A time to the minute: `2026-11-24 04:05 UTC`.
pub(super) fn minute(at_ms: i64) -> String {
    let text: String = kit::clock::rfc3339(at_ms).chars().take(16).collect();
    format!("{} UTC", text.replace('T', " "))
}

#[derive(Deserialize)]
struct Arrival {
    #[serde(default)]
    done: String,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let Some(session) = login::current_session(&identity, &visitor.headers).await? else {
        return Ok(redirect(&identity.path(SIGN_IN)));
    };
    let shell = Shell::of(&identity, &visitor);
    let t = SessionWords::of(shell.lang());
    let notice = match arrival.done.as_str() {
        "one" => Some(Notice::good(t.ended)),
        "others" => Some(Notice::good(t.others_ended)),
        _ => None,
    };
    let reader = identity.db.reader();
    let apps = apps_of(reader, session.user_id).await?;
    let mut listed = live(&identity, reader, session.user_id).await?;
    // This one first, then as the store orders them.
    listed.sort_by_key(|one| one.id != session.id);
    let lines = listed.iter().map(|one| Line::of(t, session.id, (one, &apps))).collect();
    let page = SessionsPage { shell: &shell, t, lines, notice };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(default)]
    csrf: String,
}

async fn end_one(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::sensitive(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    if id == session.id {
        let gone = login::end_session(&identity, &visitor, id, "signed out").await?;
        return Ok(with_cookie(redirect(&identity.path("/login")), gone));
    }
    if !end_other(&identity, &visitor, (&session, id)).await? {
        return Err(PageError::NotFound);
    }
    Ok(redirect(&identity.path("/account/sessions?done=one")))
}

/// Ends one other session of this person; answers whether there was one.
async fn end_other(
    identity: &Identity,
    visitor: &Visitor,
    (session, id): (&Session, Uuid),
) -> Result<bool, PageError> {
    let work = async |tx: &Tx| {
        let user = session.user_id;
        if !login::end_of_in(tx, (user, id), "ended by its person").await? {
            return Ok(false);
        }
        let entry = Entry::new("session.ended").user(user).session(id).visitor(visitor);
        let detail = serde_json::json!({"reason": "ended by its person"});
        audit::record(tx, &entry.detail(detail)).await?;
        Ok::<_, kit::db::DbErr>(true)
    };
    let ended = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(ended)
}

async fn end_others(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::sensitive(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let work = async |tx: &Tx| {
        let kept = (session.user_id, session.id);
        login::end_others_in(tx, &visitor, kept, "ended by their person").await
    };
    identity.db.write(work).await?;
    identity.oauth.wake_sender();
    Ok(redirect(&identity.path("/account/sessions?done=others")))
}

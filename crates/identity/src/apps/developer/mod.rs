//! `/account/developer`: the apps that a person looks after.

mod app;
mod fields;
mod forms;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use super::{AppWords, day, may_register};
use crate::Identity;
use crate::login::{self, Session};
use crate::oauth::clients::{self, Client, Listed};
use crate::pages::{Notice, PageError, Shell, redirect, show};
use crate::visitor::Visitor;

/// The page, below the issuer.
const PATH: &str = "/account/developer";

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route(PATH, get(page))
        .route("/account/developer/new", get(forms::blank).post(forms::register))
        .route("/account/developer/{id}", get(app::page))
        .route("/account/developer/{id}/edit", get(forms::edit).post(forms::change))
        .route("/account/developer/{id}/secret", post(app::rotate))
        .route("/account/developer/{id}/old-secret", post(app::end_old))
        .route("/account/developer/{id}/delete", get(app::confirm).post(app::delete))
}

#[derive(Template)]
#[template(path = "account/developer.html")]
struct DeveloperPage<'a> {
    shell: &'a Shell,
    t: &'static AppWords,
    lines: Vec<Line>,
    /// The person may register one more.
    may: bool,
    notice: Option<Notice>,
}

/// An app as the list shows it.
struct Line {
    id: String,
    name: String,
    created: String,
    used: Option<String>,
}

impl Line {
    fn of(app: Listed) -> Self {
        let (created, used) = (day(app.created_at), app.last_used_at.map(day));
        Self { id: app.id, name: app.name, created, used }
    }
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
        return Ok(redirect(&identity.path("/login?to=account/developer")));
    };
    let apps = clients::of_owner(identity.db.reader(), session.user_id).await?;
    let allowed = may_register(&identity, &session).await?;
    if !allowed && apps.is_empty() {
        return Err(PageError::NotFound);
    }
    let shell = Shell::of(&identity, &visitor);
    let t = AppWords::of(shell.lang());
    let full = apps.len() >= most(&identity);
    let notice = match arrival.done.as_str() {
        "deleted" => Some(Notice::good(t.deleted)),
        _ => None,
    };
    let lines = apps.into_iter().map(Line::of).collect();
    let page = DeveloperPage { shell: &shell, t, lines, may: allowed && !full, notice };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

/// How many apps one person may look after.
fn most(identity: &Identity) -> usize {
    usize::try_from(identity.config.settings.apps.per_person_max).unwrap_or(usize::MAX)
}

/// The person of this browser and an app of theirs; for anybody else there is no such app.
async fn own(
    identity: &Identity,
    visitor: &Visitor,
    id: &str,
) -> Result<Result<(Session, Client), Response>, PageError> {
    let Some(session) = login::current_session(identity, &visitor.headers).await? else {
        let to = if is_id(id) { format!("{PATH}/{id}") } else { PATH.to_owned() };
        let to = to.trim_start_matches('/');
        return Ok(Err(redirect(&identity.path(&format!("/login?to={to}")))));
    };
    let found = clients::find(identity.db.reader(), id).await?;
    let theirs = found.filter(|client| client.owner == Some(session.user_id));
    Ok(Ok((session, theirs.ok_or(PageError::NotFound)?)))
}

/// The same for somebody who has just proved who they are; others are sent to prove it, and come
/// back to the page `back` of the app.
async fn own_sensitive(
    identity: &Identity,
    visitor: &Visitor,
    (id, back): (&str, &str),
) -> Result<Result<(Session, Client), Response>, PageError> {
    if let Err(response) = own(identity, visitor, id).await? {
        return Ok(Err(response));
    }
    let session = match login::sensitive(identity, visitor, &format!("{PATH}/{id}{back}")).await? {
        Ok(session) => session,
        Err(response) => return Ok(Err(response)),
    };
    let found = clients::find(identity.db.reader(), id).await?;
    let theirs = found.filter(|client| client.owner == Some(session.user_id));
    Ok(Ok((session, theirs.ok_or(PageError::NotFound)?)))
}

/// The client with this id, locked, if it is still this person's.
async fn locked(tx: &Tx, session: &Session, id: &str) -> Result<Client, PageError> {
    let found = clients::lock(tx, id).await?;
    found.filter(|client| client.owner == Some(session.user_id)).ok_or(PageError::NotFound)
}

fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

//! `/account/apps`: what apps of others may do, and taking it back.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use kit::clock::now_ms;
use kit::db::Tx;
use serde::Deserialize;
use serde_json::json;

use super::store::{self, Granted};
use super::{AppWords, day, may_register, minute};
use crate::Identity;
use crate::login;
use crate::oauth::clients;
use crate::oauth::consents;
use crate::oauth::ground::{self, About};
use crate::oauth::pages::{OauthWords, wish};
use crate::oauth::scope::Scopes;
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

const PATH: &str = "/account/apps";
const SIGN_IN: &str = "/login?to=account/apps";

pub(super) fn router() -> Router<Identity> {
    Router::new().route(PATH, get(page)).route("/account/apps/{id}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "account/apps.html")]
struct AppsPage<'a> {
    shell: &'a Shell,
    t: &'static AppWords,
    lines: Vec<Line>,
    /// The person may register apps, or looks after some.
    develops: bool,
    notice: Option<Notice>,
}

/// An app as the page shows it.
struct Line {
    id: String,
    name: String,
    unverified: bool,
    wishes: Vec<&'static str>,
    since: String,
    used: Option<String>,
}

impl Line {
    fn of(o: &'static OauthWords, app: Granted) -> Self {
        Self {
            unverified: !clients::ClientKind::of(&app.kind).is_checked(),
            wishes: Scopes::parse(&app.scopes).words().map(|scope| wish(o, scope)).collect(),
            since: day(app.since),
            used: app.last_used_at().map(minute),
            id: app.id,
            name: app.name,
        }
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
        return Ok(redirect(&identity.path(SIGN_IN)));
    };
    let shell = Shell::of(&identity, &visitor);
    let t = AppWords::of(shell.lang());
    let o = OauthWords::of(shell.lang());
    let reader = identity.db.reader();
    let granted = store::granted(reader, session.user_id).await?;
    let develops = may_register(&identity, &session).await?
        || clients::count_of_owner(reader, session.user_id).await? > 0;
    let page = AppsPage {
        shell: &shell,
        t,
        lines: granted.into_iter().map(|app| Line::of(o, app)).collect(),
        develops,
        notice: (arrival.done == "revoked").then(|| Notice::good(t.revoked)),
    };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(default)]
    csrf: String,
}

/// Takes back what the person agreed to. It asks for no fresh sign-in: less is allowed afterwards
/// than before, and who is worried should not have to look for a password first.
async fn revoke(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let Some(session) = login::current_session(&identity, &visitor.headers).await? else {
        return Ok(redirect(&identity.path(SIGN_IN)));
    };
    // PostgreSQL takes no such text.
    if id.contains('\0') {
        return Err(PageError::NotFound);
    }
    let user = session.user_id;
    let work = async |tx: &Tx| {
        if !consents::take_back(tx, user, &id, now_ms()).await? {
            return Ok(false);
        }
        let about = About { user: Some(user), client: Some(&id), session: Some(session.id) };
        ground::record_from(tx, "consent.revoked", about, (&visitor, json!({}))).await?;
        Ok::<_, kit::db::DbErr>(true)
    };
    if !identity.db.write(work).await? {
        return Err(PageError::NotFound);
    }
    identity.oauth.wake_sender();
    Ok(redirect(&identity.path("/account/apps?done=revoked")))
}

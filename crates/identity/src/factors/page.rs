//! `/account/security`: the second factors of a person.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;
use uuid::Uuid;

use super::{Change, Enrolled, FactorWords, Kind, changed, of, store};
use crate::Identity;
use crate::accounts::{self, AccountError};
use crate::login::{self, Session};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

/// The page, below the issuer.
pub(super) const PATH: &str = "/account/security";
const SIGN_IN: &str = "/login?to=account/security";

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route(PATH, get(page))
        .route("/account/security/{id}/rename", post(rename))
        .route("/account/security/{id}/remove", post(remove))
}

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage<'a> {
    shell: &'a Shell,
    t: &'static FactorWords,
    enrolled: Vec<Line>,
    passkeys: bool,
    notice: Option<Notice>,
}

/// A factor as the page shows it.
struct Line {
    id: Uuid,
    kind: &'static str,
    name: String,
    /// Recovery codes are one set and need no name of their own.
    is_set: bool,
    added: String,
    used: Option<String>,
}

impl Line {
    fn of(t: &FactorWords, factor: Enrolled) -> Self {
        Self {
            id: factor.id,
            kind: t.kind(factor.kind),
            is_set: factor.kind == Kind::Recovery,
            name: if factor.kind == Kind::Recovery { t.recovery.to_owned() } else { factor.name },
            added: day(factor.created_at),
            used: factor.last_used_at.map(day),
        }
    }
}

/// The day of a time in UTC: `2026-11-24`.
fn day(at_ms: i64) -> String {
    kit::clock::rfc3339(at_ms).chars().take(10).collect()
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
    let t = FactorWords::of(shell.lang());
    let notice = match arrival.done.as_str() {
        "renamed" => Some(Notice::good(t.renamed)),
        "added" => Some(Notice::good(t.added_now)),
        "removed" => Some(Notice::good(t.removed)),
        _ => None,
    };
    let enrolled = of(identity.db.reader(), session.user_id).await?;
    let enrolled = enrolled.into_iter().map(|factor| Line::of(t, factor)).collect();
    let passkeys = identity.passkeys.is_some();
    let page = SecurityPage { shell: &shell, t, enrolled, passkeys, notice };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct FactorForm {
    csrf: String,
    name: String,
}

async fn rename(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<FactorForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::sensitive(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let name = accounts::display_name(&form.name).ok_or(PageError::Malformed)?;
    let work = async |tx: &Tx| store::rename(tx, session.user_id, id, &name).await;
    if !identity.db.write(work).await? {
        return Err(PageError::NotFound);
    }
    Ok(redirect(&identity.path("/account/security?done=renamed")))
}

async fn remove(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<FactorForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::sensitive(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let factor = super::find(identity.db.reader(), session.user_id, id).await?;
    let factor = factor.ok_or(PageError::NotFound)?;
    take_away(&identity, &visitor, &session, &factor).await?;
    Ok(redirect(&identity.path("/account/security?done=removed")))
}

/// Removes a factor, ends the person's other sessions, and tells them.
async fn take_away(
    identity: &Identity,
    visitor: &Visitor,
    session: &Session,
    factor: &Enrolled,
) -> Result<(), AccountError> {
    let user = session.user_id;
    let work = async |tx: &Tx| {
        if !store::remove(tx, user, factor.id).await? {
            return Ok(());
        }
        login::end_others_in(tx, user, session.id, "factor removed").await?;
        changed(tx, (identity, visitor), user, (factor.kind, Change::Removed)).await
    };
    identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(())
}

//! `/account/security`: the second factors of a person.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;
use uuid::Uuid;

use super::{Change, Enrolled, FactorWords, Kind, changed, codes, find, of, offered, store};
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
        .route("/account/security/{id}/prefer", post(prefer))
        .route("/account/security/strongest", post(strongest))
        .route("/account/security/{id}/remove", post(remove))
}

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage<'a> {
    shell: &'a Shell,
    t: &'static FactorWords,
    enrolled: Vec<Line>,
    add: Add,
    notice: Option<Notice>,
}

/// What can be added.
struct Add {
    passkey: bool,
    mail: bool,
    phone: bool,
}

impl Add {
    fn of(identity: &Identity, enrolled: &[Enrolled]) -> Self {
        let has_mail = enrolled.iter().any(|factor| factor.kind == Kind::Mail);
        Self {
            passkey: offered(identity, Kind::Passkey),
            mail: offered(identity, Kind::Mail) && !has_mail,
            phone: offered(identity, Kind::Sms),
        }
    }
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
    /// Where its codes go.
    masked: String,
    preferred: bool,
    /// It cannot be used here now.
    is_off: bool,
}

impl Line {
    fn of(t: &FactorWords, factor: Enrolled, (masked, is_off): (String, bool)) -> Self {
        Self {
            id: factor.id,
            masked,
            is_off,
            preferred: factor.preferred,
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
        "preferred" => Some(Notice::good(t.preferred_now)),
        "known" => Some(Notice::bad(t.known)),
        "added" => Some(Notice::good(t.added_now)),
        "removed" => Some(Notice::good(t.removed)),
        _ => None,
    };
    let enrolled = of(identity.db.reader(), session.user_id).await?;
    let add = Add::of(&identity, &enrolled);
    let enrolled = lines(&identity, session.user_id, t, enrolled).await?;
    let page = SecurityPage { shell: &shell, t, enrolled, add, notice };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

async fn lines(
    identity: &Identity,
    user: Uuid,
    t: &FactorWords,
    enrolled: Vec<Enrolled>,
) -> Result<Vec<Line>, AccountError> {
    let mut masked: HashMap<Uuid, String> =
        codes::masked(identity, user, &enrolled).await?.into_iter().collect();
    let line = |factor: Enrolled| {
        let masked = masked.remove(&factor.id).unwrap_or_default();
        let is_off = !offered(identity, factor.kind);
        Line::of(t, factor, (masked, is_off))
    };
    Ok(enrolled.into_iter().map(line).collect())
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
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let name = accounts::display_name(&form.name).ok_or(PageError::Malformed)?;
    let user = session.user_id;
    let factor = find(identity.db.reader(), user, id).await?.ok_or(PageError::NotFound)?;
    let work = async |tx: &Tx| {
        login::hold(tx, &session).await?;
        if !store::rename(tx, user, id, &name).await? {
            return Ok(false);
        }
        changed(tx, (&identity, &visitor), user, (factor.kind, Change::Renamed)).await?;
        Ok::<_, AccountError>(true)
    };
    if !identity.db.write(work).await? {
        return Err(PageError::NotFound);
    }
    identity.outbox.wake();
    Ok(redirect(&identity.path("/account/security?done=renamed")))
}

/// Makes a factor the one that is asked for first. Recovery codes are for the day when it is
/// missing, and are never first.
async fn prefer(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<FactorForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let factor = find(identity.db.reader(), session.user_id, id).await?;
    let factor = factor.filter(|factor| factor.kind != Kind::Recovery);
    let factor = factor.ok_or(PageError::NotFound)?;
    put_first(&identity, &visitor, &session, Some(&factor)).await?;
    Ok(redirect(&identity.path("/account/security?done=preferred")))
}

/// Lets the strongest factor be asked for first again.
async fn strongest(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<FactorForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    put_first(&identity, &visitor, &session, None).await?;
    Ok(redirect(&identity.path("/account/security?done=preferred")))
}

async fn put_first(
    identity: &Identity,
    visitor: &Visitor,
    session: &Session,
    factor: Option<&Enrolled>,
) -> Result<(), AccountError> {
    let user = session.user_id;
    let work = async |tx: &Tx| {
        login::hold(tx, session).await?;
        store::prefer(tx, user, factor.map(|factor| factor.id)).await?;
        let strongest = of(tx, user).await?.into_iter().next();
        let Some(kind) = factor.cloned().or(strongest).map(|factor| factor.kind) else {
            return Ok(());
        };
        changed(tx, (identity, visitor), user, (kind, Change::Preferred)).await
    };
    identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(())
}

async fn remove(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<FactorForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let factor = find(identity.db.reader(), session.user_id, id).await?;
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
        login::hold(tx, session).await?;
        if !store::remove(tx, user, factor.id).await? {
            return Ok(());
        }
        login::end_others_in(tx, visitor, (user, session.id), "factor removed").await?;
        changed(tx, (identity, visitor), user, (factor.kind, Change::Removed)).await
    };
    identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(())
}

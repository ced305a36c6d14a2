//! The page of one app: how it is used, its secret, and its end.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use kit::clock::now_ms;
use kit::db::Tx;
use serde::Deserialize;

use super::super::store::{self, Failure, Usage};
use super::super::{AppWords, day, minute};
use super::{locked, own, own_sensitive};
use crate::Identity;
use crate::oauth::clients::{self, Client};
use crate::oauth::pages::{OauthWords, wish};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The numbers are about so many days.
const USAGE_DAYS: i64 = 30;
/// For how long a replaced secret may stay good, hours.
const KEPT_H: [i64; 4] = [0, 1, 24, 168];

#[derive(Template)]
#[template(path = "account/app.html")]
struct AppPage<'a> {
    shell: &'a Shell,
    t: &'static AppWords,
    app: Shown<'a>,
    usage: Usage,
    failures: Vec<(String, String)>,
    notice: Option<Notice>,
    /// The secret, right after it was made and never again.
    secret: Option<&'a str>,
}

/// An app as its page shows it.
struct Shown<'a> {
    client: &'a Client,
    issuer: &'a str,
    kind: &'static str,
    created: String,
    used: Option<String>,
    old_until: Option<String>,
    wishes: Vec<&'static str>,
}

impl<'a> Shown<'a> {
    fn of(
        t: &'static AppWords,
        o: &'static OauthWords,
        client: &'a Client,
        issuer: &'a str,
    ) -> Self {
        let old = client.old_secret.as_ref().filter(|old| old.until > now_ms());
        Self {
            client,
            issuer,
            kind: t.kind_of(client),
            created: day(client.created_at),
            used: client.last_used_at.map(day),
            old_until: old.map(|old| minute(old.until)),
            wishes: client.scopes.words().map(|scope| wish(o, scope)).collect(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Arrival {
    #[serde(default)]
    done: String,
}

/// `GET /account/developer/{id}`.
pub(super) async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let client = match own(&identity, &visitor, &id).await? {
        Ok((_, client)) => client,
        Err(response) => return Ok(response),
    };
    let t = AppWords::of(visitor.lang);
    let notice = match arrival.done.as_str() {
        "changed" => Some(Notice::good(t.changed)),
        "old-ended" => Some(Notice::good(t.old_ended)),
        _ => None,
    };
    app_page(&identity, &visitor, &client, (notice, None)).await
}

/// The page of an app, with its secret right after that was made.
pub(super) async fn app_page(
    identity: &Identity,
    visitor: &Visitor,
    client: &Client,
    (notice, secret): (Option<Notice>, Option<&str>),
) -> Result<Response, PageError> {
    let shell = Shell::of(identity, visitor);
    let (t, o) = (AppWords::of(shell.lang()), OauthWords::of(shell.lang()));
    let (reader, now) = (identity.db.reader(), now_ms());
    let since = now - USAGE_DAYS * DAY_MS;
    let failures = store::failures(reader, &client.id, since).await?;
    let told = |failure: &Failure| (minute(failure.at), t.failure(&failure.event).to_owned());
    let page = AppPage {
        shell: &shell,
        t,
        app: Shown::of(t, o, client, identity.config.issuer_text()),
        usage: store::usage(reader, &client.id, since, now).await?,
        failures: failures.iter().map(told).collect(),
        notice,
        secret,
    };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

#[derive(Deserialize)]
pub(super) struct Rotation {
    #[serde(default)]
    csrf: String,
    /// For how many hours the old secret stays good.
    #[serde(default)]
    keep: String,
}

/// `POST /account/developer/{id}/secret`: a new secret, shown in the answer only.
pub(super) async fn rotate(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    FormFields(form): FormFields<Rotation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let hours = form.keep.parse().ok().filter(|hours| KEPT_H.contains(hours));
    let hours: i64 = hours.ok_or(PageError::Malformed)?;
    let session = match own_sensitive(&identity, &visitor, (&id, "")).await? {
        Ok((session, _)) => session,
        Err(response) => return Ok(response),
    };
    let work = async |tx: &Tx| {
        let mut client = locked(tx, &session, &id).await?;
        if !client.has_secret() {
            return Err(PageError::NotFound);
        }
        let life_ms = hours * HOUR_MS;
        let secret = clients::rotate_secret(tx, &mut client, &visitor, life_ms).await?;
        Ok((client, secret))
    };
    let (client, secret) = identity.db.write(work).await?;
    identity.oauth.clients.forget(&id);
    let t = AppWords::of(visitor.lang);
    let notice = Some(Notice::good(t.rotated));
    app_page(&identity, &visitor, &client, (notice, secret.as_deref())).await
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    #[serde(default)]
    csrf: String,
}

/// `POST /account/developer/{id}/old-secret`: the secret before the present one ends now.
pub(super) async fn end_old(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match own_sensitive(&identity, &visitor, (&id, "")).await? {
        Ok((session, _)) => session,
        Err(response) => return Ok(response),
    };
    let work = async |tx: &Tx| {
        let mut client = locked(tx, &session, &id).await?;
        client.old_secret = None;
        clients::change(tx, &client, &visitor).await?;
        Ok::<_, PageError>(())
    };
    identity.db.write(work).await?;
    identity.oauth.clients.forget(&id);
    Ok(redirect(&identity.path(&format!("{}/{id}?done=old-ended", super::PATH))))
}

#[derive(Template)]
#[template(path = "account/app_delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    t: &'static AppWords,
    client: &'a Client,
    live: i64,
}

/// `GET /account/developer/{id}/delete`: asks once more.
pub(super) async fn confirm(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let client = match own_sensitive(&identity, &visitor, (&id, "/delete")).await? {
        Ok((_, client)) => client,
        Err(response) => return Ok(response),
    };
    let shell = Shell::of(&identity, &visitor);
    let now = now_ms();
    let usage = store::usage(identity.db.reader(), &client.id, now - DAY_MS, now).await?;
    let t = AppWords::of(shell.lang());
    let page = DeletePage { shell: &shell, t, client: &client, live: usage.live };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

/// `POST /account/developer/{id}/delete`.
pub(super) async fn delete(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match own_sensitive(&identity, &visitor, (&id, "/delete")).await? {
        Ok((session, _)) => session,
        Err(response) => return Ok(response),
    };
    let work = async |tx: &Tx| {
        locked(tx, &session, &id).await?;
        clients::remove(tx, &id, &visitor).await?;
        Ok::<_, PageError>(())
    };
    identity.db.write(work).await?;
    identity.oauth.clients.forget(&id);
    identity.oauth.wake_sender();
    Ok(redirect(&identity.path(&format!("{}?done=deleted", super::PATH))))
}

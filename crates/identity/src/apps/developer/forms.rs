//! Registering an app by a form, and changing what it says about itself.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kit::db::Tx;
use serde_json::json;

use super::super::{AppWords, may_register};
use super::fields::{Fields, Wrong};
use super::{PATH, app, locked, most, own_sensitive};
use crate::Identity;
use crate::login::{self, Session};
use crate::oauth::clients::{self, Client, ClientKind};
use crate::oauth::ground::{self, About};
use crate::oauth::pages::{OauthWords, wish};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "account/app_form.html")]
struct FormPage<'a> {
    shell: &'a Shell,
    t: &'static AppWords,
    fields: &'a Fields,
    wrong: &'a Wrong,
    /// The scopes that can be ticked: name, whether it is, what it means.
    scopes: Vec<(&'static str, bool, &'static str)>,
    /// The app to be changed; none is to be registered.
    id: Option<&'a str>,
    notice: Option<Notice>,
}

fn form_page(
    shell: &Shell,
    (id, fields): (Option<&str>, &Fields),
    refused: Option<(&Wrong, Option<Notice>)>,
) -> Response {
    let (t, o) = (AppWords::of(shell.lang()), OauthWords::of(shell.lang()));
    let fine = Wrong::default();
    let (status, wrong, notice) = match refused {
        None => (StatusCode::OK, &fine, None),
        Some((wrong, notice)) => {
            let notice = notice.or_else(|| Some(Notice::bad(shell.w.form_errors)));
            (StatusCode::UNPROCESSABLE_ENTITY, wrong, notice)
        }
    };
    let ticked = [
        ("profile", fields.profile.is_some()),
        ("email", fields.email.is_some()),
        ("offline_access", fields.offline_access.is_some()),
        ("chat", fields.chat.is_some()),
    ];
    let scopes = ticked.map(|(name, is)| (name, is, wish(o, name))).to_vec();
    show(status, &FormPage { shell, t, fields, wrong, scopes, id, notice }, shell, None)
}

/// The person of this browser, if they may register apps.
async fn developer(
    identity: &Identity,
    visitor: &Visitor,
) -> Result<Result<Session, Response>, PageError> {
    let Some(session) = login::current_session(identity, &visitor.headers).await? else {
        return Ok(Err(redirect(&identity.path("/login?to=account/developer/new"))));
    };
    if !may_register(identity, &session).await? {
        return Err(PageError::NotFound);
    }
    Ok(Ok(session))
}

/// `GET /account/developer/new`.
pub(super) async fn blank(
    State(identity): State<Identity>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    if let Err(response) = developer(&identity, &visitor).await? {
        return Ok(response);
    }
    Ok(form_page(&Shell::of(&identity, &visitor), (None, &Fields::blank()), None))
}

/// `POST /account/developer/new`. The secret is in the answer, and nowhere else ever.
pub(super) async fn register(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<Fields>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match developer(&identity, &visitor).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let shell = Shell::of(&identity, &visitor);
    let t = AppWords::of(shell.lang());
    let mut client = Client {
        id: clients::new_id(),
        kind: ClientKind::Developer,
        owner: Some(session.user_id),
        ..Client::blank()
    };
    if let Err(wrong) = form.apply(&identity.oauth, t, &mut client) {
        return Ok(form_page(&shell, (None, &form), Some((&wrong, None))));
    }
    if let Err(error) = clients::check_others(&identity.oauth, &client) {
        let notice = Some(Notice::bad(t.of_error(&error)));
        return Ok(form_page(&shell, (None, &form), Some((&Wrong::default(), notice))));
    }
    let secret = clients::new_secret(&mut client);
    if !keep(&identity, &visitor, &client, session.user_id).await? {
        let notice = Some(Notice::bad(t.too_many_apps));
        return Ok(form_page(&shell, (None, &form), Some((&Wrong::default(), notice))));
    }
    let notice = Some(Notice::good(t.registered));
    app::app_page(&identity, &visitor, &client, (notice, secret.as_deref())).await
}

/// Stores a new app, unless its person has as many as they may.
async fn keep(
    identity: &Identity,
    visitor: &Visitor,
    client: &Client,
    owner: uuid::Uuid,
) -> Result<bool, PageError> {
    let most = i64::try_from(most(identity)).unwrap_or(i64::MAX);
    let work = async |tx: &Tx| {
        clients::one_at_a_time(tx, owner).await?;
        if clients::count_of_owner(tx, owner).await? >= most {
            return Ok(false);
        }
        clients::store(tx, client).await?;
        let about = About { user: Some(owner), client: Some(&client.id), session: None };
        let detail = json!({"kind": client.kind.as_str(), "name": client.name});
        ground::record_from(tx, "client.registered", about, (visitor, detail)).await?;
        Ok::<_, PageError>(true)
    };
    identity.db.write(work).await
}

/// `GET /account/developer/{id}/edit`.
pub(super) async fn edit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let client = match own_sensitive(&identity, &visitor, (&id, "/edit")).await? {
        Ok((_, client)) => client,
        Err(response) => return Ok(response),
    };
    let fields = Fields::of(&client);
    Ok(form_page(&Shell::of(&identity, &visitor), (Some(&id), &fields), None))
}

/// `POST /account/developer/{id}/edit`.
pub(super) async fn change(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<String>,
    FormFields(form): FormFields<Fields>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match own_sensitive(&identity, &visitor, (&id, "/edit")).await? {
        Ok((session, _)) => session,
        Err(response) => return Ok(response),
    };
    let shell = Shell::of(&identity, &visitor);
    let t = AppWords::of(shell.lang());
    let work = async |tx: &Tx| {
        let mut client = locked(tx, &session, &id).await?;
        // What kind of app it is, it stays; a secret and keys are exchanged for each other.
        let kind = super::fields::kind_of(&client).to_owned();
        let form = Fields { kind, ..form.clone() };
        if let Err(wrong) = form.apply(&identity.oauth, t, &mut client) {
            return Ok(Err((form, *wrong, None)));
        }
        if let Err(error) = clients::check_others(&identity.oauth, &client) {
            let notice = Notice::bad(t.of_error(&error));
            return Ok(Err((form, Wrong::default(), Some(notice))));
        }
        let missing = client.has_secret() && client.secret_hash.is_none();
        let secret = if missing || !client.has_secret() {
            client.old_secret = None;
            clients::new_secret(&mut client)
        } else {
            None
        };
        clients::change(tx, &client, &visitor).await?;
        Ok::<_, PageError>(Ok((client, secret)))
    };
    let changed = identity.db.write(work).await?;
    identity.oauth.clients.forget(&id);
    match changed {
        Ok((client, Some(secret))) => {
            let notice = Some(Notice::good(t.changed));
            app::app_page(&identity, &visitor, &client, (notice, Some(&secret))).await
        }
        Ok(_) => Ok(redirect(&identity.path(&format!("{PATH}/{id}?done=changed")))),
        Err((form, wrong, notice)) => {
            Ok(form_page(&shell, (Some(&id), &form), Some((&wrong, notice))))
        }
    }
}

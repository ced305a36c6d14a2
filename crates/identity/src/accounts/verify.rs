//! `/verify/{token}`: a page with a button, because mail scanners open links by themselves.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::{DbResult, Tx};
use serde::Deserialize;
use uuid::Uuid;

use super::{Account, Role, store};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login::links::{self, Link, Purpose};
use crate::login::{self, Fresh, NewSession};
use crate::pages::{
    FormFields, PageError, Shell, check_form, message_page, redirect, show, with_cookie,
};
use crate::passwords;
use crate::upstream::{self, Linked, UpstreamWords};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/verify/{token}", get(page).post(confirm))
}

/// Confirms a pending account's address; the first one ever becomes the owner.
pub(crate) async fn activate(tx: &Tx, id: Uuid) -> DbResult<bool> {
    let was_pending = store::activate(tx, id).await?;
    if was_pending && store::take_ownership(tx, id).await? {
        store::set_role(tx, id, Role::Owner).await?;
    }
    Ok(was_pending)
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    shell: &'a Shell,
    token: &'a str,
    account: &'a Account,
    /// The button also signs in.
    signs_in: bool,
    /// By which accounts elsewhere it can be signed in to.
    linked: Vec<Linked>,
    t: &'static UpstreamWords,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let shell = Shell::of(&identity, &visitor);
    let Some(link) = links::find(identity.db.reader(), &token).await? else {
        return over(&identity, &visitor, &shell, &token).await;
    };
    let account = store::get(&identity, identity.db.reader(), link.user).await?;
    let (Some(account), Purpose::Verify) = (account, link.purpose) else {
        return Ok(known_page(&shell, link.purpose));
    };
    let signs_in = login::is_browser(&identity, &visitor.headers, &link.browser_hash);
    let form_action = login::form_action(&identity, &visitor.headers, link.interaction).await?;
    let linked = upstream::of(&identity, identity.db.reader(), account.id).await?;
    let (t, account) = (UpstreamWords::of(shell.lang()), &account);
    let page = VerifyPage { shell: &shell, token: &token, account, signs_in, linked, t };
    Ok(show(StatusCode::OK, &page, &shell, form_action.as_deref()))
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(default)]
    csrf: String,
}

async fn confirm(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let link = links::find(identity.db.reader(), &token).await?;
    let Some(link) = link.filter(|link| link.purpose == Purpose::Verify) else {
        return over(&identity, &visitor, &shell, &token).await;
    };
    let signs_in = login::is_browser(&identity, &visitor.headers, &link.browser_hash);
    let has_password = passwords::get_hash(identity.db.reader(), link.user).await?.is_some();
    let fresh = if has_password { Fresh::password() } else { Fresh::link() };
    let new = signs_in.then(|| NewSession::new(&identity, link.user, &visitor, fresh));
    if !spend(&identity, &visitor, (&token, &link), new.as_ref()).await? {
        return over(&identity, &visitor, &shell, &token).await;
    }
    let Some(new) = new else {
        let text = (shell.w.verified_title, shell.w.verified_text);
        return Ok(message_page(&shell, StatusCode::OK, text, Some((shell.w.sign_in, "/login"))));
    };
    let to = login::destination(&identity, &visitor.headers, link.interaction).await?;
    let response = with_cookie(redirect(&to), new.cookie(&identity));
    Ok(with_cookie(response, login::device_cookie(&identity, link.user)))
}

/// Everything that confirming changes, at once.
async fn spend(
    identity: &Identity,
    visitor: &Visitor,
    (token, link): (&str, &Link),
    session: Option<&NewSession>,
) -> DbResult<bool> {
    let work = async |tx: &Tx| {
        if !links::spend(tx, token, Purpose::Verify).await? || !activate(tx, link.user).await? {
            return Ok(false);
        }
        links::spend_all(tx, link.user, Purpose::Verify).await?;
        if let Some(session) = session {
            session.insert(tx).await?;
        }
        let entry = Entry::new("signup.verified").user(link.user).visitor(visitor);
        audit::record(tx, &entry).await?;
        Ok(true)
    };
    identity.db.write(work).await
}

/// A link that was used by this very person, in this browser, leads on; all others are over.
async fn over(
    identity: &Identity,
    visitor: &Visitor,
    shell: &Shell,
    token: &str,
) -> Result<Response, PageError> {
    let user = links::spent_by(identity.db.reader(), token).await?;
    let session = login::current_session(identity, &visitor.headers).await?;
    if session.is_some_and(|session| Some(session.user_id) == user) {
        return Ok(redirect(identity.config.home_url.as_str()));
    }
    let text = (shell.w.link_over_title, shell.w.link_over_text);
    let action = Some((shell.w.go_to_sign_in, "/login"));
    Ok(message_page(shell, StatusCode::GONE, text, action))
}

fn known_page(shell: &Shell, purpose: Purpose) -> Response {
    let w = shell.w;
    if purpose == Purpose::Known {
        let action = Some((w.sign_in, "/login"));
        return message_page(shell, StatusCode::OK, (w.known_title, w.known_text), action);
    }
    let action = Some((w.go_to_sign_in, "/login"));
    message_page(shell, StatusCode::GONE, (w.link_over_title, w.link_over_text), action)
}

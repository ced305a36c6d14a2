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
    FormFields, Notice, PageError, Shell, check_form, message_page, redirect, show, with_cookie,
};
use crate::passwords::{self, Said};
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
    opener: Opener,
    error: &'a str,
    notice: Option<Notice>,
    /// By which accounts elsewhere it can be signed in to.
    linked: Vec<Linked>,
    t: &'static UpstreamWords,
}

impl VerifyPage<'_> {
    /// Whether the password is asked for.
    fn asks(&self) -> bool {
        matches!(self.opener, Opener::Other)
    }

    /// Whether there is no button.
    fn is_closed(&self) -> bool {
        matches!(self.opener, Opener::Unknown)
    }
}

/// Whether the one who opens a link is the one who signed up. Whoever typed an address can have
/// its owner open the link, but not in the same browser, and not with the password.
enum Opener {
    /// It is the browser that signed up.
    Same,
    /// It is another one, and can show the password.
    Other,
    /// It is another one, and there is no password to show: who comes in by another provider only
    /// opens the link where they came in.
    Unknown,
}

impl Opener {
    async fn of(identity: &Identity, visitor: &Visitor, link: &Link) -> DbResult<Self> {
        if login::is_browser(identity, &visitor.headers, &link.browser_hash) {
            return Ok(Self::Same);
        }
        let phc = passwords::get_hash(identity.db.reader(), link.user).await?;
        Ok(if phc.is_some() { Self::Other } else { Self::Unknown })
    }
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
    form_page((&identity, &visitor, &shell), (&token, &link), Said::default()).await
}

async fn form_page(
    (identity, visitor, shell): (&Identity, &Visitor, &Shell),
    (token, link): (&str, &Link),
    said: Said,
) -> Result<Response, PageError> {
    let account = store::get(identity, identity.db.reader(), link.user).await?;
    let (Some(account), Purpose::Verify) = (account, link.purpose) else {
        return Ok(known_page(shell, link.purpose));
    };
    let opener = Opener::of(identity, visitor, link).await?;
    let form_action = login::form_action(identity, &visitor.headers, link.interaction).await?;
    let page = VerifyPage {
        shell,
        token,
        opener,
        error: said.error,
        notice: said.notice,
        linked: upstream::of(identity, identity.db.reader(), account.id).await?,
        t: UpstreamWords::of(shell.lang()),
        account: &account,
    };
    Ok(show(said.status, &page, shell, form_action.as_deref()))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Confirmation {
    csrf: String,
    password: String,
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
    let refused = match Opener::of(&identity, &visitor, &link).await? {
        Opener::Same => None,
        Opener::Other => {
            let page = (&identity, &visitor, &shell);
            let whose = (token.as_str(), link.user);
            passwords::refusal_by_link(page, whose, &form.password, "signup.refused").await?
        }
        Opener::Unknown => Some(Said::forbidden()),
    };
    if let Some(said) = refused {
        return form_page((&identity, &visitor, &shell), (&token, &link), said).await;
    }
    let has_password = passwords::get_hash(identity.db.reader(), link.user).await?.is_some();
    let fresh = if has_password { Fresh::password() } else { Fresh::link() };
    let new = NewSession::new(&identity, link.user, &visitor, fresh);
    if !spend(&identity, &visitor, (&token, &link), &new).await? {
        return over(&identity, &visitor, &shell, &token).await;
    }
    let to = login::destination(&identity, &visitor.headers, link.interaction).await?;
    let response = with_cookie(redirect(&to), new.cookie(&identity));
    Ok(with_cookie(response, login::device_cookie(&identity, link.user)))
}

/// Everything that confirming changes, at once.
async fn spend(
    identity: &Identity,
    visitor: &Visitor,
    (token, link): (&str, &Link),
    session: &NewSession,
) -> DbResult<bool> {
    let work = async |tx: &Tx| {
        if !links::spend(tx, token, Purpose::Verify).await? || !activate(tx, link.user).await? {
            return Ok(false);
        }
        links::spend_all(tx, link.user, Purpose::Verify).await?;
        session.insert(tx).await?;
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

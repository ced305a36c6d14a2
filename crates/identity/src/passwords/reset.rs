//! `/reset/{token}`: a new password for the person who has the mail. Who was invited chooses their
//! first one here, and is in by it, as who has just signed up is.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use super::{normalise, set_hash, weakness};
use crate::Identity;
use crate::accounts::{self, Account, AccountError};
use crate::audit::{self, Entry};
use crate::login::links::{self, Link, Purpose};
use crate::login::{self, Fresh, NewSession, Throttle};
use crate::mail::{self, Letter};
use crate::pages::{
    FormFields, Lang, PageError, Shell, check_form, message_page, redirect, show, with_cookie,
};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/reset/{token}", get(page).post(submit))
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    shell: &'a Shell,
    token: &'a str,
    username: &'a str,
    error: &'a str,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct ResetForm {
    csrf: String,
    password: String,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let shell = Shell::of(&identity, &visitor);
    let Some(opened) = Opened::of(&identity, &visitor, &token).await? else {
        return Ok(over(&shell));
    };
    Ok(opened.form_page(&shell, StatusCode::OK, ""))
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
    FormFields(form): FormFields<ResetForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let Some(opened) = Opened::of(&identity, &visitor, &token).await? else {
        return Ok(over(&shell));
    };
    let account = &opened.account;
    let password = normalise(&form.password);
    let own = [account.username.as_str(), &account.display_name, &account.email];
    if let Some(weakness) = weakness(&password, &own) {
        let error = accounts::weakness_text(&shell, weakness);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(opened.form_page(&shell, status, error));
    }
    let phc = identity.hasher.hash(&password).await?;
    let new = NewSession::new(&identity, account.id, &visitor, Fresh::password());
    match replace(&identity, &visitor, (&opened, &new), &phc).await? {
        Replaced::Over => Ok(over(&shell)),
        Replaced::Done => Ok(done(&identity, &shell)),
        Replaced::Joined => {
            let waits = opened.link.interaction;
            let to = login::destination(&identity, &visitor.headers, waits).await?;
            let response = with_cookie(redirect(&to), new.cookie(&identity));
            Ok(with_cookie(response, login::device_cookie(&identity, account.id)))
        }
    }
}

fn done(identity: &Identity, shell: &Shell) -> Response {
    let text = (shell.w.reset_done_title, shell.w.reset_done_text);
    let page = message_page(shell, StatusCode::OK, text, Some((shell.w.sign_in, "/login")));
    with_cookie(page, login::gone_cookie(identity))
}

/// A link that works, as it was opened.
struct Opened<'a> {
    token: &'a str,
    link: Link,
    account: Account,
    /// Where the app is that waits in this browser.
    form_action: Option<String>,
}

impl<'a> Opened<'a> {
    async fn of(
        identity: &Identity,
        visitor: &Visitor,
        token: &'a str,
    ) -> Result<Option<Self>, AccountError> {
        let link = links::find(identity.db.reader(), token).await?;
        let Some(link) = link.filter(|link| link.purpose == Purpose::Reset) else {
            return Ok(None);
        };
        let account = accounts::for_claims(identity, link.user).await?;
        let form_action = login::form_action(identity, &visitor.headers, link.interaction).await?;
        Ok(account.map(|account| Self { token, link, account, form_action }))
    }

    fn form_page(&self, shell: &Shell, status: StatusCode, error: &str) -> Response {
        let username = &self.account.username;
        let page = ResetPage { shell, token: self.token, username, error };
        show(status, &page, shell, self.form_action.as_deref())
    }
}

/// What came of a new password.
enum Replaced {
    /// The link had ended meanwhile.
    Over,
    /// The account has it, and nobody is in.
    Done,
    /// It is the first one of somebody who was invited, and who is in now.
    Joined,
}

/// Everything that a reset changes, at once. No session follows from it but for who joins, who has
/// no second factor yet that would be passed over.
async fn replace(
    identity: &Identity,
    visitor: &Visitor,
    (opened, session): (&Opened<'_>, &NewSession),
    phc: &str,
) -> Result<Replaced, AccountError> {
    let Opened { token, account, .. } = opened;
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    let work = async |tx: &Tx| {
        if !links::spend(tx, token, Purpose::Reset).await? {
            return Ok(Replaced::Over);
        }
        links::spend_all(tx, account.id, Purpose::Reset).await?;
        set_hash(tx, account.id, phc).await?;
        // To somebody who was invited, the mail with the link also confirms the address.
        let joined = accounts::activate(tx, account.id).await?;
        Throttle::clear_all(identity, tx, account).await?;
        if !joined {
            let letter = Letter::changed(identity, lang, &account.display_name);
            mail::post(identity, tx, &account.email, letter).await?;
        }
        login::end_all_in(tx, visitor, account.id, "password reset").await?;
        if joined {
            session.insert(tx).await?;
        }
        let event = if joined { "signup.verified" } else { "password.reset" };
        let entry = Entry::new(event).user(account.id).visitor(visitor);
        audit::record(tx, &entry).await?;
        Ok::<_, AccountError>(if joined { Replaced::Joined } else { Replaced::Done })
    };
    let replaced = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(replaced)
}

fn over(shell: &Shell) -> Response {
    let text = (shell.w.link_over_title, shell.w.link_over_text);
    message_page(shell, StatusCode::GONE, text, Some((shell.w.forgot, "/recover")))
}

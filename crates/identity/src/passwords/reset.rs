//! `/reset/{token}`: a new password for the person who has the mail.

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
use crate::login::links::{self, Purpose};
use crate::login::{self, Throttle};
use crate::mail::{self, Letter};
use crate::pages::{
    FormFields, Lang, PageError, Shell, check_form, message_page, show, with_cookie,
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
    Ok(match account_of(&identity, &token).await? {
        Some(account) => form_page(&shell, StatusCode::OK, (&token, &account, "")),
        None => over(&shell),
    })
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
    FormFields(form): FormFields<ResetForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let Some(account) = account_of(&identity, &token).await? else { return Ok(over(&shell)) };
    let password = normalise(&form.password);
    let own = [account.username.as_str(), &account.display_name, &account.email];
    if let Some(weakness) = weakness(&password, &own) {
        let error = accounts::weakness_text(&shell, weakness);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(form_page(&shell, status, (&token, &account, error)));
    }
    let phc = identity.hasher.hash(&password).await?;
    if !replace(&identity, &visitor, (&token, &account), &phc).await? {
        return Ok(over(&shell));
    }
    let text = (shell.w.reset_done_title, shell.w.reset_done_text);
    let page = message_page(&shell, StatusCode::OK, text, Some((shell.w.sign_in, "/login")));
    Ok(with_cookie(page, login::gone_cookie(&identity)))
}

async fn account_of(identity: &Identity, token: &str) -> Result<Option<Account>, AccountError> {
    let link = links::find(identity.db.reader(), token).await?;
    match link.filter(|link| link.purpose == Purpose::Reset) {
        Some(link) => accounts::for_claims(identity, link.user).await,
        None => Ok(None),
    }
}

/// Everything that a reset changes, at once; answers whether the link still worked.
async fn replace(
    identity: &Identity,
    visitor: &Visitor,
    (token, account): (&str, &Account),
    phc: &str,
) -> Result<bool, AccountError> {
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    let work = async |tx: &Tx| {
        if !links::spend(tx, token, Purpose::Reset).await? {
            return Ok(false);
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
        login::end_all_in(tx, account.id, "password reset").await?;
        let event = if joined { "signup.verified" } else { "password.reset" };
        let entry = Entry::new(event).user(account.id).visitor(visitor);
        audit::record(tx, &entry).await?;
        Ok::<_, AccountError>(true)
    };
    let replaced = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(replaced)
}

fn form_page(
    shell: &Shell,
    status: StatusCode,
    (token, account, error): (&str, &Account, &str),
) -> Response {
    show(status, &ResetPage { shell, token, username: &account.username, error }, shell, None)
}

fn over(shell: &Shell) -> Response {
    let text = (shell.w.link_over_title, shell.w.link_over_text);
    message_page(shell, StatusCode::GONE, text, Some((shell.w.forgot, "/recover")))
}

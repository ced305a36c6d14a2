//! `/account`: what a person can change about themselves.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use super::{Account, AccountError, address, store};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login;
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/account", get(page)).route("/account/profile", post(submit))
}

/// Errors beside the fields of the account page; empty means fine.
#[derive(Debug, Default)]
pub(crate) struct AccountErrors {
    pub(crate) display_name: &'static str,
    pub(crate) current: &'static str,
    pub(crate) password: &'static str,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    shell: &'a Shell,
    account: &'a Account,
    role: &'static str,
    errors: AccountErrors,
    notice: Option<Notice>,
}

/// The account page with what a form came to.
pub(crate) fn account_page(
    shell: &Shell,
    status: StatusCode,
    (account, errors, notice): (&Account, AccountErrors, Option<Notice>),
) -> Response {
    let role = shell.w.role(account.role.as_str());
    show(status, &AccountPage { shell, account, role, errors, notice }, shell, None)
}

async fn page(State(identity): State<Identity>, visitor: Visitor) -> Result<Response, PageError> {
    let Some(account) = signed_in(&identity, &visitor).await? else {
        return Ok(redirect(&identity.path("/login?to=account")));
    };
    let shell = Shell::of(&identity, &visitor);
    Ok(account_page(&shell, StatusCode::OK, (&account, AccountErrors::default(), None)))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct ProfileForm {
    csrf: String,
    display_name: String,
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<ProfileForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let Some(mut account) = signed_in(&identity, &visitor).await? else {
        return Ok(redirect(&identity.path("/login?to=account")));
    };
    let Some(display_name) = address::display_name(&form.display_name) else {
        let display_name = shell.w.display_name_invalid;
        let errors = AccountErrors { display_name, ..AccountErrors::default() };
        return Ok(account_page(
            &shell,
            StatusCode::UNPROCESSABLE_ENTITY,
            (&account, errors, None),
        ));
    };
    let work = async |tx: &Tx| {
        store::rename(tx, account.id, &display_name).await?;
        audit::record(tx, &Entry::new("user.renamed").user(account.id).visitor(&visitor)).await
    };
    identity.db.write(work).await?;
    account.display_name = display_name;
    let notice = Some(Notice::good(shell.w.saved));
    Ok(account_page(&shell, StatusCode::OK, (&account, AccountErrors::default(), notice)))
}

async fn signed_in(
    identity: &Identity,
    visitor: &Visitor,
) -> Result<Option<Account>, AccountError> {
    match login::current_session(identity, &visitor.headers).await? {
        Some(session) => super::for_claims(identity, session.user_id).await,
        None => Ok(None),
    }
}

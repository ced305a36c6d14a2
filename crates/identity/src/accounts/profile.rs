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
use crate::addresses::AddressWords;
use crate::audit::{self, Entry};
use crate::login;
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::passwords;
use crate::upstream::UpstreamWords;
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
    /// There is one to change.
    has_password: bool,
    t: &'static UpstreamWords,
    address: &'static AddressWords,
    errors: AccountErrors,
    notice: Option<Notice>,
}

/// The account page with what a form came to.
pub(crate) async fn account_page(
    (identity, shell): (&Identity, &Shell),
    status: StatusCode,
    (account, errors, notice): (&Account, AccountErrors, Option<Notice>),
) -> Result<Response, PageError> {
    let role = shell.w.role(account.role.as_str());
    let has_password = passwords::get_hash(identity.db.reader(), account.id).await?.is_some();
    let t = UpstreamWords::of(shell.lang());
    let address = AddressWords::of(shell.lang());
    let page = AccountPage { shell, account, role, has_password, t, address, errors, notice };
    Ok(show(status, &page, shell, None))
}

async fn page(State(identity): State<Identity>, visitor: Visitor) -> Result<Response, PageError> {
    let Some(account) = signed_in(&identity, &visitor).await? else {
        return Ok(redirect(&identity.path("/login?to=account")));
    };
    let shell = Shell::of(&identity, &visitor);
    let shown = (&account, AccountErrors::default(), None);
    account_page((&identity, &shell), StatusCode::OK, shown).await
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
        let refused = StatusCode::UNPROCESSABLE_ENTITY;
        return account_page((&identity, &shell), refused, (&account, errors, None)).await;
    };
    let work = async |tx: &Tx| {
        store::rename(tx, account.id, &display_name).await?;
        audit::record(tx, &Entry::new("user.renamed").user(account.id).visitor(&visitor)).await
    };
    identity.db.write(work).await?;
    account.display_name = display_name;
    let notice = Some(Notice::good(shell.w.saved));
    let shown = (&account, AccountErrors::default(), notice);
    account_page((&identity, &shell), StatusCode::OK, shown).await
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

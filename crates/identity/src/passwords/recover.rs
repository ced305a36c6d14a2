//! `/recover`: asks for an address and says the same for every one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use crate::Identity;
use crate::accounts::{self, Account, AccountError, Email, Status};
use crate::audit::{self, Entry};
use crate::login::links::{self, Link, Purpose};
use crate::mail::{self, Letter};
use crate::pages::{FormFields, Lang, Notice, PageError, Shell, check_form, show};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/recover", get(page).post(submit))
}

#[derive(Template)]
#[template(path = "recover.html")]
struct RecoverPage<'a> {
    shell: &'a Shell,
    email: &'a str,
    error: &'a str,
    notice: Option<Notice>,
    sent: bool,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct RecoverForm {
    csrf: String,
    email: String,
}

async fn page(State(identity): State<Identity>, visitor: Visitor) -> Response {
    let shell = Shell::of(&identity, &visitor);
    let page = RecoverPage { shell: &shell, email: "", error: "", notice: None, sent: false };
    show(StatusCode::OK, &page, &shell, None)
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<RecoverForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let Some(email) = Email::parse(&form.email) else {
        let (email, error) = (form.email.as_str(), shell.w.email_invalid);
        let page = RecoverPage { shell: &shell, email, error, notice: None, sent: false };
        return Ok(show(StatusCode::UNPROCESSABLE_ENTITY, &page, &shell, None));
    };
    identity.limits.mail_from(&visitor)?;
    send(&identity, &visitor, &email).await?;
    let notice = Some(Notice::good(shell.w.recover_sent));
    let page = RecoverPage { shell: &shell, email: email.as_str(), error: "", notice, sent: true };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

/// Posts a link if the address has an account that can be used. Every address costs one look-up
/// and one transaction, so that time tells nothing either.
async fn send(identity: &Identity, visitor: &Visitor, email: &Email) -> Result<(), AccountError> {
    let user = accounts::by_email(identity, identity.db.reader(), email).await?;
    let account = match user {
        Some(user) => accounts::for_claims(identity, user).await?,
        None => None,
    };
    let may_mail = identity.limits.mail_to(identity, &email.normalised());
    let account = account.filter(|account| may_mail && account.status == Status::Active);
    let browser_hash = crate::login::browser_hash_of(identity, &visitor.headers);
    let work = async |tx: &Tx| {
        let entry = Entry::new("password.reset_requested").visitor(visitor);
        let (token, entry) = if let Some(account) = &account {
            let (user, purpose) = (account.id, Purpose::Reset);
            let link = Link { user, purpose, interaction: None, browser_hash };
            let token = links::create(tx, &link).await?;
            mail::post(identity, tx, &account.email, letter(identity, account, &token)).await?;
            (Some(token), entry.user(account.id))
        } else {
            (None, entry.failed())
        };
        audit::record(tx, &entry).await?;
        Ok::<_, AccountError>(token)
    };
    let token = identity.db.write(work).await?;
    identity.outbox.wake();
    if let Some(token) = token {
        mail::tell_operator(identity, &identity.link(&format!("/reset/{token}")));
    }
    Ok(())
}

fn letter(identity: &Identity, account: &Account, token: &str) -> Letter {
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    Letter::reset(identity, lang, &account.display_name, token)
}

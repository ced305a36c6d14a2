//! `/recover`: asks for an address and says the same for every one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::Tx;
use serde::{Deserialize, Serialize};

use crate::Identity;
use crate::accounts::{self, Account, AccountError, Email, Status};
use crate::audit::{self, Entry};
use crate::login::links::{self, Link, Purpose};
use crate::mail::{self, Letter};
use crate::outbox::{self, Parcel};
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
    ask(&identity, &visitor, &email).await?;
    let notice = Some(Notice::good(shell.w.recover_sent));
    let page = RecoverPage { shell: &shell, email: email.as_str(), error: "", notice, sent: true };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

/// Somebody asked for a new password.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recovery {
    email: String,
    browser_hash: Vec<u8>,
    ip: String,
    agent: String,
}

/// Puts the request aside. It is looked at when it was answered already, so that neither the
/// answer nor its time can depend on the address.
async fn ask(identity: &Identity, visitor: &Visitor, email: &Email) -> Result<(), AccountError> {
    if !identity.limits.mail_to(identity, &email.normalised()) {
        return Ok(());
    }
    let recovery = Parcel::Recovery(Recovery {
        email: email.as_str().to_owned(),
        browser_hash: crate::login::browser_hash_of(identity, &visitor.headers),
        ip: visitor.ip.to_string(),
        agent: visitor.agent.clone(),
    });
    let work = async |tx: &Tx| outbox::store(identity, tx, &recovery, None).await;
    identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(())
}

/// Posts a link if the address has an account that can be used.
pub(crate) async fn answer(identity: &Identity, recovery: &Recovery) -> Result<(), AccountError> {
    let Some(email) = Email::parse(&recovery.email) else { return Ok(()) };
    let account = match accounts::by_email(identity, identity.db.reader(), &email).await? {
        Some(user) => accounts::for_claims(identity, user).await?,
        None => None,
    };
    let entry = Entry::new("password.reset_requested").by(&recovery.ip, &recovery.agent);
    let Some(account) = account.filter(|account| account.status == Status::Active) else {
        let entry = entry.failed();
        identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await?;
        return Ok(());
    };
    let (user, purpose) = (account.id, Purpose::Reset);
    let browser_hash = recovery.browser_hash.clone();
    let link = Link { user, purpose, interaction: None, browser_hash };
    let work = async |tx: &Tx| {
        let token = links::create(tx, &link).await?;
        mail::post(identity, tx, &account.email, letter(identity, &account, &token)).await?;
        audit::record(tx, &entry.user(account.id)).await?;
        Ok::<_, AccountError>(token)
    };
    let token = identity.db.write(work).await?;
    identity.outbox.wake();
    mail::tell_operator(identity, &identity.link(&format!("/reset/{token}")));
    Ok(())
}

fn letter(identity: &Identity, account: &Account, token: &str) -> Letter {
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    Letter::reset(identity, lang, &account.display_name, token)
}

//! `/account/email`: where a person asks for another address.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use super::letters::{self, By};
use super::store;
use super::words::AddressWords;
use crate::Identity;
use crate::accounts::{self, Account, AccountError, Asker, Email};
use crate::audit::{self, Entry};
use crate::login::{self, Session};
use crate::pages::{FormFields, Lang, Notice, PageError, Shell, check_form, show};
use crate::visitor::Visitor;

const PATH: &str = "/account/email";
/// What is told to somebody who asks too often; the budget is one of an hour.
const RETRY_AFTER_S: u64 = 720;

pub(super) fn router() -> Router<Identity> {
    Router::new().route(PATH, get(page).post(submit))
}

#[derive(Template)]
#[template(path = "account/email.html")]
struct EmailPage<'a> {
    shell: &'a Shell,
    t: &'static AddressWords,
    account: &'a Account,
    email: &'a str,
    error: &'static str,
    notice: Option<Notice>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct EmailForm {
    csrf: String,
    email: String,
}

async fn page(State(identity): State<Identity>, visitor: Visitor) -> Result<Response, PageError> {
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let account = account_of(&identity, &session).await?;
    let shell = Shell::of(&identity, &visitor);
    Ok(shown(&shell, StatusCode::OK, (&account, ""), ("", None)))
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<EmailForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let account = account_of(&identity, &session).await?;
    let shell = Shell::of(&identity, &visitor);
    let email = match acceptable(&shell, &account, &form.email) {
        Ok(email) => email,
        Err(error) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(shown(&shell, status, (&account, &form.email), (error, None)));
        }
    };
    identity.limits.mail_from(&visitor)?;
    if !identity.limits.mail_to(&identity, &format!("addresses for {}", account.id)) {
        return Err(PageError::Throttled { retry_after_s: RETRY_AFTER_S });
    }
    ask(&identity, &visitor, (&session, &account), &email).await?;
    let notice = Some(Notice::good(AddressWords::of(shell.lang()).sent));
    Ok(shown(&shell, StatusCode::OK, (&account, email.as_str()), ("", notice)))
}

async fn account_of(identity: &Identity, session: &Session) -> Result<Account, PageError> {
    let account = accounts::for_claims(identity, session.user_id).await?;
    account.ok_or(PageError::NotFound)
}

/// An address that is one, and not the account's own.
fn acceptable(shell: &Shell, account: &Account, text: &str) -> Result<Email, &'static str> {
    let email = Email::parse(text).ok_or(shell.w.email_invalid)?;
    let own = Email::parse(&account.email).map(|own| own.normalised());
    if own.is_some_and(|own| own == email.normalised()) {
        return Err(AddressWords::of(shell.lang()).same);
    }
    Ok(email)
}

fn shown(
    shell: &Shell,
    status: StatusCode,
    (account, email): (&Account, &str),
    (error, notice): (&'static str, Option<Notice>),
) -> Response {
    let t = AddressWords::of(shell.lang());
    show(status, &EmailPage { shell, t, account, email, error, notice }, shell, None)
}

/// Stores the change and writes to both addresses, the same for an address that has an account:
/// only the letter is another one, and nobody has the link. Over the receiver's budget nothing is
/// sent.
async fn ask(
    identity: &Identity,
    visitor: &Visitor,
    (session, account): (&Session, &Account),
    new: &Email,
) -> Result<(), AccountError> {
    let may_send = identity.limits.mail_to(identity, &new.normalised());
    let work = async |tx: &Tx| {
        login::hold(tx, session).await?;
        store::end_pending(tx, account.id).await?;
        let tokens = store::insert(identity, tx, account.id, (&account.email, new)).await?;
        let lang = letters::lang_of(account);
        let asks = may_send && !tell_owner((identity, tx), lang, new).await?;
        if asks {
            letters::confirm((identity, tx), (lang, By::Person), new.as_str(), &tokens.confirm)
                .await?;
        }
        letters::asked((identity, tx), (account, By::Person), new.as_str(), &tokens.undo).await?;
        let entry = Entry::new("address.change_asked").user(account.id).visitor(visitor);
        audit::record(tx, &if asks { entry } else { entry.failed() }).await?;
        Ok::<_, AccountError>(())
    };
    identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(())
}

/// Writes to who has the address already, or was invited to it; answers whether there is one.
async fn tell_owner(
    (identity, tx): (&Identity, &Tx),
    lang: Lang,
    new: &Email,
) -> Result<bool, AccountError> {
    if accounts::confirmed(identity, tx, new).await?.is_some() {
        letters::tried((identity, tx), lang, new.as_str()).await?;
        return Ok(true);
    }
    // Who asks is not who was invited, so the link leads nowhere else.
    let asker = Asker::default();
    Ok(accounts::invite_again(identity, tx, new, &asker).await?.is_some())
}

//! The form behind *Change password* on the account page.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use super::{Verdict, get_hash, normalise, set_hash, weakness};
use crate::Identity;
use crate::accounts::{self, Account, AccountError, AccountErrors, account_page};
use crate::audit::{self, Entry};
use crate::login::links::{self, Purpose};
use crate::login::{self, Session, Throttle, Turn};
use crate::mail::{self, Letter};
use crate::pages::{FormFields, Lang, Notice, PageError, Shell, check_form};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/account/password", post(submit))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct ChangeForm {
    csrf: String,
    current_password: String,
    password: String,
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<ChangeForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let session = match login::guarding_with_password(&identity, &visitor, "/account").await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let account = accounts::for_claims(&identity, session.user_id).await?;
    let account = account.ok_or(PageError::NotFound)?;
    if let Some((status, errors)) = refusal(&identity, (&visitor, &shell), &account, &form).await? {
        return account_page((&identity, &shell), status, (&account, errors, None)).await;
    }
    let phc = identity.hasher.hash(&normalise(&form.password)).await?;
    change(&identity, &visitor, (&account, &session), &phc).await?;
    let notice = Some(Notice::good(shell.w.password_changed));
    let done = (&account, AccountErrors::default(), notice);
    account_page((&identity, &shell), StatusCode::OK, done).await
}

/// What is wrong with the form: the current password, or the new one.
async fn refusal(
    identity: &Identity,
    (visitor, shell): (&Visitor, &Shell),
    account: &Account,
    form: &ChangeForm,
) -> Result<Option<(StatusCode, AccountErrors)>, PageError> {
    let own = [account.username.as_str(), &account.display_name, &account.email];
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some(weakness) = weakness(&normalise(&form.password), &own) {
        let password = accounts::weakness_text(shell, weakness);
        return Ok(Some((status, AccountErrors { password, ..AccountErrors::default() })));
    }
    let place = identity.hasher.place()?;
    let throttle = Throttle::of(identity, &visitor.headers, &account.username, Some(account.id));
    let retry_after_s = match throttle.take(identity).await? {
        Turn::Now => None,
        Turn::Wait { seconds } => Some(seconds),
        Turn::ResetOnly => Some(900),
    };
    if let Some(retry_after_s) = retry_after_s {
        login::throttled(identity, visitor, Some(account.id)).await?;
        return Err(PageError::Throttled { retry_after_s });
    }
    let phc = get_hash(identity.db.reader(), account.id).await?;
    let verdict = identity.hasher.verify(place, &normalise(&form.current_password), phc).await?;
    if verdict == Verdict::Wrong {
        login::missed(identity, visitor, Some(account.id), &throttle).await?;
        let current = shell.w.current_wrong;
        return Ok(Some((status, AccountErrors { current, ..AccountErrors::default() })));
    }
    identity.db.write(async |tx: &Tx| throttle.clear(tx).await).await?;
    Ok(None)
}

async fn change(
    identity: &Identity,
    visitor: &Visitor,
    (account, session): (&Account, &Session),
    phc: &str,
) -> Result<(), AccountError> {
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    let work = async |tx: &Tx| {
        login::hold(tx, session).await?;
        links::spend_all(tx, account.id, Purpose::Reset).await?;
        set_hash(tx, account.id, phc).await?;
        let letter = Letter::changed(identity, lang, &account.display_name);
        mail::post(identity, tx, &account.email, letter).await?;
        let kept = (account.id, session.id);
        login::end_others_in(tx, visitor, kept, "password changed").await?;
        let entry = Entry::new("password.changed").user(account.id).visitor(visitor);
        audit::record(tx, &entry).await?;
        Ok::<_, AccountError>(())
    };
    identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(())
}

//! `/address/{token}`: the new address says yes. Opening the page changes nothing, because mail
//! scanners open links by themselves.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use super::store::{self, Change};
use super::words::AddressWords;
use super::{letters, take_back};
use crate::Identity;
use crate::accounts::{self, Account, AccountError, Email, Status};
use crate::audit::{self, Entry};
use crate::login;
use crate::login::links::{self, Purpose};
use crate::pages::{FormFields, PageError, Shell, check_form, message_page, show, with_cookie};
use crate::passwords::{self, Said};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/address/{token}", get(page).post(submit))
}

/// Who opens the link: whoever reads the new address's mail need not be the account's person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opener {
    /// The account is signed in to here.
    SignedIn,
    /// It is not, and the password is asked for.
    Elsewhere,
    /// It is not, and there is no password.
    Unknown,
}

#[derive(Template)]
#[template(path = "address_confirm.html")]
struct ConfirmPage<'a> {
    shell: &'a Shell,
    t: &'static AddressWords,
    token: &'a str,
    account: &'a Account,
    email: &'a str,
    opener: Opener,
    said: Said,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct ConfirmForm {
    csrf: String,
    password: String,
}

/// A link that works, and who opens it.
struct Opened {
    change: Change,
    account: Account,
    opener: Opener,
}

impl Opened {
    async fn of(
        identity: &Identity,
        visitor: &Visitor,
        token: &str,
    ) -> Result<Option<Self>, AccountError> {
        let reader = identity.db.reader();
        let Some(change) = store::waiting(identity, reader, token).await? else { return Ok(None) };
        let Some(account) = take_back::open_account(identity, change.user).await? else {
            return Ok(None);
        };
        let session = login::current_session(identity, &visitor.headers).await?;
        let opener = if session.is_some_and(|session| session.user_id == change.user) {
            Opener::SignedIn
        } else if passwords::get_hash(reader, change.user).await?.is_some() {
            Opener::Elsewhere
        } else {
            Opener::Unknown
        };
        Ok(Some(Self { change, account, opener }))
    }
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let shell = Shell::of(&identity, &visitor);
    Ok(match Opened::of(&identity, &visitor, &token).await? {
        Some(opened) => shown(&shell, &token, &opened, Said::default()),
        None => take_back::over(&shell),
    })
}

fn shown(shell: &Shell, token: &str, opened: &Opened, said: Said) -> Response {
    let (status, t) = (said.status, AddressWords::of(shell.lang()));
    let (account, email) = (&opened.account, opened.change.new.as_str());
    let page = ConfirmPage { shell, t, token, account, email, opener: opened.opener, said };
    show(status, &page, shell, None)
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
    FormFields(form): FormFields<ConfirmForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let Some(opened) = Opened::of(&identity, &visitor, &token).await? else {
        return Ok(take_back::over(&shell));
    };
    let refused = match opened.opener {
        Opener::SignedIn => None,
        Opener::Elsewhere => {
            let page = (&identity, &visitor, &shell);
            let whose = (token.as_str(), opened.change.user);
            passwords::refusal_by_link(page, whose, &form.password, "address.refused").await?
        }
        Opener::Unknown => Some(Said::forbidden()),
    };
    if let Some(said) = refused {
        return Ok(shown(&shell, &token, &opened, said));
    }
    let t = AddressWords::of(shell.lang());
    match confirm(&identity, &visitor, &opened).await {
        Ok(true) => {}
        Ok(false) => return Ok(take_back::over(&shell)),
        Err(AccountError::EmailTaken) => return Ok(take_back::taken(&shell)),
        Err(error) => return Err(error.into()),
    }
    let action = Some((shell.w.sign_in, "/login"));
    let page = message_page(&shell, StatusCode::OK, (t.done_title, t.done_text), action);
    let was_here = opened.opener == Opener::SignedIn;
    Ok(if was_here { with_cookie(page, login::gone_cookie(&identity)) } else { page })
}

/// Everything that confirming changes, at once; answers whether the link still worked. All
/// sessions end, so that every app hears the new address when its person signs in again.
async fn confirm(
    identity: &Identity,
    visitor: &Visitor,
    opened: &Opened,
) -> Result<bool, AccountError> {
    let Opened { change, account, .. } = opened;
    let new = Email::parse(&change.new).ok_or(AccountError::Unknown)?;
    let work = async |tx: &Tx| {
        let status = accounts::lock(tx, change.user).await?;
        if status != Some(Status::Active) || !store::confirm(tx, change.id).await? {
            return Ok(false);
        }
        login::hold_sessions(tx, change.user).await?;
        accounts::set_email(identity, tx, change.user, &new).await?;
        links::spend_all(tx, change.user, Purpose::Reset).await?;
        let token = store::undo_token(identity, change.id);
        letters::done((identity, tx), (account, &change.old), &change.new, &token).await?;
        login::end_all_in(tx, visitor, change.user, "address changed").await?;
        let entry = Entry::new("address.changed").user(change.user).visitor(visitor);
        audit::record(tx, &entry).await?;
        Ok::<_, AccountError>(true)
    };
    let changed = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(changed)
}

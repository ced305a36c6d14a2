//! `/address/undo/{token}`: the old address says that it was somebody else.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, Change};
use super::words::AddressWords;
use crate::Identity;
use crate::accounts::{self, Account, AccountError, Email, Status};
use crate::audit::{self, Entry};
use crate::factors::Change::Removed;
use crate::factors::{self, Enrolled};
use crate::login::links::{self, Link, Purpose};
use crate::login::{self, Throttle};
use crate::pages::{
    FormFields, PageError, Shell, check_form, message_page, redirect, show, with_cookie,
};
use crate::passwords;
use crate::upstream::{self, Linked};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/address/undo/{token}", get(page).post(submit))
}

#[derive(Template)]
#[template(path = "address_undo.html")]
struct UndoPage<'a> {
    shell: &'a Shell,
    t: &'static AddressWords,
    token: &'a str,
    change: &'a Change,
    account: &'a Account,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct UndoForm {
    csrf: String,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let shell = Shell::of(&identity, &visitor);
    let change = store::undoable(&identity, identity.db.reader(), &token).await?;
    let Some(change) = change else { return Ok(over(&shell)) };
    let Some(account) = open_account(&identity, change.user).await? else {
        return Ok(over(&shell));
    };
    let t = AddressWords::of(shell.lang());
    let page = UndoPage { shell: &shell, t, token: &token, change: &change, account: &account };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(token): Path<String>,
    FormFields(form): FormFields<UndoForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let reset = match take_back(&identity, &visitor, &token).await {
        Ok(Some(reset)) => reset,
        Ok(None) => return Ok(over(&shell)),
        Err(AccountError::EmailTaken) => return Ok(taken(&shell)),
        Err(error) => return Err(error.into()),
    };
    let response = redirect(&identity.path(&format!("/reset/{reset}")));
    Ok(with_cookie(response, login::gone_cookie(&identity)))
}

/// Everything that taking back changes, at once; answers the token of the page on which a new
/// password is chosen, unless the link is over.
async fn take_back(
    identity: &Identity,
    visitor: &Visitor,
    token: &str,
) -> Result<Option<String>, AccountError> {
    let found = store::undoable(identity, identity.db.reader(), token).await?;
    let Some(user) = found.map(|change| change.user) else { return Ok(None) };
    let work = async |tx: &Tx| {
        if accounts::lock(tx, user).await? != Some(Status::Active) {
            return Ok(None);
        }
        // Looked at once more, now that nobody else can confirm it or take it back.
        let change = store::undoable(identity, tx, token).await?;
        let Some(change) = change else { return Ok(None) };
        restore(identity, tx, &change).await?;
        // Before anything is written to the audit, as whoever shows one of them does.
        let added = Added::take(identity, tx, &change).await?;
        let reset = shut(identity, tx, visitor, user).await?;
        added.tell(tx, (identity, visitor), user).await?;
        let entry = Entry::new("address.taken_back").user(user).visitor(visitor);
        let detail = json!({"was_confirmed": change.is_confirmed});
        audit::record(tx, &entry.detail(detail)).await?;
        Ok::<_, AccountError>(Some(reset))
    };
    let reset = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(reset)
}

/// What opens the account since the change was asked for: whoever asked would come in again by
/// it, or nobody else.
struct Added {
    factors: Vec<Enrolled>,
    linked: Vec<Linked>,
}

impl Added {
    /// Takes it away.
    async fn take(identity: &Identity, tx: &Tx, change: &Change) -> Result<Self, AccountError> {
        let (user, since) = (change.user, change.asked_at);
        let factors = factors::remove_since(tx, user, since).await?;
        let linked = upstream::unlink_since(identity, tx, user, since).await?;
        login::forget_second_misses(tx, user).await?;
        Ok(Self { factors, linked })
    }

    /// Writes it down, and to the address that the account has again.
    async fn tell(
        &self,
        tx: &Tx,
        whose: (&Identity, &Visitor),
        user: Uuid,
    ) -> Result<(), AccountError> {
        for factor in &self.factors {
            factors::changed(tx, whose, user, (factor.kind, Removed)).await?;
        }
        for one in &self.linked {
            upstream::tell_unlinked(tx, whose, one).await?;
        }
        Ok(())
    }
}

/// Ends the change with all that followed it, and gives the account its old address again.
async fn restore(identity: &Identity, tx: &Tx, change: &Change) -> Result<(), AccountError> {
    store::end_from(tx, change.user, change.asked_at).await?;
    if change.is_confirmed {
        let old = Email::parse(&change.old).ok_or(AccountError::Unknown)?;
        login::hold_sessions(tx, change.user).await?;
        // Whoever was invited there has an account: this one.
        accounts::withdraw_invitation(identity, tx, &old).await?;
        accounts::set_email(identity, tx, change.user, &old).await?;
    }
    Ok(())
}

/// Nobody is in any more, and the password is to be chosen anew.
async fn shut(
    identity: &Identity,
    tx: &Tx,
    visitor: &Visitor,
    user: Uuid,
) -> Result<String, AccountError> {
    links::spend_all(tx, user, Purpose::Reset).await?;
    passwords::forget(tx, user).await?;
    if let Some(account) = accounts::for_notice(identity, tx, user).await? {
        Throttle::clear_all(identity, tx, &account).await?;
    }
    let browser_hash = login::browser_hash_of(identity, &visitor.headers);
    let link = Link { user, purpose: Purpose::Reset, interaction: None, browser_hash };
    let reset = links::create(tx, &link).await?;
    login::end_all_in(tx, visitor, user, "address taken back").await?;
    Ok(reset)
}

/// An account that can be used.
pub(super) async fn open_account(
    identity: &Identity,
    user: Uuid,
) -> Result<Option<Account>, AccountError> {
    let account = accounts::for_claims(identity, user).await?;
    Ok(account.filter(|account| account.status == Status::Active))
}

/// Another account has the address by now.
pub(super) fn taken(shell: &Shell) -> Response {
    let t = AddressWords::of(shell.lang());
    message_page(shell, StatusCode::CONFLICT, (t.taken_title, t.taken), None)
}

/// A link that was used, replaced or too old.
pub(super) fn over(shell: &Shell) -> Response {
    let text = (shell.w.link_over_title, shell.w.link_over_text);
    message_page(shell, StatusCode::GONE, text, Some((shell.w.go_to_sign_in, "/login")))
}

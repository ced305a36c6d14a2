//! An account that somebody who administers makes for somebody else.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::waiting::{self, InTheWayOf};
use super::{Account, AccountError, Actor, Email, Role, Status, Username, store};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login::links::{self, Link, Purpose};
use crate::login::{self, Throttle};
use crate::mail::{self, Letter};
use crate::pages::Lang;
use crate::passwords;
use crate::visitor::Visitor;

/// What is known of a person to be invited.
#[derive(Debug)]
pub(crate) struct Invited<'a> {
    pub(crate) username: &'a Username,
    pub(crate) email: &'a Email,
    pub(crate) display_name: &'a str,
    pub(crate) lang: Lang,
    pub(crate) role: Role,
}

/// Makes an account without a password, and mails its person a link by which they choose one.
/// Until then it is pending, and gone after a week.
pub(crate) async fn invite(
    identity: &Identity,
    by: &Actor,
    new: &Invited<'_>,
) -> Result<Account, AccountError> {
    let draft = store::Draft {
        username: new.username,
        display_name: new.display_name,
        email: new.email,
        lang: new.lang,
        role: new.role,
    };
    let work = async |tx: &Tx| {
        by.may_give(Role::Member, new.role)?;
        let names = (new.username, new.email);
        waiting::clear(identity, tx, names, InTheWayOf::Administrator).await?;
        let Some(id) = store::insert(identity, tx, &draft).await? else {
            return Err(super::create::taken(tx, new.username).await?);
        };
        store::mark_invited(tx, id).await?;
        let account = store::get(identity, tx, id).await?.ok_or(AccountError::Unknown)?;
        let token = post_link(identity, tx, &account, &Asker::default()).await?;
        let entry = Entry::new("signup.started").user(id).detail(json!({"role": new.role}));
        audit::record(tx, &entry.actor(by)).await?;
        Ok((account, token))
    };
    let (account, token) = identity.db.write(work).await?;
    posted(identity, &token);
    Ok(account)
}

/// Who has an invitation sent to an address by writing the address: the link leads their browser,
/// and no other, back to what waits there.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    /// What waits.
    pub(crate) interaction: Option<Uuid>,
    /// Where.
    pub(crate) browser_hash: Vec<u8>,
}

impl Asker {
    /// Whoever visits, for whom perhaps an app waits.
    pub(crate) fn of(identity: &Identity, visitor: &Visitor, interaction: Option<Uuid>) -> Self {
        Self { interaction, browser_hash: login::browser_hash_of(identity, &visitor.headers) }
    }
}

/// Sends the invitation that waits at an address once more, with a link of its own, if there is
/// one; answers whose it is, and the link.
pub(crate) async fn invite_again(
    identity: &Identity,
    tx: &Tx,
    email: &Email,
    asker: &Asker,
) -> Result<Option<(Uuid, String)>, AccountError> {
    let Some(id) = store::invited(identity, tx, email).await? else { return Ok(None) };
    let account = store::get(identity, tx, id).await?.ok_or(AccountError::Unknown)?;
    let token = post_link(identity, tx, &account, asker).await?;
    Ok(Some((id, identity.link(&format!("/reset/{token}")))))
}

/// Takes the password from an account, ends its sessions, and mails its person a link by which
/// they choose another. Second factors stay. To who was invited it sends another link.
pub(crate) async fn force_reset(
    identity: &Identity,
    by: &Actor,
    id: Uuid,
) -> Result<(), AccountError> {
    let work = async |tx: &Tx| {
        let account = super::touched(identity, tx, by, id).await?;
        if account.status == Status::Blocked {
            return Err(AccountError::Is(account.status));
        }
        links::spend_all(tx, id, Purpose::Reset).await?;
        passwords::forget(tx, id).await?;
        Throttle::clear_all(identity, tx, &account).await?;
        let token = post_link(identity, tx, &account, &Asker::default()).await?;
        if account.status == Status::Active {
            login::end_all_in(tx, id, "password reset by an administrator").await?;
        }
        let entry = Entry::new("password.reset_requested").user(id);
        audit::record(tx, &entry.actor(by)).await?;
        Ok(token)
    };
    let token = identity.db.write(work).await?;
    posted(identity, &token);
    identity.oauth.wake_sender();
    Ok(())
}

async fn post_link(
    identity: &Identity,
    tx: &Tx,
    account: &Account,
    asker: &Asker,
) -> Result<String, AccountError> {
    // Of use in any browser: it leads to the choice of a password, and on from there only where
    // the interaction is.
    let link = Link {
        user: account.id,
        purpose: Purpose::Reset,
        interaction: asker.interaction,
        browser_hash: asker.browser_hash.clone(),
    };
    let token = links::create_for(tx, &link, links::VERIFY_MS).await?;
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    let letter = match account.status {
        Status::Pending => Letter::invited(identity, lang, &account.display_name, &token),
        _ => Letter::forced(identity, lang, &account.display_name, &token),
    };
    mail::post(identity, tx, &account.email, letter).await?;
    Ok(token)
}

fn posted(identity: &Identity, token: &str) {
    identity.outbox.wake();
    mail::tell_operator(identity, &identity.link(&format!("/reset/{token}")));
}

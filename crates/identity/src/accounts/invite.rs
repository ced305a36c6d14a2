//! An account that somebody who administers makes for somebody else.

use kit::db::{DbResult, Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Account, AccountError, Actor, Email, Role, Status, Username, renew, store, waiting};
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
    /// The user name if left out.
    pub(crate) display_name: Option<&'a str>,
    /// English if left out.
    pub(crate) lang: Option<Lang>,
    /// Member if left out.
    pub(crate) role: Option<Role>,
}

/// An invitation that was mailed.
#[derive(Debug)]
pub(crate) enum Sent {
    /// The account was made for it.
    New(Account),
    /// It waited at the address already.
    Again(Account),
}

/// Makes an account without a password, and mails its person a link by which they choose one.
/// Until then it is pending, and gone after a week. An invitation that waits at the address is sent
/// again instead. A sign-up that waits there gives way, and its app waits for the invitation.
pub(crate) async fn invite(
    identity: &Identity,
    by: &Actor,
    new: &Invited<'_>,
) -> Result<Sent, AccountError> {
    let role = new.role.unwrap_or(Role::Member);
    let draft = store::Draft {
        username: new.username,
        display_name: new.display_name.unwrap_or(new.username.as_str()),
        email: new.email,
        lang: new.lang.unwrap_or(Lang::En),
        role,
    };
    let work = async |tx: &Tx| {
        by.may_give(Role::Member, role)?;
        let asker = match store::by_email(identity, tx, new.email).await? {
            Some(signing_up) => Asker::before(tx, signing_up).await?,
            None => Asker::default(),
        };
        let names = (new.username, new.email);
        waiting::clear(identity, tx, names).await?;
        let Some(id) = store::insert(identity, tx, &draft).await? else {
            let Some(id) = store::invited(identity, tx, new.email).await? else {
                return Err(super::create::taken(tx, new.username).await?);
            };
            let (account, token) = renew::renew((identity, tx), by, (id, new)).await?;
            return Ok((Sent::Again(account), token));
        };
        store::mark_invited(tx, id).await?;
        let account = store::get(identity, tx, id).await?.ok_or(AccountError::Unknown)?;
        let token = post_link(identity, tx, &account, &asker).await?;
        let entry = Entry::new("signup.started").user(id).detail(json!({"role": role}));
        audit::record(tx, &entry.actor(by)).await?;
        Ok((Sent::New(account), token))
    };
    let (sent, token) = identity.db.write(work).await?;
    posted(identity, &token);
    Ok(sent)
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

    /// Whoever a link was sent to before, which another one is to replace.
    pub(super) async fn before(tx: &Tx, user: Uuid) -> DbResult<Self> {
        let way = links::way_of(tx, user).await?;
        let leads =
            |(interaction, browser_hash)| Self { interaction: Some(interaction), browser_hash };
        Ok(way.map(leads).unwrap_or_default())
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
        passwords::forget(tx, id).await?;
        Throttle::clear_all(identity, tx, &account).await?;
        let token = if account.status == Status::Pending {
            renew::send(identity, tx, &account).await?
        } else {
            links::spend_all(tx, id, Purpose::Reset).await?;
            post_link(identity, tx, &account, &Asker::default()).await?
        };
        if account.status == Status::Active {
            login::end_all_in(tx, by, id, "password reset by an administrator").await?;
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

pub(super) async fn post_link(
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

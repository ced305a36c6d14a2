//! Mails to a person about sign-ins that may not be theirs.

use kit::clock::now_ms;
use kit::db::{Tx, params, scalar};
use uuid::Uuid;

use super::page::minute;
use super::{SessionWords, agent, place};
use crate::Identity;
use crate::accounts::{self, Account, AccountError};
use crate::mail::{self, Letter};
use crate::pages::Lang;
use crate::visitor::Visitor;

/// Tells a person that somebody signed in from a device that was not known to them. The caller
/// rings the outbox after the commit.
pub(crate) async fn signed_in_anew(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    user: Uuid,
) -> Result<(), AccountError> {
    let Some(account) = accounts::for_notice(identity, tx, user).await? else { return Ok(()) };
    let t = words_of(&account);
    let text = t.mail_new_text.replace("{device}", &agent::device(t, &visitor.agent));
    let text = text.replace("{place}", &place::network(t, &visitor.ip.to_string()));
    let text = text.replace("{time}", &minute(now_ms()));
    tell(tx, identity, &account, (t.mail_new_subject, &text)).await
}

/// Tells a person that an app showed a code or refresh token once more that was spent. The caller
/// rings the outbox after the commit.
pub(crate) async fn credential_reused(
    tx: &Tx,
    identity: &Identity,
    (user, client_id): (Uuid, &str),
) -> Result<(), AccountError> {
    let Some(account) = accounts::for_notice(identity, tx, user).await? else { return Ok(()) };
    let t = words_of(&account);
    let app = name_of(tx, client_id).await?.unwrap_or_else(|| client_id.to_owned());
    let text = t.mail_reuse_text.replace("{app}", &app);
    tell(tx, identity, &account, (t.mail_reuse_subject, &text)).await
}

fn lang_of(account: &Account) -> Lang {
    Lang::of_tag(&account.locale).unwrap_or(Lang::En)
}

fn words_of(account: &Account) -> &'static SessionWords {
    SessionWords::of(lang_of(account))
}

async fn tell(
    tx: &Tx,
    identity: &Identity,
    account: &Account,
    content: (&str, &str),
) -> Result<(), AccountError> {
    let lang = lang_of(account);
    let letter = Letter::about_sessions(identity, lang, &account.display_name, content);
    mail::post(identity, tx, &account.email, letter).await
}

async fn name_of(tx: &Tx, client_id: &str) -> Result<Option<String>, AccountError> {
    Ok(scalar(tx, "SELECT name FROM clients WHERE id = $1", params![client_id]).await?)
}

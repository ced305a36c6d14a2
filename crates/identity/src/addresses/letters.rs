//! Letters to the old and to the new address.

use kit::db::Tx;

use super::words::AddressWords;
use crate::Identity;
use crate::accounts::{Account, AccountError};
use crate::mail::{self, Letter};
use crate::pages::Lang;

/// The language in which an account is written to.
pub(super) fn lang_of(account: &Account) -> Lang {
    Lang::of_tag(&account.locale).unwrap_or(Lang::En)
}

/// Who asked for another address: the letters say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The account's person.
    Person,
    /// Somebody who administers.
    Administrator,
}

/// Asks the new address to confirm. Whose account it is about is not told to a stranger.
pub(super) async fn confirm(
    (identity, tx): (&Identity, &Tx),
    (lang, by): (Lang, By),
    to: &str,
    token: &str,
) -> Result<(), AccountError> {
    let t = AddressWords::of(lang);
    let text = match by {
        By::Person => t.mail_confirm_text,
        By::Administrator => t.mail_confirm_for_text,
    };
    let said = (t.mail_confirm_subject, text, t.confirm_title);
    let link = identity.link(&format!("/address/{token}"));
    mail::post(identity, tx, to, Letter::about_address((lang, None), said, link)).await
}

/// Tells the owner of an address that somebody else asked for it.
pub(super) async fn tried(
    (identity, tx): (&Identity, &Tx),
    lang: Lang,
    to: &str,
) -> Result<(), AccountError> {
    let t = AddressWords::of(lang);
    let said = (t.mail_tried_subject, t.mail_tried_text, crate::pages::Words::of(lang).sign_in);
    let link = identity.link("/login");
    mail::post(identity, tx, to, Letter::about_address((lang, None), said, link)).await
}

/// Tells the old address that a change was asked for.
pub(super) async fn asked(
    (identity, tx): (&Identity, &Tx),
    (account, by): (&Account, By),
    new: &str,
    token: &str,
) -> Result<(), AccountError> {
    let t = AddressWords::of(lang_of(account));
    let text = match by {
        By::Person => t.mail_asked_text,
        By::Administrator => t.mail_asked_for_text,
    };
    let said = (t.mail_asked_subject, text);
    to_old((identity, tx), (account, &account.email), (said, new), token).await
}

/// Tells the old address that it is the account's no more.
pub(super) async fn done(
    (identity, tx): (&Identity, &Tx),
    (account, old): (&Account, &str),
    new: &str,
    token: &str,
) -> Result<(), AccountError> {
    let t = AddressWords::of(lang_of(account));
    let said = (t.mail_done_subject, t.mail_done_text);
    to_old((identity, tx), (account, old), (said, new), token).await
}

async fn to_old(
    (identity, tx): (&Identity, &Tx),
    (account, old): (&Account, &str),
    ((subject, text), new): ((&str, &str), &str),
    token: &str,
) -> Result<(), AccountError> {
    let lang = lang_of(account);
    let text = text.replace("{email}", new);
    let said = (subject, text.as_str(), AddressWords::of(lang).undo_title);
    let link = identity.link(&format!("/address/undo/{token}"));
    let letter = Letter::about_address((lang, Some(&account.display_name)), said, link);
    mail::post(identity, tx, old, letter).await
}

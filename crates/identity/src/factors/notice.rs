//! The person hears by mail of every change to their factors, and the audit keeps it.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{FactorWords, Kind};
use crate::Identity;
use crate::accounts::{self, AccountError};
use crate::audit::{self, Entry};
use crate::mail::{self, Letter};
use crate::pages::Lang;
use crate::visitor::Visitor;

/// What happened to a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another name.
    Renamed,
    /// It is the one that is asked for first.
    Preferred,
    /// It was shown, and that is rare enough to be told: a recovery code.
    Used,
}

/// Tells the person, and writes the audit; make it the last of its transaction. The caller rings
/// the outbox after the commit.
pub(crate) async fn changed(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    user: Uuid,
    (kind, change): (Kind, Change),
) -> Result<(), AccountError> {
    if let Some(account) = accounts::for_notice(identity, tx, user).await? {
        let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
        let w = FactorWords::of(lang);
        let (subject, text) = match change {
            Change::Added => (w.mail_added_subject, w.mail_added_text),
            Change::Removed => (w.mail_removed_subject, w.mail_removed_text),
            Change::Renamed => (w.mail_changed_subject, w.mail_renamed_text),
            Change::Preferred => (w.mail_changed_subject, w.mail_preferred_text),
            Change::Used => (w.mail_used_subject, w.mail_used_text),
        };
        let text = text.replace("{}", w.kind(kind));
        let letter =
            Letter::about_security(identity, lang, &account.display_name, (subject, &text));
        mail::post(identity, tx, &account.email, letter).await?;
    }
    let event = match change {
        Change::Added => "factor.added",
        Change::Removed => "factor.removed",
        Change::Renamed => "factor.renamed",
        Change::Preferred => "factor.preferred",
        Change::Used => "factor.used",
    };
    let entry = Entry::new(event).user(user).visitor(visitor);
    audit::record(tx, &entry.detail(json!({"kind": kind.as_str()}))).await?;
    Ok(())
}

/// How often somebody who knows the password has missed the second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guessed {
    /// Often enough for the person to hear of it.
    Often,
    /// So often that no code is looked at any more.
    ToTheEnd,
}

/// Tells the person that somebody who knows their password guesses at the second step, and writes
/// the audit; make it the last of its transaction.
pub(crate) async fn guessed(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    user: Uuid,
    guessed: Guessed,
) -> Result<(), AccountError> {
    if let Some(account) = accounts::for_notice(identity, tx, user).await? {
        let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
        let w = FactorWords::of(lang);
        let text = match guessed {
            Guessed::Often => w.mail_guessed_text,
            Guessed::ToTheEnd => w.mail_guessed_out_text,
        };
        let said = (w.mail_guessed_subject, text);
        let letter = Letter::about_password(identity, lang, &account.display_name, said);
        mail::post(identity, tx, &account.email, letter).await?;
    }
    let event = match guessed {
        Guessed::Often => "factor.guessed",
        Guessed::ToTheEnd => "factor.closed",
    };
    audit::record(tx, &Entry::new(event).user(user).visitor(visitor).failed()).await?;
    Ok(())
}

/// Tells somebody that an operator has taken all their factors away.
pub(super) async fn removed_by_operator(
    tx: &Tx,
    identity: &Identity,
    user: Uuid,
) -> Result<(), AccountError> {
    let Some(account) = accounts::for_notice(identity, tx, user).await? else { return Ok(()) };
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    let w = FactorWords::of(lang);
    let text = (w.mail_removed_subject, w.mail_removed_all_text);
    let letter = Letter::about_security(identity, lang, &account.display_name, text);
    mail::post(identity, tx, &account.email, letter).await
}

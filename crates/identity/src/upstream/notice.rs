//! The person hears by mail of every link to their account, and the audit keeps it.

use kit::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::UpstreamWords;
use crate::Identity;
use crate::accounts::{self, AccountError};
use crate::audit::{self, Entry};
use crate::mail::{self, Letter};
use crate::pages::Lang;
use crate::visitor::Visitor;

/// What happened to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Linked,
    Unlinked,
}

/// A link as the mail tells of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// The provider's name, for the audit.
    pub(super) provider: &'a str,
    /// What it is called.
    pub(super) label: &'a str,
    /// How the person is called there; may be empty.
    pub(super) name: &'a str,
}

/// Tells the person, and writes the audit; make it the last of its transaction. The caller rings
/// the outbox after the commit.
pub(super) async fn changed(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    user: Uuid,
    (told, change): (Told<'_>, Change),
) -> Result<(), AccountError> {
    if let Some(account) = accounts::for_notice(identity, tx, user).await? {
        let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
        let t = UpstreamWords::of(lang);
        let (subject, text) = match change {
            Change::Linked => (t.mail_linked_subject, t.mail_linked_text),
            Change::Unlinked => (t.mail_unlinked_subject, t.mail_unlinked_text),
        };
        let text = match told.name {
            "" => text.replace(" ({name})", ""),
            name => text.replace("{name}", name),
        };
        let text = text.replace("{provider}", told.label);
        let letter =
            Letter::about_providers(identity, lang, &account.display_name, (subject, &text));
        mail::post(identity, tx, &account.email, letter).await?;
    }
    let event = match change {
        Change::Linked => "idp.linked",
        Change::Unlinked => "idp.unlinked",
    };
    let entry = Entry::new(event).user(user).visitor(visitor);
    audit::record(tx, &entry.detail(json!({"provider": told.provider}))).await?;
    Ok(())
}

//! What the provider asks of the rest of identity: who people are, and the audit.

use kit::db::{DbErr, DbResult, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Provider;
use super::scope::Scopes;
use crate::Identity;
use crate::accounts::{self, Role, Status};
use crate::audit::{self, Entry, Hand};
use crate::factors;
use crate::login::Acr;

/// An account, as tokens and userinfo tell it.
pub(crate) struct Person {
    /// Its name on the wire.
    pub sub: String,
    /// `preferred_username`.
    pub username: String,
    /// `name`.
    pub display_name: String,
    /// `email`.
    pub email: Option<String>,
    /// `email_verified`.
    pub email_verified: bool,
    /// `locale`.
    pub locale: Option<String>,
    /// For APIs of ours.
    pub role: Role,
    /// Whether the account may be used.
    pub active: bool,
}

/// The account of a person.
pub(crate) async fn person(identity: &Identity, user: Uuid) -> DbResult<Option<Person>> {
    let found = accounts::for_claims(identity, user).await;
    let found = found.map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(found.map(|account| Person {
        sub: account.sub.to_string(),
        username: account.username,
        display_name: account.display_name,
        email: Some(account.email),
        email_verified: account.email_verified,
        locale: Some(account.locale),
        role: account.role,
        active: account.status == Status::Active,
    }))
}

/// As much of `scopes` as this person can let an app do.
pub(crate) async fn allowed(identity: &Identity, user: Uuid, scopes: Scopes) -> DbResult<Scopes> {
    if scopes.of_role(Role::Member) == scopes {
        return Ok(scopes);
    }
    let role = person(identity, user).await?.map_or(Role::Member, |person| person.role);
    Ok(scopes.of_role(role))
}

/// How strong a person's sign-in can be.
pub(crate) async fn reachable(identity: &Identity, user: Uuid) -> DbResult<Acr> {
    Ok(factors::reachable(&factors::of(identity.db.reader(), user).await?))
}

/// Who and what an event of the audit is about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'a> {
    /// The person.
    pub user: Option<Uuid>,
    /// The app.
    pub client: Option<&'a str>,
    /// The sign-in.
    pub session: Option<Uuid>,
}

impl<'a> About<'a> {
    /// A grant's person, app and sign-in.
    pub(crate) fn grant(grant: &'a super::grants::Grant) -> Self {
        let client = Some(grant.client_id.as_str());
        Self { user: Some(grant.user_id), client, session: grant.session_id }
    }
}

/// Writes an event of the command line in the transaction that makes it true.
pub(crate) async fn record(tx: &Tx, event: &'static str, about: About<'_>) -> DbResult<()> {
    audit::record(tx, &entry(event, about, json!({}))).await
}

/// The same, with whose hand it was and further facts.
pub(crate) async fn record_from<'a>(
    tx: &Tx,
    event: &'static str,
    about: About<'_>,
    (hand, detail): (impl Into<Hand<'a>>, Value),
) -> DbResult<()> {
    audit::record(tx, &entry(event, about, detail).hand(hand.into())).await
}

/// Writes that something went wrong, in a transaction of its own; a failure is only logged.
pub(crate) async fn record_failure(
    provider: &Provider,
    event: &'static str,
    about: About<'_>,
    (hand, detail): (impl Into<Hand<'_>>, Value),
) {
    let entry = entry(event, about, detail).hand(hand.into()).failed();
    let written: DbResult<()> = provider.db.write(async |tx| audit::record(tx, &entry).await).await;
    if let Err(error) = written {
        tracing::error!(event, %error, "could not write {event} to the audit: {error}");
    }
}

fn entry(event: &'static str, about: About<'_>, detail: Value) -> Entry {
    let mut entry = Entry::new(event).detail(detail);
    if let Some(user) = about.user {
        entry = entry.user(user);
    }
    if let Some(client) = about.client {
        entry = entry.client(client);
    }
    if let Some(session) = about.session {
        entry = entry.session(session);
    }
    entry
}

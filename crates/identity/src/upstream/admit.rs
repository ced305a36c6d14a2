//! Who has come from a provider, and what becomes of it: a session, a link, or a question.

use axum::response::Response;
use kit::db::Tx;
use uuid::Uuid;

use super::arrival::Arrival;
use super::callback::refuse;
use super::failed::Failure;
use super::flow::{Flow, Purpose};
use super::{Linked, Origin, Provider, page, store};
use crate::Identity;
use crate::accounts::{self, Status};
use crate::login::{self, HalfDone, Proved};
use crate::pages::{PageError, redirect, with_cookie};
use crate::visitor::Visitor;

/// A sign-in of which a provider does not say when its person proved who they are is taken to be
/// so old.
const UNSAID_AGE_MS: i64 = 86_400_000;

/// Lets somebody in who is linked, and asks everybody else.
pub(super) async fn admit(
    identity: &Identity,
    visitor: &Visitor,
    (provider, flow): (&Provider, &Flow),
    arrival: Arrival,
) -> Result<Response, PageError> {
    let way = (provider, flow);
    if !of_allowed_domain(provider, &arrival) {
        return refuse(identity, visitor, way, Failure::Domain).await;
    }
    let who = (arrival.iss.as_str(), arrival.sub.as_str());
    let linked = store::find(identity, identity.db.reader(), who).await?;
    match (linked, flow.purpose) {
        (Some(linked), Purpose::SignIn) => sign_in(identity, visitor, way, (arrival, linked)).await,
        (Some(linked), Purpose::Link(user)) if linked.user == user => {
            Ok(redirect(&identity.path(&format!("{}?done=already", page::PATH))))
        }
        (Some(_), Purpose::Link(_)) => refuse(identity, visitor, way, Failure::Taken).await,
        (None, Purpose::Link(_)) => ask(identity, visitor, &arrival, Question::Link).await,
        (None, Purpose::SignIn) => newcomer(identity, visitor, provider, &arrival).await,
    }
}

/// Signs in the person of a link; what their account asks for besides is asked for as always.
async fn sign_in(
    identity: &Identity,
    visitor: &Visitor,
    way: (&Provider, &Flow),
    (arrival, linked): (Arrival, Linked),
) -> Result<Response, PageError> {
    let account = accounts::for_claims(identity, linked.user).await?;
    let account = account.ok_or(PageError::NotFound)?;
    if account.status != Status::Active {
        return refuse(identity, visitor, way, Failure::Blocked).await;
    }
    identity.db.write(async |tx: &Tx| store::mark_used(tx, linked.id).await).await?;
    let interaction = arrival.interaction(identity, visitor).await?;
    // Who asked for an account is content with the one that is there, and what was proved anew is
    // as young as this sign-in, whatever the clocks say.
    let creates = interaction.as_ref().is_some_and(login::Interaction::asks_to_create);
    let unsaid = || kit::clock::now_ms() - UNSAID_AGE_MS;
    let is_old = !creates && !way.1.anew;
    let at = is_old.then(|| arrival.proved_at.unwrap_or_else(unsaid));
    let half = HalfDone::begin(interaction, account.id, false);
    let half = half.back(login::own_page(&way.1.to));
    let half = half.from(Origin { link: linked.id, sid: arrival.sid });
    let said = Proved { acr: Some(arrival.acr), amr: String::new(), at };
    login::vouched(identity, visitor, &half, said).await
}

/// Nobody here is linked to them: an account with their proven address is to be signed in to
/// first, and others may make one.
async fn newcomer(
    identity: &Identity,
    visitor: &Visitor,
    provider: &Provider,
    arrival: &Arrival,
) -> Result<Response, PageError> {
    let known = match arrival.proven_email() {
        Some(email) => accounts::confirmed(identity, identity.db.reader(), &email).await?,
        None => None,
    };
    let question = match known {
        Some(_) => Question::Known,
        None if provider.told.create_accounts => Question::New,
        None => Question::Closed,
    };
    ask(identity, visitor, arrival, question).await
}

/// What somebody is asked who is not linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// How the new account is to be called.
    New,
    /// To sign in to the account that has their address.
    Known,
    /// To sign in to an account that they may have.
    Closed,
    /// Whether to link it to the account that is signed in.
    Link,
}

impl Question {
    /// The page that asks it.
    pub(super) fn path(self, id: Uuid) -> String {
        match self {
            Self::New => format!("/arrival/{id}/new"),
            Self::Known => format!("/arrival/{id}/known"),
            Self::Closed => format!("/arrival/{id}/closed"),
            Self::Link => format!("{}/{id}", page::PATH),
        }
    }
}

/// Keeps what is known while the person decides on a page.
async fn ask(
    identity: &Identity,
    visitor: &Visitor,
    arrival: &Arrival,
    question: Question,
) -> Result<Response, PageError> {
    let (id, cookie) = arrival.keep(identity, visitor).await?;
    let response = redirect(&identity.path(&question.path(id)));
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

fn of_allowed_domain(provider: &Provider, arrival: &Arrival) -> bool {
    let allowed = &provider.told.allowed_domains;
    let domain = arrival.proven_email();
    let domain = domain.as_ref().and_then(|email| email.as_str().rsplit_once('@'));
    let within = |(_, domain): (&str, &str)| {
        allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain))
    };
    allowed.is_empty() || domain.is_some_and(within)
}

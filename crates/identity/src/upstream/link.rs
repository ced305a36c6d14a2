//! `/account/providers/{id}`: whether the account elsewhere that has arrived is to be linked to
//! the one that is signed in here.
//!
//! Linking needs a sign-in here that is minutes old, and a click on a page that names both
//! accounts, so nobody is made to link what a stranger signed them in to elsewhere.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kit::db::Tx;
use uuid::Uuid;

use super::admit::Question;
use super::arrival::Arrival;
use super::failed::{Failure, Way, failed_page};
use super::new::over;
use super::notice::{Change, Told, changed};
use super::page::{Confirmation, PATH};
use super::{Provider, UpstreamWords, store};
use crate::Identity;
use crate::accounts::{self, Account, AccountError};
use crate::login::{self, Interaction, Session};
use crate::pages::{FormFields, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "upstream/link.html")]
struct LinkPage<'a> {
    shell: &'a Shell,
    title: String,
    text: String,
    there: String,
    name: &'a str,
    account: &'a Account,
    t: &'static UpstreamWords,
    action: String,
    cancel: String,
}

pub(super) async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Response, PageError> {
    let Some((arrival, provider)) = waiting(&identity, &visitor, id).await? else {
        return over(&identity, &visitor);
    };
    let session = match login::guarding(&identity, &visitor, &Question::Link.path(id)).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let account = accounts::for_claims(&identity, session.user_id).await?;
    let account = account.ok_or(PageError::NotFound)?;
    let shell = Shell::of(&identity, &visitor);
    let t = UpstreamWords::of(shell.lang());
    let label = provider.label();
    let name = if arrival.name().is_empty() { arrival.sub.as_str() } else { arrival.name() };
    let page = LinkPage {
        title: t.link_title.replace("{}", label),
        text: t.link_text.replace("{}", label),
        there: t.there.replace("{}", label),
        name,
        account: &account,
        t,
        action: identity.path(&Question::Link.path(id)),
        cancel: identity.path(PATH),
        shell: &shell,
    };
    let interaction = arrival.interaction(&identity, &visitor).await?;
    let form_action = interaction.as_ref().and_then(Interaction::form_action);
    Ok(show(StatusCode::OK, &page, &shell, form_action.as_deref()))
}

pub(super) async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let Some((arrival, provider)) = waiting(&identity, &visitor, id).await? else {
        return over(&identity, &visitor);
    };
    let session = match login::guarding(&identity, &visitor, &Question::Link.path(id)).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    match link(&identity, &visitor, (&session, id), (&arrival, provider)).await? {
        Linking::Done => {}
        Linking::Over => return over(&identity, &visitor),
        Linking::Taken => {
            let way = Way { query: String::new(), other: PATH.to_owned() };
            return Ok(failed_page(&identity, &visitor, (provider, Failure::Taken), &way));
        }
    }
    match arrival.ix {
        Some(ix) => Ok(redirect(&login::destination(&identity, &visitor.headers, Some(ix)).await?)),
        None => Ok(redirect(&identity.path(&format!("{PATH}?done=linked")))),
    }
}

async fn waiting<'i>(
    identity: &'i Identity,
    visitor: &Visitor,
    id: Uuid,
) -> Result<Option<(Arrival, &'i Provider)>, PageError> {
    let arrival = Arrival::waiting(identity, visitor, id).await?;
    Ok(arrival.and_then(|arrival| {
        let provider = identity.upstream.find(&arrival.provider)?.as_ref();
        Some((arrival, provider))
    }))
}

/// What became of a link that was to be made.
enum Linking {
    Done,
    Over,
    Taken,
}

/// Makes the link, once, and tells the person.
async fn link(
    identity: &Identity,
    visitor: &Visitor,
    (session, id): (&Session, Uuid),
    (arrival, provider): (&Arrival, &Provider),
) -> Result<Linking, AccountError> {
    let user = session.user_id;
    let work = async |tx: &Tx| {
        login::hold(tx, session).await?;
        if !login::finish_interaction(tx, id).await? {
            return Ok(Linking::Over);
        }
        store::clear_pending(tx, (&arrival.iss, &arrival.sub)).await?;
        if store::insert(identity, tx, (arrival, user)).await?.is_none() {
            return Ok(Linking::Taken);
        }
        let label = provider.label();
        let told = Told { provider: &provider.told.name, label, name: arrival.name() };
        changed(tx, (identity, visitor), user, (told, Change::Linked)).await?;
        Ok::<_, AccountError>(Linking::Done)
    };
    let done = identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(done)
}

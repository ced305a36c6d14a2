//! Asking the person whether an app that is not ours may have what it wants.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use kit::clock::now_ms;
use serde::Deserialize;
use uuid::Uuid;

use super::{Asked, From, Ix, Refusal};
use crate::Identity;
use crate::login::{self, Session};
use crate::oauth::pages::{self, Failed};
use crate::oauth::{consents, ground};
use crate::visitor::Visitor;

/// `GET /consent`.
pub(crate) async fn show(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(Ix { ix }): Query<Ix>,
) -> Response {
    let from = From { visitor, headers };
    match ready(&identity, &from, ix).await {
        Ok((asked, _)) => pages::consent(&identity, &from.visitor, &asked, ix),
        Err(response) => *response,
    }
}

/// What the person decided.
#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    ix: Uuid,
    csrf: String,
    #[serde(rename = "decision")]
    answer: String,
}

/// `POST /consent`.
pub(crate) async fn decide(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(decision): Form<Decision>,
) -> Response {
    let from = From { visitor, headers };
    if let Err(error) = crate::pages::check_form(&identity, &from.headers, &decision.csrf) {
        return error.into_response();
    }
    let (asked, session) = match ready(&identity, &from, decision.ix).await {
        Ok(ready) => ready,
        Err(response) => return *response,
    };
    if decision.answer != "allow" {
        return deny(&identity, &from, &asked).await;
    }
    match allow(&identity, &from, &asked, &session).await {
        Ok(response) => response,
        Err(failed) => pages::failed(&identity, &from.visitor, &failed),
    }
}

/// The request and who is signed in; otherwise where to go instead.
async fn ready(
    identity: &Identity,
    from: &From,
    ix: Uuid,
) -> Result<(Asked, Session), Box<Response>> {
    let failed = |failed| Box::new(pages::failed(identity, &from.visitor, &failed));
    let asked = super::resumed(identity, from, ix).await.map_err(failed)?;
    let session = login::current_session(identity, &from.headers).await;
    let since = asked.waiting.map(|(_, since)| since);
    let session = session.map_err(|error| failed(Failed::Store(error)))?;
    let good = session.filter(|one| super::is_good(one.auth_time, &asked.request, since, now_ms()));
    let elsewhere = || {
        let url = identity.oauth.url(&format!("/oauth/authorize/continue?ix={ix}"));
        Box::new(Redirect::to(&url).into_response())
    };
    let session = good.ok_or_else(elsewhere)?;
    let expected = super::is_expected(identity, &asked.request, &session).await;
    if !expected.map_err(|error| failed(Failed::Store(error)))? {
        return Err(elsewhere());
    }
    Ok((asked, session))
}

async fn allow(
    identity: &Identity,
    from: &From,
    asked: &Asked,
    session: &Session,
) -> Result<Response, Failed> {
    let (scopes, now) = (asked.request.scopes(), now_ms());
    let client = asked.client.id.as_str();
    let about = ground::About {
        user: Some(session.user_id),
        client: Some(client),
        session: Some(session.id),
    };
    identity
        .oauth
        .db
        .write(async |tx| {
            consents::give(tx, session.user_id, client, scopes, now).await?;
            ground::record(tx, "consent.granted", about).await
        })
        .await?;
    super::grant(identity, from, asked, session).await
}

async fn deny(identity: &Identity, from: &From, asked: &Asked) -> Response {
    if let Some((ix, _)) = asked.waiting {
        let done = identity.oauth.db.write(async |tx| login::finish_interaction(tx, ix).await);
        match done.await {
            Ok(true) => {}
            Ok(false) => return pages::failed(identity, &from.visitor, &Failed::TooOld),
            Err(error) => return pages::failed(identity, &from.visitor, &Failed::Store(error)),
        }
    }
    let refusal = Refusal::new("access_denied", "the person did not agree");
    super::refuse(identity, from, &asked.request.target, &refusal)
}

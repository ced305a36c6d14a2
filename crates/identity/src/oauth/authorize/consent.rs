//! Asking the person whether an app that is not ours may have what it wants.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use kit::clock::now_ms;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Asked, From, Ix, Refusal, Standing};
use crate::Identity;
use crate::login::{self, Session};
use crate::oauth::pages::{self, Failed};
use crate::oauth::{consents, ground};
use crate::pages::{FormFields, check_form};
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
    #[serde(default)]
    csrf: String,
    #[serde(default, rename = "decision")]
    answer: String,
}

/// `POST /consent`.
pub(crate) async fn decide(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    FormFields(decision): FormFields<Decision>,
) -> Response {
    let from = From { visitor, headers };
    if let Err(error) = check_form(&identity, &from.headers, &decision.csrf) {
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
    match super::standing(identity, from, &asked).await {
        Ok(Standing::Good(session)) => Ok((asked, session)),
        Ok(_) => {
            let url = identity.oauth.url(&format!("/oauth/authorize/continue?ix={ix}"));
            Err(Box::new(Redirect::to(&url).into_response()))
        }
        Err(error) => Err(failed(Failed::Store(error))),
    }
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
            ground::record_from(tx, "consent.granted", about, (&from.visitor, json!({}))).await
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

//! `/federation/{provider}/start`: off to a provider.
//!
//! A plain link leads here and nothing is changed by it, so no form is needed, and the browser's
//! rules for forms do not stand in the way of a provider that redirects to another. What comes
//! back is asked about before it changes anything.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use url::Url;

use super::config::UpstreamKind;
use super::failed::{Failure, Way, failed_page};
use super::flow::{Flow, Purpose};
use super::page::PATH;
use super::{Provider, UpstreamError, buttons};
use crate::Identity;
use crate::login::{self, Interaction};
use crate::pages::{PageError, redirect, with_cookie};
use crate::visitor::Visitor;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Departure {
    ix: Option<String>,
    to: String,
    link: Option<String>,
}

pub(super) async fn start(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(departure): Query<Departure>,
) -> Result<Response, PageError> {
    let provider = identity.upstream.find(&name).ok_or(PageError::NotFound)?;
    identity.limits.begin_from(&visitor)?;
    let (flow, way) = if departure.link.is_some() {
        let session = match login::guarding(&identity, &visitor, PATH).await? {
            Ok(session) => session,
            Err(response) => return Ok(response),
        };
        let way = Way { query: "?link=1".to_owned(), other: PATH.to_owned() };
        (Flow::new(&name, Purpose::Link(session.user_id), false), way)
    } else {
        let ix = departure.ix.as_deref();
        let interaction = login::interaction_of(&identity, &visitor.headers, ix).await?;
        sign_in(&name, interaction.as_ref(), &departure.to)
    };
    if flow.anew && !provider.can_ask_anew() {
        return Ok(failed_page(&identity, &visitor, (provider, Failure::NotAnew), &way));
    }
    match address(&identity, provider, &flow, &visitor).await {
        Ok((to, None)) => Ok(redirect(&to)),
        Ok((to, Some(cookie))) => Ok(with_cookie(redirect(&to), cookie)),
        Err(UpstreamError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(provider = name, %error, "a sign-in by {name} cannot begin: {error}");
            let failure = (&**provider, Failure::from(&error));
            Ok(failed_page(&identity, &visitor, failure, &way))
        }
    }
}

fn sign_in(name: &str, interaction: Option<&Interaction>, to: &str) -> (Flow, Way) {
    let anew = interaction.is_some_and(Interaction::wants_proof_anew);
    let mut flow = Flow::new(name, Purpose::SignIn, anew);
    flow.ix = interaction.map(|interaction| interaction.id);
    to.clone_into(&mut flow.to);
    (flow.clone(), way_of(&flow))
}

/// Where somebody goes on whose sign-in came to nothing.
pub(super) fn way_of(flow: &Flow) -> Way {
    if flow.purpose == Purpose::SignIn {
        let query = buttons::query(flow.ix, &flow.to);
        return Way { other: format!("/login{query}"), query };
    }
    Way { query: "?link=1".to_owned(), other: PATH.to_owned() }
}

/// The provider's address with what we ask for, and a cookie for a browser without one.
async fn address(
    identity: &Identity,
    provider: &Provider,
    flow: &Flow,
    visitor: &Visitor,
) -> Result<(String, Option<http::HeaderValue>), UpstreamError> {
    let endpoints = provider.endpoints().await?;
    let unusable = |_| UpstreamError::Away("its address for people is no URL".to_owned());
    let mut url = Url::parse(&endpoints.authorization).map_err(unusable)?;
    let (state, cookie) = flow.keep(identity, visitor).await?;
    let told = &provider.told;
    let scopes = match (told.scopes.is_empty(), told.kind) {
        (false, _) => told.scopes.join(" "),
        (true, UpstreamKind::Oidc) => "openid profile email".to_owned(),
        (true, UpstreamKind::OAuth2) => String::new(),
    };
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &told.client_id)
        .append_pair("redirect_uri", &redirect_uri(identity, &told.name))
        .append_pair("state", &state)
        .append_pair("code_challenge", &flow.challenge())
        .append_pair("code_challenge_method", "S256");
    if !scopes.is_empty() {
        query.append_pair("scope", &scopes);
    }
    if told.kind == UpstreamKind::Oidc {
        query.append_pair("nonce", &flow.nonce);
    }
    if flow.anew {
        query.append_pair("prompt", "login").append_pair("max_age", "0");
    }
    drop(query);
    Ok((url.into(), cookie))
}

/// Where the provider sends people back to; one address for each provider, so that none can
/// answer for another (RFC 9700 section 4.4.2.2).
pub(super) fn redirect_uri(identity: &Identity, name: &str) -> String {
    identity.link(&format!("/federation/{name}/callback"))
}

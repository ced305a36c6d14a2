//! From the bytes of a query, a form or a pushed request to what an app asks for.

use std::sync::Arc;

use super::super::client_auth;
use super::super::clients::Client;
use super::super::endpoint::{Failure, refuse};
use super::super::pages::Failed;
use super::super::params::Params;
use super::super::{Provider, par, verify};
use super::{Asked, NoTarget, Refusal, Request, Target};

/// A request that is not right, and who hears of it.
pub(super) struct Refused {
    pub(super) client: Arc<Client>,
    pub(super) target: Target,
    pub(super) refusal: Refusal,
}

/// What came to the authorization endpoint.
pub(super) async fn read(
    provider: &Provider,
    raw: &[u8],
) -> Result<Result<Asked, Box<Refused>>, Failed> {
    let params = Params::parse(raw).map_err(|_| Failed::NoTarget(NoTarget::Client))?;
    let client = match params.get("client_id") {
        Some(id) => provider.client(id).await?,
        None => None,
    };
    if params.get("request_uri").is_some_and(par::is_ours) || params.repeats("request_uri") {
        return fetched(provider, &params, client).await.map(Ok);
    }
    let target = Target::of(&params, client.as_deref()).map_err(Failed::NoTarget)?;
    let client = client.ok_or(Failed::NoTarget(NoTarget::Client))?;
    let first = if client.require_par {
        Err(Refusal::new("invalid_request", "this client must push its requests first"))
    } else {
        Ok(())
    };
    Ok(match first.and_then(|()| check(provider, &params, &client, target.clone())) {
        Ok(request) => Ok(Asked { client, request, waiting: None }),
        Err(refusal) => Err(Box::new(Refused { client, target, refusal })),
    })
}

/// What an app pushes; its errors are told to the app itself (RFC 9126 section 2.3).
pub(crate) fn pushed(
    provider: &Provider,
    params: &Params,
    client: &Client,
) -> Result<Request, Failure> {
    if params.get("request_uri").is_some() {
        return Err(refuse("invalid_request", "request_uri cannot be pushed").into());
    }
    let target = Target::of(params, Some(client)).map_err(|_| {
        refuse("invalid_request", "redirect_uri is missing or not one of this client")
    })?;
    Ok(check(provider, params, client, target)?)
}

/// The request that an app pushed before. Nothing else in the query counts, and there is nobody
/// to tell of an error: where to answer is in the request that is not there.
async fn fetched(
    provider: &Provider,
    params: &Params,
    client: Option<Arc<Client>>,
) -> Result<Asked, Failed> {
    let client = client.filter(|_| !params.repeats("client_id"));
    let client = client.ok_or(Failed::NoTarget(NoTarget::Client))?;
    let uri = params.get("request_uri").filter(|_| !params.repeats("request_uri"));
    let uri = uri.ok_or(Failed::Pushed)?;
    let request = par::take(provider, &client, uri).await?.ok_or(Failed::Pushed)?;
    Ok(Asked { client, request, waiting: None })
}

fn check(
    provider: &Provider,
    params: &Params,
    client: &Client,
    target: Target,
) -> Result<Request, Refusal> {
    client_auth::may(client, "authorization_code")
        .map_err(|error| Refusal::new(error.code, error.description))?;
    let request = Request::read(params, client, target, &provider.resources_for(client))?;
    expecting(provider, params, request)
}

/// The request with the account that `id_token_hint` names (OpenID Connect Core 3.1.2.1).
fn expecting(
    provider: &Provider,
    params: &Params,
    mut request: Request,
) -> Result<Request, Refusal> {
    if let Some(token) = params.get("id_token_hint") {
        let refused = |reason| Refusal::new("invalid_request", reason);
        let hint = verify::hint(provider, token);
        let sub = hint.ok_or_else(|| refused("id_token_hint is no ID token of ours"))?.sub;
        if request.expected_sub.as_ref().is_some_and(|expected| *expected != sub) {
            return Err(refused("id_token_hint and claims name two people"));
        }
        request.expected_sub = Some(sub);
    }
    Ok(request)
}

//! Finding out which app calls: it proves who it is the way it registered, and no other.

mod assertion;
mod credentials;
mod keys;

use std::sync::Arc;

use http::{HeaderMap, header};
use kit::clock::now_ms;
use serde_json::json;

pub(crate) use credentials::Credentials;
pub(crate) use keys::KeySets;

use super::Provider;
use super::clients::{self, AuthMethod, Client};
use super::endpoint::{Failure, INVALID_CLIENT, TokenError, refuse};
use super::ground::{self, About};
use super::params::Params;
use super::replay;
use crate::visitor::Visitor;

/// The client that makes this request, once it has shown who it is.
pub(crate) async fn authenticate(
    provider: &Provider,
    visitor: &Visitor,
    headers: &HeaderMap,
    body: &Params,
) -> Result<Arc<Client>, Failure> {
    let header = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or("?"));
    let shown = match Credentials::read(header, body) {
        Err(error) if error == INVALID_CLIENT && header.is_some() => return Err(Failure::Basic),
        shown => shown?,
    };
    let found = provider.client(shown.client_id()).await?;
    if let Some(client) = found
        && is_proof(provider, &client, &shown).await?
    {
        return Ok(client);
    }
    let plain = shown.client_id().chars().filter(|c| !c.is_control());
    let key: String = plain.take(64).collect();
    provider.budgets.wrong_client(visitor, &key)?;
    let about = About { client: Some(&key), ..About::default() };
    ground::record_failure(provider, "client.auth_fail", about, (visitor, json!({}))).await;
    match shown {
        Credentials::Secret { basic: true, .. } => Err(Failure::Basic),
        _ => Err(INVALID_CLIENT.into()),
    }
}

/// Refuses an app that did not register for this kind of grant.
pub(crate) fn may(client: &Client, grant_type: &str) -> Result<(), TokenError> {
    // Whoever names a public client is not known to be it (RFC 6749 section 4.4.2).
    let alone = grant_type == "client_credentials";
    if client.may(grant_type) && !(alone && client.is_public()) {
        return Ok(());
    }
    Err(refuse("unauthorized_client", "the client did not register for this grant_type"))
}

/// Whether what was shown is what this client proves itself with.
async fn is_proof(
    provider: &Provider,
    client: &Client,
    shown: &Credentials,
) -> Result<bool, Failure> {
    match (client.method, shown) {
        (AuthMethod::None, Credentials::None { .. }) => Ok(client.secret_hash.is_none()),
        (method, Credentials::Secret { secret, basic, .. }) => {
            let way = match method {
                AuthMethod::Secret => true,
                AuthMethod::SecretBasic => *basic,
                AuthMethod::SecretPost => !*basic,
                AuthMethod::None | AuthMethod::PrivateKeyJwt => false,
            };
            Ok(way && clients::is_secret(client, secret, now_ms()))
        }
        (AuthMethod::PrivateKeyJwt, Credentials::Assertion { assertion, .. }) => {
            asserts(provider, client, assertion).await
        }
        _ => Ok(false),
    }
}

/// Accepts an assertion once.
async fn asserts(provider: &Provider, client: &Client, text: &str) -> Result<bool, Failure> {
    let now = now_ms();
    let read = assertion::read(text, &client.id, &provider.issuer, now / 1000);
    let Some(assertion) = read else { return Ok(false) };
    let signed = &assertion.signed;
    let keys = provider.key_sets.of(&provider.guard, &client.details, (signed, now)).await;
    if !keys.is_some_and(|keys| signed.is_by_one_of(&keys)) {
        return Ok(false);
    }
    let id = replay::id(&[&client.id, &assertion.jti]);
    let until = assertion.exp.saturating_add(60).saturating_mul(1000);
    let first = provider.db.write(async |tx| replay::once(tx, "assertion", &id, until).await);
    Ok(first.await?)
}

#[cfg(test)]
mod tests {
    use super::super::clients::sample;
    use super::*;

    #[test]
    fn a_grant_type_is_one_that_the_client_registered() {
        let client = sample();
        assert!(may(&client, "authorization_code").is_ok());
        assert_eq!(may(&client, "client_credentials").err().unwrap().code, "unauthorized_client");
    }
}

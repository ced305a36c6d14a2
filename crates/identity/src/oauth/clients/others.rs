//! What apps may say about themselves that no operator looked at.

use super::super::Provider;
use super::super::device;
use super::super::redirect;
use super::super::scope::{self, Scopes};
use super::{Client, ClientError, create};

/// What such apps may exchange for tokens: always on behalf of a person.
const GRANT_TYPES: [&str; 3] = ["authorization_code", "refresh_token", device::GRANT_TYPE];

/// Whether an app of others may be like this.
pub(crate) fn check(provider: &Provider, client: &Client) -> Result<(), ClientError> {
    let refuse = |reason| Err(ClientError::Contradiction(reason));
    if client.grant_types.iter().any(|own| !GRANT_TYPES.contains(&own.as_str())) {
        return refuse("only grants on behalf of a person can be registered here");
    }
    if !Scopes::parse(scope::DEFAULT).contains(client.scopes) || client.scopes.is_empty() {
        return refuse("scope names nothing that can be registered here");
    }
    let redirects = client.redirect_uris.iter().chain(&client.post_logout_uris);
    for uri in redirects {
        let checked =
            redirect::registrable_by_others(uri, client.details.native, provider.loopback);
        checked.map_err(|reason| {
            let (uri, reason) = (uri.clone(), reason.to_string());
            ClientError::Uri { uri, reason }
        })?;
    }
    let details = &client.details;
    guarded(provider, "jwks_uri", details.jwks_uri.as_deref())?;
    guarded(provider, "logo_uri", details.logo_uri.as_deref())?;
    guarded(provider, "backchannel_logout_uri", client.backchannel_uri.as_deref())?;
    page(provider, "client_uri", details.client_uri.as_deref())?;
    page(provider, "policy_uri", details.policy_uri.as_deref())?;
    page(provider, "tos_uri", details.tos_uri.as_deref())?;
    create::check(client)
}

/// Whether this server may ask what is at `uri`.
pub(super) fn guarded(
    provider: &Provider,
    field: &'static str,
    uri: Option<&str>,
) -> Result<(), ClientError> {
    let Some(uri) = uri else { return Ok(()) };
    bounded(field, uri)?;
    let checked = provider.guard.check(uri);
    checked.map_err(|error| ClientError::Place { field, reason: error.to_string() })?;
    Ok(())
}

/// Whether people can be sent to the page at `uri`.
fn page(provider: &Provider, field: &'static str, uri: Option<&str>) -> Result<(), ClientError> {
    let Some(uri) = uri else { return Ok(()) };
    bounded(field, uri)?;
    let checked = redirect::page(uri, provider.loopback);
    checked.map_err(|error| ClientError::Place { field, reason: error.to_string() })
}

fn bounded(field: &'static str, uri: &str) -> Result<(), ClientError> {
    if uri.len() <= redirect::URI_BYTES_MAX {
        return Ok(());
    }
    Err(ClientError::Place { field, reason: redirect::UriError::NotAbsolute.to_string() })
}

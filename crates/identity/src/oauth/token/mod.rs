//! The token endpoint: a code, a refresh token, the code of a device, or nothing but the app itself
//! for tokens.

mod app;
mod code;
mod device;
mod refresh;
mod request;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kit::clock::now_ms;
use kit::db::{DbErr, DbResult, Tx};
use serde::Serialize;
use serde_json::json;

use super::clients::{self, Client};
use super::endpoint::{self, Failure, INVALID_GRANT, TokenError, refuse};
use super::grants;
use super::ground::{self, About, Person};
use super::keys::Alg;
use super::params::Params;
use super::scope::Scopes;
use super::tokens::{self, Beside, Right};
use super::{backchannel, client_auth, dpop};
use crate::Identity;
use crate::sessions;
use crate::visitor::Visitor;
pub(crate) use request::Grant;

/// What a client gets.
#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// A client that has proved who it is, and what it sent.
struct Asking<'a> {
    identity: &'a Identity,
    visitor: &'a Visitor,
    client: &'a Client,
    body: &'a Params,
    /// The key that it proved to have, which its tokens are bound to.
    jkt: Option<&'a str>,
}

impl Asking<'_> {
    /// The key that its refresh tokens are bound to: those of a client with a secret are bound to
    /// the client already (RFC 9449 section 5).
    fn jkt_of_refresh(&self) -> Option<&str> {
        self.jkt.filter(|_| self.client.is_public())
    }

    /// Writes to the audit what was given, and from where it was asked for.
    async fn record(&self, tx: &Tx, event: &'static str, about: About<'_>) -> DbResult<()> {
        ground::record_from(tx, event, about, (self.visitor, json!({}))).await
    }
}

/// Answers `POST /oauth/token`.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    let body = endpoint::form(&headers, &body)?;
    let client = client_auth::authenticate(provider, &visitor, &headers, &body).await?;
    let grant = Grant::read(&body)?;
    client_auth::may(&client, grant.name())?;
    let jkt = dpop::key_of(provider, &headers, &client).await?;
    let asking = Asking {
        identity: &identity,
        visitor: &visitor,
        client: &client,
        body: &body,
        jkt: jkt.as_deref(),
    };
    let tokens = match &grant {
        Grant::Code { code, redirect_uri, verifier } => {
            code::exchange(&asking, code, (redirect_uri, verifier)).await?
        }
        Grant::Refresh { token, scope } => {
            refresh::exchange(&asking, token, scope.as_deref()).await?
        }
        Grant::Device { code } => device::exchange(&asking, code).await?,
        Grant::Client { scope } => app::exchange(&asking, scope.as_deref()).await?,
    };
    clients::used(&identity.oauth, &client).await;
    Ok(endpoint::fresh(StatusCode::OK, Json(tokens)))
}

/// A grant that was found good, and what is given for it.
struct Made<'a> {
    asking: &'a Asking<'a>,
    grant: &'a grants::Grant,
    refresh: Option<String>,
    scopes: Scopes,
}

impl Made<'_> {
    /// Tokens for a program: without a word about who signed in.
    async fn tokens(self) -> Result<Tokens, Failure> {
        let person = self.person().await?;
        self.access(&person)
    }

    /// The same with an ID token, if there is to be one (OpenID Connect Core 3.1.3.3).
    async fn tokens_of_sign_in(self, nonce: Option<&str>) -> Result<Tokens, Failure> {
        let person = self.person().await?;
        let (asking, grant, scopes) = (self.asking, self.grant, self.scopes);
        let mut tokens = self.access(&person)?;
        if scopes.has("openid") {
            let provider = &asking.identity.oauth;
            let subject = grant.subject(person.sub);
            let with = Beside {
                alg: Alg::named(&asking.client.id_token_alg).unwrap_or(Alg::Es256),
                nonce,
                access_token: &tokens.access_token,
            };
            let (keys, issuer, now_s) = (&provider.keys, &provider.issuer, now_ms() / 1000);
            tokens.id_token = Some(tokens::id_token(keys, issuer, &subject, &with, now_s)?);
        }
        Ok(tokens)
    }

    /// Whose grant it is, if they may still sign in.
    async fn person(&self) -> Result<Person, Failure> {
        let person = ground::person(self.asking.identity, self.grant.user_id).await?;
        Ok(person.filter(|person| person.active).ok_or(INVALID_GRANT)?)
    }

    fn access(self, person: &Person) -> Result<Tokens, Failure> {
        let provider = &self.asking.identity.oauth;
        let resource = self.grant.resource.as_deref();
        let right = Right {
            audience: resource.unwrap_or(&provider.issuer).to_owned(),
            // The role may be another one than when the person agreed.
            scope: self.scopes.of_role(person.role).to_string(),
            role: resource.map(|_| person.role),
            life_s: tokens::LIFE_S,
            jkt: self.asking.jkt.map(str::to_owned),
        };
        let subject = self.grant.subject(person.sub.clone());
        let (keys, issuer, now_s) = (&provider.keys, &provider.issuer, now_ms() / 1000);
        Ok(Tokens {
            access_token: tokens::access(keys, issuer, &subject, &right, now_s)?,
            token_type: right.token_type(),
            expires_in: tokens::LIFE_S,
            scope: right.scope,
            refresh_token: self.refresh,
            id_token: None,
        })
    }
}

/// A stolen code or refresh token: the grant is revoked, its client is told that the sign-in is
/// over, its person is told by mail, and it is written down.
async fn end(
    asking: &Asking<'_>,
    event: &'static str,
    grant: &grants::Grant,
) -> Result<(), Failure> {
    let identity = asking.identity;
    let (provider, now) = (&identity.oauth, now_ms());
    let work = async |tx: &Tx| {
        // As it was found: who tries again and again causes one mail and one sign-out.
        if grant.revoked_at.is_some() {
            return Ok(());
        }
        backchannel::grant_ended(tx, grant, now).await?;
        let whose = (grant.user_id, grant.client_id.as_str());
        sessions::credential_reused(tx, identity, whose).await
    };
    let ended = provider.db.write(work).await;
    ended.map_err(|error| DbErr::Custom(error.to_string()))?;
    provider.wake_sender();
    identity.outbox.wake();
    let from = (asking.visitor, json!({}));
    ground::record_failure(provider, event, About::grant(grant), from).await;
    tracing::warn!(client = %grant.client_id, event, "revoked a grant: {event}");
    Ok(())
}

/// A grant is for one resource, which may be named again (RFC 8707 section 2.2).
fn same_resource(body: &Params, grant: &grants::Grant) -> Result<(), TokenError> {
    if body.all("resource").all(|one| Some(one) == grant.resource.as_deref()) {
        return Ok(());
    }
    Err(refuse("invalid_target", "the grant is for another resource"))
}

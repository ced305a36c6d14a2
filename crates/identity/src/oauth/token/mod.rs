//! The token endpoint: a code, a refresh token or nothing but the app itself for tokens.

mod app;
mod request;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kit::clock::now_ms;
use kit::db::{DbErr, Tx};
use serde::Serialize;
use serde_json::json;

use super::client_auth;
use super::clients::{self, Client};
use super::endpoint::{self, Failure, INVALID_GRANT, TokenError, refuse};
use super::grants::{self, Rotated, Shown, Spent};
use super::ground::{self, About, Person};
use super::keys::Alg;
use super::params::Params;
use super::scope::Scopes;
use super::tokens::{self, Beside, Right};
use super::{Provider, backchannel};
use crate::Identity;
use crate::accounts::AccountError;
use crate::sessions;
use crate::visitor::Visitor;
use request::Grant;

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

/// Answers `POST /oauth/token`.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let body = endpoint::form(&headers, &body)?;
    let client = client_auth::authenticate(&identity.oauth, &visitor, &headers, &body).await?;
    let grant = Grant::read(&body)?;
    client_auth::may(&client, grant.name())?;
    let tokens = match grant {
        Grant::Code { code, redirect_uri, verifier } => {
            let shown = Shown { redirect_uri: &redirect_uri, verifier: &verifier, jkt: None };
            by_code(&identity, &client, &body, (&code, shown)).await?
        }
        Grant::Refresh { token, scope } => {
            by_refresh(&identity, &client, &body, (&token, scope.as_deref())).await?
        }
        Grant::Client { scope } => {
            app::by_app(&identity.oauth, &client, &body, scope.as_deref()).await?
        }
    };
    clients::used(&identity.oauth, &client).await;
    Ok(endpoint::fresh(StatusCode::OK, Json(tokens)))
}

async fn by_code(
    identity: &Identity,
    client: &Client,
    body: &Params,
    (code, shown): (&str, Shown<'_>),
) -> Result<Tokens, Failure> {
    let provider = &identity.oauth;
    let now = now_ms();
    // A request that is not right must not cost the code.
    if let Some(grant) = grants::of_code(provider.db.reader(), code).await? {
        same_resource(body, &grant)?;
    }
    let refreshes = client.may("refresh_token");
    let spent = provider
        .db
        .write(async |tx| {
            let spent = grants::spend_code(tx, client, code, shown, now).await?;
            let refresh = match &spent {
                Spent::Now(grant, _) if refreshes && grant.scopes().has("offline_access") => {
                    Some(grants::first_refresh(tx, grant.id, now).await?)
                }
                _ => None,
            };
            if let Spent::Now(grant, _) = &spent {
                ground::record(tx, "token.issued", About::grant(grant)).await?;
            }
            Ok::<_, DbErr>((spent, refresh))
        })
        .await?;
    let (grant, nonce, refresh) = match spent {
        (Spent::Now(grant, nonce), refresh) => (grant, nonce, refresh),
        (Spent::Again(grant), _) => {
            end(identity, "code.replay", &grant).await?;
            return Err(INVALID_GRANT.into());
        }
        (Spent::Useless, _) => return Err(INVALID_GRANT.into()),
    };
    let scopes = grant.scopes();
    let made = Made { provider, grant: &grant, refresh, scopes };
    let person = ground::person(identity, grant.user_id).await?.filter(|person| person.active);
    let person = person.ok_or(INVALID_GRANT)?;
    let mut tokens = made.tokens(&person)?;
    if scopes.has("openid") {
        let subject = grant.subject(person.sub);
        let with = Beside {
            alg: Alg::named(&client.id_token_alg).unwrap_or(Alg::Es256),
            nonce: nonce.as_deref(),
            access_token: &tokens.access_token,
        };
        let signed =
            tokens::id_token(&provider.keys, &provider.issuer, &subject, &with, now / 1000)?;
        tokens.id_token = Some(signed);
    }
    Ok(tokens)
}

async fn by_refresh(
    identity: &Identity,
    client: &Client,
    body: &Params,
    (token, scope): (&str, Option<&str>),
) -> Result<Tokens, Failure> {
    let provider = &identity.oauth;
    let now = now_ms();
    // A request that is not right must not cost the refresh token.
    let known = grants::of_refresh_token(provider.db.reader(), token).await?;
    let known = known.filter(|grant| grant.client_id == client.id).ok_or(INVALID_GRANT)?;
    same_resource(body, &known)?;
    let scopes = narrowed(known.scopes(), scope)?;
    let rotated = provider
        .db
        .write(async |tx| {
            let rotated = grants::rotate(tx, &provider.ring, client, token, now).await?;
            if let Rotated::Now(grant, _) = &rotated {
                ground::record(tx, "token.refreshed", About::grant(grant)).await?;
            }
            Ok::<_, DbErr>(rotated)
        })
        .await?;
    let (grant, next) = match rotated {
        Rotated::Now(grant, next) => (grant, next),
        Rotated::Again(grant) => {
            end(identity, "token.reuse", &grant).await?;
            return Err(INVALID_GRANT.into());
        }
        Rotated::Useless => return Err(INVALID_GRANT.into()),
    };
    let person = ground::person(identity, grant.user_id).await?.filter(|person| person.active);
    let person = person.ok_or(INVALID_GRANT)?;
    let made = Made { provider, grant: &grant, refresh: Some(next), scopes };
    made.tokens(&person)
}

/// A stolen code or refresh token: the grant is revoked, its client is told that the sign-in is
/// over, its person is told by mail, and it is written down.
async fn end(
    identity: &Identity,
    event: &'static str,
    grant: &grants::Grant,
) -> Result<(), Failure> {
    let (provider, now) = (&identity.oauth, now_ms());
    let work = async |tx: &Tx| {
        backchannel::grant_ended(tx, grant, now).await?;
        // As it was found: who tries again and again causes one mail.
        if grant.revoked_at.is_none() {
            let whose = (grant.user_id, grant.client_id.as_str());
            sessions::credential_reused(tx, identity, whose).await?;
        }
        Ok::<_, AccountError>(())
    };
    let ended = provider.db.write(work).await;
    ended.map_err(|error| DbErr::Custom(error.to_string()))?;
    provider.wake_sender();
    identity.outbox.wake();
    ground::record_failure(provider, event, About::grant(grant), json!({})).await;
    tracing::warn!(client = %grant.client_id, event, "revoked a grant: {event}");
    Ok(())
}

struct Made<'a> {
    provider: &'a Provider,
    grant: &'a grants::Grant,
    refresh: Option<String>,
    scopes: Scopes,
}

impl Made<'_> {
    fn tokens(self, person: &Person) -> Result<Tokens, Failure> {
        let resource = self.grant.resource.as_deref();
        let right = Right {
            audience: resource.unwrap_or(&self.provider.issuer).to_owned(),
            // The role may be another one than when the person agreed.
            scope: self.scopes.of_role(person.role).to_string(),
            role: resource.map(|_| person.role),
            life_s: tokens::LIFE_S,
        };
        let subject = self.grant.subject(person.sub.clone());
        let now_s = now_ms() / 1000;
        let (keys, issuer) = (&self.provider.keys, &self.provider.issuer);
        Ok(Tokens {
            access_token: tokens::access(keys, issuer, &subject, &right, now_s)?,
            token_type: "Bearer",
            expires_in: tokens::LIFE_S,
            scope: right.scope,
            refresh_token: self.refresh,
            id_token: None,
        })
    }
}

/// A grant is for one resource, which may be named again (RFC 8707 section 2.2).
fn same_resource(body: &Params, grant: &grants::Grant) -> Result<(), TokenError> {
    if body.all("resource").all(|one| Some(one) == grant.resource.as_deref()) {
        return Ok(());
    }
    Err(refuse("invalid_target", "the grant is for another resource"))
}

/// Fewer scopes for one access token; the refresh token keeps them all.
fn narrowed(granted: Scopes, asked: Option<&str>) -> Result<Scopes, TokenError> {
    let Some(asked) = asked else { return Ok(granted) };
    let refused = refuse("invalid_scope", "scope asks for more than was granted");
    let asked = Scopes::parse_strictly(asked).map_err(|_| refused.clone())?;
    if asked.is_empty() || !granted.contains(asked) {
        return Err(refused);
    }
    Ok(asked)
}

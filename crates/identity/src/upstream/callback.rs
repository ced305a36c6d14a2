//! `/federation/{provider}/callback`: somebody comes back from a provider.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use kit::clock::now_ms;
use kit::db::Tx;
use kit::jose::Signed;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arrival::Arrival;
use super::claims::{self, Said};
use super::config::UpstreamKind;
use super::failed::{Failure, Way, failed_page};
use super::flow::Flow;
use super::id_token::{self, Parties, SignIn};
use super::provider::Tokens;
use super::start::{redirect_uri, way_of};
use super::{Provider, UpstreamError, admit};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::pages::PageError;
use crate::visitor::Visitor;

/// Longest ID token that is looked at.
pub(super) const TOKEN_BYTES_MAX: usize = 16 * 1024;
const STATE_BYTES_MAX: usize = 128;
const CODE_BYTES_MAX: usize = 4 * 1024;

/// What a provider answers by the browser.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Answer {
    state: String,
    code: String,
    error: Option<String>,
    iss: Option<String>,
}

/// A refusal, and whether it is the person's affair or is to be looked at by the operator.
enum Outcome {
    Page(Failure),
    Odd(UpstreamError),
}

impl From<UpstreamError> for Outcome {
    fn from(error: UpstreamError) -> Self {
        Self::Odd(error)
    }
}

pub(super) async fn callback(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(answer): Query<Answer>,
) -> Result<Response, PageError> {
    let provider = identity.upstream.find(&name).ok_or(PageError::NotFound)?;
    identity.limits.sign_in_from(&visitor)?;
    let flow = match answer.state.len() {
        1..=STATE_BYTES_MAX => Flow::take(&identity, &visitor, (&name, &answer.state)).await?,
        _ => None,
    };
    let Some(flow) = flow else {
        let over = (&**provider, Failure::Over);
        return Ok(failed_page(&identity, &visitor, over, &Way::default()));
    };
    match arrival(&identity, provider, &flow, &answer).await {
        Ok(arrival) => admit::admit(&identity, &visitor, (provider, &flow), arrival).await,
        Err(Outcome::Odd(UpstreamError::Store(error))) => Err(error.into()),
        Err(Outcome::Odd(error)) => {
            tracing::warn!(provider = name, %error, "a sign-in by {name} failed: {error}");
            refuse(&identity, &visitor, (provider, &flow), Failure::from(&error)).await
        }
        Err(Outcome::Page(failure)) => {
            refuse(&identity, &visitor, (provider, &flow), failure).await
        }
    }
}

/// Writes the failure down and shows it.
pub(super) async fn refuse(
    identity: &Identity,
    visitor: &Visitor,
    (provider, flow): (&Provider, &Flow),
    failure: Failure,
) -> Result<Response, PageError> {
    let name = &provider.told.name;
    let detail = json!({"kind": "upstream", "provider": name, "reason": failure.name()});
    let entry = Entry::new("login.fail").visitor(visitor).failed().detail(detail);
    identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await?;
    Ok(failed_page(identity, visitor, (provider, failure), &way_of(flow)))
}

/// Who the provider says has come.
async fn arrival(
    identity: &Identity,
    provider: &Provider,
    flow: &Flow,
    answer: &Answer,
) -> Result<Arrival, Outcome> {
    let endpoints = provider.endpoints().await?;
    let told = &provider.told;
    // RFC 9207 section 2.4, before anything else of the answer is believed.
    match answer.iss.as_deref() {
        Some(iss) if iss != told.issuer => {
            return Err(UpstreamError::Refused("the answer is of another issuer").into());
        }
        None if endpoints.says_issuer => {
            return Err(UpstreamError::Refused("the answer does not say whose it is").into());
        }
        _ => {}
    }
    if let Some(error) = answer.error.as_deref() {
        return Err(match error {
            "access_denied" | "login_required" | "interaction_required" | "consent_required" => {
                Outcome::Page(Failure::Declined)
            }
            "temporarily_unavailable" | "server_error" => Outcome::Page(Failure::Away),
            _ => UpstreamError::Refused("it did not accept our request").into(),
        });
    }
    if answer.code.is_empty() || answer.code.len() > CODE_BYTES_MAX {
        return Err(UpstreamError::Refused("there is no code in the answer").into());
    }
    let uri = redirect_uri(identity, &told.name);
    let tokens = provider.redeem(&answer.code, &flow.verifier, &uri).await?;
    let person = endpoints.person.as_deref();
    match told.kind {
        UpstreamKind::Oidc => by_id_token(provider, flow, &tokens, person).await,
        UpstreamKind::OAuth2 => Ok(by_description(provider, flow, &tokens, person).await?),
    }
}

async fn by_id_token(
    provider: &Provider,
    flow: &Flow,
    tokens: &Tokens,
    userinfo: Option<&str>,
) -> Result<Arrival, Outcome> {
    let refused = |reason| Outcome::Odd(UpstreamError::Refused(reason));
    let text = tokens.id_token.as_deref().ok_or(refused("it gave no ID token"))?;
    let signed = Signed::parse(text, TOKEN_BYTES_MAX).ok_or(refused("the ID token is none"))?;
    if !provider.has_signed(&signed).await? {
        return Err(refused("the signature of the ID token is wrong"));
    }
    let parties = parties(provider);
    let anyhow = SignIn { nonce: &flow.nonce, proved_since: None };
    let token = id_token::id_token(&signed, parties, anyhow).map_err(refused)?;
    if flow.anew {
        let since = SignIn { proved_since: Some(flow.at_ms / 1000), ..anyhow };
        let anew = id_token::id_token(&signed, parties, since);
        anew.map_err(|_| Outcome::Page(Failure::NotAnew))?;
    }
    let mut said = Said::read(&provider.told, &Value::Object(signed.claims.clone()));
    if let (true, Some(at), Some(access)) =
        (said.lacks_something(), userinfo, tokens.access_token.as_deref())
    {
        let more = provider.read(at, access).await?;
        if more.get("sub").and_then(Value::as_str) != Some(token.sub.as_str()) {
            return Err(refused("userinfo is about somebody else"));
        }
        said = said.or(Said::read(&provider.told, &more));
    }
    let amr: Vec<&str> = token.amr.iter().map(String::as_str).collect();
    Ok(Arrival {
        sid: token.sid,
        acr: claims::level(&provider.told, token.acr.as_deref(), &amr),
        proved_at: token.auth_time.map(|at| at.saturating_mul(1000).clamp(0, now_ms())),
        ..arrived(provider, flow, token.sub, said)
    })
}

async fn by_description(
    provider: &Provider,
    flow: &Flow,
    tokens: &Tokens,
    person: Option<&str>,
) -> Result<Arrival, UpstreamError> {
    let refused = UpstreamError::Refused;
    let access = tokens.access_token.as_deref().ok_or(refused("it gave no token"))?;
    let document = provider.read(person.ok_or(refused("it describes nobody"))?, access).await?;
    let sub = claims::subject(&provider.told.claims, &document);
    let sub = sub.ok_or(refused("it does not say who signed in"))?;
    let mut said = Said::read(&provider.told, &document);
    if let Some(at) = provider.told.emails_url.as_deref() {
        let listed = claims::address_of(&provider.read(at, access).await?);
        (said.email, said.email_verified) = listed.map_or((None, false), |(at, v)| (Some(at), v));
    }
    Ok(arrived(provider, flow, sub, said))
}

fn arrived(provider: &Provider, flow: &Flow, sub: String, said: Said) -> Arrival {
    Arrival {
        provider: provider.told.name.clone(),
        iss: provider.told.issuer.clone(),
        sub,
        sid: None,
        acr: claims::level(&provider.told, None, &[]),
        proved_at: None,
        email_proven: said.email_verified && provider.told.trust_email,
        username: said.username,
        display_name: said.display_name,
        email: said.email,
        ix: flow.ix,
    }
}

/// Who tokens of this provider are from and for.
pub(super) fn parties(provider: &Provider) -> Parties<'_> {
    let told = &provider.told;
    Parties { issuer: &told.issuer, client_id: &told.client_id, now: now_ms().div_euclid(1000) }
}

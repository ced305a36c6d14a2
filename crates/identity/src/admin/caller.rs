//! Who calls the admin API, and whether they may.

use axum::extract::FromRequestParts;
use http::request::Parts;
use kit::clock::now_ms;

use super::refusal::{ACR, AGE_S_MAX, Refusal};
use crate::Identity;
use crate::accounts::{Actor, Administrator};
use crate::login::Acr;
use crate::oauth::{self, Access, Scopes, scope};
use crate::visitor::Visitor;

/// Somebody who may see everything.
pub(super) struct Reader;

/// Somebody who may change everything that is below them.
pub(super) struct Changer(pub(super) Actor);

/// Somebody who may see people, and close the accounts of members.
pub(super) struct Moderator {
    /// Who it is.
    pub(super) actor: Actor,
    /// They may see addresses, too.
    pub(super) reads: bool,
}

impl FromRequestParts<Identity> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, identity: &Identity) -> Result<Self, Refusal> {
        let wanted = [scope::ADMIN, scope::READ];
        administrator(identity, parts, &wanted).await.map(|_| Self)
    }
}

impl FromRequestParts<Identity> for Changer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, identity: &Identity) -> Result<Self, Refusal> {
        let (person, _) = administrator(identity, parts, &[scope::ADMIN]).await?;
        Ok(Self(Actor::Person(Box::new(person))))
    }
}

impl FromRequestParts<Identity> for Moderator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, identity: &Identity) -> Result<Self, Refusal> {
        let wanted = [scope::MODERATE, scope::ADMIN, scope::READ];
        // What changes something is not for who may only read.
        let wanted = if parts.method.is_safe() { &wanted[..] } else { &wanted[..2] };
        let (person, scopes) = administrator(identity, parts, wanted).await?;
        let reads = scopes.has(scope::ADMIN) || scopes.has(scope::READ);
        Ok(Self { actor: Actor::Person(Box::new(person)), reads })
    }
}

/// Who calls, with one of the scopes `wanted`; what the token and the person's role allow.
async fn administrator(
    identity: &Identity,
    parts: &mut Parts,
    wanted: &[&'static str],
) -> Result<(Administrator, Scopes), Refusal> {
    let Ok(visitor) = Visitor::from_request_parts(parts, identity).await;
    let provider = &identity.oauth;
    let token = oauth::bearer(&visitor.headers).ok_or(Refusal::NoToken)?;
    let now_s = now_ms() / 1000;
    let found = oauth::access(provider, token, now_s).await?;
    let (access, grant) = found.ok_or(Refusal::BadToken("it is not valid any more"))?;
    if access.aud != provider.admin_resource {
        return Err(Refusal::BadToken("it is for another audience"));
    }
    if access.cnf.is_some() {
        return Err(Refusal::BadToken("it is bound to a key and no bearer token"));
    }
    let person = oauth::person(identity, grant.user_id).await?.filter(|person| person.active);
    let person = person.ok_or(Refusal::BadToken("the account has ended"))?;
    let scopes = Scopes::parse(&access.scope).of_role(person.role);
    if !wanted.iter().any(|scope| scopes.has(scope)) {
        return Err(Refusal::Scope(wanted[0]));
    }
    if !is_fresh(&access, now_s) {
        return Err(Refusal::Step);
    }
    let administrator = Administrator {
        id: grant.user_id,
        role: person.role,
        client_id: grant.client_id.clone(),
        ip: visitor.ip.to_string(),
        agent: visitor.agent,
    };
    Ok((administrator, scopes))
}

fn is_fresh(access: &Access, now_s: i64) -> bool {
    let acr = access.acr.as_deref().and_then(|acr| acr.parse::<Acr>().ok());
    let age = access.auth_time.map(|at| now_s - at);
    acr.is_some_and(|acr| acr >= ACR) && age.is_some_and(|age| age <= AGE_S_MAX)
}

//! What tokens say.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::clock::random_bytes;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::keys::{Alg, SigningError, SigningKeys};
use crate::accounts::Role;

/// How long an access or ID token lives, seconds.
pub(crate) const LIFE_S: i64 = 300;
/// How long a logout token lives, seconds.
const LOGOUT_LIFE_S: i64 = 120;
/// The event that makes a JWT a logout token (Back-Channel Logout 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// An account is blocked (OpenID RISC 1.0).
const DISABLED_EVENT: &str = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
/// An account is not blocked.
const ENABLED_EVENT: &str = "https://schemas.openid.net/secevent/risc/event-type/account-enabled";

/// What a sign-in gave a client, as tokens tell it.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// The grant, which the token's id names.
    pub grant: Uuid,
    /// The account.
    pub sub: String,
    /// The client.
    pub client_id: String,
    /// The sign-in, as this client knows it.
    pub sid: Option<String>,
    /// How the person proved who they are.
    pub acr: String,
    /// By which means, separated by spaces.
    pub amr: String,
    /// When they did, milliseconds.
    pub auth_time: i64,
}

/// What an access token is good for.
#[derive(Debug, Clone)]
pub(crate) struct Right {
    /// The API it is for.
    pub audience: String,
    /// What it may be used for.
    pub scope: String,
    /// The account's role, for an API of ours.
    pub role: Option<Role>,
    /// How long it lives, seconds.
    pub life_s: i64,
    /// The key that it is bound to (RFC 9449 section 6); none for a bearer token.
    pub jkt: Option<String>,
}

impl Right {
    /// How the token is shown.
    pub(crate) fn token_type(&self) -> &'static str {
        if self.jkt.is_some() { "DPoP" } else { "Bearer" }
    }
}

/// An access token (RFC 9068 section 2).
pub(crate) fn access(
    keys: &SigningKeys,
    issuer: &str,
    subject: &Subject,
    right: &Right,
    now_s: i64,
) -> Result<String, SigningError> {
    let ids = (subject.sub.as_str(), subject.client_id.as_str(), subject.grant);
    let mut claims = access_claims(issuer, ids, right, now_s);
    claims.insert("auth_time".to_owned(), json!(subject.auth_time.div_euclid(1000)));
    claims.insert("acr".to_owned(), json!(subject.acr));
    put(&mut claims, "sid", subject.sid.as_deref());
    if let Some(role) = right.role {
        claims.insert("roles".to_owned(), json!([role]));
    }
    keys.sign("at+jwt", &claims)
}

/// An access token of an app that speaks for itself: its subject is the app (RFC 9068 section
/// 2.2), it belongs to no grant, and nobody signed in for it.
pub(crate) fn access_of_app(
    keys: &SigningKeys,
    issuer: &str,
    client_id: &str,
    right: &Right,
    now_s: i64,
) -> Result<String, SigningError> {
    keys.sign("at+jwt", &access_claims(issuer, (client_id, client_id, Uuid::nil()), right, now_s))
}

fn access_claims(
    issuer: &str,
    (sub, client_id, grant): (&str, &str, Uuid),
    right: &Right,
    now_s: i64,
) -> Map<String, Value> {
    let mut claims = object(json!({
        "iss": issuer,
        "sub": sub,
        "aud": right.audience,
        "client_id": client_id,
        "iat": now_s,
        "exp": now_s + right.life_s,
        "jti": token_id(grant),
        "scope": right.scope,
    }));
    if let Some(jkt) = &right.jkt {
        claims.insert("cnf".to_owned(), json!({ "jkt": jkt }));
    }
    claims
}

/// What an ID token comes with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside<'a> {
    /// What its client expects.
    pub alg: Alg,
    /// What the request said.
    pub nonce: Option<&'a str>,
    /// The token it belongs to.
    pub access_token: &'a str,
}

/// An ID token (OpenID Connect Core 2) that belongs to `access_token`.
pub(crate) fn id_token(
    keys: &SigningKeys,
    issuer: &str,
    subject: &Subject,
    with: &Beside<'_>,
    now_s: i64,
) -> Result<String, SigningError> {
    let amr: Vec<&str> = subject.amr.split_ascii_whitespace().collect();
    let half = &Sha256::digest(with.access_token.as_bytes())[..16];
    let mut claims = object(json!({
        "iss": issuer,
        "sub": subject.sub,
        "aud": subject.client_id,
        "iat": now_s,
        "exp": now_s + LIFE_S,
        "auth_time": subject.auth_time.div_euclid(1000),
        "acr": subject.acr,
        "amr": amr,
        "at_hash": URL_SAFE_NO_PAD.encode(half),
    }));
    put(&mut claims, "nonce", with.nonce);
    put(&mut claims, "sid", subject.sid.as_deref());
    keys.sign_with(with.alg, "JWT", &claims)
}

/// A logout token (Back-Channel Logout 2.4) for one client, signed as its ID tokens are (2.6). It
/// also says whether the account is blocked, if `blocked` does (OpenID RISC 2.3 and 2.4).
pub(crate) fn logout(
    keys: &SigningKeys,
    issuer: &str,
    (client_id, alg): (&str, Alg),
    (sub, sid, blocked): (&str, Option<&str>, Option<bool>),
    now_s: i64,
) -> Result<String, SigningError> {
    let mut claims = object(json!({
        "iss": issuer,
        "aud": client_id,
        "sub": sub,
        "iat": now_s,
        "exp": now_s + LOGOUT_LIFE_S,
        "jti": URL_SAFE_NO_PAD.encode(random_bytes::<16>()),
    }));
    let mut events = object(json!({ LOGOUT_EVENT: {} }));
    if let Some(blocked) = blocked {
        let event = if blocked { DISABLED_EVENT } else { ENABLED_EVENT };
        events.insert(event.to_owned(), json!({}));
    }
    claims.insert("events".to_owned(), Value::Object(events));
    put(&mut claims, "sid", sid);
    keys.sign_with(alg, "logout+jwt", &claims)
}

/// A token's id: the grant it comes from, then 96 random bits.
pub(super) fn token_id(grant: Uuid) -> String {
    let mut bytes = grant.as_bytes().to_vec();
    bytes.extend_from_slice(&random_bytes::<12>());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The grant that a token with this id comes from; nil for an app's own.
pub(crate) fn grant_of(token_id: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(token_id).ok().filter(|bytes| bytes.len() == 28)?;
    Uuid::from_slice(&bytes[..16]).ok()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn put(claims: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        claims.insert(name.to_owned(), json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_grant() {
        let grant = kit::clock::uuid_v7();
        assert_eq!(grant_of(&token_id(grant)), Some(grant));
        assert_ne!(token_id(grant), token_id(grant));
        assert_eq!(grant_of("x"), None);
    }
}

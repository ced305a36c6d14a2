//! The rules for a token's header and claims; no I/O, the time is an argument.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Header, crypto, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{CallerError, LEEWAY_S, TOKEN_BYTES_MAX, Untyped};
use crate::dpop;

/// The event that makes a JWT a logout token (Back-Channel Logout 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// An account is blocked (OpenID RISC 1.0).
const DISABLED_EVENT: &str = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
/// An account is not blocked.
const ENABLED_EVENT: &str = "https://schemas.openid.net/secevent/risc/event-type/account-enabled";

/// Who calls with an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The issuer.
    pub iss: String,
    /// The account, unique at the issuer.
    pub sub: String,
    /// The sign-in this token belongs to; absent for tokens made on the command line.
    pub sid: Option<String>,
    /// The app that got the token.
    pub client_id: String,
    /// What the person let the app do.
    pub scopes: Vec<String>,
    /// The account's roles; only for the issuer's own audiences.
    pub roles: Vec<String>,
    /// When the token was made, seconds since the epoch.
    pub iat: i64,
    /// When the token ends, seconds since the epoch.
    pub exp: i64,
    /// The token's own id.
    pub jti: String,
    /// The key that the token is bound to (RFC 9449); none for a bearer token.
    pub jkt: Option<String>,
    /// The issuer's key that signed the token, as its set of keys names it.
    pub kid: String,
}

impl Caller {
    /// Whether an app speaks for itself and not for a person (RFC 9068 section 2.2).
    pub fn is_app(&self) -> bool {
        self.sub == self.client_id
    }
}

/// Who signed in.
#[derive(Debug, Clone, Deserialize)]
pub struct IdToken {
    /// The issuer.
    pub iss: String,
    /// The account, unique at the issuer.
    pub sub: String,
    aud: Audience,
    azp: Option<String>,
    /// When the token ends, seconds since the epoch.
    pub exp: i64,
    iat: i64,
    nonce: Option<String>,
    /// The sign-in, as logout tokens will name it.
    pub sid: Option<String>,
    /// When the person last proved who they are, seconds since the epoch.
    pub auth_time: Option<i64>,
    /// How they proved it.
    pub acr: Option<String>,
}

/// Which sign-in has ended.
#[derive(Debug, Clone, Deserialize)]
pub struct LogoutToken {
    /// The issuer.
    pub iss: String,
    /// The account; alone it means all its sign-ins.
    pub sub: Option<String>,
    /// The one sign-in that ended.
    pub sid: Option<String>,
    /// The token's own id.
    pub jti: String,
    /// When the token ends, seconds since the epoch.
    pub exp: i64,
    aud: Audience,
    iat: i64,
    events: serde_json::Map<String, Value>,
    nonce: Option<Value>,
}

impl LogoutToken {
    /// Whether the account is blocked, if the issuer says it; that it is weighs more.
    pub fn blocked(&self) -> Option<bool> {
        let says = |event| self.events.get(event).is_some_and(Value::is_object);
        if says(DISABLED_EVENT) { Some(true) } else { says(ENABLED_EVENT).then_some(false) }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }

    fn contains(&self, wanted: &str) -> bool {
        self.names().iter().any(|name| name == wanted)
    }

    fn is_only(&self, wanted: &str) -> bool {
        matches!(self.names(), [name] if name == wanted)
    }
}

#[derive(Deserialize)]
struct AccessClaims {
    iss: String,
    sub: String,
    aud: Audience,
    client_id: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    jti: String,
    #[serde(default)]
    scope: String,
    sid: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    cnf: Option<Value>,
}

/// The `kid` of a token whose header is one that we accept.
pub(super) fn key_id(token: &str, types: &[&str], untyped: Untyped) -> Result<String, CallerError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(CallerError::Refused("it is too long"));
    }
    // An `alg` the library does not know, `none` included, fails here.
    let header = decode_header(token).map_err(|_| CallerError::Refused("it is not a JWT"))?;
    if header.alg != Algorithm::ES256 {
        return Err(CallerError::Refused("its algorithm is not ES256"));
    }
    if points_elsewhere(&header) {
        return Err(CallerError::Refused("its header brings its own key or rules"));
    }
    match header.typ.as_deref().map(media_type) {
        None if untyped == Untyped::Accepted => {}
        Some(typ) if types.contains(&typ.as_str()) => {}
        _ => return Err(CallerError::Refused("it is another kind of token")),
    }
    header.kid.ok_or(CallerError::Refused("it names no key"))
}

/// The claims as bytes, once the signature is found to be made with `key`.
pub(super) fn verified(token: &str, key: &DecodingKey) -> Result<Vec<u8>, CallerError> {
    let broken = || CallerError::Refused("it is not a JWT");
    let (message, signature) = token.rsplit_once('.').ok_or_else(broken)?;
    let good = crypto::verify(signature, message.as_bytes(), key, Algorithm::ES256);
    if !good.unwrap_or(false) {
        return Err(CallerError::Refused("its signature is wrong"));
    }
    let (_, claims) = message.split_once('.').ok_or_else(broken)?;
    URL_SAFE_NO_PAD.decode(claims).map_err(|_| broken())
}

/// RFC 9068 section 4.
pub(super) fn access(
    kid: String,
    claims: &[u8],
    issuer: &str,
    audience: &str,
    now: i64,
) -> Result<Caller, CallerError> {
    let claims: AccessClaims = parse(claims)?;
    issued_by(&claims.iss, issuer)?;
    if !claims.aud.contains(audience) {
        return Err(CallerError::Refused("it is for another audience"));
    }
    in_time(claims.iat, claims.exp, now)?;
    if claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY_S) {
        return Err(CallerError::Refused("it is not valid yet"));
    }
    let jkt = dpop::bound_to(claims.cnf.as_ref()).map_err(|bad| CallerError::Refused(bad.0))?;
    Ok(Caller {
        jkt: jkt.map(str::to_owned),
        iss: claims.iss,
        sub: claims.sub,
        sid: claims.sid,
        client_id: claims.client_id,
        scopes: claims.scope.split_ascii_whitespace().map(str::to_owned).collect(),
        roles: claims.roles,
        iat: claims.iat,
        exp: claims.exp,
        jti: claims.jti,
        kid,
    })
}

/// OpenID Connect Core 3.1.3.7, for a client that trusts nobody else's audience.
pub(super) fn id_token(
    claims: &[u8],
    issuer: &str,
    client_id: &str,
    nonce: Option<&str>,
    now: i64,
) -> Result<IdToken, CallerError> {
    let token: IdToken = parse(claims)?;
    issued_by(&token.iss, issuer)?;
    if !token.aud.is_only(client_id) {
        return Err(CallerError::Refused("it is for another client"));
    }
    if token.azp.as_deref().is_some_and(|azp| azp != client_id) {
        return Err(CallerError::Refused("it was given to another client"));
    }
    in_time(token.iat, token.exp, now)?;
    if nonce.is_some_and(|nonce| token.nonce.as_deref() != Some(nonce)) {
        return Err(CallerError::Refused("it belongs to another sign-in"));
    }
    Ok(token)
}

/// Back-Channel Logout 2.6.
pub(super) fn logout_token(
    claims: &[u8],
    issuer: &str,
    client_id: &str,
    now: i64,
) -> Result<LogoutToken, CallerError> {
    let token: LogoutToken = parse(claims)?;
    issued_by(&token.iss, issuer)?;
    if !token.aud.is_only(client_id) {
        return Err(CallerError::Refused("it is for another client"));
    }
    in_time(token.iat, token.exp, now)?;
    if !token.events.get(LOGOUT_EVENT).is_some_and(Value::is_object) {
        return Err(CallerError::Refused("it does not say that somebody signed out"));
    }
    if token.nonce.is_some() {
        return Err(CallerError::Refused("a logout token has no nonce"));
    }
    if token.sub.is_none() && token.sid.is_none() {
        return Err(CallerError::Refused("it does not say who signed out"));
    }
    Ok(token)
}

fn parse<T: DeserializeOwned>(claims: &[u8]) -> Result<T, CallerError> {
    serde_json::from_slice(claims)
        .map_err(|_| CallerError::Refused("a claim is missing or of the wrong type"))
}

fn issued_by(found: &str, wanted: &str) -> Result<(), CallerError> {
    if found == wanted { Ok(()) } else { Err(CallerError::Refused("it has another issuer")) }
}

fn in_time(iat: i64, exp: i64, now: i64) -> Result<(), CallerError> {
    if exp.saturating_add(LEEWAY_S) <= now {
        return Err(CallerError::Refused("it has expired"));
    }
    if iat > now.saturating_add(LEEWAY_S) {
        return Err(CallerError::Refused("it was issued in the future"));
    }
    Ok(())
}

fn points_elsewhere(header: &Header) -> bool {
    let cert = header.x5u.is_some() || header.x5c.is_some();
    let key = header.jku.is_some() || header.jwk.is_some();
    let rules = header.crit.is_some() || header.zip.is_some() || header.enc.is_some();
    cert || key || rules
}

/// `application/at+JWT` and `at+jwt` are the same (RFC 7515 section 4.1.9).
fn media_type(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
}

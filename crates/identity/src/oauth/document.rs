//! What `OpenAPI` can say of the endpoints that programs call. Their requests are forms and their
//! errors the words of RFC 6749, so they are described here and not by their handlers' types.

use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

/// The operations below the issuer that speak JSON.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut whole = Document::openapi();
    whole.merge(super::register::document());
    whole
}

#[derive(OpenApi)]
#[openapi(paths(
    token,
    introspect,
    revoke,
    par,
    device,
    userinfo,
    userinfo_by_post,
    discovery,
    jwks
))]
struct Document;

/// An error in the words of RFC 6749, section 5.2.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes endpoint::Failure in the document")]
struct OAuthError {
    /// The word of the specification.
    error: String,
    /// For the client's developer.
    error_description: String,
}

/// A grant to be exchanged for tokens; which members go together depends on `grant_type`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read by hand")]
struct TokenRequest {
    grant_type: String,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    device_code: Option<String>,
    scope: Option<String>,
    resource: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
}

/// Tokens.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes token::Tokens in the document")]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    expires_in: i64,
    scope: String,
    refresh_token: Option<String>,
    id_token: Option<String>,
}

/// A token to be looked at or given back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read by hand")]
struct TokenShown {
    token: String,
    token_type_hint: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
}

/// What a token is good for (RFC 7662); to who may not know, it is not active.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes introspect's answer in the document")]
struct Introspection {
    active: bool,
    /// `Bearer` or `DPoP`; of access tokens only, as is all from `aud` on but `cnf`.
    token_type: Option<String>,
    iss: Option<String>,
    sub: Option<String>,
    client_id: Option<String>,
    scope: Option<String>,
    /// Seconds since the epoch.
    exp: Option<i64>,
    /// Seconds since the epoch.
    iat: Option<i64>,
    /// The API that the token is for.
    aud: Option<String>,
    jti: Option<String>,
    /// The sign-in, as logout tokens name it.
    sid: Option<String>,
    /// When the person last proved who they are, seconds since the epoch.
    auth_time: Option<i64>,
    acr: Option<String>,
    roles: Option<Vec<String>>,
    /// The key that the token is bound to (RFC 9449 section 6.2).
    cnf: Option<Bound>,
    /// Of a token that is bound to a key, to an API of ours: the person's name, beside the claims
    /// that userinfo would tell.
    username: Option<String>,
}

/// The key that a token is bound to, by its thumbprint (RFC 7638).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part of introspect's answer in the document")]
struct Bound {
    jkt: String,
}

/// A request of the authorization endpoint, pushed beforehand (RFC 9126).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read by hand")]
struct PushedRequest {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    code_challenge: String,
    code_challenge_method: String,
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    response_mode: Option<String>,
    prompt: Option<String>,
    max_age: Option<i64>,
    acr_values: Option<String>,
    claims: Option<String>,
    login_hint: Option<String>,
    id_token_hint: Option<String>,
    ui_locales: Option<String>,
    resource: Option<String>,
    dpop_jkt: Option<String>,
    client_secret: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
}

/// Where the pushed request is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes par's answer in the document")]
struct Pushed {
    request_uri: String,
    expires_in: i64,
}

/// A device that has no browser (RFC 8628).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read by hand")]
struct DeviceRequest {
    client_id: Option<String>,
    client_secret: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
    scope: Option<String>,
    resource: Option<String>,
}

/// What the device shows, and what it asks with at the token endpoint.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes device::answer's answer in the document")]
struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

/// Who the owner of a token is (`OpenID` Connect Core 5.3).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes userinfo's answer in the document")]
struct UserInfo {
    sub: String,
    preferred_username: Option<String>,
    name: Option<String>,
    locale: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
}

/// A JWK set.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes jwks' answer in the document")]
struct KeySet {
    keys: Vec<Value>,
}

/// Exchange a code, a refresh token or nothing but the app itself for tokens.
#[utoipa::path(post, path = "/oauth/token", tag = "oauth", operation_id = "token", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Tokens", body = TokenAnswer),
        (status = 400, description = "Refused", body = OAuthError),
        (status = 401, description = "The client is not known", body = OAuthError),
        (status = 429, description = "Too many attempts", body = OAuthError),
        (status = 503, description = "Not now", body = OAuthError)))]
#[expect(dead_code, reason = "its handler is token::answer")]
fn token() {}

/// Whether a token is good.
#[utoipa::path(post, path = "/oauth/introspect", tag = "oauth", operation_id = "introspect",
    security(()),
    request_body(content = TokenShown, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What it is good for", body = Introspection),
        (status = 400, description = "Refused", body = OAuthError),
        (status = 401, description = "The client is not known", body = OAuthError),
        (status = 429, description = "Too many attempts", body = OAuthError),
        (status = 503, description = "Not now", body = OAuthError)))]
#[expect(dead_code, reason = "its handler is introspect::answer")]
fn introspect() {}

/// Give a token back.
#[utoipa::path(post, path = "/oauth/revoke", tag = "oauth", operation_id = "revoke", security(()),
    request_body(content = TokenShown, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It is of no use any more, if it ever was"),
        (status = 400, description = "Refused", body = OAuthError),
        (status = 401, description = "The client is not known", body = OAuthError),
        (status = 429, description = "Too many attempts", body = OAuthError),
        (status = 503, description = "Not now", body = OAuthError)))]
#[expect(dead_code, reason = "its handler is revoke::answer")]
fn revoke() {}

/// Push a request before sending a person here.
#[utoipa::path(post, path = "/oauth/par", tag = "oauth", operation_id = "par", security(()),
    request_body(content = PushedRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 201, description = "Where it is", body = Pushed),
        (status = 400, description = "Refused", body = OAuthError),
        (status = 401, description = "The client is not known", body = OAuthError),
        (status = 413, description = "Too long", body = OAuthError),
        (status = 429, description = "Too many attempts", body = OAuthError),
        (status = 503, description = "Not now", body = OAuthError)))]
#[expect(dead_code, reason = "its handler is par::answer")]
fn par() {}

/// Begin a sign-in on a device that has no browser.
#[utoipa::path(post, path = "/oauth/device", tag = "oauth", operation_id = "device", security(()),
    request_body(content = DeviceRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What to show", body = DeviceAnswer),
        (status = 400, description = "Refused", body = OAuthError),
        (status = 401, description = "The client is not known", body = OAuthError),
        (status = 413, description = "Too long", body = OAuthError),
        (status = 429, description = "Too many attempts", body = OAuthError),
        (status = 503, description = "Not now", body = OAuthError)))]
#[expect(dead_code, reason = "its handler is device::answer")]
fn device() {}

/// Who the owner of an access token is.
#[utoipa::path(get, path = "/oauth/userinfo", tag = "oauth", operation_id = "userinfo",
    responses(
        (status = 200, description = "Who it is", body = UserInfo),
        (status = 401, description = "No token, or one that is not valid any more"),
        (status = 403, description = "Its scope has no openid")))]
#[expect(dead_code, reason = "its handler is userinfo::answer")]
fn userinfo() {}

/// The same.
#[utoipa::path(post, path = "/oauth/userinfo", tag = "oauth", operation_id = "userinfoByPost",
    responses(
        (status = 200, description = "Who it is", body = UserInfo),
        (status = 401, description = "No token, or one that is not valid any more"),
        (status = 403, description = "Its scope has no openid")))]
#[expect(dead_code, reason = "its handler is userinfo::answer")]
fn userinfo_by_post() {}

/// What the issuer tells about itself (OpenID Connect Discovery, RFC 8414).
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "oauth",
    operation_id = "discovery", security(()),
    responses((status = 200, description = "The document", body = Object)))]
#[expect(dead_code, reason = "its handler is discovery::document")]
fn discovery() {}

/// The public keys.
#[utoipa::path(get, path = "/oauth/jwks", tag = "oauth", operation_id = "jwks", security(()),
    responses((status = 200, description = "The keys", body = KeySet)))]
#[expect(dead_code, reason = "its handler is discovery::jwks")]
fn jwks() {}

//! What `OpenAPI` can say of registration, whose bodies and errors are those of RFC 7591.

use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

/// The operations of registration, below the issuer.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(create, show, replace, remove))]
struct Document;

/// An error in the words of RFC 7591, section 3.2.2.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes Failure in the document")]
struct RegistrationError {
    /// The word of the specification.
    error: String,
    /// For the app's developer.
    error_description: String,
}

/// What an app says about itself; what is not known here is ignored.
#[derive(ToSchema)]
#[schema(example = json!({
    "client_name": "Notes",
    "redirect_uris": ["https://app.example/callback"],
    "scope": "openid profile chat",
}))]
#[expect(dead_code, reason = "describes Metadata in the document")]
struct AppSaid {
    client_id: Option<String>,
    client_secret: Option<String>,
    redirect_uris: Option<Vec<String>>,
    post_logout_redirect_uris: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    client_name: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    scope: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
    application_type: Option<String>,
    subject_type: Option<String>,
    id_token_signed_response_alg: Option<String>,
    backchannel_logout_uri: Option<String>,
    require_pushed_authorization_requests: Option<bool>,
    dpop_bound_access_tokens: Option<bool>,
}

/// What is kept of an app, and what its developer needs to change it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer in the document")]
struct AppKept {
    client_id: String,
    client_id_issued_at: i64,
    /// Told once.
    client_secret: Option<String>,
    client_secret_expires_at: Option<i64>,
    registration_client_uri: String,
    registration_access_token: String,
    redirect_uris: Vec<String>,
    grant_types: Vec<String>,
    scope: String,
}

/// Register an app.
#[utoipa::path(post, path = "/oauth/register", tag = "oauth", operation_id = "registerApp",
    security(()), request_body = AppSaid,
    responses(
        (status = 201, description = "It is registered", body = AppKept),
        (status = 400, description = "Refused", body = RegistrationError),
        (status = 401, description = "A token of the operator is needed", body = RegistrationError),
        (status = 404, description = "Apps cannot be registered here", body = RegistrationError),
        (status = 413, description = "Too long", body = RegistrationError),
        (status = 429, description = "Too many", body = RegistrationError),
        (status = 503, description = "Not now", body = RegistrationError)))]
#[expect(dead_code, reason = "its handler is register::create")]
fn create() {}

/// Read an app with its own token.
#[utoipa::path(get, path = "/oauth/register/{id}", tag = "oauth", operation_id = "readApp",
    security(()), params(("id" = String, Path, description = "Its `client_id`")),
    responses(
        (status = 200, description = "What is kept of it", body = AppKept),
        (status = 401, description = "This token is not its own", body = RegistrationError),
        (status = 429, description = "Too many", body = RegistrationError),
        (status = 503, description = "Not now", body = RegistrationError)))]
#[expect(dead_code, reason = "its handler is register::show")]
fn show() {}

/// Replace what an app says about itself.
#[utoipa::path(put, path = "/oauth/register/{id}", tag = "oauth", operation_id = "replaceApp",
    security(()), params(("id" = String, Path, description = "Its `client_id`")),
    request_body = AppSaid,
    responses(
        (status = 200, description = "What is kept of it", body = AppKept),
        (status = 400, description = "Refused", body = RegistrationError),
        (status = 401, description = "This token is not its own", body = RegistrationError),
        (status = 413, description = "Too long", body = RegistrationError),
        (status = 429, description = "Too many", body = RegistrationError),
        (status = 503, description = "Not now", body = RegistrationError)))]
#[expect(dead_code, reason = "its handler is register::replace")]
fn replace() {}

/// Remove an app and everything that people gave it.
#[utoipa::path(delete, path = "/oauth/register/{id}", tag = "oauth", operation_id = "removeApp",
    security(()), params(("id" = String, Path, description = "Its `client_id`")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "This token is not its own", body = RegistrationError),
        (status = 429, description = "Too many", body = RegistrationError),
        (status = 503, description = "Not now", body = RegistrationError)))]
#[expect(dead_code, reason = "its handler is register::remove")]
fn remove() {}

//! What the provider tells about itself (OpenID Connect Discovery, RFC 8414) and its keys.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header;
use kit::jose::ALGORITHMS;
use serde_json::{Value, json};

use super::keys::Alg;
use super::{Provider, device, scope};
use crate::Identity;
use crate::apps::Registration;

/// How long others may keep the first document.
const CACHE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=300");
/// How long they may keep the keys: a compromised one must not live on for long.
const CACHE_KEYS: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=60");

/// The discovery document.
pub(crate) async fn document(State(identity): State<Identity>) -> impl IntoResponse {
    ([CACHE], Json(metadata(&identity.oauth)))
}

/// The public keys.
pub(crate) async fn jwks(State(identity): State<Identity>) -> impl IntoResponse {
    ([CACHE_KEYS], Json(identity.oauth.keys.published().await))
}

fn metadata(provider: &Provider) -> Value {
    let url = |path| provider.url(path);
    let methods = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let confidential = &methods[..3];
    let mut document = json!({
        "issuer": provider.issuer,
        "authorization_endpoint": url("/oauth/authorize"),
        "token_endpoint": url("/oauth/token"),
        "userinfo_endpoint": url("/oauth/userinfo"),
        "jwks_uri": url("/oauth/jwks"),
        "revocation_endpoint": url("/oauth/revoke"),
        "introspection_endpoint": url("/oauth/introspect"),
        "pushed_authorization_request_endpoint": url("/oauth/par"),
        "require_pushed_authorization_requests": false,
        "device_authorization_endpoint": url("/oauth/device"),
        "end_session_endpoint": url("/oauth/logout"),
        "scopes_supported": scope::ALL,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported":
            ["authorization_code", "refresh_token", "client_credentials", device::GRANT_TYPE],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": Alg::ALL.map(Alg::name),
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "acr", "amr",
            "sid", "at_hash", "preferred_username", "name", "locale", "email", "email_verified"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": ["es", "en"],
        "acr_values_supported": [
            "urn:tertulia:acr:pwd",
            "urn:tertulia:acr:2sv",
            "urn:tertulia:acr:mfa",
            "phr",
        ],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    });
    if provider.apps.registration != Registration::Off {
        document["registration_endpoint"] = json!(url("/oauth/register"));
    }
    document
}

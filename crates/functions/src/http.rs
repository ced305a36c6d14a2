//! The doors of all functions, and the document that describes them.

use std::sync::Arc;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kit::mail::MailError;
use kit::problem::{ApiError, Kind};
use kit::reference::{self, ProblemBody, ProblemField};
use kit::signature;
use serde::de::DeserializeOwned;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::Config;
use crate::notify::{self, Post};
use crate::speak::{self, Speaker};

/// The largest request body: the longest text with every byte escaped, and change.
const BODY_BYTES_MAX: usize = 128 * 1024;

/// What every door may use. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Functions {
    secret: Arc<str>,
    pub(crate) speaker: Arc<Speaker>,
    pub(crate) post: Arc<Post>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tertulia functions",
        description = "Delegated work without state. A request is signed: the header \
            `Tertulia-Signature` is `t=<milliseconds>,v1=<hex>`, an HMAC-SHA-256 with the shared \
            secret over `<milliseconds>\\n<name of the function>\\n<body>`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemBody, ProblemField)),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_with(Default::default);
        let header = ApiKeyValue::new("Tertulia-Signature");
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(header));
        components.add_security_scheme("signature", scheme);
    }
}

fn doors() -> OpenApiRouter<Functions> {
    OpenApiRouter::with_openapi(Document::openapi()).merge(speak::router()).merge(notify::router())
}

/// The `OpenAPI` document of the functions, made from the code.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) = doors().split_for_parts();
    reference::add_problem_answers(&mut document);
    document
}

/// Every function, for mounting anywhere; an error when mail can never leave as configured.
pub fn router(config: &Config) -> Result<Router, MailError> {
    let post = Arc::new(Post::open(config)?);
    let speaker = Arc::new(Speaker::new(&config.settings.speak));
    let functions = Functions { secret: config.secret.as_str().into(), speaker, post };
    let (router, _) = doors().split_for_parts();
    let document = Arc::new(openapi());
    let router = router
        .route("/openapi.json", get(move || async move { axum::Json((*document).clone()) }))
        .fallback(no_such_function)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(cors))
        .with_state(functions);
    Ok(router)
}

/// A signed body: who has no secret gets no further.
pub(crate) fn signed<T: DeserializeOwned>(
    functions: &Functions,
    function: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<T, ApiError> {
    let value = headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
    if !value.is_some_and(|value| signature::verify(&functions.secret, function, body, value)) {
        let detail = "the request is not signed with our secret, or too long ago";
        return Err(ApiError::new(Kind::Unauthenticated, detail));
    }
    serde_json::from_slice(body)
        .map_err(|error| ApiError::new(Kind::Malformed, format!("the body: {error}")))
}

async fn no_such_function() -> ApiError {
    ApiError::new(Kind::NotFound, "there is no such function")
}

async fn no_such_method() -> Response {
    let error = ApiError::new(Kind::Malformed, "this function has other methods");
    (StatusCode::METHOD_NOT_ALLOWED, error).into_response()
}

/// Any origin may call with a signature and read the answer, also a refusal; there are no cookies.
async fn cors(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, tertulia-signature"),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "retry-after, x-duration-ms, x-request-id, x-voice",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in allowed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

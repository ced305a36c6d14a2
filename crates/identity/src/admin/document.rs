//! The routes of the admin API, and the document that describes all of identity's HTTP.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use kit::problem::{ApiError, Kind};
use kit::reference::{self, ProblemBody, ProblemField};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::server::Server;
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use super::{clients, entries, grants, keys, providers, sessions, users};
use crate::{Identity, oauth};

/// The largest request body.
const BODY_BYTES_MAX: usize = 64 * 1024;
const BASE: &str = "/admin/api/v1";
/// What the page of the reference says first.
const INTRODUCTION: &str = "For programs: <code>openapi.json</code> (OpenAPI 3.1) beside this \
page. The operations below <code>/admin/api/v1</code> take <code>Authorization: Bearer …</code> \
with a token for the resource <code>…/admin/api</code>, made in a sign-in with two factors of the \
last 15 minutes; errors are <code>application/problem+json</code>. Those below \
<code>/oauth</code> speak the language of their specifications.";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tertulia identity",
        description = "Accounts, sessions, apps and keys, for who administers; and what apps ask.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemBody, ProblemField)),
    security(("bearer" = [])),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_with(Default::default);
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("bearer", bearer);
    }
}

fn api() -> OpenApiRouter<Identity> {
    let api = OpenApiRouter::new()
        .merge(users::router())
        .merge(sessions::router())
        .merge(clients::router())
        .merge(grants::router())
        .merge(providers::router())
        .merge(keys::router())
        .merge(entries::router());
    OpenApiRouter::with_openapi(Document::openapi()).nest(BASE, api)
}

/// The `OpenAPI` 3.1 document of an issuer, made from the code.
fn openapi(issuer: &str) -> utoipa::openapi::OpenApi {
    let (_, mut document) = api().split_for_parts();
    reference::add_problem_answers(&mut document);
    document.merge(oauth::document());
    document.servers = Some(vec![Server::new(issuer)]);
    document
}

/// The admin API, the document and its page, below the issuer.
pub(crate) fn router(identity: &Identity) -> Router<Identity> {
    let (api, _) = api().split_for_parts();
    let document = Arc::new(openapi(identity.config.issuer_text()));
    let page = reference::page(&document, "Tertulia identity: HTTP API", INTRODUCTION);
    let api = api
        .route("/admin/api/{*rest}", any(no_such_door))
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn(kit::http::to_the_end))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(never_cached));
    Router::new()
        .merge(api)
        .route("/openapi.json", get(move || async move { Json((*document).clone()) }))
        .route("/docs", get(move || async move { reference::answer(&page) }))
        .route("/problems/{kind}", get(reference::problem))
}

async fn no_such_door() -> ApiError {
    ApiError::new(Kind::NotFound, "there is nothing at this path")
}

async fn no_such_method() -> Response {
    let error = ApiError::new(Kind::Malformed, "this path has other methods");
    (StatusCode::METHOD_NOT_ALLOWED, error).into_response()
}

async fn never_cached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

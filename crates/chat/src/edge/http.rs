//! Every HTTP door of chat, and the document that describes them.

use ::http::{HeaderName, HeaderValue, Method, header};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use kit::problem::{ApiError, Kind};
use kit::reference::{self, ProblemBody, ProblemField};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Chat, delivery, drafts, files, inbox, messages, notices, people, presence, previews, reactions,
    rooms, saved, sign_in, speech, threads,
};

/// The largest request body: a text of the longest message with every byte escaped, and change.
const BODY_BYTES_MAX: usize = 128 * 1024;
/// What the page of the reference says first.
const INTRODUCTION: &str = "For programs: <a href=\"/openapi.json\">openapi.json</a> \
(OpenAPI 3.1). Send <code>Authorization: Bearer …</code>, or <code>DPoP …</code> with a \
proof, with a token of the scope <code>chat</code>. Errors are \
<code>application/problem+json</code>. Real time is Socket.IO at <code>/socket.io</code>.";

/// What the document says of tokens that are bound to a key; it has no scheme for them.
const PROOF: &str = "A token that is bound to a key (RFC 9449) comes as `Authorization: DPoP …` \
instead, and the header `DPoP` has a proof for this method and address, once.";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tertulia chat",
        description = "Rooms and messages. Real time is Socket.IO at /socket.io.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemBody, ProblemField, protocol::RoomEvent)),
    security(("bearer" = []), ("session" = [])),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_with(Default::default);
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some(PROOF.to_owned());
        let bearer = SecurityScheme::Http(bearer);
        let cookie = ApiKeyValue::new("__Host-tertulia");
        components.add_security_scheme("bearer", bearer);
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

fn api() -> OpenApiRouter<Chat> {
    let api = OpenApiRouter::new()
        .merge(people::router())
        .merge(rooms::router())
        .merge(messages::router())
        .merge(reactions::router())
        .merge(threads::router())
        .merge(drafts::router())
        .merge(inbox::router())
        .merge(saved::router())
        .merge(presence::router())
        .merge(notices::router())
        .merge(speech::router())
        .merge(files::router())
        .merge(previews::router())
        .merge(delivery::router());
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api", api)
}

/// The OpenAPI 3.1 document of the HTTP API, made from the code.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) = api().split_for_parts();
    reference::add_problem_answers(&mut document);
    document
}

/// Every door of chat, for mounting at the root.
pub fn router(chat: Chat) -> Router {
    let (api, _) = api().split_for_parts();
    let document = std::sync::Arc::new(openapi());
    let page = reference::page(&document, "Tertulia: HTTP API", INTRODUCTION);
    let sockets = chat.sockets().clone();
    let socket = any(move |request: Request| {
        let sockets = sockets.clone();
        async move { sockets.handle(request).await }
    });
    let api = api
        .route("/api", any(no_such_door))
        .route("/api/{*rest}", any(no_such_door))
        .method_not_allowed_fallback(no_such_method)
        .layer(axum::middleware::from_fn(kit::http::to_the_end))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::map_response_with_state(chat.clone(), never_cached))
        .layer(axum::middleware::map_response(challenged))
        .layer(axum::middleware::from_fn_with_state(chat.clone(), cors));
    let sign_in = sign_in::router()
        .layer(axum::middleware::from_fn(kit::http::to_the_end))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    api.merge(sign_in)
        .merge(speech::media_router())
        .merge(files::media_router())
        .merge(delivery::unsubscribe_router())
        .route("/openapi.json", get(move || async move { Json((*document).clone()) }))
        .route("/docs", get(move || async move { reference::answer(&page) }))
        .route("/problems/{kind}", get(reference::problem))
        .route("/auth/{*rest}", any(no_such_door))
        .route("/socket.io", socket.clone())
        .route("/socket.io/", socket)
        .with_state(chat)
}

async fn no_such_door() -> ApiError {
    ApiError::new(Kind::NotFound, "there is nothing at this path")
}

async fn no_such_method() -> Response {
    let error = ApiError::new(Kind::Malformed, "this path has other methods");
    (::http::StatusCode::METHOD_NOT_ALLOWED, error).into_response()
}

async fn never_cached(State(_): State<Chat>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Who is not let in is told how to come (RFC 6750 section 3, RFC 9449 section 7.1).
async fn challenged(mut response: Response) -> Response {
    if response.status() == ::http::StatusCode::UNAUTHORIZED {
        let with_proof = format!("DPoP algs=\"{}\"", kit::jose::ALGORITHMS.join(" "));
        for way in ["Bearer", &with_proof] {
            if let Ok(way) = HeaderValue::from_str(way) {
                response.headers_mut().append(header::WWW_AUTHENTICATE, way);
            }
        }
    }
    response
}

/// Any origin may call with a token; nothing is ever allowed with a cookie.
async fn cors(
    State(chat): State<Chat>,
    request: Request,
    next: axum::middleware::Next,
) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let foreign = request.headers().contains_key(header::ORIGIN);
    let mut response = if preflight {
        ::http::StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    if preflight {
        files::tell_tus(&chat, response.headers_mut());
    }
    if foreign {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "authorization, content-type, dpop, tus-resumable, upload-length, upload-metadata, \
                 upload-offset, x-http-method-override",
            ),
            (
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                "location, retry-after, tus-resumable, upload-expires, upload-length, \
                 upload-offset, www-authenticate, x-instance, x-request-id",
            ),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
            (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        ];
        for (name, value) in allowed {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

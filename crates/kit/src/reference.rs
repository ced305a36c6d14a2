//! The reference of an HTTP API: what every `OpenAPI` document of ours says about problems, and
//! the pages `/docs` and `/problems/<kind>` for people; plain HTML without scripts.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};

use crate::problem::{ApiError, Kind};

const STYLE: &str = "body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
padding:0 1rem;color:light-dark(#1d2231,#eceae6);background:light-dark(#faf8f5,#14181c);\
color-scheme:light dark}h1,h2{letter-spacing:-.01em}article{border-top:1px solid #8885;\
padding:.8rem 0}code{font:14px/1.5 ui-monospace,monospace}b{color:light-dark(#0c5f66,#7fd4d2);\
display:inline-block;min-width:4.5rem}p{margin:.3rem 0}a{color:inherit}";

/// A problem (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "describes ApiError::body in the document")]
pub struct ProblemBody {
    /// Where the kind is explained: `/problems/<kind>`.
    r#type: String,
    /// The kind, for programs.
    kind: String,
    /// The same words for every problem of the kind.
    title: String,
    /// The HTTP status.
    status: u16,
    /// This case, in words.
    detail: String,
    /// Id of the request, to be found in the log.
    instance: Option<String>,
    /// The fields at fault.
    errors: Option<Vec<ProblemField>>,
    /// Seconds until trying again makes sense.
    retry_after_s: Option<u64>,
}

/// A field at fault.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes FieldError in the document")]
pub struct ProblemField {
    /// Which one.
    field: String,
    /// What is wrong with it.
    kind: String,
}

/// Adds to every operation the answer that it gives when it refuses, and the words that OpenAPI
/// wants beside every answer.
pub fn add_problem_answers(document: &mut utoipa::openapi::OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch];
        for operation in operations.into_iter().chain([&mut item.delete]).flatten() {
            let schema = Ref::from_schema_name("Problem");
            let answer = ResponseBuilder::new()
                .description("A problem (RFC 9457)")
                .content("application/problem+json", Content::new(Some(schema)))
                .build();
            for answer in operation.responses.responses.values_mut() {
                if let RefOr::T(answer) = answer {
                    "As asked".clone_into(&mut answer.description);
                }
            }
            operation.responses.responses.insert("default".to_owned(), answer.into());
        }
    }
}

/// The reference as one page; `introduction` is HTML of ours, below the heading.
pub fn page(document: &utoipa::openapi::OpenApi, title: &str, introduction: &str) -> Arc<str> {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut html = head(title);
    let _ = write!(html, "<h1>{}</h1><p>{introduction}</p>", escape(title));
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            operation_article(&mut html, path, method, operation);
        }
    }
    html.push_str("</body></html>");
    html.into()
}

/// The page as an answer, with the one style it may use.
pub fn answer(page: &str) -> Response {
    use base64::Engine as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'");
    let mut response = Html(page.to_owned()).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What a kind of problem means.
#[expect(clippy::unused_async, reason = "the router wants a future")]
pub async fn problem(Path(name): Path<String>) -> Response {
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == name) else {
        return ApiError::new(Kind::NotFound, "there is no such kind of problem").into_response();
    };
    let mut html = head(kind.title());
    let _ = write!(
        html,
        "<h1>{}</h1><p><code>{}</code>, HTTP status {}.</p><p>{}</p></body></html>",
        kind.title(),
        kind.name(),
        kind.status().as_u16(),
        meaning(kind)
    );
    answer(&html)
}

fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Unauthenticated => "There is no session or token, or it has ended. Sign in again.",
        Kind::Forbidden => "You are known, but your role or your token's scope does not allow it.",
        Kind::NotFound => "There is nothing here, or nothing that you may see.",
        Kind::Conflict => "The present state is in the way; detail says how.",
        Kind::Invalid => "Understood, but a field is not acceptable; errors names it.",
        Kind::Malformed => "Not understood: broken JSON, a wrong type or an unknown field.",
        Kind::TooLarge => "Over a size limit; detail says which.",
        Kind::OverQuota => "It would be more than your share of the space.",
        Kind::RateLimited => "Too many requests; wait as Retry-After says, then try again.",
        Kind::Unavailable => "A part is missing for the moment; try again with the same ids.",
        Kind::Internal => "Our fault. The request id in instance leads to the log.",
    }
}

fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body>"
    )
}

fn operation_article(html: &mut String, path: &str, method: &str, operation: &Value) {
    let text = |value: &Value| escape(value.as_str().unwrap_or_default());
    let _ = write!(
        html,
        "<article id=\"{}\"><p><b>{}</b> <code>{}</code></p><p>{}</p>",
        text(&operation["operationId"]),
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"])
    );
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let _ = write!(
            html,
            "<p><code>{}</code> ({}) {}</p>",
            text(&parameter["name"]),
            text(&parameter["in"]),
            text(&parameter["description"])
        );
    }
    if let Some(body) = operation["requestBody"]["content"]["application/json"].get("schema") {
        let _ = write!(html, "<p>Body: <code>{}</code></p>", schema_name(body));
    }
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let body = &answer["content"]["application/json"]["schema"];
        if status != "default" {
            let _ = write!(html, "<p>{status}: <code>{}</code></p>", schema_name(body));
        }
    }
    html.push_str("</article>");
}

fn schema_name(schema: &Value) -> String {
    let reference = schema["$ref"].as_str().unwrap_or("no body");
    escape(reference.rsplit('/').next().unwrap_or(reference))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! The web client, embedded in the program.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use kit::problem::{ApiError, Kind};
use rust_embed::RustEmbed;
use tower_http::compression::CompressionLayer;
use url::Url;

/// What `npm run build` makes; a debug build reads the folder, a release build carries it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Scripts and styles are our own files only; sockets go to our own origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; \
    manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'";
const FOREVER: &str = "public, max-age=31536000, immutable";
const MISSING: &str = "The web client is not built. Run `cargo xtask run`, or `npm ci && npm run \
    build` in the folder web, and build again.";

/// Answers everything that no service answers: a file of the client, or the client itself, which
/// has its own routes. Pictures and clips may also come from `media`.
pub(crate) fn router(media: Option<&Url>) -> Result<Router> {
    let policy = HeaderValue::from_str(&policy(media)).context("chat.files.public_base_url")?;
    Ok(Router::new().fallback(answer).with_state(policy).layer(CompressionLayer::new()))
}

fn policy(media: Option<&Url>) -> String {
    let Some(media) = media else { return POLICY.to_owned() };
    let origin = media.origin().ascii_serialization();
    let also = |policy: String, kind: &str| policy.replace(kind, &format!("{kind} {origin}"));
    also(also(POLICY.to_owned(), "img-src"), "media-src")
}

async fn answer(State(policy): State<HeaderValue>, method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return ApiError::new(Kind::NotFound, "there is nothing at this path").into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Dist::get(path).filter(|_| path != INDEX) {
        return asset(path, &file);
    }
    if path.starts_with("assets/") {
        return ApiError::new(Kind::NotFound, "there is no such file").into_response();
    }
    match Dist::get(INDEX) {
        Some(file) => index(&file, policy),
        None => (StatusCode::SERVICE_UNAVAILABLE, MISSING).into_response(),
    }
}

fn asset(path: &str, file: &rust_embed::EmbeddedFile) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = file.data.clone().into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.essence_str()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    // Files under assets/ have their hash in their name.
    let cache = if path.starts_with("assets/") { FOREVER } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn index(file: &rust_embed::EmbeddedFile, policy: HeaderValue) -> Response {
    let mut response = file.data.clone().into_owned().into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_clips_may_come_from_the_cdn_and_nothing_else_may() {
        let media = Url::parse("https://cdn.example.org/x").expect("a URL");
        let directives = |policy: String| policy.split(';').map(str::to_owned).collect::<Vec<_>>();
        let (with, without) = (directives(policy(Some(&media))), directives(policy(None)));
        let changed: Vec<_> = with.iter().filter(|one| !without.contains(one)).collect();
        let changed: Vec<_> = changed.into_iter().map(|one| one.trim()).collect();
        let pictures = "img-src https://cdn.example.org 'self' data: blob:";
        assert_eq!(changed, [pictures, "media-src https://cdn.example.org 'self'"]);
    }
}

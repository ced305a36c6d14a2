//! The style sheet, the fonts, the icon and the one script; part of the program.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;

use crate::Identity;

const CSS: &[u8] = include_bytes!("../../assets/identity.css");
const SCRIPT: &[u8] = include_bytes!("../../assets/passkeys.js");
const FONT: &[u8] = include_bytes!("../../assets/inter-latin.woff2");
const FONT_EXT: &[u8] = include_bytes!("../../assets/inter-latin-ext.woff2");
const ICON: &[u8] = include_bytes!("../../assets/icon.svg");

/// The script of passkeys, below the issuer.
pub(super) const SCRIPT_PATH: &str = "/assets/passkeys.js";

pub(super) fn router() -> Router<Identity> {
    let day = "public, max-age=86400";
    let hour = "public, max-age=3600";
    Router::new()
        .route(
            "/assets/identity.css",
            get(async move || asset("text/css; charset=utf-8", hour, CSS)),
        )
        .route(
            SCRIPT_PATH,
            get(async move || asset("text/javascript; charset=utf-8", hour, SCRIPT)),
        )
        .route("/assets/inter-latin.woff2", get(async move || asset("font/woff2", day, FONT)))
        .route(
            "/assets/inter-latin-ext.woff2",
            get(async move || asset("font/woff2", day, FONT_EXT)),
        )
        .route("/assets/icon.svg", get(async move || asset("image/svg+xml", day, ICON)))
}

fn asset(content_type: &'static str, cache: &'static str, bytes: &'static [u8]) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, cache)], bytes).into_response()
}

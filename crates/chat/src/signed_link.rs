//! Signatures of links: whoever has such a link needs nothing else, until it ends.

use ::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use std::fmt::Write as _;

use kit::clock::now_ms;
use subtle::ConstantTimeEq as _;

use crate::Chat;

/// What `said` is signed with, for links of that `context` alone.
pub(crate) fn signature(chat: &Chat, context: &str, said: &str) -> String {
    let mac = chat.keys.mac(context, said.as_bytes());
    mac.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether the signature that was `shown` is ours, and the link has not ended.
pub(crate) fn is_good(
    chat: &Chat,
    (context, said): (&str, &str),
    expires: i64,
    shown: &str,
) -> bool {
    let ours = signature(chat, context, said);
    let same: bool = ours.as_bytes().ct_eq(shown.as_bytes()).into();
    same && expires > now_ms()
}

/// An answer to a link: whoever has it needs nothing else, from any origin.
pub(crate) fn for_any_origin(mut response: Response) -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "accept-ranges, content-length, content-range"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in allowed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

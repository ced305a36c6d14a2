//! Against forged forms: where a request comes from, and a token only our page knows.

use axum::extract::{FromRequest, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use kit::clock::random_token;
use kit::cookie::{self, Life};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::PageError;
use crate::Identity;

/// The cookie that binds forms and interactions to one browser.
pub(crate) const COOKIE: &str = "idix";
/// A form is small.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// What a form was filled with; refuses what is too large or not a form.
pub(crate) struct FormFields<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Identity> for FormFields<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, identity: &Identity) -> Result<Self, PageError> {
        let limited = request
            .map(|body| axum::body::Body::new(http_body_util::Limited::new(body, FORM_BYTES_MAX)));
        match axum::Form::<T>::from_request(limited, identity).await {
            Ok(axum::Form(fields)) => Ok(Self(fields)),
            Err(_) => Err(PageError::Malformed),
        }
    }
}

/// The secret of this browser, and the cookie to set when it has none yet.
pub(crate) fn browser(identity: &Identity, headers: &HeaderMap) -> (String, bool) {
    match cookie::read(headers, &identity.config.issuer, COOKIE) {
        Some(secret) if secret.len() == 43 => (secret.to_owned(), false),
        _ => (random_token(), true),
    }
}

/// `Set-Cookie` for the secret of a browser.
pub(crate) fn browser_cookie(identity: &Identity, secret: &str) -> http::HeaderValue {
    cookie::set(&identity.config.issuer, COOKIE, secret, Life::Session)
}

/// What the database keeps of a browser's secret.
pub(crate) fn browser_hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// The token that a form of this browser carries.
pub(super) fn token(identity: &Identity, secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(identity.keys.mac("form", secret.as_bytes()))
}

/// Refuses a form that another site sent, or that was not made for this browser.
///
/// A browser says where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; a
/// program that says neither still needs the token and the cookie it belongs to.
pub(crate) fn check_form(
    identity: &Identity,
    headers: &HeaderMap,
    form_token: &str,
) -> Result<(), PageError> {
    if !is_own(identity, headers) {
        return Err(PageError::Forged);
    }
    let secret = cookie::read(headers, &identity.config.issuer, COOKIE).ok_or(PageError::Forged)?;
    let expected = token(identity, secret);
    if bool::from(expected.as_bytes().ct_eq(form_token.as_bytes())) {
        Ok(())
    } else {
        Err(PageError::Forged)
    }
}

fn is_own(identity: &Identity, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    !headers.contains_key(header::ORIGIN) || cookie::same_origin(headers, &identity.config.issuer)
}

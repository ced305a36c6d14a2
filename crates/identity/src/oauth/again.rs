//! Forms that pages of other sites post here: they bring no cookie of ours (`SameSite=Lax`), so
//! that nobody would seem to be signed in.

use axum::response::Response;
use http::HeaderMap;
use kit::db::DbResult;
use url::form_urlencoded::{Serializer, parse};

use super::redirect;
use crate::Identity;
use crate::login;

/// Longest form that is asked for again in a URL, bytes: what proxies let through.
const FORM_BYTES_MAX: usize = 6 * 1024;

/// Where the browser comes again with the same in a query, and with its cookies; nothing if
/// somebody is signed in already, or the form is too long for that.
pub(super) async fn again(
    identity: &Identity,
    headers: &HeaderMap,
    path: &str,
    form: &[u8],
) -> DbResult<Option<Response>> {
    if form.len() > FORM_BYTES_MAX || login::current_session(identity, headers).await?.is_some() {
        return Ok(None);
    }
    let query = Serializer::new(String::new()).extend_pairs(parse(form)).finish();
    let url = format!("{}?{query}", identity.oauth.url(path));
    Ok(redirect::see_other(&url))
}

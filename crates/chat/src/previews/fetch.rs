//! Asking a page: few bytes, little time, few redirects, each of them behind the guard.

use ::http::header;
use kit::egress::{EgressError, Guard, unreachable};
use protocol::LinkPreview;
use reqwest::Response;
use url::Url;

use super::page;

/// The head of a page is at its beginning; what follows is not read.
const BYTES_MAX: usize = 512 * 1024;
const REDIRECTS_MAX: usize = 3;
/// Pages that show something else to browsers than to programs are told what this is.
const AGENT: &str = concat!("Tertulia/", env!("CARGO_PKG_VERSION"), " (link preview)");

/// What the page at `link` says of itself; nothing if it is no page of HTML or has no title.
pub(super) async fn preview(guard: &Guard, link: &str) -> Result<Option<LinkPreview>, EgressError> {
    let Some((at, response)) = answer(guard, link).await? else { return Ok(None) };
    let Some(charset) = charset(&response) else { return Ok(None) };
    let bytes = beginning(response).await?;
    let link = link.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let encoding = encoding_rs::Encoding::for_label(charset.as_bytes());
        let (text, ..) = encoding.unwrap_or(encoding_rs::UTF_8).decode(&bytes);
        page::read(&text, &link, &at)
    });
    read.await.map_err(|error| EgressError::Unreadable(error.to_string()))
}

/// The answer at the end of all redirects, and where that is.
async fn answer(guard: &Guard, link: &str) -> Result<Option<(Url, Response)>, EgressError> {
    let mut at = guard.check(link)?;
    for _ in 0..=REDIRECTS_MAX {
        let request = guard.get(at.as_str())?;
        let request = request.header(header::ACCEPT, "text/html").header(header::USER_AGENT, AGENT);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(Some((at, response)));
        }
        let target = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        match target.and_then(|target| at.join(target).ok()) {
            Some(next) if status.is_redirection() => at = next,
            _ => return Err(EgressError::Status(status.as_u16())),
        }
    }
    Ok(None)
}

/// The name of the page's charset, `utf-8` unless it says another; nothing if it is not HTML.
fn charset(response: &Response) -> Option<String> {
    let kind = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    if !matches!(parts.next()?, "text/html" | "application/xhtml+xml") {
        return None;
    }
    let named = parts.find_map(|part| part.strip_prefix("charset="));
    Some(named.unwrap_or("utf-8").trim_matches('"').to_owned())
}

async fn beginning(mut response: Response) -> Result<Vec<u8>, EgressError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        let room = BYTES_MAX - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() == BYTES_MAX {
            break;
        }
    }
    Ok(bytes)
}

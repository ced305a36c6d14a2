//! What every page has around its content, and how a page leaves.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use kit::problem::{ApiError, Kind, Problem};

use super::tabs::TabWords;
use super::{Lang, Words, assets, form};
use crate::Identity;
use crate::visitor::Visitor;

/// What every page has around its content; the field `shell` of each template.
#[derive(Debug, Clone)]
pub(crate) struct Shell {
    /// The language.
    pub(crate) lang: &'static str,
    /// Its words.
    pub(crate) w: &'static Words,
    /// The issuer's path, in front of every link.
    pub(crate) base: String,
    /// The token for forms of this browser.
    pub(crate) csrf: String,
    /// Link to this page in the other language.
    pub(crate) other_lang: String,
    /// Where the brand leads.
    pub(crate) home: String,
    /// There are other providers to sign in with.
    pub(crate) has_providers: bool,
    /// Links of mails are shown.
    pub(crate) is_development: bool,
    cookie: Option<HeaderValue>,
}

impl Shell {
    /// The shell of a page for `visitor`.
    pub(crate) fn of(identity: &Identity, visitor: &Visitor) -> Self {
        let (secret, is_new) = form::browser(identity, &visitor.headers);
        let other = if visitor.lang == Lang::Es { Lang::En } else { Lang::Es };
        let back = url::form_urlencoded::byte_serialize(visitor.here.as_bytes());
        let back: String = back.collect();
        let base = identity.config.base().to_owned();
        Self {
            lang: visitor.lang.code(),
            w: Words::of(visitor.lang),
            csrf: form::token(identity, &secret),
            other_lang: format!("{base}/language?to={}&back={back}", other.code()),
            home: identity.config.home_url.to_string(),
            has_providers: !identity.upstream.is_empty(),
            is_development: identity.is_development(),
            cookie: is_new.then(|| form::browser_cookie(identity, &secret)),
            base,
        }
    }

    /// The words of this page's language that `of` knows.
    pub(crate) fn lang(&self) -> Lang {
        Lang::of_tag(self.lang).unwrap_or(Lang::En)
    }

    /// What the tabs of the account's pages are called.
    pub(crate) fn tabs(&self) -> &'static TabWords {
        TabWords::of(self.lang())
    }
}

/// A sentence above a form.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// `bad`, `good` or empty.
    pub(crate) tone: &'static str,
    /// The sentence.
    pub(crate) text: String,
}

impl Notice {
    /// Something was refused.
    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self { tone: "bad", text: text.into() }
    }

    /// Something was done.
    pub(crate) fn good(text: impl Into<String>) -> Self {
        Self { tone: "good", text: text.into() }
    }
}

/// Renders a page. `form_action` is a further origin that its form may lead to by redirects.
pub(crate) fn show(
    status: StatusCode,
    page: &impl Template,
    shell: &Shell,
    form_action: Option<&str>,
) -> Response {
    respond(status, (page, shell), &ours_and(form_action), "")
}

/// The same for a page with our one script. The policy names its very address, because other
/// files of the origin may have been uploaded by anybody.
pub(crate) fn show_with_script(
    identity: &Identity,
    status: StatusCode,
    page: (&impl Template, &Shell),
    form_action: Option<&str>,
) -> Response {
    let scripts = format!(
        "; script-src {}; connect-src 'self'; require-trusted-types-for 'script'; \
         trusted-types 'none'",
        identity.link(assets::SCRIPT_PATH)
    );
    respond(status, page, &ours_and(form_action), &scripts)
}

/// A page whose form leads to `form_action` and nowhere else, sent by a script of the page's own
/// that the policy knows by its `hash`.
pub(crate) fn show_sending(
    status: StatusCode,
    page: (&impl Template, &Shell),
    form_action: &str,
    hash: &str,
) -> Response {
    respond(status, page, form_action, &format!("; script-src '{hash}'"))
}

/// Where forms may lead: to us, and perhaps by a redirect to a further origin.
fn ours_and(further: Option<&str>) -> String {
    further.map_or_else(|| "'self'".to_owned(), |origin| format!("'self' {origin}"))
}

fn respond(
    status: StatusCode,
    (page, shell): (&impl Template, &Shell),
    form_action: &str,
    scripts: &str,
) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered: {error}");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, axum::response::Html(html)).into_response();
    let headers = response.headers_mut();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         form-action {form_action}; frame-ancestors 'none'; base-uri 'none'{scripts}"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    if let Ok(language) = HeaderValue::from_str(shell.lang) {
        headers.insert(header::CONTENT_LANGUAGE, language);
    }
    if let Some(cookie) = &shell.cookie {
        headers.append(header::SET_COOKIE, cookie.clone());
    }
    response
}

/// 303 See Other: the answer to a form (RFC 9700 section 4.12).
pub(crate) fn redirect(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    match HeaderValue::from_str(to) {
        Ok(to) => headers.insert(header::LOCATION, to),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Adds a `Set-Cookie`.
pub(crate) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// A page that says one thing and offers one way on.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    shell: &'a Shell,
    tone: &'a str,
    title: &'a str,
    text: &'a str,
    action: Option<(&'a str, String)>,
}

/// Shows [`Message`]; `action` is a label and a path below the issuer, or a whole address.
pub(crate) fn message_page(
    shell: &Shell,
    status: StatusCode,
    (title, text): (&str, &str),
    action: Option<(&str, &str)>,
) -> Response {
    let tone = if status.is_success() { "good" } else { "bad" };
    let action = action.map(|(label, to)| match to.strip_prefix('/') {
        Some(_) => (label, format!("{}{to}", shell.base)),
        None => (label, to.to_owned()),
    });
    show(status, &Message { shell, tone, title, text, action }, shell, None)
}

/// Why a page is not shown. Which page says so depends on the visitor, so handlers that can
/// explain themselves better do not use this.
#[derive(Debug)]
pub(crate) enum PageError {
    /// Sent by another site, or by a form older than its cookie.
    Forged,
    /// Not a form, or too large.
    Malformed,
    /// Too many; in so many seconds again.
    Throttled {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// Not there.
    NotFound,
    /// Anything that is not the visitor's doing.
    Failed(ApiError),
}

impl<E: Problem> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The same refusal for a script, which gets no page.
impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        let retry_after_s = error.retry_after_s();
        let (kind, detail) = match error {
            PageError::Failed(error) => return error,
            PageError::Forged => (Kind::Forbidden, "this was not sent by our own page"),
            PageError::Malformed => (Kind::Malformed, "this is not what the page sends"),
            PageError::NotFound => (Kind::NotFound, "there is nothing here"),
            PageError::Throttled { .. } => (Kind::RateLimited, "too many requests"),
        };
        let mut refusal = Self::new(kind, detail);
        refusal.retry_after_s = retry_after_s;
        refusal
    }
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Failed(error) => error.kind.status(),
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Throttled { retry_after_s } => Some(*retry_after_s),
            Self::Failed(error) => error.retry_after_s,
            _ => None,
        }
    }

    /// The page that says so.
    pub(crate) fn page(&self, shell: &Shell) -> Response {
        let w = shell.w;
        let wait = self.retry_after_s().map(|seconds| w.wait(seconds)).unwrap_or_default();
        let (title, text) = match self {
            Self::Forged => (w.forged_title, w.forged_text.to_owned()),
            Self::Malformed => (w.malformed_title, w.malformed_text.to_owned()),
            Self::NotFound => (w.not_found_title, w.not_found_text.to_owned()),
            Self::Throttled { .. } => (w.throttled_title, wait),
            Self::Failed(error) if error.kind == Kind::RateLimited => (w.throttled_title, wait),
            Self::Failed(error) if error.kind == Kind::Unavailable => {
                (w.busy_title, format!("{} {wait}", w.busy_text))
            }
            Self::Failed(error) if error.kind == Kind::Unauthenticated => {
                (w.session_over_title, w.session_over_text.to_owned())
            }
            Self::Failed(_) => (w.broken_title, w.broken_text.to_owned()),
        };
        let action = Some((w.go_to_sign_in, "/login"));
        let mut response = message_page(shell, self.status(), (title, &text), action);
        if let Some(seconds) = self.retry_after_s() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The error travels to [`super::with_edges`], which knows the visitor's language.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

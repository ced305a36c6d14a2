//! `/login/2fa/mail` and `/login/2fa/sms`: a code that is sent.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use uuid::Uuid;

use super::Arrival;
use super::typed::{self, Said};
use crate::Identity;
use crate::factors::codes::{self, Errand, Sending, Waiting};
use crate::factors::{self, CodeWords, Enrolled, FactorWords, Kind};
use crate::login::{HalfDone, Interaction, half_done};
use crate::pages::{
    FormFields, Notice, PageError, Shell, check_form, message_page, redirect, show,
};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "second_code.html")]
struct CodePage<'a> {
    shell: &'a Shell,
    t: &'static CodeWords,
    f: &'static FactorWords,
    ix: Uuid,
    kind: &'static str,
    waiting: Option<Waiting>,
    targets: Vec<Target>,
    ways: Vec<(&'static str, &'static str)>,
    notice: Option<Notice>,
}

impl CodePage<'_> {
    /// Whether a code can be asked for at all.
    fn more(&self) -> bool {
        self.waiting.as_ref().is_none_or(|waiting| waiting.more)
    }

    /// Seconds until it can.
    fn wait_s(&self) -> i64 {
        self.waiting.as_ref().map_or(0, |waiting| waiting.wait_s)
    }

    /// Whether the last code went there.
    fn is_last(&self, target: &Target) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.factor == Some(target.id))
    }
}

/// A factor that a code can be sent to.
struct Target {
    id: Uuid,
    masked: String,
}

pub(super) async fn form_page(
    identity: &Identity,
    visitor: &Visitor,
    (half, kind): (&HalfDone, Kind),
    (status, notice): Said,
) -> Result<Response, PageError> {
    let shell = Shell::of(identity, visitor);
    let (t, f) = (CodeWords::of(shell.lang()), FactorWords::of(shell.lang()));
    let ix = half.ix().ok_or(PageError::NotFound)?;
    let mut enrolled = factors::of(identity.db.reader(), half.user).await?;
    let ways = factors::ways(identity, &enrolled, (half.needed(&enrolled), kind), f);
    enrolled.retain(|factor| factor.kind == kind);
    let targets = codes::masked(identity, half.user, &enrolled).await?;
    let targets = targets.into_iter().map(|(id, masked)| Target { id, masked }).collect();
    let whose = (ix, half.user);
    let waiting =
        codes::waiting(&identity.keys, identity.db.reader(), whose, (kind, false)).await?;
    let kind = kind.as_str();
    let page = CodePage { shell: &shell, t, f, ix, kind, waiting, targets, ways, notice };
    let form_action = half.interaction.as_ref().and_then(Interaction::form_action);
    Ok(show(status, &page, &shell, form_action.as_deref()))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct SendForm {
    csrf: String,
    factor: String,
}

/// Sends a code to one of the person's factors.
pub(super) async fn resend(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(kind): Path<String>,
    Query(arrival): Query<Arrival>,
    FormFields(form): FormFields<SendForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let kind = typed::shown(&identity, &kind)?;
    let Some(half) = half_done(&identity, &visitor, arrival.ix.as_deref()).await? else {
        return Ok(redirect(&identity.path("/login")));
    };
    let ix = half.ix().ok_or(PageError::NotFound)?;
    let factor = chosen(&identity, &half, (kind, &form.factor)).await?;
    let reader = identity.db.reader();
    let destination = codes::of_factor(&identity, reader, half.user, &factor).await?;
    let destination = destination.ok_or(PageError::NotFound)?;
    let errand = Errand { ix, user: half.user, factor: Some(factor.id), destination };
    let t = CodeWords::of(visitor.lang);
    let (seconds, text) = match codes::send(&identity, &visitor, &errand).await? {
        Sending::Done => {
            let page = format!("/login/2fa/{}?ix={ix}", kind.as_str());
            return Ok(redirect(&identity.path(&page)));
        }
        Sending::Over => return Ok(redirect(&identity.path("/login"))),
        Sending::Enough => (None, t.no_more.to_owned()),
        Sending::Wait { seconds } => {
            (Some(seconds), t.too_soon.replace("{}", &seconds.to_string()))
        }
    };
    let said = (StatusCode::TOO_MANY_REQUESTS, Some(Notice::bad(text)));
    let mut response = form_page(&identity, &visitor, (&half, kind), said).await?;
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// The factor of this kind that the form names; nobody else's, and nothing else.
async fn chosen(
    identity: &Identity,
    half: &HalfDone,
    (kind, id): (Kind, &str),
) -> Result<Enrolled, PageError> {
    let id = Uuid::parse_str(id).map_err(|_| PageError::Malformed)?;
    let factor = factors::find(identity.db.reader(), half.user, id).await?;
    factor.filter(|factor| factor.kind == kind).ok_or(PageError::NotFound)
}

/// There were too many wrong codes, and the sign-in begins again.
pub(super) fn over(identity: &Identity, visitor: &Visitor) -> Response {
    let shell = Shell::of(identity, visitor);
    let t = CodeWords::of(shell.lang());
    let action = Some((shell.w.go_to_sign_in, "/login"));
    message_page(&shell, StatusCode::TOO_MANY_REQUESTS, (t.over_title, t.over_text), action)
}

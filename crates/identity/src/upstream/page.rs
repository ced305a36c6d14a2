//! `/account/providers`: the accounts elsewhere by which a person signs in here.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;
use uuid::Uuid;

use super::buttons::start_path;
use super::notice::{Change, Told, changed};
use super::{Linked, UpstreamWords, store};
use crate::Identity;
use crate::accounts::AccountError;
use crate::factors::{self, Kind};
use crate::login::{self, Session};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::passwords;
use crate::visitor::Visitor;

/// The page, below the issuer.
pub(super) const PATH: &str = "/account/providers";
const SIGN_IN: &str = "/login?to=account/providers";

#[derive(Template)]
#[template(path = "account/providers.html")]
struct ProvidersPage<'a> {
    shell: &'a Shell,
    t: &'static UpstreamWords,
    linked: Vec<Line>,
    /// Labels and addresses of those that can be linked.
    others: Vec<(String, String)>,
    notice: Option<Notice>,
}

/// A link as the page shows it.
struct Line {
    id: Uuid,
    label: String,
    name: String,
    since: String,
    used: Option<String>,
    is_gone: bool,
}

impl Line {
    fn of(identity: &Identity, linked: Linked) -> Self {
        let label = label_of(identity, &linked);
        Self {
            id: linked.id,
            is_gone: label.is_none(),
            label: label.unwrap_or(linked.provider),
            name: linked.name,
            since: day(linked.since),
            used: linked.last_used_at.map(day),
        }
    }
}

/// The day of a time in UTC: `2026-11-24`.
fn day(at_ms: i64) -> String {
    kit::clock::rfc3339(at_ms).chars().take(10).collect()
}

/// What the provider of a link is called, if it is still one.
fn label_of(identity: &Identity, linked: &Linked) -> Option<String> {
    let mut of_issuer = identity.upstream.all().filter(|one| one.told.issuer == linked.iss);
    of_issuer.next().map(|provider| provider.label().to_owned())
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Arriving {
    done: String,
}

pub(super) async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arriving): Query<Arriving>,
) -> Result<Response, PageError> {
    let Some(session) = login::current_session(&identity, &visitor.headers).await? else {
        return Ok(redirect(&identity.path(SIGN_IN)));
    };
    let t = UpstreamWords::of(visitor.lang);
    let notice = match arriving.done.as_str() {
        "linked" => Some(Notice::good(t.linked)),
        "already" => Some(Notice::good(t.already)),
        "unlinked" => Some(Notice::good(t.unlinked)),
        _ => None,
    };
    shown(&identity, &visitor, &session, (StatusCode::OK, notice)).await
}

async fn shown(
    identity: &Identity,
    visitor: &Visitor,
    session: &Session,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, PageError> {
    let shell = Shell::of(identity, visitor);
    let t = UpstreamWords::of(shell.lang());
    let linked = store::of(identity, identity.db.reader(), session.user_id).await?;
    let is_new = |issuer: &str| linked.iter().all(|one| one.iss != issuer);
    let others = identity.upstream.all().filter(|one| is_new(&one.told.issuer)).map(|one| {
        let to = format!("{}?link=1", start_path(&one.told.name));
        (t.add.replace("{}", one.label()), identity.path(&to))
    });
    let others = others.collect();
    let linked = linked.into_iter().map(|one| Line::of(identity, one)).collect();
    let page = ProvidersPage { shell: &shell, t, linked, others, notice };
    Ok(show(status, &page, &shell, None))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Confirmation {
    pub(super) csrf: String,
}

pub(super) async fn unlink(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let t = UpstreamWords::of(visitor.lang);
    match take_away(&identity, &visitor, &session, id).await? {
        Unlinked::Done => Ok(redirect(&identity.path(&format!("{PATH}?done=unlinked")))),
        Unlinked::NotThere => Err(PageError::NotFound),
        Unlinked::LastWay => {
            let refused = (StatusCode::CONFLICT, Some(Notice::bad(t.last)));
            shown(&identity, &visitor, &session, refused).await
        }
    }
}

/// What became of a link that was to be taken away.
enum Unlinked {
    Done,
    NotThere,
    LastWay,
}

/// Removes a link if there is another way in, ends the person's other sessions, and tells them.
async fn take_away(
    identity: &Identity,
    visitor: &Visitor,
    session: &Session,
    id: Uuid,
) -> Result<Unlinked, AccountError> {
    let user = session.user_id;
    let work = async |tx: &Tx| {
        login::hold(tx, session).await?;
        let all = store::of(identity, tx, user).await?;
        let Some(one) = all.iter().find(|one| one.id == id) else { return Ok(Unlinked::NotThere) };
        if !has_another_way(identity, tx, (user, id), &all).await? {
            return Ok(Unlinked::LastWay);
        }
        store::remove(tx, user, id).await?;
        let kept = (user, session.id);
        login::end_others_in(tx, visitor, kept, "account elsewhere unlinked").await?;
        tell_unlinked(tx, (identity, visitor), one).await?;
        Ok::<_, AccountError>(Unlinked::Done)
    };
    let done = identity.db.write(work).await?;
    identity.oauth.wake_sender();
    identity.outbox.wake();
    Ok(done)
}

/// Tells somebody that a link of theirs is gone, and writes the audit; make it the last of its
/// transaction. The caller rings the outbox after the commit.
pub(crate) async fn tell_unlinked(
    tx: &Tx,
    whose: (&Identity, &Visitor),
    gone: &Linked,
) -> Result<(), AccountError> {
    let label = label_of(whose.0, gone).unwrap_or_else(|| gone.provider.clone());
    let told = Told { provider: &gone.provider, label: &label, name: &gone.name };
    changed(tx, whose, gone.user, (told, Change::Unlinked)).await
}

/// Whether a person can come in without this link: by password, by passkey, or by another link
/// to a provider that is still offered.
async fn has_another_way(
    identity: &Identity,
    tx: &Tx,
    (user, id): (Uuid, Uuid),
    all: &[Linked],
) -> Result<bool, AccountError> {
    if all.iter().any(|one| one.id != id && label_of(identity, one).is_some()) {
        return Ok(true);
    }
    if passwords::get_hash(tx, user).await?.is_some() {
        return Ok(true);
    }
    let enrolled = factors::of(tx, user).await?;
    Ok(identity.passkeys.is_some() && enrolled.iter().any(|one| one.kind == Kind::Passkey))
}

//! A sign-in on its way: who it is about, what was proved, and what is still missing.
//!
//! It lives in the interaction's row, which is of use in one browser only. The session begins
//! when everything that the account and the application need was proved, and not before.

use axum::response::Response;
use kit::db::{DbResult, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::device::known_device;
use super::interaction::{Half, forget_half, is_half_of, keep_half};
use super::{
    Acr, Fresh, Interaction, Needed, NewSession, Proof, Proved, Session, Throttle,
    begin_interaction, current_session, device_cookie, end_in, finish_interaction, interaction_of,
};
use crate::Identity;
use crate::accounts::{self, AccountError, Status};
use crate::audit::{self, Entry};
use crate::factors::{self, Enrolled, codes};
use crate::pages::{PageError, redirect, with_cookie};
use crate::passwords;
use crate::sessions;
use crate::upstream::{self, Origin};
use crate::visitor::Visitor;

/// A sign-in on its way.
#[derive(Debug, Clone)]
pub(crate) struct HalfDone {
    /// What it is for; none for somebody who came without an application and has only one step.
    pub(crate) interaction: Option<Interaction>,
    /// Who it is about.
    pub(crate) user: Uuid,
    /// What was proved so far.
    pub(crate) proved: Proved,
    /// The session is to outlive the browser.
    pub(crate) keep: bool,
    /// It adds a step to this session of the browser.
    session: Option<Uuid>,
    /// The sign-in elsewhere that it rests on.
    origin: Option<Origin>,
    /// The account is as young as this sign-in, so its device is no news.
    is_newcomer: bool,
    /// Where somebody goes who came without an interaction.
    back: Option<String>,
    /// It rests on the password that is theirs since then.
    password_since: Option<i64>,
    /// The count of wrong passwords that is forgotten.
    throttle: Option<Throttle>,
    /// Its first step is written down in the interaction.
    is_resumed: bool,
}

impl HalfDone {
    /// The sign-in of somebody who has proved nothing yet.
    pub(crate) fn begin(interaction: Option<Interaction>, user: Uuid, keep: bool) -> Self {
        let proved = Proved::default();
        Self {
            interaction,
            user,
            proved,
            keep,
            session: None,
            origin: None,
            is_newcomer: false,
            back: None,
            password_since: None,
            throttle: None,
            is_resumed: false,
        }
    }

    /// Resting on a sign-in elsewhere, with which it ends.
    pub(crate) fn from(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The first one of an account that was made just now.
    pub(crate) fn newcomer(mut self) -> Self {
        self.is_newcomer = true;
        self
    }

    /// With the page of ours that comes after it when there is no interaction.
    pub(crate) fn back(mut self, path: Option<String>) -> Self {
        self.back = path;
        self
    }

    /// By a password that is theirs `since`, with the count of misses that it clears.
    pub(super) fn by_password(mut self, since: i64, throttle: Throttle) -> Self {
        self.password_since = Some(since);
        self.throttle = Some(throttle);
        self
    }

    /// Its interaction's id, for forms.
    pub(crate) fn ix(&self) -> Option<Uuid> {
        self.interaction.as_ref().map(|interaction| interaction.id)
    }

    /// What is to be reached, of the levels that the factors of the account can reach.
    pub(crate) fn needed(&self, enrolled: &[Enrolled]) -> Needed {
        let required = factors::required(enrolled);
        let best = factors::reachable(enrolled);
        let wanted = self.interaction.as_ref().and_then(|interaction| interaction.wanted(best));
        let level = wanted.map_or(required, |wanted| wanted.max(required));
        let or_recovery = self.interaction.as_ref().is_some_and(Interaction::takes_recovery);
        Needed { level, or_recovery }
    }
}

/// The sign-in that waits for its second step under `ix` in this browser: one whose first step
/// was done here, or a session that is to be raised.
pub(crate) async fn half_done(
    identity: &Identity,
    visitor: &Visitor,
    ix: Option<&str>,
) -> DbResult<Option<HalfDone>> {
    let Some(interaction) = interaction_of(identity, &visitor.headers, ix).await? else {
        return Ok(None);
    };
    if let Some(Half { user, proved, keep, origin }) = interaction.half.clone() {
        let begun = HalfDone::begin(Some(interaction), user, keep);
        return Ok(Some(HalfDone { proved, origin, is_resumed: true, ..begun }));
    }
    if interaction.starts_anew() {
        return Ok(None);
    }
    let session = current_session(identity, &visitor.headers).await?;
    Ok(session.map(|session| {
        let begun = HalfDone::begin(Some(interaction), session.user_id, session.keep);
        // What was proved in an earlier step tells how old that is, and not how old it is now:
        // only the first step still counts.
        let proved = Proved { acr: Some(Acr::Pwd), amr: session.amr, at: None };
        HalfDone { proved, session: Some(session.id), ..begun }
    }))
}

/// Adds `proof` to a sign-in: begins or raises the session when nothing is missing, and asks for
/// what is missing otherwise.
pub(crate) async fn proved(
    identity: &Identity,
    visitor: &Visitor,
    half: &HalfDone,
    proof: Proof,
) -> Result<Response, PageError> {
    let done = half.proved.with(proof);
    let enrolled = factors::of(identity.db.reader(), half.user).await?;
    go_on(identity, visitor, half, (done, &enrolled)).await
}

/// The same for what another provider says about a sign-in there. For an account with a second
/// step of its own it is worth no more than a password, so that the step is asked for.
pub(crate) async fn vouched(
    identity: &Identity,
    visitor: &Visitor,
    half: &HalfDone,
    said: Proved,
) -> Result<Response, PageError> {
    let enrolled = factors::of(identity.db.reader(), half.user).await?;
    let most = if factors::required(&enrolled) > Acr::Pwd { Acr::Pwd } else { Acr::Phr };
    let done = Proved { acr: said.acr.map(|acr| acr.min(most)), ..said };
    go_on(identity, visitor, half, (done, &enrolled)).await
}

async fn go_on(
    identity: &Identity,
    visitor: &Visitor,
    half: &HalfDone,
    (done, enrolled): (Proved, &[Enrolled]),
) -> Result<Response, PageError> {
    let needed = half.needed(enrolled);
    match done.acr {
        Some(acr) if needed.is_met(acr, done.recovered()) => {
            Ok(finish(identity, visitor, half, (acr, &done)).await?)
        }
        Some(_) => {
            let first = factors::first(identity, enrolled, needed);
            Ok(ask_more(identity, visitor, half, (done, first)).await?)
        }
        None => Ok(redirect(&identity.path("/login"))),
    }
}

/// Writes down what was proved, and leads to the second step; a code that comes first is sent.
async fn ask_more(
    identity: &Identity,
    visitor: &Visitor,
    half: &HalfDone,
    (proved, first): (Proved, Option<&Enrolled>),
) -> Result<Response, AccountError> {
    let (ix, cookie) = if let Some(ix) = half.ix() {
        (ix, None)
    } else {
        let request = half.back.as_ref().map_or(json!({}), |back| json!({"back": back}));
        begin_interaction(identity, &visitor.headers, &request).await?
    };
    let next = Half { user: half.user, proved, keep: half.keep, origin: half.origin.clone() };
    let work = async |tx: &Tx| {
        clear(tx, half).await?;
        if !still_holds(tx, half).await? {
            return Ok(false);
        }
        keep_half(tx, ix, &next).await?;
        if let Some(first) = first {
            codes::begin(tx, (identity, visitor), (ix, half.user), first).await?;
        }
        Ok::<_, AccountError>(true)
    };
    if !identity.db.write(work).await? {
        return Ok(begin_again(identity, half));
    }
    identity.outbox.wake();
    let response = redirect(&identity.path(&format!("/login/2fa?ix={ix}")));
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

/// Whether what was proved still holds. Who ends everything of an account holds it, too, so what
/// is seen here cannot end before this transaction does.
async fn still_holds(tx: &Tx, half: &HalfDone) -> DbResult<bool> {
    if accounts::lock(tx, half.user).await? != Some(Status::Active) {
        return Ok(false);
    }
    if half.password_since.is_some() {
        let since = passwords::hash_since(tx, half.user).await?.map(|(_, since)| since);
        return Ok(since == half.password_since);
    }
    match half.ix() {
        Some(ix) if half.is_resumed => is_half_of(tx, ix, half.user).await,
        _ => Ok(true),
    }
}

/// Something has ended in the meantime that the sign-in rests on.
fn begin_again(identity: &Identity, half: &HalfDone) -> Response {
    let ix = half.ix().map(|ix| format!("?ix={ix}")).unwrap_or_default();
    redirect(&identity.path(&format!("/login{ix}")))
}

async fn clear(tx: &Tx, half: &HalfDone) -> DbResult<()> {
    match &half.throttle {
        Some(throttle) => throttle.clear(tx).await,
        None => Ok(()),
    }
}

/// Opens a session, or renews this person's own in this browser, and leads on.
async fn finish(
    identity: &Identity,
    visitor: &Visitor,
    half: &HalfDone,
    (acr, proved): (Acr, &Proved),
) -> Result<Response, AccountError> {
    let before = current_session(identity, &visitor.headers).await?;
    // The session that was to be raised has ended meanwhile.
    if half.session.is_some() && before.as_ref().map(|session| session.id) != half.session {
        return Ok(begin_again(identity, half));
    }
    let is_new_device =
        !half.is_newcomer && known_device(identity, &visitor.headers, half.user).is_none();
    let fresh = Fresh { acr, amr: proved.amr.clone(), keep: half.keep, at: proved.at };
    let mut new = NewSession::new(identity, half.user, visitor, fresh);
    let work = async |tx: &Tx| {
        clear(tx, half).await?;
        if !still_holds(tx, half).await? {
            return Ok(false);
        }
        if acr == Acr::Phr {
            super::forget_second_misses(tx, half.user).await?;
        }
        if let Some(interaction) = &half.interaction {
            leave(tx, interaction).await?;
        }
        let Some((event, detail)) = replace(tx, (&mut new, visitor), before, half).await? else {
            return Ok(false);
        };
        if is_new_device {
            sessions::signed_in_anew(tx, (identity, visitor), half.user).await?;
        }
        let entry = Entry::new(event).user(half.user).session(new.id).visitor(visitor);
        audit::record(tx, &entry.detail(detail)).await?;
        Ok::<_, AccountError>(true)
    };
    if !identity.db.write(work).await? {
        return Ok(begin_again(identity, half));
    }
    identity.oauth.wake_sender();
    identity.outbox.wake();
    let to = match (&half.interaction, &half.back) {
        (Some(interaction), _) => interaction.destination(identity),
        (None, Some(back)) => identity.path(back),
        (None, None) => identity.config.home_url.to_string(),
    };
    let response = with_cookie(redirect(&to), new.cookie(identity));
    Ok(with_cookie(response, device_cookie(identity, half.user)))
}

/// An application's request goes on waiting for its answer; others are over.
async fn leave(tx: &Tx, interaction: &Interaction) -> DbResult<()> {
    if interaction.is_of_app() {
        return forget_half(tx, interaction.id).await;
    }
    finish_interaction(tx, interaction.id).await.map(drop)
}

/// Puts the session in its place: nowhere if the one that was to be raised has ended.
async fn replace(
    tx: &Tx,
    (new, visitor): (&mut NewSession, &Visitor),
    before: Option<Session>,
    half: &HalfDone,
) -> DbResult<Option<(&'static str, Value)>> {
    let acr = new.acr();
    if half.session.is_some()
        && let Some(before) = &before
    {
        let stepped = new.step_up(tx, before.id).await?;
        return Ok(stepped.then(|| ("session.stepped_up", json!({"acr": acr}))));
    }
    let own = before.as_ref().filter(|before| before.user_id == half.user);
    if let Some(own) = own
        && new.renew(tx, own.id).await?
    {
        upstream::rests_on(tx, own.id, half.origin.as_ref()).await?;
        return Ok(Some(("login.ok", json!({"session": "renewed", "acr": acr}))));
    }
    // Before anything is written to the audit, whose chain nobody may hold who waits for a session.
    if let Some(before) = before {
        end_in(tx, visitor, before.id, "another person signed in").await?;
    }
    new.insert(tx).await?;
    upstream::rests_on(tx, new.id, half.origin.as_ref()).await?;
    let link = half.origin.as_ref().map(|origin| origin.link);
    Ok(Some(("login.ok", json!({"session": "started", "acr": acr, "link": link}))))
}

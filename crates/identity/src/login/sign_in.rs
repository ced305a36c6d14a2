//! `/login`: user name or address, and password.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use kit::db::{DbResult, Tx};
use serde::Deserialize;
use uuid::Uuid;

use super::links::{Link, Purpose};
use super::{
    HalfDone, Interaction, Proof, Throttle, Turn, Waiting, browser_hash_of, current_session,
    interaction_of, proved,
};
use crate::Identity;
use crate::accounts::{self, Account, Status};
use crate::audit::{self, Entry};
use crate::factors::PasskeyWords;
use crate::pages::{
    FormFields, Notice, PageError, Shell, check_form, redirect, show, show_with_script,
};
use crate::passwords::{self, Place, Verdict};
use crate::upstream::{self, Button, UpstreamWords};
use crate::visitor::Visitor;

/// No name or address is longer.
const NAME_BYTES_MAX: usize = 320;
/// No page of ours that asks for a sign-in has a longer path.
const TO_BYTES_MAX: usize = 64;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/login", get(page).post(submit))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    shell: &'a Shell,
    ix: Option<Uuid>,
    to: &'a str,
    client: Option<Waiting<'a>>,
    /// Asked by a page of ours of somebody who is signed in.
    once_more: bool,
    username: &'a str,
    keep: bool,
    notice: Option<Notice>,
    /// Ways to other providers.
    providers: Vec<Button>,
    t: &'static UpstreamWords,
    /// What is said about passkeys, where there can be any.
    p: Option<&'static PasskeyWords>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct SignInForm {
    csrf: String,
    ix: Option<String>,
    to: String,
    username: String,
    password: String,
    keep: Option<String>,
}

#[derive(Deserialize)]
struct Arrival {
    ix: Option<String>,
    #[serde(default)]
    to: String,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let shell = Shell::of(&identity, &visitor);
    let interaction = interaction_of(&identity, &visitor.headers, arrival.ix.as_deref()).await?;
    let session = current_session(&identity, &visitor.headers).await?;
    if interaction.is_none() && session.is_some() {
        let home = || identity.config.home_url.to_string();
        let to = own_page(&arrival.to).map_or_else(home, |path| identity.path(&path));
        return Ok(redirect(&to));
    }
    let expired = arrival.ix.is_some() && interaction.is_none();
    let notice = expired.then(|| Notice::bad(shell.w.expired_interaction));
    let hint = interaction.as_ref().and_then(|ix| ix.text("login_hint")).unwrap_or_default();
    let is_in = session.is_some();
    let form = SignInForm {
        to: arrival.to,
        username: hint.chars().take(NAME_BYTES_MAX).collect(),
        // Who is asked once more does not lose what they chose the first time.
        keep: session.filter(|session| session.keep).map(|_| "1".into()),
        ..SignInForm::default()
    };
    let asked = (interaction.as_ref(), is_in);
    Ok(form_page((&identity, &shell), StatusCode::OK, asked, (&form, notice)))
}

/// What an attempt came to.
enum Outcome {
    /// The password, theirs since then, was right; its misses are forgotten with the new session.
    Welcome(Box<Account>, i64, Throttle),
    Refused(StatusCode, Notice),
    Wait(u64),
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<SignInForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let interaction = interaction_of(&identity, &visitor.headers, form.ix.as_deref()).await?;
    let (status, notice, wait) = match attempt(&identity, &visitor, &shell, &form).await? {
        Outcome::Welcome(account, since, throttle) => {
            let half = HalfDone::begin(interaction, account.id, form.keep.is_some());
            let half = half.back(own_page(&form.to)).by_password(since, throttle);
            return proved(&identity, &visitor, &half, Proof::Password).await;
        }
        Outcome::Refused(status, notice) => (status, notice, None),
        Outcome::Wait(seconds) => {
            let notice = Notice::bad(shell.w.wait(seconds));
            (StatusCode::TOO_MANY_REQUESTS, notice, Some(seconds))
        }
    };
    let is_in = current_session(&identity, &visitor.headers).await?.is_some();
    let asked = (interaction.as_ref(), is_in);
    let mut page = form_page((&identity, &shell), status, asked, (&form, Some(notice)));
    if let Some(seconds) = wait {
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(page)
}

/// Budgets, then the look-up, then the hash, and only then the state of the account.
async fn attempt(
    identity: &Identity,
    visitor: &Visitor,
    shell: &Shell,
    form: &SignInForm,
) -> Result<Outcome, PageError> {
    if let Err(limited) = identity.limits.sign_in_from(visitor) {
        return Ok(Outcome::Wait(limited.retry_after_s));
    }
    let wrong = || Outcome::Refused(StatusCode::UNPROCESSABLE_ENTITY, Notice::bad(shell.w.wrong));
    if form.username.len() > NAME_BYTES_MAX {
        return Ok(wrong());
    }
    let user = accounts::by_name(identity, &form.username).await?;
    // Who is turned away because others are signing in has not missed.
    let place = identity.hasher.place()?;
    let throttle = Throttle::of(identity, &visitor.headers, &form.username, user);
    match throttle.take(identity).await? {
        Turn::Now => {}
        Turn::Wait { seconds } => {
            throttled(identity, visitor, user).await?;
            return Ok(Outcome::Wait(seconds));
        }
        Turn::ResetOnly => {
            throttled(identity, visitor, user).await?;
            let notice = Notice::bad(shell.w.reset_needed);
            return Ok(Outcome::Refused(StatusCode::TOO_MANY_REQUESTS, notice));
        }
    }
    let Some(since) = right_since(identity, place, user, &form.password).await? else {
        missed(identity, visitor, user, &throttle).await?;
        return Ok(wrong());
    };
    let account = match user {
        Some(user) => accounts::for_claims(identity, user).await?,
        None => None,
    };
    Ok(match account {
        Some(account) if account.status == Status::Active => {
            Outcome::Welcome(Box::new(account), since, throttle)
        }
        Some(account) => {
            identity.db.write(async |tx: &Tx| throttle.clear(tx).await).await?;
            closed(identity, visitor, shell, account).await?
        }
        None => wrong(),
    })
}

/// An attempt that was not looked at, of a name that was missed too often. What an address spends
/// beyond its budget is not written down: a flood would be one of the audit, too.
pub(crate) async fn throttled(
    identity: &Identity,
    visitor: &Visitor,
    user: Option<Uuid>,
) -> DbResult<()> {
    record(identity, Entry::new("login.throttled").visitor(visitor).failed(), user).await
}

/// A wrong password, and whether it was the last that is let pass.
pub(crate) async fn missed(
    identity: &Identity,
    visitor: &Visitor,
    user: Option<Uuid>,
    throttle: &Throttle,
) -> DbResult<()> {
    record(identity, Entry::new("login.fail").visitor(visitor).failed(), user).await?;
    // Asked and told for names of nobody, too: the work must not say whose account there is.
    if throttle.is_closed(identity.db.reader()).await? {
        record(identity, Entry::new("password.disabled").visitor(visitor), user).await?;
    }
    Ok(())
}

/// Since when the password is theirs, if it is right; its hash is made anew when costs have
/// changed.
async fn right_since(
    identity: &Identity,
    place: Place,
    user: Option<Uuid>,
    password: &str,
) -> Result<Option<i64>, PageError> {
    let password = passwords::normalise(password);
    // Nobody is looked up just the same, since a question less would be a shorter answer.
    let found = passwords::hash_since(identity.db.reader(), user.unwrap_or_default()).await?;
    let (phc, since) = found.unzip();
    let verdict = identity.hasher.verify(place, &password, phc.clone()).await?;
    if let (Verdict::RightButOld, Some(user), Some(old)) = (verdict, user, phc)
        && let Ok(new) = identity.hasher.hash(&password).await
    {
        identity
            .db
            .write(async |tx: &Tx| passwords::renew_hash(tx, user, &old, &new).await)
            .await?;
    }
    Ok(since.filter(|_| verdict != Verdict::Wrong))
}

/// The password was right: only now may it be told why the account cannot be used.
async fn closed(
    identity: &Identity,
    visitor: &Visitor,
    shell: &Shell,
    account: Account,
) -> Result<Outcome, PageError> {
    if account.status == Status::Blocked {
        let notice = Notice::bad(shell.w.blocked);
        return Ok(Outcome::Refused(StatusCode::FORBIDDEN, notice));
    }
    // Over a budget nothing is sent, and the page is the same.
    let may_mail = identity.limits.mail_from(visitor).is_ok()
        && identity.limits.mail_to(identity, &account.email.to_ascii_lowercase());
    if may_mail {
        let link = Link {
            user: account.id,
            purpose: Purpose::Verify,
            interaction: None,
            browser_hash: browser_hash_of(identity, &visitor.headers),
        };
        accounts::resend_verification(identity, &account, link).await?;
    }
    Ok(Outcome::Refused(StatusCode::FORBIDDEN, Notice::bad(shell.w.unverified)))
}

async fn record(identity: &Identity, entry: Entry, user: Option<Uuid>) -> DbResult<()> {
    let entry = match user {
        Some(user) => entry.user(user),
        None => entry,
    };
    identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await
}

/// The page of ours where somebody goes who did not come from an application.
pub(crate) fn own_page(to: &str) -> Option<String> {
    let fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let own = to.len() <= TO_BYTES_MAX
        && to.split('/').next() == Some("account")
        && to.split('/').all(fits);
    own.then(|| format!("/{to}"))
}

fn form_page(
    (identity, shell): (&Identity, &Shell),
    status: StatusCode,
    (interaction, is_in): (Option<&Interaction>, bool),
    (form, notice): (&SignInForm, Option<Notice>),
) -> Response {
    let page = SignInPage {
        shell,
        ix: interaction.map(|interaction| interaction.id),
        to: &form.to,
        client: interaction.and_then(Interaction::client),
        once_more: is_in && interaction.is_some_and(|asked| asked.text("back").is_some()),
        username: &form.username,
        keep: form.keep.is_some(),
        notice,
        providers: upstream::buttons(identity, shell.lang(), interaction, &form.to),
        t: UpstreamWords::of(shell.lang()),
        p: identity.passkeys.as_ref().map(|_| PasskeyWords::of(shell.lang())),
    };
    let form_action = interaction.and_then(Interaction::form_action);
    match page.p {
        Some(_) => show_with_script(identity, status, (&page, shell), form_action.as_deref()),
        None => show(status, &page, shell, form_action.as_deref()),
    }
}

//! `/arrival/{id}/…`: what somebody is asked who comes from a provider for the first time.
//!
//! An account with an address that the provider proved is theirs at once. With any other address
//! it is as at sign-up: the same answer for a known and an unknown one, and a mail decides.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kit::db::{DbErr, Tx};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::admit::Question;
use super::arrival::Arrival;
use super::failed::{Failure, Way, failed_page};
use super::{Origin, Provider, UpstreamWords, claims, store};
use crate::Identity;
use crate::accounts::{self, AccountError, Asker, Email, Joined, Joiner, Username};
use crate::audit::{self, Entry};
use crate::login::links::{self, Link, Purpose};
use crate::login::{self, HalfDone, Interaction, Proved};
use crate::mail::{self, Letter};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

/// Proposals that are tried before a number of chance is taken.
const PROPOSALS: u32 = 20;

#[derive(Template)]
#[template(path = "upstream/new.html")]
struct NewPage<'a> {
    shell: &'a Shell,
    t: &'static UpstreamWords,
    lead: String,
    proven_by: String,
    link_it: String,
    action: String,
    link: String,
    /// The address that the provider proved, which stays.
    proven: Option<String>,
    form: &'a NewForm,
    errors: Errors,
    notice: Option<Notice>,
}

#[derive(Template)]
#[template(path = "upstream/known.html")]
struct KnownPage<'a> {
    shell: &'a Shell,
    title: &'a str,
    text: String,
    button: &'a str,
    link: String,
}

#[derive(Debug, Default)]
struct Errors {
    email: &'static str,
    username: &'static str,
    display_name: &'static str,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewForm {
    csrf: String,
    email: String,
    username: String,
    display_name: String,
}

/// Somebody who has arrived, with the provider that they came from.
struct Guest<'a> {
    identity: &'a Identity,
    visitor: &'a Visitor,
    provider: &'a Provider,
    id: Uuid,
    arrival: Arrival,
}

pub(super) async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Response, PageError> {
    let Some(guest) = Guest::find(&identity, &visitor, id).await? else {
        return over(&identity, &visitor);
    };
    if !guest.provider.told.create_accounts {
        return Ok(redirect(&identity.path(&Question::Closed.path(id))));
    }
    let said = guest.arrival.said();
    let form = NewForm {
        username: guest.proposal().await?,
        email: said.email.unwrap_or_default(),
        display_name: said.display_name.or(said.username).unwrap_or_default(),
        csrf: String::new(),
    };
    guest.form_page(StatusCode::OK, (&form, Errors::default())).await
}

pub(super) async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    FormFields(form): FormFields<NewForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let Some(guest) = Guest::find(&identity, &visitor, id).await? else {
        return over(&identity, &visitor);
    };
    if !guest.provider.told.create_accounts {
        return Ok(redirect(&identity.path(&Question::Closed.path(id))));
    }
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let (email, username, display_name) = match guest.check(&form) {
        Ok(draft) => draft,
        Err(errors) => return guest.form_page(refused, (&form, errors)).await,
    };
    let w = Shell::of(&identity, &visitor).w;
    let taken = Errors { username: w.username_taken, ..Errors::default() };
    let names = (&username, Some(&email));
    if accounts::name_is_taken(&identity, identity.db.reader(), names).await? {
        return guest.form_page(refused, (&form, taken)).await;
    }
    let joiner = Joiner {
        username: &username,
        display_name: &display_name,
        email: &email,
        lang: visitor.lang,
        email_proven: guest.arrival.proven_email().is_some(),
        asker: Asker::of(&identity, &visitor, guest.arrival.ix),
    };
    if !joiner.email_proven {
        identity.limits.mail_from(&visitor)?;
    }
    match guest.join(&joiner).await {
        Err(AccountError::NameTaken) => guest.form_page(refused, (&form, taken)).await,
        Err(error) => Err(error.into()),
        Ok(done) => guest.welcome(&email, done).await,
    }
}

/// `/arrival/{id}/known`: their address has an account.
pub(super) async fn known(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Response, PageError> {
    let Some(guest) = Guest::find(&identity, &visitor, id).await? else {
        return over(&identity, &visitor);
    };
    let t = UpstreamWords::of(visitor.lang);
    // What the provider did not prove is told to nobody.
    let Some(email) = guest.arrival.proven_email() else { return Err(PageError::NotFound) };
    let text = t.known_text.replace("{email}", email.as_str());
    Ok(guest.sign_in_page((t.known_title, &text)))
}

/// `/arrival/{id}/closed`: no accounts are made for people of this provider.
pub(super) async fn closed(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Response, PageError> {
    let found = Guest::find(&identity, &visitor, id).await?;
    let Some(guest) = found else { return over(&identity, &visitor) };
    let t = UpstreamWords::of(visitor.lang);
    Ok(guest.sign_in_page((t.closed_title, t.closed_text)))
}

/// What was done for somebody who filled in the form.
enum Done {
    /// The account can be used, by this link.
    Ready(Uuid, Uuid),
    /// A mail was sent; in development its link is shown.
    Sent(Option<String>),
    /// Meanwhile the proven address has another account.
    Known,
    /// The form was sent twice.
    Over,
}

impl<'a> Guest<'a> {
    async fn find(
        identity: &'a Identity,
        visitor: &'a Visitor,
        id: Uuid,
    ) -> Result<Option<Self>, DbErr> {
        let arrival = Arrival::waiting(identity, visitor, id).await?;
        Ok(arrival.and_then(|arrival| {
            let provider = identity.upstream.find(&arrival.provider)?.as_ref();
            Some(Self { identity, visitor, provider, id, arrival })
        }))
    }

    /// A user name that is free.
    async fn proposal(&self) -> Result<String, DbErr> {
        let base = claims::proposal(&self.arrival.said());
        let reader = self.identity.db.reader();
        for number in 1..=PROPOSALS {
            let text = if number == 1 { base.clone() } else { numbered(&base, number) };
            let Some(username) = Username::parse(&text) else { return Ok(String::new()) };
            if !accounts::name_is_taken(self.identity, reader, (&username, None)).await? {
                return Ok(text);
            }
        }
        let [a, b] = kit::clock::random_bytes::<2>();
        Ok(numbered(&base, 1000 + u32::from(u16::from_be_bytes([a, b]))))
    }

    fn check(&self, form: &NewForm) -> Result<(Email, Username, String), Errors> {
        let w = Shell::of(self.identity, self.visitor).w;
        let mut errors = Errors::default();
        let email = self.arrival.proven_email().or_else(|| Email::parse(&form.email));
        let username = Username::parse(&form.username);
        let display_name = accounts::display_name(&form.display_name);
        if email.is_none() {
            errors.email = w.email_invalid;
        }
        if username.is_none() {
            errors.username = w.username_invalid;
        }
        if display_name.is_none() {
            errors.display_name = w.display_name_invalid;
        }
        match (email, username, display_name) {
            (Some(email), Some(username), Some(name)) => Ok((email, username, name)),
            _ => Err(errors),
        }
    }

    /// Everything that the form changes, at once.
    async fn join(&self, joiner: &Joiner<'_>) -> Result<Done, AccountError> {
        let receiver = joiner.email.normalised();
        if !joiner.email_proven && !self.identity.limits.mail_to(self.identity, &receiver) {
            return Ok(Done::Sent(None));
        }
        let done = self.identity.db.write(async |tx: &Tx| self.join_in(tx, joiner).await).await?;
        self.identity.outbox.wake();
        if let Done::Sent(Some(link)) = &done {
            mail::tell_operator(self.identity, link);
        }
        Ok(done)
    }

    async fn join_in(&self, tx: &Tx, joiner: &Joiner<'_>) -> Result<Done, AccountError> {
        let who = (self.arrival.iss.as_str(), self.arrival.sub.as_str());
        store::clear_pending(tx, who).await?;
        let account = accounts::join(self.identity, tx, joiner).await?;
        if joiner.email_proven && matches!(account, Joined::Known(_)) {
            return Ok(Done::Known);
        }
        if !login::finish_interaction(tx, self.id).await? {
            return Ok(Done::Over);
        }
        let (user, purpose) = match account {
            Joined::Ready(user) => return self.ready(tx, user).await,
            Joined::Waiting(user) => (user, Purpose::Verify),
            Joined::Known(user) => (user, Purpose::Known),
            Joined::Invited(user, link) => {
                if let Some(interaction) = joiner.asker.interaction {
                    login::prolong_interaction(tx, interaction).await?;
                }
                audit::record(tx, &self.entry("signup.started", user).failed()).await?;
                return Ok(Done::Sent(Some(link)));
            }
        };
        let is_new = purpose == Purpose::Verify;
        if is_new && store::insert(self.identity, tx, (&self.arrival, user)).await?.is_none() {
            return Err(DbErr::Custom("somebody was linked at the same time".to_owned()).into());
        }
        let (interaction, browser_hash) =
            (self.arrival.ix, login::browser_hash_of(self.identity, &self.visitor.headers));
        let token = links::create(tx, &Link { user, purpose, interaction, browser_hash }).await?;
        let letter = match purpose {
            Purpose::Known => Letter::known(self.identity, joiner.lang, &token),
            _ => Letter::verify(self.identity, joiner.lang, &token),
        };
        mail::post(self.identity, tx, joiner.email.as_str(), letter).await?;
        if let Some(interaction) = interaction {
            login::prolong_interaction(tx, interaction).await?;
        }
        let entry = self.entry("signup.started", user);
        audit::record(tx, &if is_new { entry } else { entry.failed() }).await?;
        Ok(Done::Sent(Some(self.identity.link(&format!("/verify/{token}")))))
    }

    /// The address is proven, so the account is ready.
    async fn ready(&self, tx: &Tx, user: Uuid) -> Result<Done, AccountError> {
        let link = store::insert(self.identity, tx, (&self.arrival, user)).await?;
        let lost = || DbErr::Custom("somebody was linked at the same time".to_owned());
        let link = link.ok_or_else(lost)?;
        audit::record(tx, &self.entry("signup.started", user)).await?;
        audit::record(tx, &self.entry("signup.verified", user)).await?;
        audit::record(tx, &self.entry("idp.linked", user)).await?;
        Ok(Done::Ready(user, link))
    }

    fn entry(&self, event: &'static str, user: Uuid) -> Entry {
        let detail = json!({"provider": self.arrival.provider});
        Entry::new(event).user(user).visitor(self.visitor).detail(detail)
    }

    async fn welcome(&self, email: &Email, done: Done) -> Result<Response, PageError> {
        let (identity, visitor) = (self.identity, self.visitor);
        match done {
            Done::Ready(user, link) => {
                let interaction = self.arrival.interaction(identity, visitor).await?;
                let half = HalfDone::begin(interaction, user, false).newcomer();
                let half = half.from(Origin { link, sid: self.arrival.sid.clone() });
                // The account began with this sign-in, however old that is elsewhere.
                let said = Proved { acr: Some(self.arrival.acr), amr: String::new(), at: None };
                login::vouched(identity, visitor, &half, said).await
            }
            Done::Sent(link) => {
                let shell = Shell::of(identity, visitor);
                let link = link.filter(|_| identity.is_development());
                Ok(accounts::sent_page(&shell, email, link.as_deref()))
            }
            Done::Known => Ok(redirect(&identity.path(&Question::Known.path(self.id)))),
            Done::Over => over(identity, visitor),
        }
    }

    async fn form_page(
        &self,
        status: StatusCode,
        (form, errors): (&NewForm, Errors),
    ) -> Result<Response, PageError> {
        let shell = Shell::of(self.identity, self.visitor);
        let interaction = self.arrival.interaction(self.identity, self.visitor).await?;
        let t = UpstreamWords::of(shell.lang());
        let named = |text: &str| text.replace("{}", self.provider.label());
        let page = NewPage {
            t,
            lead: named(t.new_lead),
            proven_by: named(t.email_proven),
            link_it: named(t.link_it),
            action: self.identity.path(&Question::New.path(self.id)),
            link: self.identity.path(&Question::Link.path(self.id)),
            proven: self.arrival.proven_email().map(|email| email.as_str().to_owned()),
            notice: (!status.is_success()).then(|| Notice::bad(shell.w.form_errors)),
            shell: &shell,
            form,
            errors,
        };
        let form_action = interaction.as_ref().and_then(Interaction::form_action);
        Ok(show(status, &page, &shell, form_action.as_deref()))
    }

    fn sign_in_page(&self, (title, text): (&str, &str)) -> Response {
        let shell = Shell::of(self.identity, self.visitor);
        let page = KnownPage {
            shell: &shell,
            title,
            text: text.replace("{}", self.provider.label()),
            button: UpstreamWords::of(shell.lang()).sign_in_to_link,
            link: self.identity.path(&Question::Link.path(self.id)),
        };
        show(StatusCode::OK, &page, &shell, None)
    }
}

/// `ana` as `ana2`, short enough to be a user name.
fn numbered(base: &str, number: u32) -> String {
    let number = number.to_string();
    let kept: String = base.chars().take(32 - number.len()).collect();
    format!("{kept}{number}")
}

/// There is nothing under this id, any more or in this browser.
pub(super) fn over(identity: &Identity, visitor: &Visitor) -> Result<Response, PageError> {
    let provider = identity.upstream.all().next().ok_or(PageError::NotFound)?;
    Ok(failed_page(identity, visitor, (provider, Failure::Over), &Way::default()))
}

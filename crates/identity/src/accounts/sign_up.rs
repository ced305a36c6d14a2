//! `/signup`: the form, and the same answer for every address.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::db::{DbResult, Tx};
use serde::Deserialize;
use uuid::Uuid;

use super::invite::{Asker, invite_again};
use super::{AccountError, Email, Role, Username, address, store, waiting};
use crate::Identity;
use crate::audit::{self, Entry};
use crate::login::links::{self, Link, Purpose};
use crate::login::{self, Interaction, Waiting};
use crate::mail::{self, Letter};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, show};
use crate::passwords::{self, Weakness};
use crate::upstream::{self, Button, UpstreamWords};
use crate::visitor::Visitor;

/// How often a sign-up is tried that meets another one of the same person.
const TRIES: u32 = 5;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/signup", get(page).post(submit))
}

/// Errors beside the fields, in the visitor's language; empty means fine.
#[derive(Debug, Default)]
struct Errors {
    email: &'static str,
    username: &'static str,
    display_name: &'static str,
    password: &'static str,
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    shell: &'a Shell,
    ix: Option<Uuid>,
    client: Option<Waiting<'a>>,
    notice: Option<Notice>,
    /// Ways to other providers.
    providers: Vec<Button>,
    t: &'static UpstreamWords,
    form: &'a SignUpForm,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "sent.html")]
struct SentPage<'a> {
    shell: &'a Shell,
    email: &'a str,
    /// Shown in development only.
    link: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignUpForm {
    csrf: String,
    ix: Option<String>,
    email: String,
    username: String,
    display_name: String,
    password: String,
}

#[derive(Deserialize)]
struct Arrival {
    ix: Option<String>,
}

async fn page(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let shell = Shell::of(&identity, &visitor);
    let interaction =
        login::interaction_of(&identity, &visitor.headers, arrival.ix.as_deref()).await?;
    let hint = interaction.as_ref().and_then(|ix| ix.text("login_hint")).unwrap_or_default();
    let email = if hint.contains('@') { hint.to_owned() } else { String::new() };
    let form = SignUpForm { email, ..SignUpForm::default() };
    let draft = (&form, Errors::default());
    Ok(form_page((&identity, &shell), StatusCode::OK, interaction.as_ref(), draft))
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<SignUpForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let shell = Shell::of(&identity, &visitor);
    let interaction =
        login::interaction_of(&identity, &visitor.headers, form.ix.as_deref()).await?;
    let refuse = |errors: Errors| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(form_page((&identity, &shell), status, interaction.as_ref(), (&form, errors)))
    };
    let draft = match check(&shell, &form) {
        Ok(draft) => draft,
        Err(errors) => return refuse(errors),
    };
    identity.limits.name_from(&visitor)?;
    let wanted = Wanted { identity: &identity, visitor: &visitor, draft: &draft };
    if wanted.name_is_taken().await? {
        return refuse(Errors { username: shell.w.username_taken, ..Errors::default() });
    }
    identity.limits.mail_from(&visitor)?;
    let interaction_id = interaction.as_ref().map(|interaction| interaction.id);
    let link = match wanted.store(&shell, interaction_id).await {
        Err(AccountError::NameTaken) => {
            return refuse(Errors { username: shell.w.username_taken, ..Errors::default() });
        }
        link => link?,
    };
    let link = link.filter(|_| identity.is_development());
    Ok(sent_page(&shell, &draft.email, link.as_deref()))
}

/// The same answer for every address; `link` is shown in development only.
pub(crate) fn sent_page(shell: &Shell, email: &Email, link: Option<&str>) -> Response {
    show(StatusCode::OK, &SentPage { shell, email: email.as_str(), link }, shell, None)
}

fn form_page(
    (identity, shell): (&Identity, &Shell),
    status: StatusCode,
    interaction: Option<&Interaction>,
    (form, errors): (&SignUpForm, Errors),
) -> Response {
    let refused = !status.is_success();
    let page = SignUpPage {
        shell,
        ix: interaction.map(|interaction| interaction.id),
        client: interaction.and_then(Interaction::client),
        notice: refused.then(|| Notice::bad(shell.w.form_errors)),
        providers: upstream::buttons(identity, shell.lang(), interaction, ""),
        t: UpstreamWords::of(shell.lang()),
        form,
        errors,
    };
    let form_action = interaction.and_then(Interaction::form_action);
    show(status, &page, shell, form_action.as_deref())
}

/// A sign-up whose fields are all acceptable.
struct Draft {
    email: Email,
    username: Username,
    display_name: String,
    password: String,
}

fn check(shell: &Shell, form: &SignUpForm) -> Result<Draft, Errors> {
    let w = shell.w;
    let mut errors = Errors::default();
    let email = Email::parse(&form.email);
    let username = Username::parse(&form.username);
    let display_name = address::display_name(&form.display_name);
    let password = passwords::normalise(&form.password);
    if email.is_none() {
        errors.email = w.email_invalid;
    }
    if username.is_none() {
        errors.username = w.username_invalid;
    }
    if display_name.is_none() {
        errors.display_name = w.display_name_invalid;
    }
    let own = [form.email.as_str(), form.username.as_str(), form.display_name.as_str()];
    let weakness = passwords::weakness(&password, &own);
    errors.password = weakness.map_or("", |weakness| weakness_text(shell, weakness));
    match (email, username, display_name, weakness) {
        (Some(email), Some(username), Some(display_name), None) => {
            Ok(Draft { email, username, display_name, password })
        }
        _ => Err(errors),
    }
}

/// What to do about a weak password.
pub(crate) fn weakness_text(shell: &Shell, weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::Short => shell.w.password_short,
        Weakness::Long => shell.w.password_long,
        Weakness::Common => shell.w.password_common,
        Weakness::Personal => shell.w.password_personal,
    }
}

/// Whose account the address of a sign-up has.
enum Whose {
    /// Made just now.
    New(Uuid),
    /// Of somebody who has confirmed it.
    Known(Uuid),
    /// Of somebody who was invited and has been sent this link once more.
    Invited(Uuid, String),
}

/// A sign-up on its way into the database.
struct Wanted<'a> {
    identity: &'a Identity,
    visitor: &'a Visitor,
    draft: &'a Draft,
}

impl Wanted<'_> {
    /// User names are public, so this may be told; a stale or own reserved one is not in the
    /// way.
    async fn name_is_taken(&self) -> DbResult<bool> {
        let c = self.identity.db.reader();
        let names = (&self.draft.username, Some(&self.draft.email));
        waiting::name_is_taken(self.identity, c, names).await
    }

    /// Stores a pending account, or finds that the address has one, and posts the mail that fits.
    /// Answers the mail's link; over the receiver's budget nothing is changed and nothing sent.
    async fn store(
        &self,
        shell: &Shell,
        interaction: Option<Uuid>,
    ) -> Result<Option<String>, AccountError> {
        let phc = self.identity.hasher.hash(&self.draft.password).await;
        let phc = phc.map_err(AccountError::Password)?;
        let receiver = self.draft.email.normalised();
        if !self.identity.limits.mail_to(self.identity, &receiver) {
            let entry = Entry::new("signup.throttled").visitor(self.visitor).failed();
            self.identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await?;
            return Ok(None);
        }
        let mut tries = TRIES;
        let link = loop {
            tries -= 1;
            let work = async |tx: &Tx| self.store_in(tx, shell, (&phc, interaction)).await;
            match self.identity.db.write(work).await {
                // The same person's other click was faster; what it stored is to be replaced.
                Err(AccountError::NameTaken) if tries > 0 && !self.name_is_taken().await? => {}
                stored => break stored?,
            }
        };
        self.identity.outbox.wake();
        mail::tell_operator(self.identity, &link);
        Ok(Some(link))
    }

    async fn store_in(
        &self,
        tx: &Tx,
        shell: &Shell,
        (phc, interaction): (&str, Option<Uuid>),
    ) -> Result<String, AccountError> {
        let (user, link, is_new) = match self.user(tx, shell, (phc, interaction)).await? {
            Whose::Invited(user, link) => (user, link, false),
            Whose::Known(user) => {
                let link = self.post(tx, shell, (user, Purpose::Known, interaction)).await?;
                (user, link, false)
            }
            Whose::New(user) => {
                let link = self.post(tx, shell, (user, Purpose::Verify, interaction)).await?;
                (user, link, true)
            }
        };
        if let Some(interaction) = interaction {
            login::prolong_interaction(tx, interaction).await?;
        }
        let entry = Entry::new("signup.started").user(user).visitor(self.visitor);
        audit::record(tx, &if is_new { entry } else { entry.failed() }).await?;
        Ok(link)
    }

    /// The new account, or the one that has the address already.
    async fn user(
        &self,
        tx: &Tx,
        shell: &Shell,
        (phc, interaction): (&str, Option<Uuid>),
    ) -> Result<Whose, AccountError> {
        let names = (&self.draft.username, &self.draft.email);
        // The name comes first: it is what many clicks at once wait for.
        if !waiting::reserve(self.identity, tx, names).await? {
            return Err(AccountError::NameTaken);
        }
        waiting::clear(self.identity, tx, names).await?;
        let draft = store::Draft {
            username: &self.draft.username,
            display_name: &self.draft.display_name,
            email: &self.draft.email,
            lang: shell.lang(),
            role: Role::Member,
        };
        // As many statements for an address that has an account as for one that has none.
        if let Some(user) = store::insert(self.identity, tx, &draft).await? {
            passwords::set_hash(tx, user, phc).await?;
            return Ok(Whose::New(user));
        }
        if let Some(user) = store::confirmed(self.identity, tx, &self.draft.email).await? {
            return Ok(Whose::Known(user));
        }
        let asker = Asker::of(self.identity, self.visitor, interaction);
        let invited = invite_again(self.identity, tx, &self.draft.email, &asker).await?;
        let (user, link) = invited.ok_or(AccountError::NameTaken)?;
        Ok(Whose::Invited(user, link))
    }

    /// Posts the mail with a link of its own; answers the link.
    async fn post(
        &self,
        tx: &Tx,
        shell: &Shell,
        (user, purpose, interaction): (Uuid, Purpose, Option<Uuid>),
    ) -> Result<String, AccountError> {
        let browser_hash = login::browser_hash_of(self.identity, &self.visitor.headers);
        let token = links::create(tx, &Link { user, purpose, interaction, browser_hash }).await?;
        let letter = self.letter(shell, purpose, &token);
        mail::post(self.identity, tx, self.draft.email.as_str(), letter).await?;
        Ok(self.identity.link(&format!("/verify/{token}")))
    }

    fn letter(&self, shell: &Shell, purpose: Purpose, token: &str) -> Letter {
        match purpose {
            Purpose::Known => Letter::known(self.identity, shell.lang(), token),
            _ => Letter::verify(self.identity, shell.lang(), token),
        }
    }
}

//! `/account/security/passkeys`: a new passkey.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use kit::db::Tx;
use kit::json::Json;
use kit::problem::{ApiError, Kind as ProblemKind};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use webauthn_rs_core::proto::{
    Credential, RegisterPublicKeyCredential, RegistrationState, UserVerificationPolicy,
};

use super::error::PasskeyError;
use super::ticket::{self, Purpose};
use super::{PasskeyWords, store};
use crate::Identity;
use crate::accounts;
use crate::factors::{Change, Kind, changed, recovery, store as factors};
use crate::login::{self, Session};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show_with_script};
use crate::visitor::Visitor;

/// The page, below the issuer.
pub(super) const PATH: &str = "/account/security/passkeys";
/// Most passkeys of one person.
pub(super) const PASSKEYS_MAX: usize = 20;
/// No credential has a longer id (level 3, section 7.1, step 25).
const ID_BYTES_MAX: usize = 1023;

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route(PATH, get(page).post(finish))
        .route("/account/security/passkeys/options", post(options))
}

#[derive(Template)]
#[template(path = "account/passkey.html")]
struct PasskeyPage<'a> {
    shell: &'a Shell,
    t: &'static PasskeyWords,
    name: &'a str,
    notice: Option<Notice>,
}

async fn page(State(identity): State<Identity>, visitor: Visitor) -> Result<Response, PageError> {
    if identity.passkeys.is_none() {
        return Err(PageError::NotFound);
    }
    match login::guarding(&identity, &visitor, PATH).await? {
        Ok(_) => {
            let name = PasskeyWords::of(visitor.lang).default_name;
            Ok(form_page(&identity, &visitor, name, None))
        }
        Err(response) => Ok(response),
    }
}

fn form_page(
    identity: &Identity,
    visitor: &Visitor,
    name: &str,
    refused: Option<(StatusCode, &'static str)>,
) -> Response {
    let shell = Shell::of(identity, visitor);
    let status = refused.map_or(StatusCode::OK, |(status, _)| status);
    let notice = refused.map(|(_, text)| Notice::bad(text));
    let page = PasskeyPage { shell: &shell, t: PasskeyWords::of(shell.lang()), name, notice };
    show_with_script(identity, status, (&page, &shell), None)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    csrf: String,
}

/// What the browser is to be asked for.
async fn options(
    State(identity): State<Identity>,
    visitor: Visitor,
    Json(body): Json<Begin>,
) -> Result<Response, ApiError> {
    check_form(&identity, &visitor.headers, &body.csrf)?;
    let Ok(session) = login::guarding(&identity, &visitor, PATH).await? else {
        return Err(ApiError::new(ProblemKind::Unauthenticated, "sign in once more first"));
    };
    Ok(offer(&identity, &visitor, session.user_id).await?)
}

async fn offer(
    identity: &Identity,
    visitor: &Visitor,
    user: Uuid,
) -> Result<Response, PasskeyError> {
    let party = identity.passkeys.as_ref().ok_or(PasskeyError::NotHere)?;
    let known = store::of(identity.db.reader(), user).await?;
    if known.len() >= PASSKEYS_MAX {
        return Err(PasskeyError::TooMany);
    }
    let account = accounts::for_claims(identity, user).await?.ok_or(PasskeyError::Refused)?;
    let handle = identity.db.write(async |tx: &Tx| store::handle(tx, user).await).await?;
    let known = known.into_iter().map(|passkey| passkey.credential.cred_id).collect();
    let wanted = party
        .core
        .new_challenge_register_builder(&handle, &account.username, &account.display_name)?
        .user_verification_policy(UserVerificationPolicy::Required)
        .require_resident_key(true)
        .exclude_credentials(Some(known));
    let (options, state) = party.core.generate_challenge_register(wanted)?;
    let ticket = ticket::issue(identity, &visitor.headers, Purpose::Enrol(user), state)?;
    Ok(Json(json!({"ticket": ticket, "publicKey": options.public_key})).into_response())
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct PasskeyForm {
    csrf: String,
    name: String,
    ticket: String,
    credential: String,
}

/// The answer comes as a form, because the page after it shows recovery codes, once.
async fn finish(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<PasskeyForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let name = accounts::display_name(&form.name).ok_or(PageError::Malformed)?;
    let t = PasskeyWords::of(visitor.lang);
    let refused = |text| {
        let refused = Some((StatusCode::UNPROCESSABLE_ENTITY, text));
        Ok(form_page(&identity, &visitor, &form.name, refused))
    };
    match enrol(&identity, &visitor, &session, (&name, &form)).await {
        Ok(codes) if !codes.is_empty() => Ok(recovery::page(&identity, &visitor, codes)),
        Ok(_) => Ok(redirect(&identity.path("/account/security?done=added"))),
        Err(PasskeyError::Stale) => refused(t.stale),
        Err(PasskeyError::Refused) => refused(t.refused_new),
        Err(PasskeyError::Known) => refused(t.known),
        Err(PasskeyError::TooMany) => refused(t.too_many),
        Err(PasskeyError::NotHere) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// Verifies and stores a new passkey; answers the recovery codes that came with a first factor.
async fn enrol(
    identity: &Identity,
    visitor: &Visitor,
    session: &Session,
    (name, form): (&str, &PasskeyForm),
) -> Result<Vec<String>, PasskeyError> {
    let party = identity.passkeys.as_ref().ok_or(PasskeyError::NotHere)?;
    let said: RegisterPublicKeyCredential =
        serde_json::from_str(&form.credential).map_err(|_| PasskeyError::Refused)?;
    let purpose = Purpose::Enrol(session.user_id);
    let state: RegistrationState =
        ticket::redeem(identity, &visitor.headers, purpose, &form.ticket).await?;
    let credential = party.core.register_credential(&said, &state, None).map_err(|error| {
        tracing::debug!(%error, "a new passkey was refused: {error}");
        PasskeyError::Refused
    })?;
    if credential.cred_id.is_empty() || credential.cred_id.len() > ID_BYTES_MAX {
        return Err(PasskeyError::Refused);
    }
    let work = async |tx: &Tx| keep(tx, (identity, visitor), session, (name, &credential)).await;
    let codes = identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(codes)
}

async fn keep(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    session: &Session,
    (name, credential): (&str, &Credential),
) -> Result<Vec<String>, PasskeyError> {
    login::hold(tx, session).await?;
    let user = session.user_id;
    let enrolled = factors::of(tx, user).await?;
    if enrolled.iter().filter(|factor| factor.kind == Kind::Passkey).count() >= PASSKEYS_MAX {
        return Err(PasskeyError::TooMany);
    }
    let id = factors::add(tx, user, Kind::Passkey, name).await?.ok_or(PasskeyError::Known)?;
    if !store::add(tx, id, credential).await? {
        return Err(PasskeyError::Known);
    }
    let codes = recovery::first(identity, tx, user, &enrolled).await?;
    changed(tx, (identity, visitor), user, (Kind::Passkey, Change::Added)).await?;
    Ok(codes)
}

//! `/login/passkey`: signing in with a passkey alone.
//!
//! Nobody says who they are before: the authenticator offers the accounts it knows, so a
//! challenge is the same for everybody and tells nothing about any account.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{StatusCode, header};
use kit::db::Tx;
use kit::json::Json;
use kit::problem::{ApiError, Kind as ProblemKind};
use serde::Deserialize;
use serde_json::{Value, json};
use webauthn_rs_core::proto::{PublicKeyCredential, UserVerificationPolicy};

use super::check::{Shown, check};
use super::error::PasskeyError;
use super::store::Passkey;
use super::ticket::{self, Purpose};
use crate::Identity;
use crate::accounts::{self, Status};
use crate::audit::{self, Entry};
use crate::login::{self, HalfDone};
use crate::pages::check_form;
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route("/login/passkey/options", post(options))
        .route("/login/passkey/verify", post(verify))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    csrf: String,
}

async fn options(
    State(identity): State<Identity>,
    visitor: Visitor,
    Json(body): Json<Begin>,
) -> Result<Response, ApiError> {
    check_form(&identity, &visitor.headers, &body.csrf)?;
    identity.limits.begin_from(&visitor)?;
    let required = UserVerificationPolicy::Required;
    let offer = challenge(&identity, &visitor, Purpose::SignIn, (required, Vec::new()))?;
    Ok(Json(offer).into_response())
}

/// A challenge for one of `known`, or for any passkey where that is empty.
pub(super) fn challenge(
    identity: &Identity,
    visitor: &Visitor,
    purpose: Purpose,
    (policy, known): (UserVerificationPolicy, Vec<Passkey>),
) -> Result<Value, PasskeyError> {
    let party = identity.passkeys.as_ref().ok_or(PasskeyError::NotHere)?;
    let known = known.into_iter().map(|passkey| passkey.credential).collect();
    let wanted = party.core.new_challenge_authenticate_builder(known, Some(policy))?;
    let (options, mut state) = party.core.generate_challenge_authenticate(wanted)?;
    // The passkey is looked up when it was shown; it may be gone by then.
    state.set_allowed_credentials(Vec::new());
    let ticket = ticket::issue(identity, &visitor.headers, purpose, state)?;
    Ok(json!({"ticket": ticket, "publicKey": options.public_key}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    csrf: String,
    ticket: String,
    credential: PublicKeyCredential,
    ix: Option<String>,
    #[serde(default)]
    to: String,
    #[serde(default)]
    keep: bool,
}

async fn verify(
    State(identity): State<Identity>,
    visitor: Visitor,
    Json(body): Json<Answer>,
) -> Result<Response, ApiError> {
    check_form(&identity, &visitor.headers, &body.csrf)?;
    identity.limits.sign_in_from(&visitor)?;
    let said = (body.ticket.as_str(), &body.credential);
    let shown = check(&identity, &visitor, Purpose::SignIn, said).await?;
    may_sign_in(&identity, &visitor, shown).await?;
    let interaction =
        login::interaction_of(&identity, &visitor.headers, body.ix.as_deref()).await?;
    let half = HalfDone::begin(interaction, shown.user, body.keep);
    let half = half.back(login::own_page(&body.to));
    let response = login::proved(&identity, &visitor, &half, shown.proof).await?;
    for_script(response)
}

/// The passkey was right: only now may it be told that the account cannot be used.
async fn may_sign_in(
    identity: &Identity,
    visitor: &Visitor,
    shown: Shown,
) -> Result<(), PasskeyError> {
    let account = accounts::for_claims(identity, shown.user).await?;
    match account.ok_or(PasskeyError::Refused)?.status {
        Status::Active => Ok(()),
        Status::Pending => Err(PasskeyError::Refused),
        Status::Blocked => {
            let entry = Entry::new("login.fail").user(shown.user).visitor(visitor).failed();
            let entry = entry.detail(json!({"kind": "passkey", "reason": "blocked"}));
            identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await?;
            Err(PasskeyError::Blocked)
        }
    }
}

/// A redirect with its cookies, as a script can follow it: `{"to": "…"}`.
pub(super) fn for_script(redirect: Response) -> Result<Response, ApiError> {
    let (mut parts, _) = redirect.into_parts();
    let to = parts.headers.remove(header::LOCATION);
    let Some(to) = to.as_ref().and_then(|to| to.to_str().ok()) else {
        return Err(ApiError::new(ProblemKind::Internal, ProblemKind::Internal.title()));
    };
    let mut response = Json(json!({"to": to})).into_response();
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().extend(parts.headers);
    Ok(response)
}

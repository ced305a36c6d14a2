//! Whether what an authenticator says is the signature of a passkey of the right person.

use kit::db::Tx;
use serde_json::json;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AuthenticationResult, AuthenticationState, CollectedClientData, PublicKeyCredential,
};

use super::error::PasskeyError;
use super::store::{self, Passkey};
use super::ticket::{self, Purpose};
use super::{PasskeyWords, RelyingParty};
use crate::Identity;
use crate::accounts::{self, AccountError};
use crate::audit::{self, Entry};
use crate::login::Proof;
use crate::mail::{self, Letter};
use crate::pages::Lang;
use crate::visitor::Visitor;

/// Whose passkey was shown, and what it proves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// Whose it is.
    pub(super) user: Uuid,
    /// What it proves.
    pub(super) proof: Proof,
}

/// Verifies an answer to a challenge made for `purpose`; every attempt is in the audit.
pub(super) async fn check(
    identity: &Identity,
    visitor: &Visitor,
    purpose: Purpose,
    (ticket, said): (&str, &PublicKeyCredential),
) -> Result<Shown, PasskeyError> {
    let party = identity.passkeys.as_ref().ok_or(PasskeyError::NotHere)?;
    let state: AuthenticationState =
        ticket::redeem(identity, &visitor.headers, purpose, ticket).await?;
    let passkey = store::find(identity.db.reader(), &said.raw_id).await?;
    let Some(passkey) = passkey else {
        return Err(refuse(identity, visitor, None, "unknown").await?);
    };
    let owner = Some(passkey.user);
    if let Err(reason) = is_of(identity, &passkey, purpose, said).await? {
        return Err(refuse(identity, visitor, owner, reason).await?);
    }
    match verified(party, &state, &passkey, said) {
        Ok(result) => accept(identity, visitor, &passkey, &result).await,
        Err(WebauthnError::CredentialPossibleCompromise) => {
            Err(regressed(identity, visitor, &passkey).await?)
        }
        Err(error) => Err(refuse(identity, visitor, owner, reason_of(&error)).await?),
    }
}

/// Whether the passkey is one of the person that the challenge was made for, and whether the
/// authenticator means the same person (level 3, section 7.2, step 6).
async fn is_of(
    identity: &Identity,
    passkey: &Passkey,
    purpose: Purpose,
    said: &PublicKeyCredential,
) -> Result<Result<(), &'static str>, PasskeyError> {
    let handle = store::handle_of(identity.db.reader(), passkey.user).await?.unwrap_or_default();
    let same = |told: &Vec<u8>| bool::from(told.as_slice().ct_eq(&handle));
    let told = said.response.user_handle.as_ref();
    Ok(match purpose {
        Purpose::SignIn if !told.is_some_and(same) => Err("user_handle"),
        Purpose::Second(user, _) if user != passkey.user => Err("owner"),
        Purpose::Second(..) if !told.is_none_or(same) => Err("user_handle"),
        Purpose::Enrol(_) => Err("purpose"),
        Purpose::SignIn | Purpose::Second(..) => Ok(()),
    })
}

fn verified(
    party: &RelyingParty,
    state: &AuthenticationState,
    passkey: &Passkey,
    said: &PublicKeyCredential,
) -> Result<AuthenticationResult, WebauthnError> {
    // The library looks at this only when a credential is made (section 7.2, step 14).
    let client: CollectedClientData = serde_json::from_slice(&said.response.client_data_json)
        .map_err(WebauthnError::ParseJSONFailure)?;
    if client.cross_origin.unwrap_or(false) || client.unknown_keys.contains_key("topOrigin") {
        return Err(WebauthnError::CredentialCrossOrigin);
    }
    party.core.authenticate_single_credential(said, state, &passkey.credential)
}

async fn accept(
    identity: &Identity,
    visitor: &Visitor,
    passkey: &Passkey,
    result: &AuthenticationResult,
) -> Result<Shown, PasskeyError> {
    let detail = json!({
        "kind": "passkey",
        "factor": passkey.id,
        "user_verified": result.user_verified(),
    });
    let entry = Entry::new("factor.used").user(passkey.user).visitor(visitor).detail(detail);
    let work = async |tx: &Tx| {
        if !store::used(tx, passkey.id, result.counter(), result.backup_state()).await? {
            return Ok(false);
        }
        audit::record(tx, &entry).await?;
        Ok::<_, AccountError>(true)
    };
    if !identity.db.write(work).await? {
        return Err(regressed(identity, visitor, passkey).await?);
    }
    let proof = Proof::Passkey {
        verified: result.user_verified(),
        synced: passkey.credential.backup_eligible,
    };
    Ok(Shown { user: passkey.user, proof })
}

/// Writes down why a passkey was not accepted; the one who asks is not told.
async fn refuse(
    identity: &Identity,
    visitor: &Visitor,
    owner: Option<Uuid>,
    reason: &str,
) -> Result<PasskeyError, PasskeyError> {
    let entry = Entry::new("factor.failed").visitor(visitor).failed();
    let entry = entry.detail(json!({"kind": "passkey", "reason": reason}));
    let entry = match owner {
        Some(owner) => entry.user(owner),
        None => entry,
    };
    identity.db.write(async |tx: &Tx| audit::record(tx, &entry).await).await?;
    Ok(PasskeyError::Refused)
}

/// The count of signatures did not grow: there may be two of this passkey (section 6.1.1). It is
/// not accepted, and its person hears of it.
async fn regressed(
    identity: &Identity,
    visitor: &Visitor,
    passkey: &Passkey,
) -> Result<PasskeyError, PasskeyError> {
    let work = async |tx: &Tx| {
        if let Some(account) = accounts::for_notice(identity, tx, passkey.user).await? {
            let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
            let t = PasskeyWords::of(lang);
            let said = (t.mail_copy_subject, t.mail_copy_text);
            let letter = Letter::about_security(identity, lang, &account.display_name, said);
            mail::post(identity, tx, &account.email, letter).await?;
        }
        let entry = Entry::new("passkey.counter_regress").user(passkey.user).visitor(visitor);
        let entry = entry.failed().detail(json!({"factor": passkey.id}));
        audit::record(tx, &entry).await?;
        Ok::<_, AccountError>(())
    };
    identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(PasskeyError::Refused)
}

fn reason_of(error: &WebauthnError) -> &'static str {
    match error {
        WebauthnError::MismatchedChallenge => "challenge",
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => "origin",
        WebauthnError::InvalidRPIDHash => "rp_id",
        WebauthnError::UserNotVerified => "user_verification",
        WebauthnError::UserNotPresent => "user_presence",
        WebauthnError::AuthenticationFailure => "signature",
        _ => "malformed",
    }
}

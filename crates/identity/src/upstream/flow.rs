//! A sign-in on its way through a provider.
//!
//! It is an interaction of its own: of use in the browser that began it, once, for ten minutes.
//! What it must remember (nonce, PKCE verifier, what for) is sealed in the row, and `state` names
//! the row and carries 256 random bits besides.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::clock::{now_ms, random_token};
use kit::db::{DbErr, DbResult, Tx};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::Identity;
use crate::login::{self, Interaction};
use crate::visitor::Visitor;

const CONTEXT: &str = "upstream flow";
/// Where the sealed text is in an interaction.
const KEY: &str = "upstream";

/// What a sign-in elsewhere is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Purpose {
    /// To come in.
    SignIn,
    /// To link the account there to this person's here.
    Link(Uuid),
}

/// What is remembered meanwhile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Flow {
    /// The provider's name.
    pub(super) provider: String,
    /// What for.
    pub(super) purpose: Purpose,
    /// The person is to prove anew who they are.
    pub(super) anew: bool,
    /// The interaction that it is part of.
    pub(super) ix: Option<Uuid>,
    /// The page of ours that comes after it when there is no interaction.
    pub(super) to: String,
    /// Binds the ID token to it.
    pub(super) nonce: String,
    /// Proves that we asked for the code (RFC 7636).
    pub(super) verifier: String,
    /// When it began, milliseconds.
    pub(super) at_ms: i64,
    secret: String,
}

impl Flow {
    /// A flow through `provider`.
    pub(super) fn new(provider: &str, purpose: Purpose, anew: bool) -> Self {
        Self {
            provider: provider.to_owned(),
            purpose,
            anew,
            ix: None,
            to: String::new(),
            nonce: random_token(),
            verifier: random_token(),
            at_ms: now_ms(),
            secret: random_token(),
        }
    }

    /// What is shown of the verifier.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Keeps it for this browser; answers its `state`, and a cookie for a browser without one.
    pub(super) async fn keep(
        &self,
        identity: &Identity,
        visitor: &Visitor,
    ) -> DbResult<(String, Option<http::HeaderValue>)> {
        let request = json!({KEY: seal(identity, CONTEXT, self)?});
        let (id, cookie) = login::begin_interaction(identity, &visitor.headers, &request).await?;
        Ok((format!("{}.{}", id.simple(), self.secret), cookie))
    }

    /// The flow with this `state` if it is of this browser and of this provider; of many answers
    /// at once, one gets it.
    pub(super) async fn take(
        identity: &Identity,
        visitor: &Visitor,
        (provider, state): (&str, &str),
    ) -> DbResult<Option<Self>> {
        let Some((id, secret)) = state.split_once('.') else { return Ok(None) };
        let found = login::interaction_of(identity, &visitor.headers, Some(id)).await?;
        let Some(interaction) = found else { return Ok(None) };
        let flow: Option<Self> = opened(identity, CONTEXT, &interaction, KEY);
        let fits = |flow: &Self| {
            flow.provider == provider && bool::from(flow.secret.as_bytes().ct_eq(secret.as_bytes()))
        };
        let Some(flow) = flow.filter(fits) else { return Ok(None) };
        let spend = async |tx: &Tx| login::finish_interaction(tx, interaction.id).await;
        Ok(identity.db.write(spend).await?.then_some(flow))
    }
}

/// `value` as a text that only we can read.
pub(super) fn seal<T: Serialize>(
    identity: &Identity,
    context: &'static str,
    value: &T,
) -> DbResult<String> {
    let failed = |error: String| DbErr::Custom(format!("{context}: {error}"));
    let plain = serde_json::to_vec(value).map_err(|error| failed(error.to_string()))?;
    let sealed = identity.keys.seal(context, &[], &plain);
    Ok(URL_SAFE_NO_PAD.encode(sealed.map_err(|error| failed(error.to_string()))?))
}

/// What [`seal`] has put into an interaction.
pub(super) fn opened<T: DeserializeOwned>(
    identity: &Identity,
    context: &'static str,
    interaction: &Interaction,
    key: &str,
) -> Option<T> {
    let sealed = URL_SAFE_NO_PAD.decode(interaction.text(key)?).ok()?;
    let plain = identity.keys.open_value(context, &[], &sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

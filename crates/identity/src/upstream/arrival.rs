//! Somebody who has come from a provider: what it vouches for, and, when nobody here is linked to
//! them yet, the interaction in which that waits for what they decide.

use http::HeaderValue;
use kit::db::{DbResult, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::claims::Said;
use super::flow::{opened, seal};
use crate::Identity;
use crate::accounts::Email;
use crate::login::{self, Acr, Interaction};
use crate::visitor::Visitor;

const CONTEXT: &str = "upstream arrival";
/// Where the sealed text is in an interaction.
const KEY: &str = "arrival";

/// Somebody who has come from a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Arrival {
    /// The provider's name.
    pub(super) provider: String,
    /// Its issuer.
    pub(super) iss: String,
    /// What it calls the person; with the issuer, the only thing that says who they are.
    pub(super) sub: String,
    /// What it calls the sign-in.
    pub(super) sid: Option<String>,
    /// How strong the sign-in was.
    pub(super) acr: Acr,
    /// When the person proved there who they are, milliseconds; nothing if it did not say so.
    pub(super) proved_at: Option<i64>,
    /// How they are called there.
    pub(super) username: Option<String>,
    /// The name that others see there.
    pub(super) display_name: Option<String>,
    /// Their address.
    pub(super) email: Option<String>,
    /// The address is theirs: the provider says so, and the operator believes it.
    pub(super) email_proven: bool,
    /// The interaction that brought them.
    pub(super) ix: Option<Uuid>,
}

impl Arrival {
    /// How a page names the account there.
    pub(super) fn name(&self) -> &str {
        let names = [&self.username, &self.email, &self.display_name];
        names.into_iter().flatten().next().map(String::as_str).unwrap_or_default()
    }

    /// What was said about the person, for proposals.
    pub(super) fn said(&self) -> Said {
        Said {
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            email: self.email.clone(),
            email_verified: self.email_proven,
        }
    }

    /// The address that the provider proved.
    pub(super) fn proven_email(&self) -> Option<Email> {
        self.email.as_deref().filter(|_| self.email_proven).and_then(Email::parse)
    }

    /// Keeps it for this browser while the person decides; answers under which id.
    pub(super) async fn keep(
        &self,
        identity: &Identity,
        visitor: &Visitor,
    ) -> DbResult<(Uuid, Option<HeaderValue>)> {
        let request = json!({KEY: seal(identity, CONTEXT, self)?});
        let (id, cookie) = login::begin_interaction(identity, &visitor.headers, &request).await?;
        let prolong = async |tx: &Tx| login::prolong_interaction(tx, id).await;
        identity.db.write(prolong).await?;
        Ok((id, cookie))
    }

    /// What waits under `id` in this browser.
    pub(super) async fn waiting(
        identity: &Identity,
        visitor: &Visitor,
        id: Uuid,
    ) -> DbResult<Option<Self>> {
        let found = login::interaction(identity, &visitor.headers, id).await?;
        Ok(found.and_then(|found| opened(identity, CONTEXT, &found, KEY)))
    }

    /// The interaction that brought the person, if it still waits.
    pub(super) async fn interaction(
        &self,
        identity: &Identity,
        visitor: &Visitor,
    ) -> DbResult<Option<Interaction>> {
        match self.ix {
            Some(ix) => login::interaction(identity, &visitor.headers, ix).await,
            None => Ok(None),
        }
    }
}

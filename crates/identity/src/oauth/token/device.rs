//! A device asks whether its person has allowed it (RFC 8628 section 3.4).

use kit::clock::now_ms;
use kit::db::DbErr;

use super::super::device::{self, Polled};
use super::super::endpoint::{Failure, INVALID_GRANT, TokenError, refuse};
use super::super::grants;
use super::super::ground::About;
use super::{Asking, Made, Tokens, end, same_resource};

/// Spends the code of a device, once its person has said yes.
pub(super) async fn exchange(asking: &Asking<'_>, code: &str) -> Result<Tokens, Failure> {
    let (provider, client) = (&asking.identity.oauth, asking.client);
    // A request that is not right must not cost the code.
    if let Some(grant) = device::grant_of(provider.db.reader(), code).await? {
        same_resource(asking.body, &grant)?;
    }
    let now = now_ms();
    let refreshes = client.may("refresh_token");
    let polled = provider
        .db
        .write(async |tx| {
            let polled = device::poll(tx, client, (code, asking.jkt), now).await?;
            let Polled::Allowed(grant) = &polled else { return Ok((polled, None)) };
            let refresh = if refreshes && grant.scopes().has("offline_access") {
                Some(grants::first_refresh(tx, grant.id, now).await?)
            } else {
                None
            };
            if let Some(jkt) = asking.jkt_of_refresh() {
                grants::bind(tx, grant.id, jkt).await?;
            }
            asking.record(tx, "token.issued", About::grant(grant)).await?;
            Ok::<_, DbErr>((polled, refresh))
        })
        .await?;
    match polled {
        (Polled::Allowed(grant), refresh) => {
            let made = Made { asking, grant: &grant, refresh, scopes: grant.scopes() };
            made.tokens_of_sign_in(None).await
        }
        (Polled::Again(grant), _) => {
            end(asking, "device.replay", &grant).await?;
            Err(INVALID_GRANT.into())
        }
        (polled, _) => Err(told(&polled).into()),
    }
}

/// In the words of RFC 8628 section 3.5.
fn told(polled: &Polled) -> TokenError {
    match polled {
        Polled::Pending => refuse("authorization_pending", "the person has not decided yet"),
        Polled::SlowDown => refuse("slow_down", "wait five seconds longer between two requests"),
        Polled::Expired => refuse("expired_token", "the person took too long; begin again"),
        Polled::Denied => refuse("access_denied", "the person did not agree"),
        Polled::Allowed(_) | Polled::Again(_) | Polled::Useless => INVALID_GRANT,
    }
}

//! A code, which came with the person's browser, for tokens.

use kit::clock::now_ms;
use kit::db::DbErr;

use super::super::endpoint::{Failure, INVALID_GRANT};
use super::super::grants::{self, Shown, Spent};
use super::super::ground::About;
use super::{Asking, Made, Tokens, end, same_resource};

/// Spends a code.
pub(super) async fn exchange(
    asking: &Asking<'_>,
    code: &str,
    (redirect_uri, verifier): (&str, &str),
) -> Result<Tokens, Failure> {
    let (provider, client) = (&asking.identity.oauth, asking.client);
    let now = now_ms();
    // A request that is not right must not cost the code.
    if let Some(grant) = grants::of_code(provider.db.reader(), code).await? {
        same_resource(asking.body, &grant)?;
    }
    let shown = Shown { redirect_uri, verifier, jkt: asking.jkt };
    let refreshes = client.may("refresh_token");
    let spent = provider
        .db
        .write(async |tx| {
            let spent = grants::spend_code(tx, client, code, shown, now).await?;
            let Spent::Now(grant, _) = &spent else { return Ok((spent, None)) };
            let refresh = if refreshes && grant.scopes().has("offline_access") {
                Some(grants::first_refresh(tx, grant.id, now).await?)
            } else {
                None
            };
            if let Some(jkt) = asking.jkt_of_refresh() {
                grants::bind(tx, grant.id, jkt).await?;
            }
            asking.record(tx, "token.issued", About::grant(grant)).await?;
            Ok::<_, DbErr>((spent, refresh))
        })
        .await?;
    match spent {
        (Spent::Now(grant, nonce), refresh) => {
            let made = Made { asking, grant: &grant, refresh, scopes: grant.scopes() };
            made.tokens_of_sign_in(nonce.as_deref()).await
        }
        (Spent::Again(grant), _) => {
            end(asking, "code.replay", &grant).await?;
            Err(INVALID_GRANT.into())
        }
        (Spent::Useless, _) => Err(INVALID_GRANT.into()),
    }
}

//! A refresh token for new tokens.

use kit::clock::now_ms;
use kit::db::DbErr;

use super::super::dpop;
use super::super::endpoint::{Failure, INVALID_GRANT, TokenError, refuse};
use super::super::grants::{self, Rotated};
use super::super::ground::{self, About};
use super::super::scope::Scopes;
use super::{Asking, Made, Tokens, end, same_resource};

/// Spends a refresh token.
pub(super) async fn exchange(
    asking: &Asking<'_>,
    token: &str,
    scope: Option<&str>,
) -> Result<Tokens, Failure> {
    let (provider, client) = (&asking.identity.oauth, asking.client);
    let now = now_ms();
    // A request that is not right must not cost the refresh token.
    let known = grants::of_refresh_token(provider.db.reader(), token).await?;
    let known = known.filter(|grant| grant.client_id == client.id).ok_or(INVALID_GRANT)?;
    same_key(asking, known.jkt.as_deref())?;
    same_resource(asking.body, &known)?;
    let scopes = narrowed(known.scopes(), scope)?;
    let rotated = provider
        .db
        .write(async |tx| {
            let rotated = grants::rotate(tx, &provider.ring, client, token, now).await?;
            if let Rotated::Now(grant, _) = &rotated {
                if let Some(jkt) = asking.jkt_of_refresh() {
                    grants::bind(tx, grant.id, jkt).await?;
                }
                ground::record(tx, "token.refreshed", About::grant(grant)).await?;
            }
            Ok::<_, DbErr>(rotated)
        })
        .await?;
    match rotated {
        Rotated::Now(grant, next) => {
            Made { asking, grant: &grant, refresh: Some(next), scopes }.tokens().await
        }
        Rotated::Again(grant) => {
            end(asking.identity, "token.reuse", &grant).await?;
            Err(INVALID_GRANT.into())
        }
        Rotated::Useless => Err(INVALID_GRANT.into()),
    }
}

/// Who shows a refresh token that is bound to a key has the key (RFC 9449 section 5).
fn same_key(asking: &Asking<'_>, bound: Option<&str>) -> Result<(), Failure> {
    match (bound, asking.jkt) {
        (Some(_), None) => Err(dpop::missing()),
        (Some(bound), Some(shown)) if bound != shown => Err(INVALID_GRANT.into()),
        _ => Ok(()),
    }
}

/// Fewer scopes for one access token; the refresh token keeps them all.
fn narrowed(granted: Scopes, asked: Option<&str>) -> Result<Scopes, TokenError> {
    let Some(asked) = asked else { return Ok(granted) };
    let refused = refuse("invalid_scope", "scope asks for more than was granted");
    let asked = Scopes::parse_strictly(asked).map_err(|_| refused.clone())?;
    if asked.is_empty() || !granted.contains(asked) {
        return Err(refused);
    }
    Ok(asked)
}

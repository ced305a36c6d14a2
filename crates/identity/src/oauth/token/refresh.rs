//! A refresh token for new tokens.

use kit::clock::now_ms;

use super::super::dpop;
use super::super::endpoint::{Failure, INVALID_GRANT, TokenError, refuse};
use super::super::grants::{self, Grant, Rotated};
use super::super::ground::About;
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
    let work = provider.db.write(async |tx| {
        let held = grants::hold(tx, client, token).await?.ok_or(INVALID_GRANT)?;
        // A request that is not right must not cost the refresh token.
        let scopes = allowed(asking, held.grant(), scope)?;
        let rotated = grants::rotate(tx, &provider.ring, client, held, now).await?;
        if let Rotated::Now(grant, _) = &rotated {
            if let Some(jkt) = asking.jkt_of_refresh() {
                grants::bind(tx, grant.id, jkt).await?;
            }
            asking.record(tx, "token.refreshed", About::grant(grant)).await?;
        }
        Ok::<_, Failure>((rotated, scopes))
    });
    let (rotated, scopes) = work.await?;
    match rotated {
        Rotated::Now(grant, next) => {
            Made { asking, grant: &grant, refresh: Some(next), scopes }.tokens().await
        }
        Rotated::Again(grant) => {
            end(asking, "token.reuse", &grant).await?;
            Err(INVALID_GRANT.into())
        }
        Rotated::Useless => Err(INVALID_GRANT.into()),
    }
}

/// What may be given for a grant, if the request is right.
fn allowed(asking: &Asking<'_>, grant: &Grant, scope: Option<&str>) -> Result<Scopes, Failure> {
    same_key(asking, grant.jkt.as_deref())?;
    same_resource(asking.body, grant)?;
    Ok(narrowed(grant.scopes(), scope)?)
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

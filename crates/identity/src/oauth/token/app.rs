//! Tokens of an app that speaks for itself and for nobody (RFC 6749 section 4.4).

use kit::clock::now_ms;

use super::super::authorize;
use super::super::endpoint::{Failure, TokenError, refuse};
use super::super::ground::About;
use super::super::scope::Scopes;
use super::super::tokens::{self, Right};
use super::{Asking, Tokens};

/// A token whose subject is the app itself. There is no person in it, so it tells nothing of one
/// and cannot be refreshed: the app just asks again.
pub(super) async fn exchange(asking: &Asking<'_>, scope: Option<&str>) -> Result<Tokens, Failure> {
    let (provider, client) = (&asking.identity.oauth, asking.client);
    let resource = authorize::resource(asking.body, &provider.resources)?;
    let right = Right {
        audience: resource.unwrap_or_else(|| provider.issuer.clone()),
        scope: allowed(client.scopes, scope)?.to_string(),
        role: None,
        life_s: tokens::LIFE_S,
        jkt: asking.jkt.map(str::to_owned),
    };
    let about = About { client: Some(&client.id), ..About::default() };
    let recorded = provider.db.write(async |tx| asking.record(tx, "token.issued", about).await);
    recorded.await?;
    let (keys, issuer, now_s) = (&provider.keys, &provider.issuer, now_ms() / 1000);
    Ok(Tokens {
        access_token: tokens::access_of_app(keys, issuer, &client.id, &right, now_s)?,
        token_type: right.token_type(),
        expires_in: tokens::LIFE_S,
        scope: right.scope,
        refresh_token: None,
        id_token: None,
    })
}

/// What an app that registered for `registered` gets: all of it that is not about a person, or
/// as much as it asks for.
fn allowed(registered: Scopes, asked: Option<&str>) -> Result<Scopes, TokenError> {
    let own = registered.without_people();
    let refused = |reason| refuse("invalid_scope", reason);
    let scopes = match asked {
        Some(text) => {
            Scopes::parse_strictly(text).map_err(|_| refused("there is no such scope"))?
        }
        None => own,
    };
    if scopes.is_empty() {
        return Err(refused("there is nothing that this client could do alone"));
    }
    if !own.contains(scopes) {
        return Err(refused("this client may not ask for that, or it is about a person"));
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_gets_what_it_registered_for_and_nothing_of_a_person() {
        let registered = Scopes::parse("openid profile email offline_access chat");
        let get = |asked| allowed(registered, asked).map(|scopes| scopes.to_string());
        assert_eq!(get(None).unwrap(), "chat");
        assert_eq!(get(Some("chat")).unwrap(), "chat");
        for asked in ["openid", "chat openid", "offline_access", "chat.admin", "telepathy", " "] {
            assert_eq!(get(Some(asked)).unwrap_err().code, "invalid_scope", "{asked}");
        }
        assert!(allowed(Scopes::parse("openid email"), None).is_err());
    }
}

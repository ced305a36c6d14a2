//! Apps by the hand of who administers: registered, changed and removed as they say.

use kit::db::Tx;

use super::rotate_secret;
use super::{Client, ClientError, ClientKind, change, create, lock, remove};
use crate::Identity;
use crate::accounts::Actor;
use crate::oauth::scope::Scopes;

/// What changes; the rest stays.
#[derive(Debug, Default)]
pub(crate) struct Edit {
    /// What people are shown.
    pub name: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Option<Vec<String>>,
    /// Where a browser may go after signing out.
    pub post_logout_uris: Option<Vec<String>>,
    /// Where it hears that somebody signed out; empty: nowhere.
    pub backchannel_uri: Option<String>,
    /// What it may ask for, separated by spaces.
    pub scope: Option<String>,
    /// What it may exchange for tokens.
    pub grant_types: Option<Vec<String>>,
    /// Its requests must be pushed first.
    pub require_par: Option<bool>,
    /// It belongs to this installation: no consent is asked.
    pub first_party: Option<bool>,
}

impl Edit {
    fn apply(self, client: &mut Client) -> Result<(), ClientError> {
        put(&mut client.name, self.name);
        put(&mut client.redirect_uris, self.redirect_uris);
        put(&mut client.post_logout_uris, self.post_logout_uris);
        put(&mut client.grant_types, self.grant_types);
        put(&mut client.require_par, self.require_par);
        put(&mut client.first_party, self.first_party);
        if let Some(uri) = self.backchannel_uri {
            client.backchannel_uri = Some(uri).filter(|uri| !uri.is_empty());
        }
        if let Some(scope) = self.scope {
            client.scopes = Scopes::parse_strictly(&scope).map_err(ClientError::Scope)?;
        }
        Ok(())
    }
}

fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// Changes an app and answers it.
pub(crate) async fn edit(
    identity: &Identity,
    by: &Actor,
    id: &str,
    edit: Edit,
) -> Result<Client, ClientError> {
    let work = async |tx: &Tx| {
        let mut client = changeable(tx, id, by).await?;
        edit.apply(&mut client)?;
        create::check(&client)?;
        create::check_hand(&client, by)?;
        change(tx, &client, by).await?;
        Ok(client)
    };
    let changed = identity.db.write(work).await;
    identity.oauth.clients.forget(id);
    changed
}

/// Gives an app a new secret and answers it; the old one stays good for so many milliseconds.
pub(crate) async fn new_secret_of(
    identity: &Identity,
    by: &Actor,
    id: &str,
    old_life_ms: i64,
) -> Result<String, ClientError> {
    let work = async |tx: &Tx| {
        let mut client = changeable(tx, id, by).await?;
        let secret = rotate_secret(tx, &mut client, by, old_life_ms).await?;
        secret.ok_or(ClientError::Secretless)
    };
    let secret = identity.db.write(work).await;
    identity.oauth.clients.forget(id);
    secret
}

/// Removes an app and everything that people gave it.
pub(crate) async fn delete(identity: &Identity, by: &Actor, id: &str) -> Result<(), ClientError> {
    let work = async |tx: &Tx| {
        changeable(tx, id, by).await?;
        remove(tx, id, by).await?;
        Ok::<_, ClientError>(())
    };
    identity.db.write(work).await?;
    identity.oauth.clients.forget(id);
    identity.oauth.wake_sender();
    Ok(())
}

/// The app, locked, if it is `by`'s to change; one that the server registers at each start would
/// only come back.
async fn changeable(tx: &Tx, id: &str, by: &Actor) -> Result<Client, ClientError> {
    let client = lock(tx, id).await?.ok_or(ClientError::Unknown)?;
    if client.kind == ClientKind::Configured {
        return Err(ClientError::Configured);
    }
    create::check_hand(&client, by)?;
    Ok(client)
}

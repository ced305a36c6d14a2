//! What becomes of an app after it was registered.

use kit::clock::now_ms;
use kit::db::{DbResult, Tx};
use serde_json::json;

use super::super::Provider;
use super::super::backchannel;
use super::super::ground::{self, About};
use super::{Client, OldSecret, create, lock, store};
use crate::audit::Hand;

/// That a client is used is written down no more often than this.
const USED_EVERY_MS: i64 = 3_600_000;
/// How many unused apps are removed in one round.
const FORGOTTEN_AT_ONCE: i64 = 100;
const DAY_MS: i64 = 86_400_000;

/// Writes what a locked client says now.
pub(crate) async fn change<'a>(tx: &Tx, client: &Client, by: impl Into<Hand<'a>>) -> DbResult<()> {
    store::store(tx, client).await?;
    ground::record_from(tx, "client.changed", about(client), (by, json!({}))).await
}

/// Gives a locked client a new secret; the one before stays good for so many milliseconds.
/// Answers the new one, or nothing for a client that keeps none.
pub(crate) async fn rotate_secret<'a>(
    tx: &Tx,
    client: &mut Client,
    by: impl Into<Hand<'a>>,
    old_life_ms: i64,
) -> DbResult<Option<String>> {
    let until = now_ms().saturating_add(old_life_ms);
    let old = client.secret_hash.take().filter(|_| old_life_ms > 0);
    let secret = create::new_secret(client);
    client.old_secret = old.filter(|_| secret.is_some()).map(|hash| OldSecret { hash, until });
    store::store(tx, client).await?;
    let detail = json!({"secret": "rotated", "old_life_s": old_life_ms / 1000});
    ground::record_from(tx, "client.changed", about(client), (by, detail)).await?;
    Ok(secret)
}

/// Removes a client and everything that people gave it; answers whether there was one. The caller
/// wakes the sender of logout tokens after the commit.
pub(crate) async fn remove<'a>(tx: &Tx, id: &str, by: impl Into<Hand<'a>>) -> DbResult<bool> {
    let Some(client) = lock(tx, id).await? else { return Ok(false) };
    backchannel::app_removed(tx, id).await?;
    store::remove(tx, id).await?;
    let detail = json!({"name": client.name, "kind": client.kind.as_str()});
    ground::record_from(tx, "client.deleted", about(&client), (by, detail)).await?;
    Ok(true)
}

/// Keeps that a client got a token, to the hour; a failure is only logged.
pub(crate) async fn used(provider: &Provider, client: &Client) {
    let now = now_ms();
    if client.last_used_at.is_some_and(|at| now - at < USED_EVERY_MS) {
        return;
    }
    let written = provider.db.write(async |tx| store::touch(tx, &client.id, now).await).await;
    if let Err(error) = written {
        tracing::error!(client = client.id, %error, "could not keep that an app is used: {error}");
    }
    provider.clients.forget(&client.id);
}

/// Removes apps that registered themselves and that nobody used for as long as is configured.
pub(crate) async fn forget_unused(provider: &Provider, now: i64) -> DbResult<()> {
    let before = now - i64::from(provider.apps.unused_days) * DAY_MS;
    for app in store::unused(provider.db.reader(), before, FORGOTTEN_AT_ONCE).await? {
        let work = async |tx: &Tx| {
            // It may have been used since it was listed.
            let again = lock(tx, &app.id).await?;
            match again {
                Some(client) if client.last_used_at.unwrap_or(client.created_at) < before => {
                    remove(tx, &app.id, Hand::Nobody).await
                }
                _ => Ok(false),
            }
        };
        if provider.db.write(work).await? {
            provider.clients.forget(&app.id);
            provider.wake_sender();
            tracing::info!(client = app.id, "removed the app {}, which nobody used", app.id);
        }
    }
    Ok(())
}

fn about(client: &Client) -> About<'_> {
    About { user: client.owner, client: Some(&client.id), session: None }
}

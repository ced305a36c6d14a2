//! Keeping a session: a fresh access token whenever the last one has expired.
//!
//! One request at a time refreshes a session; it holds a lease on the row. If this process dies
//! between the provider's answer and the commit, the provider gives the same successor again to
//! its direct predecessor for 60 s, and [`resume`] asks for it as soon as we run again.

use std::time::Duration;

use kit::clock::now_ms;
use kit::db::{Db, DbResult};
use uuid::Uuid;

use super::SignInError;
use super::callback::TOKEN_CONTEXT;
use super::provider::{self, Exchange, Tokens};
use super::store::{self, Kept};
use crate::Chat;
use crate::people;

/// After a failure that is not ours the next attempt waits this long.
const RETRY_MS: i64 = 15_000;
/// How often old rows are removed and interrupted refreshes taken up.
const TIDY_EVERY: Duration = Duration::from_secs(15);

/// Refreshes a session whose access token has expired, unless somebody does already. Answers
/// whether the session goes on: it does while the provider cannot be reached.
pub(super) async fn keep(chat: &Chat, session: Uuid) -> Result<bool, SignInError> {
    let now = now_ms();
    let leased = chat.db.write(async |tx| store::lease(tx, session, now).await).await?;
    let Some(kept) = leased else { return Ok(true) };
    match renew(chat, &kept).await {
        Ok(Renewed::Yes) => Ok(true),
        Ok(Renewed::Over(reason)) => {
            tracing::info!(session.id = %session, reason, "ended session {session}: {reason}");
            let now = now_ms();
            chat.db.write(async |tx| store::end(tx, session, "refused", now).await).await?;
            super::end_sockets(chat, move |viewer| viewer.session == Some(session));
            Ok(false)
        }
        Err(error) => {
            tracing::warn!(session.id = %session, %error, "could not refresh {session}: {error}");
            let next = now_ms() + RETRY_MS;
            chat.db.write(async |tx| store::postpone(tx, session, next).await).await?;
            Ok(true)
        }
    }
}

/// Gives back the leases of the process before. Done before anyone is served: later it would
/// take the lease of a refresh that is on its way.
pub(crate) async fn release(db: &Db) -> DbResult<()> {
    db.write(async |tx| store::release_all(tx).await).await
}

/// Takes up refreshes that a crash cut short, then tidies for as long as the process runs.
pub(crate) async fn resume(chat: Chat) {
    loop {
        if let Err(error) = tidy(&chat).await {
            tracing::error!(%error, "could not tidy browser sessions: {error}");
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}

async fn tidy(chat: &Chat) -> Result<(), SignInError> {
    for session in store::interrupted(chat.db.reader(), now_ms()).await? {
        keep(chat, session).await?;
    }
    let purged: DbResult<()> = chat.db.write(async |tx| store::purge(tx, now_ms()).await).await;
    Ok(purged?)
}

enum Renewed {
    Yes,
    Over(String),
}

async fn renew(chat: &Chat, kept: &Kept) -> Result<Renewed, SignInError> {
    let Some(sealed) = &kept.refresh_token else {
        return Ok(Renewed::Over("it has no refresh token".to_owned()));
    };
    let plain = chat.keys.open_value(TOKEN_CONTEXT, kept.id.as_bytes(), sealed)?;
    let token = String::from_utf8_lossy(&plain);
    match provider::refresh(chat, &token).await? {
        Exchange::Refused(error) if error == "invalid_grant" => Ok(Renewed::Over(error)),
        Exchange::Refused(error) => Err(SignInError::Provider(error)),
        Exchange::Tokens(tokens) => store_tokens(chat, kept, *tokens).await,
    }
}

/// Writes the successor first: a profile that cannot be read must not cost the session.
async fn store_tokens(chat: &Chat, kept: &Kept, tokens: Tokens) -> Result<Renewed, SignInError> {
    let seal = |token: &String| chat.keys.seal(TOKEN_CONTEXT, kept.id.as_bytes(), token.as_bytes());
    let successor = tokens.refresh_token.as_ref().map(seal).transpose()?;
    let caller = chat.issuer.access(&tokens.access_token, &chat.config.resource).await;
    let expires_at = caller
        .as_ref()
        .map_or_else(|_| now_ms() + RETRY_MS, |caller| caller.exp.saturating_mul(1000));
    chat.db
        .write(async |tx| store::refreshed(tx, kept.id, successor.clone(), expires_at).await)
        .await?;
    let caller = caller?;
    if caller.sid != kept.sid {
        return Ok(Renewed::Over("the provider answered for another sign-in".to_owned()));
    }
    let account = provider::account(chat, &tokens.access_token, &caller).await?;
    chat.db.write(async |tx| people::record(tx, chat, &account, now_ms()).await).await?;
    Ok(Renewed::Yes)
}

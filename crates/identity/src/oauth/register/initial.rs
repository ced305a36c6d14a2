//! Tokens that let a program register apps (RFC 7591 section 3).

use clap::Args;
use kit::clock::{now_ms, random_token, rfc3339};
use kit::db::{DbResult, Tx, exec, params};
use serde_json::{Value, json};

use super::super::clients;
use super::super::ground::{self, About};
use crate::Identity;

/// Most apps that one token is good for.
const USES_MAX: u32 = 1000;
/// Longest life of a token, hours.
const HOURS_MAX: u32 = 24 * 90;

/// Make a token that lets a program register apps.
#[derive(Debug, Clone, Args)]
pub struct RegistrationToken {
    /// How many apps it is good for.
    #[arg(long, default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(USES_MAX)))]
    pub uses: u32,
    /// For how many hours.
    #[arg(long, default_value_t = 24)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(HOURS_MAX)))]
    pub hours: u32,
}

/// Makes a token; answers `{registration_token, uses, expires_at}`.
pub(crate) async fn make(identity: &Identity, args: &RegistrationToken) -> DbResult<Value> {
    let token = format!("it_{}", random_token());
    let now = now_ms();
    let until = now + i64::from(args.hours) * 3_600_000;
    let sql = "INSERT INTO registration_tokens (hash, uses_left, created_at, expires_at) \
               VALUES ($1, $2, $3, $4)";
    let uses = i32::try_from(args.uses).unwrap_or(1);
    let values = params![clients::hash(&token), uses, now, until];
    let work = async |tx: &Tx| {
        exec(tx, sql, values).await?;
        ground::record(tx, "client.registration_token", About::default()).await
    };
    identity.oauth.db.write(work).await?;
    Ok(json!({"registration_token": token, "uses": uses, "expires_at": rfc3339(until)}))
}

/// Uses a token once; answers whether it was good.
pub(super) async fn spend(tx: &Tx, token: &str, now: i64) -> DbResult<bool> {
    let sql = "UPDATE registration_tokens SET uses_left = uses_left - 1 \
               WHERE hash = $1 AND uses_left > 0 AND expires_at > $2";
    Ok(exec(tx, sql, params![clients::hash(token), now]).await? == 1)
}

/// Removes tokens that are of no use any more.
pub(crate) async fn purge(tx: &Tx, now: i64) -> DbResult<()> {
    let sql = "DELETE FROM registration_tokens WHERE expires_at < $1 OR uses_left = 0";
    exec(tx, sql, params![now]).await.map(drop)
}

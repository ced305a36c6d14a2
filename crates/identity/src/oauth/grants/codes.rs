//! Codes: what an app brings from the browser, once.

use kit::clock::random_token;
use kit::db::{DbResult, Row, Sql, Tx, exec, one, params};
use uuid::Uuid;

use super::{Grant, columns_of, hash, lock, revoke};
use crate::oauth::clients::Client;
use crate::oauth::pkce;

/// How long a code may take to come back, milliseconds.
pub(super) const CODE_LIFE_MS: i64 = 60_000;

/// What a code is bound to.
#[derive(Debug, Clone)]
pub(crate) struct CodeFor {
    /// Where it is sent.
    pub redirect_uri: String,
    /// The `S256` challenge.
    pub challenge: String,
    /// Copied into the ID token.
    pub nonce: Option<String>,
    /// The key that must come with it (RFC 9449 section 10).
    pub jkt: Option<String>,
}

/// What an app shows together with its code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// Where the code was sent.
    pub redirect_uri: &'a str,
    /// What its challenge was made of.
    pub verifier: &'a str,
    /// The key that it has proved to have.
    pub jkt: Option<&'a str>,
}

/// What became of a code.
#[derive(Debug)]
pub(crate) enum Spent {
    /// It was good, and is spent now.
    Now(Box<Grant>, Option<String>),
    /// It was spent before, by who could spend it: the grant is revoked.
    Again(Box<Grant>),
    /// Unknown, too old, another client's, or the verifier does not fit.
    Useless,
}

/// Writes a code for a grant; answers it.
pub(crate) async fn issue_code(tx: &Tx, grant: Uuid, code: &CodeFor, now: i64) -> DbResult<String> {
    let secret = format!("ac_{}", random_token());
    let sql = "INSERT INTO codes (hash, grant_id, redirect_uri, challenge, nonce, expires_at, \
               jkt) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = params![
        hash(&secret),
        grant,
        code.redirect_uri.clone(),
        code.challenge.clone(),
        code.nonce.clone(),
        now + CODE_LIFE_MS,
        code.jkt.clone(),
    ];
    exec(tx, sql, values).await?;
    Ok(secret)
}

/// Spends a code. Who cannot show the right client, URI, verifier and key neither spends nor
/// revokes.
pub(crate) async fn spend_code(
    tx: &Tx,
    client: &Client,
    code: &str,
    shown: Shown<'_>,
    now: i64,
) -> DbResult<Spent> {
    #[derive(Row)]
    struct CodeRow {
        grant_id: Uuid,
        redirect_uri: String,
        challenge: String,
        nonce: Option<String>,
        expires_at: i64,
        jkt: Option<String>,
    }
    let sql = "SELECT grant_id, redirect_uri, challenge, nonce, expires_at, jkt FROM codes \
               WHERE hash = $1";
    let Some(row) = one::<CodeRow>(tx, sql, params![hash(code)]).await? else {
        return Ok(Spent::Useless);
    };
    let Some(grant) = lock(tx, row.grant_id).await? else { return Ok(Spent::Useless) };
    let theirs = grant.client_id == client.id && row.redirect_uri == shown.redirect_uri;
    let bound = row.jkt.is_none() || row.jkt.as_deref() == shown.jkt;
    if !theirs || !bound || !pkce::fits(shown.verifier, &row.challenge) {
        return Ok(Spent::Useless);
    }
    let sql = "UPDATE codes SET used_at = $2 WHERE hash = $1 AND used_at IS NULL \
               AND expires_at > $2";
    if exec(tx, sql, params![hash(code), now]).await? == 1 {
        let live = grant.revoked_at.is_none();
        return Ok(if live { Spent::Now(Box::new(grant), row.nonce) } else { Spent::Useless });
    }
    if row.expires_at <= now && !was_used(tx, code).await? {
        return Ok(Spent::Useless);
    }
    revoke(tx, grant.id, "code replay", now).await?;
    Ok(Spent::Again(Box::new(grant)))
}

/// The grant that a code belongs to.
pub(crate) async fn of_code(c: &impl Sql, code: &str) -> DbResult<Option<Grant>> {
    let columns = columns_of("g");
    let sql = format!(
        "SELECT {columns} FROM codes JOIN grants g ON g.id = codes.grant_id WHERE hash = $1"
    );
    one(c, &sql, params![hash(code)]).await
}

async fn was_used(tx: &Tx, code: &str) -> DbResult<bool> {
    #[derive(Row)]
    struct Used {
        used_at: Option<i64>,
    }
    let sql = "SELECT used_at FROM codes WHERE hash = $1";
    let row = one::<Used>(tx, sql, params![hash(code)]).await?;
    Ok(row.is_some_and(|row| row.used_at.is_some()))
}

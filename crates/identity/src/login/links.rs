//! Links in mails: 256 random bits, of which only the SHA-256 is kept; each works once.

use kit::clock::{now_ms, random_token};
use kit::db::{DbResult, Row, Sql, Tx, exec, one, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// How long a link works that confirms an address.
pub(crate) const VERIFY_MS: i64 = 24 * 3_600_000;
/// How long a link works that replaces a password.
pub(crate) const RESET_MS: i64 = 30 * 60_000;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Confirms an address.
    Verify,
    /// Tells somebody who signed up again that they have an account.
    Known,
    /// Replaces a password.
    Reset,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Known => "known",
            Self::Reset => "reset",
        }
    }
}

/// A link to be made, or one that somebody followed.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// Whose account it is about.
    pub(crate) user: Uuid,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// Where the person wants to go afterwards.
    pub(crate) interaction: Option<Uuid>,
    /// The browser that asked for it.
    pub(crate) browser_hash: Vec<u8>,
}

/// Stores `link` and answers its token.
pub(crate) async fn create(tx: &Tx, link: &Link) -> DbResult<String> {
    let life = if link.purpose == Purpose::Reset { RESET_MS } else { VERIFY_MS };
    create_for(tx, link, life).await
}

/// Stores a `link` that works for `life` milliseconds, and answers its token.
pub(crate) async fn create_for(tx: &Tx, link: &Link, life: i64) -> DbResult<String> {
    let token = random_token();
    let sql = "INSERT INTO action_tokens (hash, user_id, kind, interaction_id, browser_hash, \
               expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = params![
        token_hash(&token),
        link.user,
        link.purpose.as_str(),
        link.interaction,
        link.browser_hash.clone(),
        now_ms() + life,
    ];
    exec(tx, sql, values).await?;
    Ok(token)
}

#[derive(Row)]
struct LinkRow {
    user_id: Uuid,
    kind: String,
    interaction_id: Option<Uuid>,
    browser_hash: Vec<u8>,
}

/// The link with this token, if it still works.
pub(crate) async fn find(c: &impl Sql, token: &str) -> DbResult<Option<Link>> {
    let sql = "SELECT user_id, kind, interaction_id, browser_hash FROM action_tokens \
               WHERE hash = $1 AND used_at IS NULL AND expires_at > $2";
    let row: Option<LinkRow> = one(c, sql, params![token_hash(token), now_ms()]).await?;
    Ok(row.map(|row| Link {
        user: row.user_id,
        purpose: match row.kind.as_str() {
            "verify" => Purpose::Verify,
            "reset" => Purpose::Reset,
            _ => Purpose::Known,
        },
        interaction: row.interaction_id,
        browser_hash: row.browser_hash,
    }))
}

/// Spends the link; of many at once, one is told that it did.
pub(crate) async fn spend(tx: &Tx, token: &str, purpose: Purpose) -> DbResult<bool> {
    let sql = "UPDATE action_tokens SET used_at = $3 \
               WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3";
    Ok(exec(tx, sql, params![token_hash(token), purpose.as_str(), now_ms()]).await? == 1)
}

/// Spends all other links of a person for the same purpose.
pub(crate) async fn spend_all(tx: &Tx, user: Uuid, purpose: Purpose) -> DbResult<()> {
    let sql = "UPDATE action_tokens SET used_at = $3 \
               WHERE user_id = $1 AND kind = $2 AND used_at IS NULL";
    exec(tx, sql, params![user, purpose.as_str(), now_ms()]).await?;
    Ok(())
}

#[derive(Row)]
struct WayRow {
    interaction_id: Option<Uuid>,
    browser_hash: Vec<u8>,
}

/// The interaction to which a person's newest link leads that still works, and its browser.
pub(crate) async fn way_of(tx: &Tx, user: Uuid) -> DbResult<Option<(Uuid, Vec<u8>)>> {
    let sql = "SELECT interaction_id, browser_hash FROM action_tokens WHERE user_id = $1 \
               AND interaction_id IS NOT NULL AND used_at IS NULL AND expires_at > $2 \
               ORDER BY expires_at DESC LIMIT 1";
    let row: Option<WayRow> = one(tx, sql, params![user, now_ms()]).await?;
    Ok(row.and_then(|row| Some((row.interaction_id?, row.browser_hash))))
}

/// The person whose link this was, if it was spent.
pub(crate) async fn spent_by(c: &impl Sql, token: &str) -> DbResult<Option<Uuid>> {
    let sql = "SELECT user_id FROM action_tokens WHERE hash = $1 AND used_at IS NOT NULL";
    kit::db::scalar(c, sql, params![token_hash(token)]).await
}

/// What is kept of a token: whoever reads the database cannot show one.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

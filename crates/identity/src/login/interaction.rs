//! An application's request while its person signs in, signs up or confirms an address.
//!
//! The address bar only ever carries the row's id; it is of use in the browser that began it and
//! nowhere else, because the row holds the hash of that browser's cookie.

use http::{HeaderMap, HeaderValue};
use kit::clock::{now_ms, uuid_v7};
use kit::cookie;
use kit::db::{DbResult, Row, Sql, Tx, exec, one, params, scalar};
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{Acr, Proved};
use crate::pages::{browser, browser_cookie, browser_hash};
use crate::upstream::Origin;
use crate::{Identity, oauth};

const LIFE_MS: i64 = 10 * 60_000;
/// What the pages are headed with.
const PRODUCT: &str = "Tertulia";
/// While the person looks for our mail.
const LIFE_OF_SIGN_UP_MS: i64 = 60 * 60_000;

/// A request that waits.
#[derive(Debug, Clone)]
pub(crate) struct Interaction {
    /// Its id, as in `?ix=`.
    pub(crate) id: Uuid,
    /// What the application asked for.
    pub(crate) request: Value,
    /// When it began, milliseconds.
    pub(crate) created_at: i64,
    /// How far its sign-in has come.
    pub(super) half: Option<Half>,
}

/// The application that waits for its person, as the pages name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting<'a> {
    /// What it calls itself; any application may call itself like one of ours.
    pub(crate) name: &'a str,
    /// It is one of ours.
    pub(crate) is_ours: bool,
}

/// A sign-in that needs another step.
#[derive(Debug, Clone)]
pub(super) struct Half {
    pub(super) user: Uuid,
    pub(super) proved: Proved,
    pub(super) keep: bool,
    /// The sign-in elsewhere that it rests on.
    pub(super) origin: Option<Origin>,
}

impl Interaction {
    /// The level that our own page asks for, or the one that the application likes best; of those
    /// that a person who can reach `best` can reach.
    pub(crate) fn wanted(&self, best: Acr) -> Option<Acr> {
        let levels = self.request.pointer("/request/acr/levels").and_then(Value::as_array);
        let asked = levels.into_iter().flatten().chain(self.request.get("acr"));
        let mut asked = asked.filter_map(|level| level.as_str()?.parse::<Acr>().ok());
        asked.find(|level| *level <= best)
    }

    /// Whether a recovery code stands in for the level: our own page asks, on which a factor that
    /// was lost can be replaced.
    pub(super) fn takes_recovery(&self) -> bool {
        self.request.get("or_recovery").is_some_and(|value| *value == true)
    }

    /// Whether who is signed in already does not count: everything is to be proved anew.
    pub(super) fn starts_anew(&self) -> bool {
        let asks = |word| self.request.pointer(&format!("/request/prompt/{word}"));
        ["login", "select_account", "create"]
            .into_iter()
            .any(|word| asks(word).and_then(Value::as_bool).unwrap_or_default())
    }

    /// Whether its person is to prove anew who they are, by whatever means.
    pub(crate) fn wants_proof_anew(&self) -> bool {
        let says = |key: &str| self.request.pointer(key).is_some_and(|value| *value == true);
        let prompted = says("/request/prompt/login") || says("/request/prompt/select_account");
        let aged = self.request.pointer("/request/max_age_s").is_some_and(|age| !age.is_null());
        prompted || aged || self.request.get("acr").is_some()
    }

    /// Whether its application asked for an account to be made.
    pub(crate) fn asks_to_create(&self) -> bool {
        self.request.pointer("/request/prompt/create").is_some_and(|value| *value == true)
    }

    /// Where its person goes who is done: back to the application, to a page of ours, or home.
    pub(super) fn destination(&self, identity: &Identity) -> String {
        if self.request.get("request").is_some() {
            return identity.path(&format!("/oauth/authorize/continue?ix={}", self.id));
        }
        match self.text("back") {
            Some(back) => identity.path(back),
            None => identity.config.home_url.to_string(),
        }
    }

    /// Whether an application waits for it.
    pub(super) fn is_of_app(&self) -> bool {
        self.request.get("request").is_some()
    }

    /// A text of the request.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.request.get(key).and_then(Value::as_str)
    }

    /// The application to name: not our own of the product's name, which the page names anyway.
    pub(crate) fn client(&self) -> Option<Waiting<'_>> {
        let name = self.text("client_name")?;
        let is_ours = self.request.get("first_party").is_some_and(|value| *value == true);
        (!is_ours || name != PRODUCT).then_some(Waiting { name, is_ours })
    }

    /// The origin that its redirects end at, for the policy of pages with a form.
    pub(crate) fn form_action(&self) -> Option<String> {
        oauth::form_action_of(&self.request)
    }
}

#[derive(Row)]
struct InteractionRow {
    id: Uuid,
    browser_hash: Vec<u8>,
    request: String,
    created_at: i64,
    user_id: Option<Uuid>,
    acr: Option<String>,
    amr: String,
    keep: bool,
    upstream: Option<String>,
}

impl InteractionRow {
    fn open(self) -> Option<Interaction> {
        let request = serde_json::from_str(&self.request).ok()?;
        let acr = self.acr.as_deref().and_then(|acr| acr.parse::<Acr>().ok());
        let origin = self.upstream.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let half = self.user_id.map(|user| Half {
            user,
            proved: Proved { acr, amr: self.amr, at: None },
            keep: self.keep,
            origin,
        });
        Some(Interaction { id: self.id, request, created_at: self.created_at, half })
    }
}

/// Keeps `request` for the browser of `headers`; the cookie is to be set when it had none.
pub(crate) async fn begin_interaction(
    identity: &Identity,
    headers: &HeaderMap,
    request: &Value,
) -> DbResult<(Uuid, Option<HeaderValue>)> {
    let (secret, is_new) = browser(identity, headers);
    let (id, now) = (uuid_v7(), now_ms());
    let sql = "INSERT INTO interactions (id, browser_hash, request, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let values = params![id, browser_hash(&secret), request.to_string(), now, now + LIFE_MS];
    identity.db.write(async |tx: &Tx| exec(tx, sql, values).await).await?;
    Ok((id, is_new.then(|| browser_cookie(identity, &secret))))
}

/// The request that waits under `id` in this browser.
pub(crate) async fn interaction(
    identity: &Identity,
    headers: &HeaderMap,
    id: Uuid,
) -> DbResult<Option<Interaction>> {
    let sql = "SELECT id, browser_hash, request, created_at, user_id, acr, amr, keep, upstream \
               FROM interactions WHERE id = $1 AND expires_at > $2";
    let row: Option<InteractionRow> = one(identity.db.reader(), sql, params![id, now_ms()]).await?;
    let row = row.filter(|row| is_browser(identity, headers, &row.browser_hash));
    Ok(row.and_then(InteractionRow::open))
}

/// Writes down how far a sign-in has come.
pub(super) async fn keep_half(tx: &Tx, id: Uuid, half: &Half) -> DbResult<()> {
    let sql = "UPDATE interactions SET user_id = $2, acr = $3, amr = $4, keep = $5, \
               upstream = $6 WHERE id = $1";
    let acr = half.proved.acr.map(Acr::as_str);
    let origin = half.origin.as_ref().and_then(|origin| serde_json::to_string(origin).ok());
    let values = params![id, half.user, acr, half.proved.amr.clone(), half.keep, origin];
    exec(tx, sql, values).await?;
    Ok(())
}

/// Whether a sign-in of this person is half done under `id`, as it was written down.
pub(super) async fn is_half_of(tx: &Tx, id: Uuid, user: Uuid) -> DbResult<bool> {
    let sql = "SELECT id FROM interactions WHERE id = $1 AND user_id = $2";
    Ok(scalar::<Uuid>(tx, sql, params![id, user]).await?.is_some())
}

/// Forgets how far a sign-in had come, since it is done; its application's request stays.
pub(super) async fn forget_half(tx: &Tx, id: Uuid) -> DbResult<()> {
    let sql = "UPDATE interactions SET user_id = NULL, acr = NULL, amr = '', upstream = NULL \
               WHERE id = $1";
    exec(tx, sql, params![id]).await?;
    Ok(())
}

/// The same for the text of a parameter; nonsense is no interaction.
pub(crate) async fn interaction_of(
    identity: &Identity,
    headers: &HeaderMap,
    id: Option<&str>,
) -> DbResult<Option<Interaction>> {
    match id.and_then(|id| Uuid::parse_str(id).ok()) {
        Some(id) => interaction(identity, headers, id).await,
        None => Ok(None),
    }
}

/// Gives a request more time, because its person waits for a mail.
pub(crate) async fn prolong_interaction(tx: &Tx, id: Uuid) -> DbResult<()> {
    let sql = "UPDATE interactions SET expires_at = $2 WHERE id = $1";
    exec(tx, sql, params![id, now_ms() + LIFE_OF_SIGN_UP_MS]).await?;
    Ok(())
}

/// Forgets a request that is being answered; of many answers at once, one finds it there.
pub(crate) async fn finish_interaction(c: &impl Sql, id: Uuid) -> DbResult<bool> {
    Ok(exec(c, "DELETE FROM interactions WHERE id = $1", params![id]).await? == 1)
}

/// Whether the browser of `headers` is the one with this hash.
pub(crate) fn is_browser(identity: &Identity, headers: &HeaderMap, hash: &[u8]) -> bool {
    bool::from(browser_hash_of(identity, headers).ct_eq(hash))
}

/// The hash of the browser of `headers`; empty when it has no cookie.
pub(crate) fn browser_hash_of(identity: &Identity, headers: &HeaderMap) -> Vec<u8> {
    let secret = cookie::read(headers, &identity.config.issuer, crate::pages::BROWSER_COOKIE);
    secret.map(browser_hash).unwrap_or_default()
}

/// Where a person goes who has just signed in: back to the application, or home.
pub(crate) async fn destination(
    identity: &Identity,
    headers: &HeaderMap,
    id: Option<Uuid>,
) -> DbResult<String> {
    let waiting = match id {
        Some(id) => interaction(identity, headers, id).await?,
        None => None,
    };
    Ok(match waiting {
        Some(waiting) => waiting.destination(identity),
        None => identity.config.home_url.to_string(),
    })
}

/// The origin that a form's redirects may end at, for the interaction `id`.
pub(crate) async fn form_action(
    identity: &Identity,
    headers: &HeaderMap,
    id: Option<Uuid>,
) -> DbResult<Option<String>> {
    let waiting = match id {
        Some(id) => interaction(identity, headers, id).await?,
        None => None,
    };
    Ok(waiting.and_then(|waiting| waiting.form_action()))
}

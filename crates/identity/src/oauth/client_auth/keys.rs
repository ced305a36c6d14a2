//! The public keys of apps that sign: what they registered, or what is at the URL they registered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kit::egress::Guard;
use kit::jose::Signed;
use serde_json::Value;

use super::super::clients::Details;

/// Longest key set at a URL, bytes.
const BYTES_MAX: usize = 64 * 1024;
/// How long a key set is believed, milliseconds.
const FRESH_MS: i64 = 5 * 60 * 1000;
/// How long it is believed when its URL does not answer any more, milliseconds.
const STALE_MS: i64 = 60 * 60 * 1000;
/// A URL is not asked more often than this, milliseconds.
const PAUSE_MS: i64 = 30_000;
/// Most key sets that are kept.
const SETS_MAX: usize = 1000;

/// Key sets of apps, as they were when their URLs were last asked.
#[derive(Default)]
pub(crate) struct KeySets(Mutex<HashMap<String, Slot>>);

/// One URL; locked while it is asked, so that all who wait for it get the one answer.
type Slot = Arc<tokio::sync::Mutex<Asked>>;

#[derive(Default)]
struct Asked {
    at_ms: Option<i64>,
    /// The keys, and when they were had.
    keys: Option<(i64, Arc<Value>)>,
}

impl KeySets {
    /// The keys that `signed` may be checked with, if the app has any.
    pub(super) async fn of(
        &self,
        guard: &Guard,
        details: &Details,
        (signed, now_ms): (&Signed<'_>, i64),
    ) -> Option<Arc<Value>> {
        if let Some(own) = &details.jwks {
            return serde_json::from_str(own).ok().map(Arc::new);
        }
        let uri = details.jwks_uri.as_deref()?;
        let slot = self.slot(uri);
        let mut asked = slot.lock().await;
        let age_ms = asked.at_ms.map_or(i64::MAX, |at_ms| now_ms.saturating_sub(at_ms));
        let known = asked.keys.as_ref().is_some_and(|(_, keys)| signed.has_candidate(keys));
        if age_ms > FRESH_MS || (!known && age_ms > PAUSE_MS) {
            asked.at_ms = Some(now_ms);
            // Anybody can have us ask, by an assertion with another key's name, in the moment in
            // which the app's place does not answer: that is no reason to shut the app out.
            if let Some(keys) = fetch(guard, uri).await {
                asked.keys = Some((now_ms, keys));
            }
        }
        let believed = |had_ms: i64| now_ms.saturating_sub(had_ms) <= STALE_MS;
        asked.keys.as_ref().filter(|(had_ms, _)| believed(*had_ms)).map(|(_, keys)| keys.clone())
    }

    /// Forgets what is too old to be believed.
    pub(crate) fn tidy(&self, now_ms: i64) {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Who holds a lock is asking right now.
        slots.retain(|_, slot| slot.try_lock().map_or(true, |asked| asked.is_of_use(now_ms)));
    }

    fn slot(&self, uri: &str) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= SETS_MAX && !slots.contains_key(uri) {
            slots.clear();
        }
        Arc::clone(slots.entry(uri.to_owned()).or_default())
    }
}

impl Asked {
    fn is_of_use(&self, now_ms: i64) -> bool {
        let within = |at_ms: i64, span_ms| now_ms.saturating_sub(at_ms) <= span_ms;
        self.at_ms.is_some_and(|at_ms| within(at_ms, FRESH_MS))
            || self.keys.as_ref().is_some_and(|(had_ms, _)| within(*had_ms, STALE_MS))
    }
}

async fn fetch(guard: &Guard, uri: &str) -> Option<Arc<Value>> {
    match guard.get_json::<Value>(uri, BYTES_MAX).await {
        Ok(keys) => Some(Arc::new(keys)),
        Err(error) => {
            tracing::warn!(%error, "the keys of an app cannot be had: {error}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::routing::get;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use kit::egress::EgressConfig;
    use serde_json::json;

    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    /// A place with one key that is named `a`, or with nothing of use; and how often it was asked.
    async fn place(good: bool) -> (Details, Arc<AtomicUsize>) {
        place_until(if good { usize::MAX } else { 0 }).await
    }

    /// A place that answers so many times.
    async fn place_until(last: usize) -> (Details, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let answer = move || {
            let good = counted.fetch_add(1, Ordering::SeqCst) < last;
            let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "a", "x": X, "y": Y});
            let keys = json!({"keys": [jwk]}).to_string();
            async move { if good { keys } else { "\"".repeat(BYTES_MAX + 1) } }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/jwks", listener.local_addr().unwrap());
        let router = Router::new().route("/jwks", get(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Details { jwks_uri: Some(uri), ..Details::default() }, count)
    }

    fn token(kid: &str) -> String {
        let header = json!({"alg": "ES256", "kid": kid}).to_string();
        format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header))
    }

    async fn finds(sets: &KeySets, details: &Details, kid: &str, now_ms: i64) -> bool {
        let guard = Guard::new(&EgressConfig::default().with_loopback());
        let token = token(kid);
        let signed = Signed::parse(&token, 4096).unwrap();
        let keys = sets.of(&guard, details, (&signed, now_ms)).await;
        keys.is_some_and(|keys| signed.has_candidate(&keys))
    }

    #[tokio::test]
    async fn a_place_is_asked_when_its_keys_are_old_or_do_not_fit() {
        let (details, count) = place(true).await;
        let sets = KeySets::default();
        let asked = || count.load(Ordering::SeqCst);
        assert!(finds(&sets, &details, "a", 0).await);
        assert!(finds(&sets, &details, "a", FRESH_MS).await);
        assert_eq!(asked(), 1);
        assert!(finds(&sets, &details, "a", FRESH_MS + 1).await);
        assert_eq!(asked(), 2);
        for _ in 0..9 {
            assert!(!finds(&sets, &details, "b", FRESH_MS + PAUSE_MS).await);
        }
        assert_eq!(asked(), 2, "not more often than every 30 s");
        assert!(!finds(&sets, &details, "b", FRESH_MS + PAUSE_MS + 2).await);
        assert_eq!(asked(), 3);
        sets.tidy(2 * FRESH_MS);
        assert_eq!(sets.0.lock().unwrap().len(), 1);
        sets.tidy(2 * FRESH_MS + STALE_MS);
        assert_eq!(sets.0.lock().unwrap().len(), 0);
    }

    #[tokio::test]
    async fn keys_stay_good_for_an_hour_when_their_place_does_not_answer() {
        let (details, count) = place_until(1).await;
        let sets = KeySets::default();
        assert!(finds(&sets, &details, "a", 0).await);
        assert!(!finds(&sets, &details, "a stranger's", PAUSE_MS + 1).await);
        assert!(finds(&sets, &details, "a", PAUSE_MS + 2).await);
        assert_eq!(count.load(Ordering::SeqCst), 2, "it was asked, and did not answer");
        assert!(finds(&sets, &details, "a", STALE_MS).await);
        assert!(!finds(&sets, &details, "a", STALE_MS + 1).await);
    }

    #[tokio::test]
    async fn many_who_wait_for_one_place_ask_it_once() {
        let (details, count) = place(true).await;
        let sets = KeySets::default();
        let all = (0..20).map(|_| finds(&sets, &details, "a", 0));
        assert!(futures::future::join_all(all).await.into_iter().all(|found| found));
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_place_that_answers_too_much_is_not_asked_again_at_once() {
        let (details, count) = place(false).await;
        let sets = KeySets::default();
        assert!(!finds(&sets, &details, "a", 0).await);
        assert!(!finds(&sets, &details, "a", PAUSE_MS).await);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }
}

//! A document of a provider, asked for when it is needed and kept for a while.

use std::sync::Arc;

use kit::clock::now_ms;
use tokio::sync::Mutex;

use super::UpstreamError;

/// How long a document is believed without asking.
const FRESH_MS: i64 = 5 * 60_000;
/// How long it is believed while the provider does not answer.
const STALE_MS_MAX: i64 = 60 * 60_000;
/// A document that lacks something is not asked for more often than this.
const PAUSE_MS: i64 = 30_000;
/// After a failure, others fail with it for so long instead of waiting each.
const PAUSE_AFTER_FAILURE_MS: i64 = 2_000;

/// One document. Locked while it is asked for, so that all who wait get the one answer.
pub(super) struct Kept<T>(Mutex<State<T>>);

struct State<T> {
    /// What was last got, and when.
    known: Option<(i64, Arc<T>)>,
    /// Why nothing was got, and when.
    failed: Option<(i64, String)>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(State { known: None, failed: None }))
    }
}

impl<T> Kept<T> {
    /// The document, asked for anew when it is old or not `enough`.
    pub(super) async fn get(
        &self,
        enough: impl Fn(&T) -> bool,
        ask: impl AsyncFnOnce() -> Result<T, UpstreamError>,
    ) -> Result<Arc<T>, UpstreamError> {
        let mut state = self.0.lock().await;
        let now = now_ms();
        if let Some(known) = state.good_enough(now, enough) {
            return Ok(known);
        }
        if let Some((at, reason)) = &state.failed
            && now - at < PAUSE_AFTER_FAILURE_MS
        {
            return state.known(now).ok_or_else(|| UpstreamError::Away(reason.clone()));
        }
        match ask().await {
            Ok(document) => {
                let document = Arc::new(document);
                state.known = Some((now_ms(), Arc::clone(&document)));
                state.failed = None;
                Ok(document)
            }
            Err(error) => {
                state.failed = Some((now_ms(), error.to_string()));
                state.known(now).ok_or(error)
            }
        }
    }
}

impl<T> State<T> {
    fn good_enough(&self, now: i64, enough: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let (at, document) = self.known.as_ref()?;
        let age = now - at;
        let good = age < PAUSE_MS || (age < FRESH_MS && enough(document));
        good.then(|| Arc::clone(document))
    }

    fn known(&self, now: i64) -> Option<Arc<T>> {
        let (at, document) = self.known.as_ref()?;
        (now - at < STALE_MS_MAX).then(|| Arc::clone(document))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    async fn aged(kept: &Kept<u32>, by_ms: i64) {
        let mut state = kept.0.lock().await;
        if let Some((at, _)) = &mut state.known {
            *at -= by_ms;
        }
        if let Some((at, _)) = &mut state.failed {
            *at -= by_ms;
        }
    }

    #[tokio::test]
    async fn a_document_is_asked_for_when_it_is_old_or_not_enough() {
        let (kept, count) = (Kept::<u32>::default(), AtomicUsize::new(0));
        let ask = async || {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(7)
        };
        let asked = || count.load(Ordering::SeqCst);
        assert_eq!(*kept.get(|_| true, ask).await.unwrap(), 7);
        kept.get(|_| false, ask).await.unwrap();
        assert_eq!(asked(), 1, "it was asked for just now");
        aged(&kept, PAUSE_MS).await;
        kept.get(|_| true, ask).await.unwrap();
        assert_eq!(asked(), 1);
        kept.get(|_| false, ask).await.unwrap();
        assert_eq!(asked(), 2);
        aged(&kept, FRESH_MS).await;
        kept.get(|_| true, ask).await.unwrap();
        assert_eq!(asked(), 3);
    }

    #[tokio::test]
    async fn while_the_provider_is_away_an_old_document_will_do_for_an_hour() {
        let kept = Kept::<u32>::default();
        let away = async || Err(UpstreamError::Away("gone".to_owned()));
        assert!(kept.get(|_| true, away).await.is_err());
        let back = async || Ok(7);
        assert!(kept.get(|_| true, back).await.is_err(), "not asked again at once");
        aged(&kept, PAUSE_AFTER_FAILURE_MS).await;
        assert_eq!(*kept.get(|_| true, back).await.unwrap(), 7);
        aged(&kept, FRESH_MS).await;
        assert_eq!(*kept.get(|_| true, away).await.unwrap(), 7);
        aged(&kept, STALE_MS_MAX).await;
        assert!(kept.get(|_| true, away).await.is_err());
    }
}

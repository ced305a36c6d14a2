//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

use crate::environment::PATIENCE;

/// What `probe` finds as soon as it finds something; panics with `what` after [`PATIENCE`].
pub async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_for(PATIENCE, what, probe).await
}

/// The same with another deadline.
pub async fn eventually_for<T>(
    patience: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(start.elapsed() < patience, "not after {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

//! Rate limits by key, in this process.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::problem::{ApiError, Kind};

/// So many per period and key, with a burst.
pub struct Limiter<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// `burst` at once, then one more every `refill`.
    pub fn new(burst: u32, refill: Duration) -> Self {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(refill)
            .unwrap_or_else(|| Quota::per_second(burst))
            .allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    /// Spends one of `key`'s budget, or says in how many seconds there will be one.
    pub fn check(&self, key: &K) -> Result<(), RateLimited> {
        self.limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            RateLimited { retry_after_s: wait.as_secs() + 1 }
        })
    }

    /// Forgets keys that have their whole budget again; call it from time to time.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// The budget is spent.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("too many requests; try again in {retry_after_s} s")]
pub struct RateLimited {
    /// Seconds until there is budget again.
    pub retry_after_s: u64,
}

impl crate::problem::Problem for RateLimited {
    fn kind(&self) -> Kind {
        Kind::RateLimited
    }
    fn retry_after_s(&self) -> Option<u64> {
        Some(self.retry_after_s)
    }
}

impl RateLimited {
    /// As the answer of a handler.
    pub fn into_api_error(self) -> ApiError {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_is_free_and_then_the_wait_is_told() {
        let limiter = Limiter::new(2, Duration::from_mins(1));
        assert!(limiter.check(&"ana").is_ok());
        assert!(limiter.check(&"ana").is_ok());
        let refused = limiter.check(&"ana").unwrap_err();
        assert!((1..=61).contains(&refused.retry_after_s));
        assert!(limiter.check(&"ben").is_ok());
    }
}

//! Pacing: a room that is told many messages is told them in larger portions.
//!
//! To tell a thousand followers costs a thousand writes, whether each carries one message or
//! sixteen. Under a burst the messages that become durable during one pass would be the next, and
//! those of the meantime the one after: several small portions chase each other. So a pass that
//! carried several entries and was dear lets the next one wait for a part of what it cost, and the
//! portions unite. A pass with a single entry, the ordinary case, delays nothing.
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::Shard;
use super::follow::Topic;
use crate::Application;

/// The next pass may wait for a half of what this one cost.
const COST_SHARE: u32 = 2;
/// What it waits at most.
const REST_MAX: Duration = Duration::from_millis(4);
/// The poll counts in milliseconds: a shorter rest would be a longer one.
const REST_MIN: Duration = Duration::from_millis(1);

/// When a topic's followers are told.
#[derive(Default)]
pub(super) struct Pace {
    /// What the next news wait for others.
    rest: Duration,
    /// Set while news wait.
    due_at: Option<Instant>,
}

impl Pace {
    /// Whether news may be passed on, or wait for company.
    fn is_due(&mut self, now: Instant) -> bool {
        now >= *self.due_at.get_or_insert(now + self.rest)
    }

    /// News are passed on: the next ones do not wait unless this proves dear.
    pub(super) fn begin_pass(&mut self) {
        *self = Self::default();
    }

    /// Several entries were passed on at once, at this cost.
    fn end_pass(&mut self, cost: Duration) {
        let rest = (cost / COST_SHARE).min(REST_MAX);
        self.rest = if rest < REST_MIN { Duration::ZERO } else { rest };
    }
}

impl<A: Application> Shard<A> {
    /// Passes on what is new and due, all of a topic at once.
    pub(super) fn pump_news(&mut self) {
        let mut news = std::mem::take(&mut self.news);
        let now = self.now;
        news.retain(|id| {
            let due = self.topics.get_mut(id).is_none_or(|topic| topic.pace.is_due(now));
            if due {
                self.pump(*id);
            }
            !due
        });
        self.news = news; // Keeps its room; a pump adds nothing.
    }

    /// The passes of this turn are written: what they cost decides how long the next may wait.
    pub(super) fn end_passes(&mut self) {
        if self.portions.is_empty() {
            return;
        }
        let cost = self.now.elapsed();
        for id in self.portions.drain(..) {
            if let Some(topic) = self.topics.get_mut(&id) {
                topic.pace.end_pass(cost);
            }
        }
    }

    /// When the first of the news that wait is due.
    pub(super) fn news_due_at(&self) -> Option<Instant> {
        let pace = |id: &Uuid| self.topics.get(id).map(|topic: &Topic| &topic.pace);
        self.news.iter().map(|id| pace(id).and_then(|pace| pace.due_at).unwrap_or(self.now)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn news_wait_for_company_only_after_a_dear_portion() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        assert!(pace.is_due(start), "nothing was dear yet");
        pace.begin_pass();
        pace.end_pass(MS);
        assert!(pace.is_due(start), "too short to wait for");
        pace.begin_pass();
        pace.end_pass(6 * MS);
        assert!(!pace.is_due(start));
        assert!(!pace.is_due(start + 2 * MS), "it waits from the first of the news");
        assert!(pace.is_due(start + 3 * MS));
        pace.begin_pass();
        assert!(pace.is_due(start), "a pass that was not dear forgets the one before");
        pace.begin_pass();
        pace.end_pass(1000 * MS);
        assert!(!pace.is_due(start));
        assert!(pace.is_due(start + REST_MAX), "however dear");
    }
}

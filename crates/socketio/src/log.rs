//! The recent entries of each topic that somebody follows, shared by the shards.
//!
//! A ring holds entries without gaps, oldest first; `head` is the end of the log as far as it is
//! known, and may be beyond the ring. An entry that is published before the ones before it waits
//! in `early`. Whatever is missing is read from the application by the shard that needs it.
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::core::lock;
use crate::{LogEntry, Options};

/// How long a topic without followers keeps its ring, for those who come back.
const IDLE_KEPT: Duration = Duration::from_mins(1);
const EARLY_MAX: usize = 256;
const STRIPES: usize = 32;
/// What an entry costs beside its bytes.
const ENTRY_OVERHEAD_BYTES: usize = 96;

/// All topics of the server.
pub(crate) struct Logs {
    stripes: [Mutex<HashMap<Uuid, Log>>; STRIPES],
    limits: Limits,
}

struct Limits {
    page_entries: usize,
    entries_max: usize,
    bytes_max: usize,
    total_max: usize,
    total: AtomicUsize,
}

#[derive(Default)]
struct Log {
    ring: VecDeque<LogEntry>,
    ring_bytes: usize,
    head: Option<u64>,
    /// Somebody has read up to the end since the first follower came: from then on, nothing is
    /// new that was not published or announced.
    surveyed: bool,
    announced: u64,
    early: BTreeMap<u64, LogEntry>,
    healing: bool,
    /// Entries before this are never taken from a publisher.
    fresh_from: u64,
    /// Changes when something in memory or on its way to it has become stale.
    epoch: u64,
    followers: u64,
    woken: u64,
    idle_since: Option<Instant>,
}

/// What a change means to others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// The shards to wake.
    pub(crate) wake: u64,
    /// Entries are missing: call [`Logs::heal`] after a moment.
    pub(crate) gap: bool,
}

/// A look at the log from a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    /// The end of the log; `None` if it is not known, so that it must be read up to its end.
    pub(crate) head: Option<u64>,
    pub(crate) epoch: u64,
}

impl Logs {
    pub(crate) fn new(options: &Options) -> Self {
        let limits = Limits {
            page_entries: options.read_entries_max,
            entries_max: options.ring_entries_max,
            bytes_max: options.ring_bytes_max,
            total_max: options.rings_bytes_max,
            total: AtomicUsize::new(0),
        };
        Self { stripes: std::array::from_fn(|_| Mutex::default()), limits }
    }

    pub(crate) fn publish(&self, topic: Uuid, entry: LogEntry) -> News {
        self.with(topic, |log| log.publish(entry, &self.limits)).unwrap_or_default()
    }

    /// The log goes to `head` at least: followers take or read what they lack, now.
    pub(crate) fn announce(&self, topic: Uuid, head: u64) -> News {
        let wake = self.with(topic, |log| {
            log.announced = log.announced.max(head);
            log.heal(&self.limits)
        });
        News { wake: wake.unwrap_or_default(), gap: false }
    }

    /// The log goes to `head` at least, but its entries may be about to be published.
    pub(crate) fn hint(&self, topic: Uuid, head: u64) -> News {
        let gap = self.with(topic, |log| {
            log.announced = log.announced.max(head);
            log.head.is_some_and(|known| known < head) && !std::mem::replace(&mut log.healing, true)
        });
        News { wake: 0, gap: gap.unwrap_or_default() }
    }

    /// Gives up waiting for missing entries. Returns the shards to wake.
    pub(crate) fn heal(&self, topic: Uuid) -> u64 {
        self.with(topic, |log| log.heal(&self.limits)).unwrap_or_default()
    }

    pub(crate) fn forget(&self, topic: Uuid, before: u64) {
        self.with(topic, |log| {
            log.epoch += 1;
            log.fresh_from = log.fresh_from.max(before);
            log.clear(&self.limits);
            log.early.retain(|seq, _| *seq >= before);
        });
    }

    /// Enters `shard` as a follower of `topic`.
    pub(crate) fn enter(&self, topic: Uuid, shard: usize) -> View {
        let mut stripe = lock(self.stripe(topic));
        let log = stripe.entry(topic).or_default();
        log.followers |= 1 << shard;
        log.idle_since = None;
        log.view()
    }

    pub(crate) fn leave(&self, topic: Uuid, shard: usize, now: Instant) {
        self.with(topic, |log| {
            log.followers &= !(1 << shard);
            log.woken &= !(1 << shard);
            if log.followers == 0 {
                log.idle_since = Some(now);
            }
        });
    }

    pub(crate) fn shards_of(&self, topic: Uuid) -> u64 {
        self.with(topic, |log| log.followers).unwrap_or_default()
    }

    /// `shard` is about to look at what is new; later news wake it again.
    pub(crate) fn awake(&self, topic: Uuid, shard: usize) {
        self.with(topic, |log| log.woken &= !(1 << shard));
    }

    /// Copies at most `max` entries from `after + 1` on, as far as memory has them.
    pub(crate) fn copy(
        &self,
        topic: Uuid,
        after: u64,
        max: usize,
        into: &mut Vec<LogEntry>,
    ) -> View {
        into.clear();
        let view = self.with(topic, |log| {
            if let Some(first) = log.ring.front().map(|entry| entry.seq)
                && after + 1 >= first
            {
                let skip = usize::try_from(after + 1 - first).unwrap_or(usize::MAX);
                into.extend(log.ring.iter().skip(skip).take(max).cloned());
            }
            log.view()
        });
        view.unwrap_or(View { head: None, epoch: 0 })
    }

    /// Takes over what a read of one page found, which began at `epoch` and `after`. Returns the
    /// shards to wake, or `None` if it has become stale meanwhile: then it must be read again.
    pub(crate) fn learn(
        &self,
        topic: Uuid,
        after: u64,
        epoch: u64,
        entries: &[LogEntry],
    ) -> Option<u64> {
        let news = self.with(topic, |log| {
            if log.epoch != epoch {
                return None;
            }
            let end = entries.last().map_or(after, |entry| entry.seq);
            let surveys = !log.surveyed && entries.len() < self.limits.page_entries;
            log.surveyed |= surveys;
            let end = if surveys { end.max(log.announced) } else { end };
            let further = surveys || log.head.is_none_or(|head| head < end);
            log.head = Some(log.head.map_or(end, |head| head.max(end)));
            log.keep(entries, &self.limits);
            Some(if further { log.wake() } else { 0 })
        });
        news.unwrap_or(Some(0))
    }

    /// Removes topics that nobody followed for a while.
    pub(crate) fn sweep(&self, now: Instant) {
        for stripe in &self.stripes {
            lock(stripe).retain(|_, log| {
                let over = log.idle_since.is_some_and(|since| now >= since + IDLE_KEPT);
                if over {
                    log.clear(&self.limits);
                }
                !over
            });
        }
    }

    fn stripe(&self, topic: Uuid) -> &Mutex<HashMap<Uuid, Log>> {
        let bytes = topic.as_bytes();
        &self.stripes[usize::from(bytes[15] ^ bytes[7]) % STRIPES]
    }

    fn with<T>(&self, topic: Uuid, act: impl FnOnce(&mut Log) -> T) -> Option<T> {
        lock(self.stripe(topic)).get_mut(&topic).map(act)
    }
}

impl Log {
    fn view(&self) -> View {
        View { head: self.head.filter(|_| self.surveyed), epoch: self.epoch }
    }

    fn publish(&mut self, entry: LogEntry, limits: &Limits) -> News {
        let seq = entry.seq;
        if seq < self.fresh_from {
            self.announced = self.announced.max(seq);
            let gap = self.head.is_some_and(|head| head < seq) && !self.healing;
            self.healing |= gap;
            return News { wake: 0, gap };
        }
        match self.head {
            Some(head) if seq <= head => {
                if self.ring.back().is_some_and(|last| last.seq + 1 == seq) {
                    self.push(entry, limits);
                }
                News::default()
            }
            Some(head) if seq > head + 1 => {
                self.early.insert(seq, entry);
                if self.early.len() > EARLY_MAX {
                    return News { wake: self.heal(limits), gap: false };
                }
                News { wake: 0, gap: !std::mem::replace(&mut self.healing, true) }
            }
            _ => {
                self.push(entry, limits);
                self.head = Some(seq);
                while let Some(next) = self.head.and_then(|head| self.early.remove(&(head + 1))) {
                    self.head = Some(next.seq);
                    self.push(next, limits);
                }
                News { wake: self.wake(), gap: false }
            }
        }
    }

    fn heal(&mut self, limits: &Limits) -> u64 {
        self.healing = false;
        let Some(known) = self.head else { return 0 }; // The survey finds all there is.
        let early = std::mem::take(&mut self.early);
        let end = early.keys().next_back().copied().unwrap_or_default().max(self.announced);
        for entry in early.into_values() {
            self.push(entry, limits);
        }
        self.head = Some(known.max(end));
        if end <= known { 0 } else { self.wake() }
    }

    /// Marks the followers that do not know yet as woken and returns them.
    fn wake(&mut self) -> u64 {
        let wake = self.followers & !self.woken;
        self.woken |= wake;
        wake
    }

    /// Appends to the ring, which begins anew if that would leave a gap.
    fn push(&mut self, entry: LogEntry, limits: &Limits) {
        match self.ring.back().map(|last| last.seq) {
            Some(last) if entry.seq <= last => return,
            Some(last) if entry.seq > last + 1 => self.clear(limits),
            _ => {}
        }
        self.account(cost(&entry), limits);
        self.ring.push_back(entry);
        let crowded = limits.total.load(Ordering::Relaxed) > limits.total_max;
        let bytes_max = if crowded { limits.bytes_max / 16 } else { limits.bytes_max };
        while self.ring.len() > 1
            && (self.ring.len() > limits.entries_max || self.ring_bytes > bytes_max)
        {
            if let Some(oldest) = self.ring.pop_front() {
                self.release(cost(&oldest), limits);
            }
        }
    }

    /// Keeps what a read found where it extends the ring without displacing anything newer.
    fn keep(&mut self, entries: &[LogEntry], limits: &Limits) {
        if self.ring.is_empty() {
            let without_gaps = entries.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq);
            if without_gaps && entries.last().map(|entry| entry.seq) == self.head {
                for entry in entries {
                    self.push(entry.clone(), limits);
                }
            }
            return;
        }
        for entry in entries {
            if self.ring.back().is_some_and(|last| last.seq + 1 == entry.seq) {
                self.push(entry.clone(), limits);
            }
        }
        for entry in entries.iter().rev() {
            let Some(first) = self.ring.front().map(|entry| entry.seq) else { return };
            if entry.seq >= first {
                continue;
            }
            let fits = self.ring.len() < limits.entries_max
                && self.ring_bytes + cost(entry) <= limits.bytes_max
                && limits.total.load(Ordering::Relaxed) <= limits.total_max;
            if entry.seq + 1 != first || !fits {
                return;
            }
            self.account(cost(entry), limits);
            self.ring.push_front(entry.clone());
        }
    }

    fn clear(&mut self, limits: &Limits) {
        self.release(self.ring_bytes, limits);
        self.ring = VecDeque::new();
    }

    fn account(&mut self, bytes: usize, limits: &Limits) {
        self.ring_bytes += bytes;
        limits.total.fetch_add(bytes, Ordering::Relaxed);
    }

    fn release(&mut self, bytes: usize, limits: &Limits) {
        self.ring_bytes -= bytes;
        limits.total.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn cost(entry: &LogEntry) -> usize {
    entry.packet.bytes_len() + ENTRY_OVERHEAD_BYTES
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;

//! Cursors: how entries of logs reach those who follow them.
//!
//! A follower is *live* when its cursor is at the end of the log as this shard knows it; what is
//! published then goes to all live followers in one pass. It is *lagging* when its queue is full,
//! and *reading* when entries it needs are not in memory and have been asked for. Both walk on by
//! [`Shard::fill`] until they are live. A cursor only moves when its entry is queued.
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt;
use uuid::Uuid;

use super::Shard;
use super::deliver::{Delivered, Follower, State, bundle, deliver, lag};
use super::pace::Pace;
use crate::core::Command;
use crate::inbound::Item;
use crate::server::heal_later;
use crate::{Application, LogEntry, ReadError};

/// Entries copied from memory at once for one follower.
const FILL_ENTRIES: usize = 64;
/// Pause before a log is asked again that could not be read, or had less than was announced.
const READ_AGAIN: Duration = Duration::from_millis(250);

/// A topic as this shard knows it.
#[derive(Default)]
pub(super) struct Topic {
    /// Live followers are at this position or beyond.
    head: u64,
    pub(super) followers: HashMap<usize, Follower>,
    reads: Vec<Reading>,
    pub(super) pace: Pace,
}

/// A read on its way, and who waits for it.
struct Reading {
    after: u64,
    waiters: Vec<usize>,
}

impl<A: Application> Shard<A> {
    pub(super) fn enter_topic(&mut self, slot: usize, id: Uuid, after: u64, verified: u64) {
        let news = self.shared.logs.hint(id, verified);
        if news.gap {
            heal_later(&self.shared, id);
        }
        if !self.topics.contains_key(&id) {
            let view = self.shared.logs.enter(id, self.index);
            let topic = Topic { head: view.head.unwrap_or_default(), ..Topic::default() };
            self.topics.insert(id, topic);
        }
        let Some(topic) = self.topics.get_mut(&id) else { return };
        if let Some(follower) = topic.followers.get_mut(&slot) {
            follower.cursor = follower.cursor.max(after);
            follower.verified = follower.verified.max(verified);
            return;
        }
        let follower = Follower { cursor: after, verified, state: State::Live };
        topic.followers.insert(slot, follower);
        self.fill(slot, id);
    }

    pub(super) fn unfollow(&mut self, slot: usize, topic: Uuid) {
        let connection = &mut self.connections[slot];
        let Some(at) = connection.follows.iter().position(|followed| *followed == topic) else {
            return;
        };
        connection.follows.swap_remove(at);
        if let Some(core) = connection.core() {
            core.followed.fetch_sub(1, Ordering::Relaxed);
        }
        self.leave_topic(slot, topic);
    }

    pub(super) fn leave_topic(&mut self, slot: usize, id: Uuid) {
        let Some(topic) = self.topics.get_mut(&id) else { return };
        topic.followers.remove(&slot);
        if topic.followers.is_empty() {
            self.topics.remove(&id);
            self.shared.logs.leave(id, self.index, self.now);
        } else if topic.followers.capacity() > 64 + 8 * topic.followers.len() {
            topic.followers.shrink_to_fit();
        }
    }

    /// The topics a socket follows and how far it got.
    pub(super) fn cursors(&self, slot: usize) -> Vec<(Uuid, u64)> {
        let follows = self.connections[slot].follows.iter();
        let cursor = |id: &Uuid| Some((*id, self.topics.get(id)?.followers.get(&slot)?.cursor));
        follows.filter_map(cursor).collect()
    }

    /// Something is new in a topic: passes it on to the live followers.
    pub(super) fn pump(&mut self, id: Uuid) {
        let Some(topic) = self.topics.get_mut(&id) else { return };
        topic.pace.begin_pass();
        self.shared.logs.awake(id, self.index);
        let mut entries = std::mem::take(&mut self.entries);
        while let Some(from) = self.topics.get(&id).map(|topic| topic.head) {
            let view = self.shared.logs.copy(id, from, usize::MAX, &mut entries);
            let head = view.head.unwrap_or_default();
            if head <= from {
                break;
            }
            if entries.is_empty() {
                self.pump_from_log(id, head);
                break;
            }
            self.pump_entries(id, &entries);
            if entries.len() > 1 {
                self.portions.push(id);
            }
        }
        entries.clear();
        self.entries = entries;
    }

    fn pump_entries(&mut self, id: Uuid, entries: &[LogEntry]) {
        let Some(topic) = self.topics.get_mut(&id) else { return };
        let mut ended = Vec::new();
        let bytes_max = self.shared.options.queue_bytes_max;
        let bundle = bundle(entries);
        for (slot, follower) in &mut topic.followers {
            if follower.state != State::Live {
                continue;
            }
            let connection = &mut self.connections[*slot];
            let delivered = match &bundle {
                Some(bundle) if bundle.fits(connection, follower, bytes_max) => {
                    bundle.deliver(connection, follower)
                }
                _ => deliver(connection, follower, entries, bytes_max),
            };
            match delivered {
                Delivered::All => {}
                Delivered::Full => lag(connection, follower, id),
                Delivered::Ended => ended.push(*slot),
            }
            if !std::mem::replace(&mut connection.flags.dirty, true) {
                self.dirty.push(*slot);
            }
        }
        topic.head = entries.last().map_or(topic.head, |entry| entry.seq);
        for slot in ended {
            self.end_follow(slot, id);
        }
    }

    /// Memory does not have what comes next: each live follower walks by itself, sharing reads.
    fn pump_from_log(&mut self, id: Uuid, head: u64) {
        let Some(topic) = self.topics.get_mut(&id) else { return };
        topic.head = head;
        let behind = topic
            .followers
            .iter()
            .filter(|(_, follower)| follower.state == State::Live && follower.cursor < head);
        let behind: Vec<usize> = behind.map(|(slot, _)| *slot).collect();
        for slot in behind {
            self.fill(slot, id);
        }
    }

    /// Walks one cursor on: from memory while it can, else by a read, until its queue is full.
    fn fill(&mut self, slot: usize, id: Uuid) {
        let bytes_max = self.shared.options.queue_bytes_max;
        let mut entries = std::mem::take(&mut self.entries);
        while let Some(topic) = self.topics.get_mut(&id) {
            let Some(follower) = topic.followers.get_mut(&slot) else { break };
            let connection = &mut self.connections[slot];
            if connection.out.bytes() >= bytes_max {
                lag(connection, follower, id);
                break;
            }
            let view = self.shared.logs.copy(id, follower.cursor, FILL_ENTRIES, &mut entries);
            if entries.is_empty() {
                if view.head.is_some_and(|head| head <= follower.cursor) {
                    follower.state = State::Live;
                } else {
                    self.wait_for_read(slot, id, view.epoch);
                }
                break;
            }
            match deliver(connection, follower, &entries, bytes_max) {
                Delivered::All => {}
                Delivered::Full => lag(connection, follower, id),
                Delivered::Ended => self.end_follow(slot, id),
            }
            self.mark_dirty(slot);
        }
        entries.clear();
        self.entries = entries;
    }

    /// Lets the cursors that waited for room walk on, if there is room again.
    pub(super) fn refill(&mut self, slot: usize) {
        let room = self.shared.options.queue_bytes_max / 2;
        let lagging = self.connections[slot].lagging.len();
        for _ in 0..lagging {
            let connection = &mut self.connections[slot];
            if connection.out.bytes() > room {
                return;
            }
            let Some(id) = connection.lagging.pop_front() else { return };
            let follower = self.topics.get(&id).and_then(|topic| topic.followers.get(&slot));
            if follower.is_some_and(|follower| follower.state == State::Lagging) {
                self.fill(slot, id);
            }
        }
        if self.connections[slot].lagging.is_empty() {
            self.connections[slot].lagging = std::collections::VecDeque::new();
        }
    }

    fn end_follow(&mut self, slot: usize, id: Uuid) {
        self.unfollow(slot, id);
        if let Some(core) = self.connections[slot].core() {
            core.push(Item::Ended(id));
        }
    }

    /// Joins a read that will contain what the follower needs, or begins one.
    fn wait_for_read(&mut self, slot: usize, id: Uuid, epoch: u64) {
        let Some(topic) = self.topics.get_mut(&id) else { return };
        let Some(follower) = topic.followers.get_mut(&slot) else { return };
        follower.state = State::Reading;
        let cursor = follower.cursor;
        let near = self.shared.options.read_entries_max as u64 / 2;
        let shares = |read: &&mut Reading| (read.after..=read.after + near).contains(&cursor);
        if let Some(read) = topic.reads.iter_mut().find(shares) {
            return read.waiters.push(slot);
        }
        topic.reads.push(Reading { after: cursor, waiters: vec![slot] });
        self.start_read(id, cursor, epoch, Duration::ZERO);
    }

    fn start_read(&self, topic: Uuid, after: u64, epoch: u64, pause: Duration) {
        let shared = Arc::clone(&self.shared);
        let index = self.index;
        self.shared.runtime.spawn(async move {
            tokio::time::sleep(pause).await;
            let limit = shared.options.read_entries_max;
            let place = shared.reads.acquire().await;
            let read = AssertUnwindSafe(shared.app.read(topic, after, limit)).catch_unwind().await;
            drop(place);
            let result = read.unwrap_or(Err(ReadError::Unavailable));
            shared.inboxes[index].send(Command::ReadDone { topic, after, epoch, result });
        });
    }

    pub(super) fn read_done(
        &mut self,
        id: Uuid,
        after: u64,
        epoch: u64,
        result: Result<Vec<LogEntry>, ReadError>,
    ) {
        let Some(topic) = self.topics.get_mut(&id) else { return };
        let Some(at) = topic.reads.iter().position(|read| read.after == after) else { return };
        let entries = match result {
            Ok(entries) => entries,
            Err(ReadError::Unavailable) => return self.start_read(id, after, epoch, READ_AGAIN),
            Err(ReadError::TooFarBehind) => {
                let read = topic.reads.swap_remove(at);
                return self.fell_behind(id, after, read.waiters);
            }
        };
        let learnt = self.shared.logs.learn(id, after, epoch, &entries);
        let view = self.shared.logs.copy(id, after, 0, &mut self.entries);
        let Some(wake) = learnt else {
            return self.start_read(id, after, view.epoch, Duration::ZERO);
        };
        self.shared.wake(wake, id);
        if entries.is_empty() && view.head.is_some_and(|head| head > after) {
            return self.start_read(id, after, view.epoch, READ_AGAIN);
        }
        let read = topic.reads.swap_remove(at);
        for slot in read.waiters {
            self.fill_from(slot, id, after, &entries);
        }
    }

    /// Gives a follower what a read found after `after`, then lets it walk on.
    fn fill_from(&mut self, slot: usize, id: Uuid, after: u64, entries: &[LogEntry]) {
        let bytes_max = self.shared.options.queue_bytes_max;
        let Some(topic) = self.topics.get_mut(&id) else { return };
        let Some(follower) = topic.followers.get_mut(&slot) else { return };
        // Another connection may have the slot by now: then this read is not about it.
        if follower.state != State::Reading || follower.cursor < after {
            return;
        }
        let connection = &mut self.connections[slot];
        let delivered = deliver(connection, follower, entries, bytes_max);
        self.mark_dirty(slot);
        match delivered {
            Delivered::Ended => self.end_follow(slot, id),
            Delivered::All | Delivered::Full => self.fill(slot, id),
        }
    }

    fn fell_behind(&mut self, id: Uuid, after: u64, waiters: Vec<usize>) {
        for slot in waiters {
            let follower = self.topics.get(&id).and_then(|topic| topic.followers.get(&slot));
            let Some(follower) = follower else { continue };
            if follower.state != State::Reading || follower.cursor < after {
                continue;
            }
            if follower.cursor > after {
                self.fill(slot, id); // Nearer than the read: it may still be within reach.
                continue;
            }
            self.unfollow(slot, id);
            if let Some(core) = self.connections[slot].core() {
                core.push(Item::Behind(id));
            }
        }
    }
}

//! Queueing entries for one follower.
use bytes::Bytes;
use uuid::Uuid;

use super::Connection;
use crate::{Application, LogEntry};

/// Entries are queued as one piece up to this size.
const BUNDLE_BYTES_MAX: usize = 64 * 1024;
/// One socket that follows a topic.
pub(super) struct Follower {
    /// What is queued so far.
    pub(super) cursor: u64,
    pub(super) verified: u64,
    pub(super) state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Live,
    Lagging,
    Reading,
}

/// How far a delivery got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    All,
    /// The queue is full.
    Full,
    /// The session's part in the topic has ended.
    Ended,
}

/// Several entries as one piece, which costs a follower no more than a single one.
pub(super) struct Bundle {
    first: u64,
    last: u64,
    frames: Bytes,
}

/// Only plain entries that are not too large together make one.
pub(super) fn bundle(entries: &[LogEntry]) -> Option<Bundle> {
    let bytes: usize = entries.iter().map(|entry| entry.packet.bytes_len()).sum();
    let [first, .., last] = entries else { return None };
    if bytes > BUNDLE_BYTES_MAX || entries.iter().any(|entry| entry.ends.is_some()) {
        return None;
    }
    let mut frames = Vec::with_capacity(bytes);
    for entry in entries {
        frames.extend_from_slice(&entry.packet.frame());
    }
    Some(Bundle { first: first.seq, last: last.seq, frames: frames.into() })
}

impl Bundle {
    /// Whether the follower lacks all of it, and has room.
    pub(super) fn fits<A: Application>(
        &self,
        connection: &Connection<A>,
        follower: &Follower,
        bytes_max: usize,
    ) -> bool {
        follower.cursor < self.first && connection.out.bytes() < bytes_max
    }

    pub(super) fn deliver<A: Application>(
        &self,
        connection: &mut Connection<A>,
        follower: &mut Follower,
    ) -> Delivered {
        connection.out.push(self.frames.clone());
        follower.cursor = self.last;
        Delivered::All
    }
}

/// Queues what the follower does not have yet, in order, until its queue is full.
pub(super) fn deliver<A: Application>(
    connection: &mut Connection<A>,
    follower: &mut Follower,
    entries: &[LogEntry],
    bytes_max: usize,
) -> Delivered {
    for entry in entries {
        if entry.seq <= follower.cursor {
            continue;
        }
        if let Some(key) = entry.ends
            && entry.seq > follower.verified
            && key_of(connection) == Some(key)
        {
            return Delivered::Ended;
        }
        if connection.out.bytes() >= bytes_max {
            return Delivered::Full;
        }
        connection.out.push(entry.packet.frame());
        follower.cursor = entry.seq;
    }
    Delivered::All
}

fn key_of<A: Application>(connection: &Connection<A>) -> Option<Uuid> {
    connection.connected()?.session().map(|session| A::key(&session))
}

/// The cursor waits until the queue has room.
pub(super) fn lag<A: Application>(
    connection: &mut Connection<A>,
    follower: &mut Follower,
    id: Uuid,
) {
    follower.state = State::Lagging;
    if !connection.lagging.contains(&id) {
        connection.lagging.push_back(id);
    }
}

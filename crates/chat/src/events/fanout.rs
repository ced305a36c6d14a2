//! From the log to the sockets. The only file that publishes into rooms.
//!
//! What is published is a hint with the event attached: a socket follows its room's log by its
//! own cursor and reads what it did not get.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use lru::LruCache;
use protocol::RoomEvent;
use socketio::{LogEntry, Packet};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::Chat;

const HEADS_MAX: NonZeroUsize = NonZeroUsize::new(50_000).expect("not zero");

/// Where the logs of the rooms that were spoken in last end, as far as this process knows.
pub(crate) struct Heads {
    known: Mutex<LruCache<Uuid, u64>>,
    raised: Notify,
}

impl Heads {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::new(LruCache::new(HEADS_MAX)), raised: Notify::new() }
    }

    /// The newest known `seq` of `room`.
    pub(crate) fn of(&self, room: Uuid) -> Option<u64> {
        self.known.lock().expect("nobody panics here").peek(&room).copied()
    }

    /// Returns when a log has grown since the last time; for one that waits.
    pub(crate) async fn raised(&self) {
        self.raised.notified().await;
    }

    fn raise(&self, room: Uuid, seq: u64) {
        let mut heads = self.known.lock().expect("nobody panics here");
        let head = heads.get_or_insert_mut(room, || seq);
        *head = seq.max(*head);
        drop(heads);
        self.raised.notify_one();
    }
}

/// Tells the followers of each room its events that were committed together.
pub(crate) fn publish(chat: &Chat, events: impl Iterator<Item = (Uuid, RoomEvent)>) {
    let entries = events.map(|(room, event)| {
        let seq = event.seq().unsigned_abs();
        chat.heads.raise(room, seq);
        let packet = Packet::event(event.name(), &event);
        (room, LogEntry { seq, packet, ends: None })
    });
    chat.sockets().publish_all(entries);
}

/// Tells the followers of `room` that its log ends at `seq` now, and that what was remembered of
/// earlier events may be out of date: a changed message, name or membership. They read anew.
pub(crate) fn republish(chat: &Chat, room: Uuid, seq: i64) {
    chat.sockets().forget(room, seq.unsigned_abs());
    announce(chat, room, seq);
}

/// Tells the followers of `room` that its log goes to `seq` at least.
pub(crate) fn announce(chat: &Chat, room: Uuid, seq: i64) {
    let seq = seq.unsigned_abs();
    chat.heads.raise(room, seq);
    chat.sockets().announce(room, seq);
}

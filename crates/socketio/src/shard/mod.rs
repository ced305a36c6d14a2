//! A shard: a thread that owns connections and moves bytes.
//!
//! One turn: wait, read everything that is ready, do what the inbox says, then write each
//! connection that has something once. What an event causes within a turn shares its write.
mod close;
mod commands;
mod connection;
mod deliver;
mod follow;
mod pace;
mod polling;
mod probe;
mod protocol;
mod read;
mod timers;
mod write;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};
use slab::Slab;
use uuid::Uuid;

use crate::core::{Command, Filter, Shared};
use crate::{Application, LogEntry};
use connection::{Connection, Deadlines, Flags, Outbox, Stage, Transport};
use follow::Topic;
use probe::Probe;

const READ_BUFFER_BYTES: usize = 64 * 1024;
const EVENTS_MAX: usize = 1024;
/// Tokens of probes have this bit; those of connections do not.
const PROBE_BIT: usize = 1 << (usize::BITS - 2);

/// The state of one thread.
pub(crate) struct Shard<A: Application> {
    shared: Arc<Shared<A>>,
    index: usize,
    poll: Poll,
    connections: Slab<Connection<A>>,
    probes: Slab<Probe>,
    topics: HashMap<Uuid, Topic>,
    /// Connected sockets by the key of their session.
    keys: HashMap<Uuid, Vec<usize>>,
    /// Recent disconnections, for sockets that are still connecting.
    disconnections: Disconnections<A>,
    timers: BinaryHeap<Reverse<(Instant, usize, u64)>>,
    /// Topics with something new.
    news: Vec<Uuid>,
    /// Topics of which this turn passed on several entries at once.
    portions: Vec<Uuid>,
    dirty: Vec<usize>,
    again: Vec<usize>,
    dead: Vec<(usize, u64)>,
    read_buffer: Vec<u8>,
    entries: Vec<LogEntry>,
    now: Instant,
    last_serial: u64,
    sweep_at: Instant,
    stop_by: Option<Instant>,
}

struct Disconnections<A: Application> {
    next_mark: u64,
    connecting: usize,
    recent: VecDeque<(u64, Filter<A>)>,
}

impl<A: Application> Shard<A> {
    pub(crate) const WAKER: Token = Token(usize::MAX);

    pub(crate) fn new(shared: Arc<Shared<A>>, index: usize, poll: Poll) -> Self {
        let now = Instant::now();
        Self {
            shared,
            index,
            poll,
            connections: Slab::new(),
            probes: Slab::new(),
            topics: HashMap::new(),
            keys: HashMap::new(),
            disconnections: Disconnections { next_mark: 0, connecting: 0, recent: VecDeque::new() },
            timers: BinaryHeap::new(),
            news: Vec::new(),
            portions: Vec::new(),
            dirty: Vec::new(),
            again: Vec::new(),
            dead: Vec::new(),
            read_buffer: vec![0; READ_BUFFER_BYTES],
            entries: Vec::new(),
            now,
            last_serial: 0,
            sweep_at: now,
            stop_by: None,
        }
    }

    /// Runs until the server shuts down.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let mut commands = Vec::new();
        while !self.is_over() {
            let timeout = self.timeout();
            match self.poll.poll(&mut events, Some(timeout)) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "a shard cannot poll any more");
                    break;
                }
            }
            self.now = Instant::now();
            self.note(&events);
            self.read_ready();
            self.obey(&mut commands);
            if !self.dirty.is_empty() || !self.news.is_empty() {
                // What other threads are about to say may share the writes of this turn.
                std::thread::yield_now();
                self.obey(&mut commands);
            }
            self.pump_news();
            self.expire();
            self.flush_dirty();
            self.end_passes();
            self.bury();
        }
        self.shared.inboxes[self.index].close();
    }

    fn is_over(&self) -> bool {
        self.stop_by.is_some_and(|by| self.connections.is_empty() || self.now >= by)
    }

    fn timeout(&self) -> Duration {
        if !self.again.is_empty() || !self.dirty.is_empty() {
            return Duration::ZERO;
        }
        let probes = (!self.probes.is_empty()).then_some(self.now + Duration::from_secs(1));
        let timer = self.timers.peek().map(|Reverse((at, ..))| *at);
        let next = [probes, timer, self.stop_by, self.news_due_at()].into_iter().flatten();
        let next = next.fold(self.sweep_at, Instant::min);
        next.saturating_duration_since(self.now)
    }

    fn note(&mut self, events: &Events) {
        for event in events {
            let Token(token) = event.token();
            if event.token() == Self::WAKER {
                continue;
            }
            if token & PROBE_BIT != 0 {
                self.read_probe(token & !PROBE_BIT);
                continue;
            }
            let Some(connection) = self.connections.get_mut(token) else { continue };
            if event.is_writable() && !connection.out.is_empty() {
                self.mark_dirty(token);
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.connections[token].flags.readable = true;
                self.read_again(token);
            }
        }
    }

    fn obey(&mut self, commands: &mut Vec<Command<A>>) {
        self.shared.inboxes[self.index].take(commands);
        for command in commands.drain(..) {
            self.command(command);
        }
        if commands.capacity() > 4 * EVENTS_MAX {
            *commands = Vec::new();
        }
    }

    fn mark_dirty(&mut self, slot: usize) {
        let flags = &mut self.connections[slot].flags;
        if !std::mem::replace(&mut flags.dirty, true) {
            self.dirty.push(slot);
        }
    }

    fn read_again(&mut self, slot: usize) {
        let flags = &mut self.connections[slot].flags;
        if !std::mem::replace(&mut flags.again, true) {
            self.again.push(slot);
        }
    }
}

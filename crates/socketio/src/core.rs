//! What the server, its shards and its sockets share: commands, inboxes, seats.
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::http::request::Parts;
use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use crate::engine::{Answer, Sid};
use crate::inbound::Core;
use crate::log::Logs;
use crate::{Application, LogEntry, Options, ReadError, Reason, SocketId};

/// A test on sessions, run by the shards.
pub(crate) type Filter<A> = Arc<dyn Fn(&<A as Application>::Session) -> bool + Send + Sync>;

/// What everything hangs on.
pub(crate) struct Shared<A: Application> {
    pub(crate) app: Arc<A>,
    pub(crate) options: Options,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) inboxes: Box<[Inbox<A>]>,
    pub(crate) logs: Logs,
    pub(crate) reads: Semaphore,
    pub(crate) seats: Arc<AtomicUsize>,
    pub(crate) next_shard: AtomicUsize,
    pub(crate) closing: AtomicBool,
}

impl<A: Application> Shared<A> {
    pub(crate) fn seat(&self) -> Option<Seat> {
        let seat = Seat(Arc::clone(&self.seats));
        let taken = self.seats.fetch_add(1, Ordering::Relaxed);
        (taken < self.options.connections_max && !self.closing.load(Ordering::Relaxed))
            .then_some(seat)
    }

    pub(crate) fn pick_shard(&self) -> usize {
        self.next_shard.fetch_add(1, Ordering::Relaxed) % self.inboxes.len()
    }

    pub(crate) fn broadcast(&self, command: impl Fn() -> Command<A>) {
        for inbox in &self.inboxes {
            inbox.send(command());
        }
    }

    /// Wakes the shards in `mask` for what is new in `topic`.
    pub(crate) fn wake(&self, mask: u64, topic: Uuid) {
        for (index, inbox) in self.inboxes.iter().enumerate() {
            if mask & (1 << index) != 0 {
                inbox.send(Command::Wake(topic));
            }
        }
    }
}

/// One connection's place under the cap; dropping it gives it back.
pub(crate) struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where a socket lives. `serial` is never used twice in a shard, so a late command hits nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) shard: u32,
    pub(crate) slot: u32,
    pub(crate) serial: u64,
}

/// What a shard is asked to do.
pub(crate) enum Command<A: Application> {
    Open { request: Arc<Parts>, seat: Seat, reply: oneshot::Sender<Answer> },
    Poll { sid: Sid, reply: oneshot::Sender<Answer> },
    Post { sid: Sid, body: Bytes, reply: oneshot::Sender<Answer> },
    Attach { stream: TcpStream, read_ahead: Bytes, request: Arc<Parts>, seat: Seat },
    Probe { stream: TcpStream, read_ahead: Bytes, sid: Sid },
    Connected { core: Arc<Core<A>> },
    Refused { address: Address, frame: Bytes },
    Emit { address: Address, frame: Bytes },
    Follow { address: Address, topic: Uuid, after: u64, verified: u64 },
    Unfollow { address: Address, topic: Uuid },
    Resume { address: Address },
    Disconnect { address: Address, reason: Reason },
    Wake(Uuid),
    ReadDone { topic: Uuid, after: u64, epoch: u64, result: Result<Vec<LogEntry>, ReadError> },
    EmitWhere { filter: Filter<A>, frame: Bytes },
    EmitKey { key: Uuid, frame: Bytes },
    EmitTopic { topic: Uuid, except: Option<SocketId>, frame: Bytes },
    DisconnectWhere { filter: Filter<A> },
    DisconnectKey { key: Uuid },
    UnfollowKey { topic: Uuid, key: Uuid },
    Shutdown,
}

/// A shard's queue of commands and the bell beside it.
pub(crate) struct Inbox<A: Application> {
    queue: Mutex<Vec<Command<A>>>,
    rung: AtomicBool,
    /// Set once the shard has ended: what is sent then is dropped, and with it its reply.
    closed: AtomicBool,
    waker: mio::Waker,
}

impl<A: Application> Inbox<A> {
    pub(crate) fn new(waker: mio::Waker) -> Self {
        let (rung, closed) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { queue: Mutex::new(Vec::new()), rung, closed, waker }
    }

    pub(crate) fn send(&self, command: Command<A>) {
        let mut queue = lock(&self.queue);
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        queue.push(command);
        drop(queue);
        if !self.rung.swap(true, Ordering::AcqRel)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "a shard could not be woken");
        }
    }

    /// Takes what is waiting into `into`, which is empty.
    pub(crate) fn take(&self, into: &mut Vec<Command<A>>) {
        self.rung.store(false, Ordering::Release);
        std::mem::swap(&mut *lock(&self.queue), into);
    }

    /// Nobody takes anything any more.
    pub(crate) fn close(&self) {
        let mut queue = lock(&self.queue);
        self.closed.store(true, Ordering::Relaxed);
        let left = std::mem::take(&mut *queue);
        drop(queue);
        drop(left);
    }
}

/// Locks; a panic of another holder does not spread, every critical section leaves a whole state.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

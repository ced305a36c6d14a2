//! The server: what the application tells it.
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::core::{Command, Filter, Inbox, Shared};
use crate::http::Body;
use crate::log::{Logs, News};
use crate::shard::Shard;
use crate::{Application, LogEntry, Options, Packet, SocketId, StartError};

/// How long an entry that came too early waits for the ones before it, until the log is read.
const GAP_PATIENCE: Duration = Duration::from_millis(25);

/// The server. Clones are the same server; when the last one is dropped it shuts down.
pub struct Server<A: Application> {
    owner: Arc<Owner<A>>,
}

impl<A: Application> Clone for Server<A> {
    fn clone(&self) -> Self {
        Self { owner: Arc::clone(&self.owner) }
    }
}

impl<A: Application> std::fmt::Debug for Server<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({} connections)", self.connections())
    }
}

struct Owner<A: Application> {
    shared: Arc<Shared<A>>,
}

impl<A: Application> Deref for Owner<A> {
    type Target = Arc<Shared<A>>;

    fn deref(&self) -> &Self::Target {
        &self.shared
    }
}

impl<A: Application> Drop for Owner<A> {
    fn drop(&mut self) {
        self.shared.shutdown();
    }
}

impl<A: Application> Shared<A> {
    fn shutdown(&self) {
        if !self.closing.swap(true, Ordering::AcqRel) {
            self.broadcast(|| Command::Shutdown);
        }
    }
}

impl<A: Application> Server<A> {
    /// Starts the shards. Call it inside the tokio runtime on which `app` shall run.
    pub fn new(app: Arc<A>, options: Options) -> Result<Self, StartError> {
        let mut polls = Vec::new();
        let mut inboxes = Vec::new();
        for _ in 0..options.shards.clamp(1, 64) {
            let poll = mio::Poll::new()?;
            inboxes.push(Inbox::new(mio::Waker::new(poll.registry(), Shard::<A>::WAKER)?));
            polls.push(poll);
        }
        let shared = Arc::new(Shared {
            app,
            runtime: tokio::runtime::Handle::current(),
            inboxes: inboxes.into(),
            logs: Logs::new(&options),
            reads: Semaphore::new(options.reads_max),
            seats: Arc::new(AtomicUsize::new(0)),
            next_shard: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            options,
        });
        let owner = Arc::new(Owner { shared: Arc::clone(&shared) });
        for (index, poll) in polls.into_iter().enumerate() {
            let thread = Shard::new(Arc::clone(&shared), index, poll);
            std::thread::Builder::new()
                .name(format!("socketio-{index}"))
                .spawn(move || thread.run())?;
        }
        Ok(Self { owner })
    }

    /// The application.
    pub fn app(&self) -> &A {
        &self.owner.app
    }

    /// Handles one HTTP request: handshake, poll, post or upgrade. The caller has chosen the path.
    ///
    /// The connection must be served by hyper over `TokioIo<tokio::net::TcpStream>` with upgrades
    /// (`axum::serve` does): after the upgrade it leaves hyper. Header timeouts, CORS and the cap
    /// on plain HTTP connections are the caller's.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        crate::http::handle(&self.owner, request).await
    }

    /// Tells the followers of `topic` about a new entry. Call it after the commit; entries may
    /// come in any order. Followers get the entries before it first, from memory or by
    /// [`Application::read`].
    pub fn publish(&self, topic: Uuid, entry: LogEntry) {
        let news = self.owner.logs.publish(topic, entry);
        self.follow_up(topic, &news);
    }

    /// [`Server::publish`] for entries that became durable together: all are in memory before
    /// anyone is woken, so that a follower gets what it can in one piece.
    pub fn publish_all(&self, entries: impl IntoIterator<Item = (Uuid, LogEntry)>) {
        let mut told: BTreeMap<Uuid, News> = BTreeMap::new();
        for (topic, entry) in entries {
            let news = self.owner.logs.publish(topic, entry);
            let all = told.entry(topic).or_default();
            all.wake |= news.wake;
            all.gap |= news.gap;
        }
        for (topic, news) in told {
            self.follow_up(topic, &news);
        }
    }

    /// Tells the followers of `topic` that its log ends at `head`; they read what they lack.
    pub fn announce(&self, topic: Uuid, head: u64) {
        let news = self.owner.logs.announce(topic, head);
        self.follow_up(topic, &news);
    }

    /// Makes sure that no entry of `topic` before `before` is delivered from memory any more, not
    /// even one that is published later: it is stale, and [`Application::read`] tells the truth.
    ///
    /// Pass the position of the edit or deletion, and call it before publishing that entry.
    pub fn forget(&self, topic: Uuid, before: u64) {
        self.owner.logs.forget(topic, before);
    }

    /// Sends an ephemeral packet to the sockets whose session passes `filter`. Visits every
    /// connection: see [`Server::emit_to_key`].
    pub fn emit_where<F>(&self, filter: F, packet: &Packet)
    where
        F: Fn(&A::Session) -> bool + Send + Sync + 'static,
    {
        let filter: Filter<A> = Arc::new(filter);
        self.owner.broadcast(|| Command::EmitWhere {
            filter: Arc::clone(&filter),
            frame: packet.frame(),
        });
    }

    /// Sends a packet to all sockets of `key`, as [`crate::Socket::emit`] does.
    pub fn emit_to_key(&self, key: Uuid, packet: &Packet) {
        self.owner.broadcast(|| Command::EmitKey { key, frame: packet.frame() });
    }

    /// Sends an ephemeral packet to the followers of `topic`, `except` one.
    pub fn emit_topic(&self, topic: Uuid, except: Option<SocketId>, packet: &Packet) {
        let mask = self.owner.logs.shards_of(topic);
        for (index, inbox) in self.owner.inboxes.iter().enumerate() {
            if mask & (1 << index) != 0 {
                inbox.send(Command::EmitTopic { topic, except, frame: packet.frame() });
            }
        }
    }

    /// Ends the sockets whose session passes `filter`, also those that are connecting now.
    pub fn disconnect_where<F>(&self, filter: F)
    where
        F: Fn(&A::Session) -> bool + Send + Sync + 'static,
    {
        let filter: Filter<A> = Arc::new(filter);
        self.owner.broadcast(|| Command::DisconnectWhere { filter: Arc::clone(&filter) });
    }

    /// Ends all sockets of `key`, also those that are connecting now.
    pub fn disconnect_key(&self, key: Uuid) {
        self.owner.broadcast(|| Command::DisconnectKey { key });
    }

    /// Ends the delivery of `topic` to all sockets of `key`.
    pub fn unfollow_key(&self, topic: Uuid, key: Uuid) {
        self.owner.broadcast(|| Command::UnfollowKey { topic, key });
    }

    /// Connections open now, of both transports.
    pub fn connections(&self) -> usize {
        self.owner.seats.load(Ordering::Relaxed)
    }

    /// Closes all connections and takes no new ones. Clients come back by themselves.
    pub fn shutdown(&self) {
        self.owner.shutdown();
    }

    fn follow_up(&self, topic: Uuid, news: &News) {
        self.owner.wake(news.wake, topic);
        if news.gap {
            heal_later(&self.owner.shared, topic);
        }
    }
}

/// Gives entries that are still missing a moment to be published, then lets followers read them.
pub(crate) fn heal_later<A: Application>(shared: &Arc<Shared<A>>, topic: Uuid) {
    let weak: Weak<Shared<A>> = Arc::downgrade(shared);
    shared.runtime.spawn(async move {
        tokio::time::sleep(GAP_PATIENCE).await;
        if let Some(shared) = weak.upgrade() {
            let mask = shared.logs.heal(topic);
            shared.wake(mask, topic);
        }
    });
}

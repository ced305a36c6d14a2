//! The ordered, bounded queue of what a socket still has to handle, and the task that empties it.
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ::http::request::Parts;
use futures::FutureExt;
use serde_json::Value;
use uuid::Uuid;

use crate::core::{Address, Command, Shared, lock};
use crate::engine::Event;
use crate::{Ack, Application, Handshake, Packet, Reason, Socket, SocketId, nesting};

/// The part of a socket that its shard and its handlers share.
pub(crate) struct Core<A: Application> {
    pub(crate) shared: Arc<Shared<A>>,
    pub(crate) id: SocketId,
    pub(crate) address: Address,
    /// Topics followed; kept by the shard.
    pub(crate) followed: AtomicUsize,
    session: RwLock<Option<Arc<A::Session>>>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    events: usize,
    bytes: usize,
    acks: usize,
    running: bool,
    /// The shard stopped reading and wants to be told when there is room.
    full: bool,
}

/// What is handled in order.
pub(crate) enum Item {
    Connect { request: Arc<Parts>, auth: String },
    Event(String),
    Behind(Uuid),
    Ended(Uuid),
    Disconnected(Reason),
}

impl<A: Application> Core<A> {
    pub(crate) fn new(shared: Arc<Shared<A>>, address: Address) -> Self {
        Self {
            shared,
            id: SocketId(Uuid::new_v4()),
            address,
            followed: AtomicUsize::new(0),
            session: RwLock::new(None),
            queue: Mutex::default(),
        }
    }

    pub(crate) fn session(&self) -> Option<Arc<A::Session>> {
        self.session.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_session(&self, session: A::Session) {
        let session = Arc::new(session);
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    pub(crate) fn send(&self, command: impl FnOnce(Address) -> Command<A>) {
        self.shared.inboxes[self.address.shard as usize].send(command(self.address));
    }

    /// Queues `item`. Returns whether the queue is full now: then stop reading until `Resume`.
    pub(crate) fn push(self: &Arc<Self>, item: Item) -> bool {
        let mut queue = lock(&self.queue);
        if let Item::Event(text) = &item {
            queue.events += 1;
            queue.bytes += text.len();
        }
        queue.items.push_back(item);
        let options = &self.shared.options;
        queue.full |= queue.events >= options.events_waiting_max
            || queue.bytes >= 2 * options.payload_bytes_max;
        let full = queue.full;
        self.run(&mut queue);
        full
    }

    /// Queues the end; with `at_once`, what waits before it is not handled any more.
    pub(crate) fn end(self: &Arc<Self>, reason: Reason, at_once: bool) {
        let mut queue = lock(&self.queue);
        if at_once {
            queue.items.retain(|item| matches!(item, Item::Connect { .. }));
            (queue.events, queue.bytes) = (0, 0);
        }
        queue.items.push_back(Item::Disconnected(reason));
        self.run(&mut queue);
    }

    pub(crate) fn ack_ended(self: &Arc<Self>) {
        let mut queue = lock(&self.queue);
        queue.acks -= 1;
        self.run(&mut queue);
    }

    fn run(self: &Arc<Self>, queue: &mut Queue) {
        if !queue.running && self.may_start(queue) {
            queue.running = true;
            self.shared.runtime.spawn(work(Arc::clone(self)));
        }
    }

    fn may_start(&self, queue: &Queue) -> bool {
        match queue.items.front() {
            None => false,
            Some(Item::Event(_)) => queue.acks < self.shared.options.acks_in_flight_max,
            Some(_) => true,
        }
    }

    /// The next item that may start, or the end of the task.
    fn next(&self) -> Option<Item> {
        let mut queue = lock(&self.queue);
        if !self.may_start(&queue) {
            queue.running = false;
            if queue.items.is_empty() {
                queue.items = VecDeque::new(); // An idle socket keeps no buffer.
            }
            return None;
        }
        let item = queue.items.pop_front()?;
        if let Item::Event(text) = &item {
            queue.acks += 1;
            queue.events -= 1;
            queue.bytes -= text.len();
        }
        let options = &self.shared.options;
        let room = queue.events <= options.events_waiting_max / 2
            && queue.bytes <= options.payload_bytes_max;
        if queue.full && room {
            queue.full = false;
            drop(queue);
            self.send(|address| Command::Resume { address });
        }
        Some(item)
    }
}

async fn work<A: Application>(core: Arc<Core<A>>) {
    let socket = Socket { core: Arc::clone(&core) };
    while let Some(item) = core.next() {
        if AssertUnwindSafe(handle(&socket, item)).catch_unwind().await.is_err() {
            tracing::error!(socket.id = %core.id, "a handler panicked: its socket is closed");
            core.send(|address| Command::Disconnect { address, reason: Reason::Server });
        }
    }
}

async fn handle<A: Application>(socket: &Socket<A>, item: Item) {
    let app = &socket.core.shared.app;
    match item {
        Item::Connect { request, auth } => connect(socket, request, &auth).await,
        Item::Event(text) => event(socket, &text).await,
        Item::Behind(topic) => app.behind(socket, topic).await,
        Item::Ended(topic) => app.ended(socket, topic).await,
        Item::Disconnected(reason) => {
            if socket.core.session().is_some() {
                app.disconnected(socket, reason);
            }
        }
    }
}

async fn connect<A: Application>(socket: &Socket<A>, request: Arc<Parts>, auth: &str) {
    let core = &socket.core;
    let Some(auth) = parse_auth(&core.shared.options, auth) else {
        return core.send(|address| Command::Disconnect { address, reason: Reason::Protocol });
    };
    let handshake = Handshake { request, auth, socket: core.id };
    match core.shared.app.connect(handshake).await {
        Ok(session) => {
            core.set_session(session);
            core.send(|_| Command::Connected { core: Arc::clone(core) });
            core.shared.app.connected(socket).await;
        }
        Err(refusal) => {
            let frame = Packet::connect_error("", &refusal.message, &refusal.data).frame();
            core.send(|address| Command::Refused { address, frame });
        }
    }
}

fn parse_auth(options: &crate::Options, auth: &str) -> Option<Value> {
    if auth.is_empty() {
        return Some(Value::Null);
    }
    nesting::check(auth, options).then(|| serde_json::from_str(auth).ok()).flatten()
}

async fn event<A: Application>(socket: &Socket<A>, text: &str) {
    let core = &socket.core;
    if core.session().is_none() {
        return drop(Ack::new(core, None)); // It came before the refusal was known.
    }
    let Some(Event { id, name, args }) = Event::parse(text, &core.shared.options) else {
        drop(Ack::new(core, None)); // An ack gives back the place of its event.
        return core.send(|address| Command::Disconnect { address, reason: Reason::Protocol });
    };
    core.shared.app.event(socket, name, args, Ack::new(core, id)).await;
}

//! A connected socket and the answer to one of its events.
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use uuid::Uuid;

use crate::core::Command;
use crate::inbound::Core;
use crate::{Application, Packet, Reason, SocketId, TooManyTopics};

/// A connected socket. Cheap to clone; of no effect once the connection has gone.
pub struct Socket<A: Application> {
    pub(crate) core: Arc<Core<A>>,
}

impl<A: Application> Clone for Socket<A> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core) }
    }
}

impl<A: Application> std::fmt::Debug for Socket<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Socket({})", self.id())
    }
}

impl<A: Application> Socket<A> {
    /// Its public id, the same that the client has.
    pub fn id(&self) -> SocketId {
        self.core.id
    }

    /// What [`Application::connect`] decided, or the last [`Socket::set_session`].
    pub fn session(&self) -> Arc<A::Session> {
        self.core.session().expect("a socket is handed out only after connect gave a session")
    }

    /// Replaces the session, for example after a fresh token. Its key must be the same.
    pub fn set_session(&self, session: A::Session) {
        debug_assert!(A::key(&session) == A::key(&self.session()), "a socket keeps its key");
        self.core.set_session(session);
    }

    /// Delivers every entry of `topic` with `seq > after`, in order, from now on.
    ///
    /// * `after`: what the client already has. It must not be beyond the end of the log: the
    ///   caller checks, because only it can tell a client of another log from one of the future.
    /// * `verified`: the position at which the right to follow was checked. An entry up to it
    ///   never ends the delivery ([`crate::LogEntry::ends`]), one after it does.
    ///
    /// Following again a topic that is followed never goes back: the cursor moves to the larger.
    pub fn follow(&self, topic: Uuid, after: u64, verified: u64) -> Result<(), TooManyTopics> {
        let max = self.core.shared.options.topics_max;
        if self.core.followed.load(Ordering::Relaxed) >= max {
            return Err(TooManyTopics { max });
        }
        self.core.send(|address| Command::Follow { address, topic, after, verified });
        Ok(())
    }

    /// Ends the delivery of `topic`.
    pub fn unfollow(&self, topic: Uuid) {
        self.core.send(|address| Command::Unfollow { address, topic });
    }

    /// Sends a packet of its own. It is not dropped: a client that lets four times the queue
    /// limit gather is closed as a slow consumer.
    pub fn emit(&self, packet: &Packet) {
        self.core.send(|address| Command::Emit { address, frame: packet.frame() });
    }

    /// Ends the socket: what is queued is sent, then the connection closes. Events that wait are
    /// not handled any more.
    pub fn disconnect(&self) {
        self.core.send(|address| Command::Disconnect { address, reason: Reason::Server });
    }
}

/// The answer a client may be waiting for. It may outlive the handler of the event.
pub struct Ack<A: Application> {
    core: Arc<Core<A>>,
    id: Option<u64>,
}

impl<A: Application> Ack<A> {
    pub(crate) fn new(core: &Arc<Core<A>>, id: Option<u64>) -> Self {
        Self { core: Arc::clone(core), id }
    }

    /// Whether the client asked for an answer.
    pub fn wanted(&self) -> bool {
        self.id.is_some()
    }

    /// Answers with one argument; nothing happens if the client did not ask.
    pub fn send(self, payload: &impl Serialize) {
        if let Some(id) = self.id {
            let frame = Packet::ack(id, payload).frame();
            self.core.send(|address| Command::Emit { address, frame });
        }
    }
}

impl<A: Application> Drop for Ack<A> {
    fn drop(&mut self) {
        self.core.ack_ended();
    }
}

impl<A: Application> std::fmt::Debug for Ack<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ack({}, {:?})", self.core.id, self.id)
    }
}

//! What an application provides: who may connect, what events do, what the logs contain.
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::{Ack, Packet, Socket};

/// The application behind a [`crate::Server`].
///
/// `connect`, `connected`, `event`, `behind`, `ended` and `disconnected` of one socket run one at
/// a time, in this order of causes. They run on the tokio runtime, so they may await.
pub trait Application: Send + Sync + Sized + 'static {
    /// What [`Application::connect`] decided about a socket: who it is, until when.
    type Session: Send + Sync + 'static;

    /// Decides about a CONNECT.
    ///
    /// A refusal reaches the client as CONNECT_ERROR. The server drops the future of a connection
    /// that has gone only when it ends by itself; guard slow calls with a timeout.
    fn connect(
        &self,
        handshake: Handshake,
    ) -> impl Future<Output = Result<Self::Session, Refusal>> + Send;

    /// The person (or whatever else is one) behind a session: the index of
    /// [`crate::Server::emit_to_key`], and what [`LogEntry::ends`] is compared with.
    fn key(session: &Self::Session) -> Uuid;

    /// Runs once after the client was told that it is connected, before its first event.
    fn connected(&self, socket: &Socket<Self>) -> impl Future<Output = ()> + Send {
        let _ = socket;
        async {}
    }

    /// Handles one event. The next event of this socket starts when this future ends, so it is the
    /// ordered part; `ack` may be moved into a task and answered later, in any order.
    ///
    /// At most [`crate::Options::acks_in_flight_max`] acks of a socket are alive; then its next
    /// event waits. An ack that is dropped is never answered.
    fn event(
        &self,
        socket: &Socket<Self>,
        name: String,
        args: Vec<Value>,
        ack: Ack<Self>,
    ) -> impl Future<Output = ()> + Send;

    /// The entries of `topic` with `seq > after`, ascending, at most `limit`. Fewer than `limit`
    /// means: there were no more when the read began.
    fn read(
        &self,
        topic: Uuid,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<LogEntry>, ReadError>> + Send;

    /// `socket` no longer follows `topic`, because [`Application::read`] said
    /// [`ReadError::TooFarBehind`]: tell the client to read the history another way.
    fn behind(&self, socket: &Socket<Self>, topic: Uuid) -> impl Future<Output = ()> + Send;

    /// `socket` no longer follows `topic`, because the log said that this session's key has no
    /// part in it any more ([`LogEntry::ends`]).
    fn ended(&self, socket: &Socket<Self>, topic: Uuid) -> impl Future<Output = ()> + Send;

    /// The socket is gone. Called exactly once for each `connect` that returned a session.
    fn disconnected(&self, socket: &Socket<Self>, reason: Reason);

    /// An extra packet for each heartbeat, ephemeral: `cursors` are the topics this socket follows
    /// and what was queued to it so far. A client that is behind them has lost something.
    /// Runs on a shard: it must be quick and must not block.
    fn heartbeat(&self, cursors: &[(Uuid, u64)]) -> Option<Packet> {
        let _ = cursors;
        None
    }
}

/// The CONNECT of one socket.
#[derive(Debug)]
#[non_exhaustive]
pub struct Handshake {
    /// The HTTP request that opened the connection, without its body: headers, URI, extensions
    /// (whatever a layer put there, for example axum's `ConnectInfo`).
    pub request: Arc<::http::request::Parts>,
    /// The client's `auth` payload: an object, or `null`.
    pub auth: Value,
    /// The id the socket will have.
    pub socket: SocketId,
}

/// Why a CONNECT was refused: becomes CONNECT_ERROR `{message, data}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Short text; the client's `error.message`.
    pub message: String,
    /// Details; the client's `error.data`. Left out when `null`.
    pub data: Value,
}

/// The public name of a socket. It is no secret; the id that opens a session (`sid`) is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketId(pub Uuid);

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

/// Why a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The client said goodbye.
    Client,
    /// The application did ([`Socket::disconnect`], [`crate::Server::disconnect_where`]). The
    /// client sees `io server disconnect` and does not come back by itself.
    Server,
    /// The connection was closed or broke.
    Transport,
    /// No answer to a ping.
    PingTimeout,
    /// The client did not take what was queued for it within the ping timeout.
    SlowConsumer,
    /// The client broke the protocol or one of the limits.
    Protocol,
    /// This server is shutting down; clients come back by themselves.
    Shutdown,
}

/// One entry of the log behind a topic, encoded.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// The position in the topic's log, ascending without gaps.
    pub seq: u64,
    /// What followers receive.
    pub packet: Packet,
    /// The key ([`Application::key`]) that has no part in the topic from this entry on: its
    /// sockets stop here, without receiving the entry, unless it was verified later.
    pub ends: Option<Uuid>,
}

/// Why a log could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The cursor is too far back (or from another log): the socket stops following.
    #[error("the cursor is too far behind the log")]
    TooFarBehind,
    /// The store cannot answer now: the read is tried again shortly.
    #[error("the log cannot be read now")]
    Unavailable,
}

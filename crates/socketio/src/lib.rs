//! A Socket.IO server (Engine.IO 4, Socket.IO 5) whose sockets are views of logs.
//!
//! An [`Application`] decides who connects, handles events and reads its logs; this crate does the
//! rest: long-polling, WebSocket, the upgrade between them, heartbeat, limits and delivery. It
//! knows nothing of what the events mean.
//!
//! What it promises:
//! * Per socket, events are handled in the order they were sent, none is lost after CONNECT.
//! * Per (socket, topic), entries arrive in the order of their `seq`, none twice, none left out:
//!   [`Socket::follow`] sets a cursor, and resume, catch-up and live delivery are the same walk
//!   of that cursor along the log. [`Server::publish`] only says what is new.
//! * An entry is encoded once ([`Packet`]); connections share its bytes and write many with one
//!   system call.
//! * Every queue is bounded. A slow reader's cursor waits; who does not drain at all is closed
//!   and resumes by its cursor. Only what is called ephemeral is ever dropped.
//!
//! Connections leave hyper after the upgrade and live on a few threads, the shards, which never
//! run application code: that runs on the tokio runtime, in order per socket.
mod app;
mod core;
mod engine;
mod error;
mod http;
mod inbound;
mod log;
mod nesting;
mod options;
mod packet;
mod server;
mod shard;
mod socket;
mod ws;

pub use app::{Application, Handshake, LogEntry, ReadError, Reason, Refusal, SocketId};
pub use error::{StartError, TooManyTopics};
pub use http::Body;
pub use options::Options;
pub use packet::Packet;
pub use server::Server;
pub use socket::{Ack, Socket};

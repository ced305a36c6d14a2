//! A lean load generator: one thread, one epoll, many connections, every delivery counted.
//!
//! It speaks to the real server (Socket.IO) and to the bare broadcast loop of `bin/bare.rs` with
//! the same code: both answer with the same JSON in the same WebSocket frames.

pub mod fan_out;
pub mod posts;
pub mod stats;
pub mod wire;

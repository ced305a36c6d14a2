//! The chat service: rooms, messages, events, limits.

mod events;
mod headers;
mod history;
mod invites;
mod limits;
mod membership;
mod messages;
mod reads;
mod rooms;
mod sockets;

//! The chat service: rooms, messages, events, limits.

mod drafts;
mod events;
mod files;
mod headers;
mod history;
mod invites;
mod limits;
mod mail;
mod media;
mod membership;
mod mentions;
mod messages;
mod notices;
mod people;
mod pictures;
mod presence;
mod previews;
mod push;
mod reactions;
mod reads;
mod rooms;
mod saved;
mod sockets;
mod speech;
mod threads;

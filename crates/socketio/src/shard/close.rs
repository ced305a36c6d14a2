//! How connections end.
use std::net::Shutdown;
use std::time::Duration;

use uuid::Uuid;

use super::{Shard, Stage, Transport};
use crate::engine::{Answer, EngineError};
use crate::ws::{self, close};
use crate::{Application, Packet, Reason};

/// How long a closed connection may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Farewell {
    /// Nothing: there is nobody to tell.
    None,
    /// The transport closes.
    Close,
    /// A Socket.IO DISCONNECT, then the transport closes: the client will not come back by itself.
    Disconnect,
    /// The transport closes with this code, for the client broke a rule.
    Violation(u16),
    /// The transport closes, because this server goes away.
    Away,
}

impl<A: Application> Shard<A> {
    /// Ends the socket now, and the connection as soon as it has been told.
    ///
    /// The slot stays valid until the end of the turn.
    pub(super) fn close(&mut self, slot: usize, reason: Reason, farewell: Farewell) {
        if self.connections[slot].is_closing() {
            if farewell == Farewell::None {
                self.give_up(slot);
            }
            return;
        }
        self.end_socket(slot, reason);
        let connection = &mut self.connections[slot];
        let final_word = farewell == Farewell::Disconnect || reason == Reason::Client;
        let code = match farewell {
            Farewell::None => return self.give_up(slot),
            Farewell::Close | Farewell::Disconnect => close::NORMAL,
            Farewell::Away => close::AWAY,
            Farewell::Violation(code) => code,
        };
        if farewell == Farewell::Disconnect {
            connection.out.push(Packet::raw("41").frame());
        }
        match connection.transport {
            Transport::WebSocket(_) => connection.out.push(ws::close_frame(code)),
            Transport::Polling(_) if final_word => {}
            // A poll that fails makes clients come back; python-socketio does not after a `1`.
            Transport::Polling(_) => return self.give_up(slot),
        }
        connection.deadlines.close_by = Some(self.now + FAREWELL);
        self.schedule(slot);
        self.mark_dirty(slot);
    }

    fn give_up(&mut self, slot: usize) {
        let connection = &mut self.connections[slot];
        connection.flags.dead = true;
        connection.deadlines.close_by = Some(self.now + FAREWELL); // No other is due any more.
        connection.out.drop_unsent();
        self.dead.push((slot, connection.serial));
    }

    /// Removes what was given up in this turn.
    pub(super) fn bury(&mut self) {
        while let Some((slot, serial)) = self.dead.pop() {
            if self.connections.get(slot).is_some_and(|dead| dead.serial == serial) {
                self.remove(slot);
            }
        }
    }

    /// The socket part of the end: nothing of the application's is delivered any more.
    fn end_socket(&mut self, slot: usize, reason: Reason) {
        for topic in std::mem::take(&mut self.connections[slot].follows) {
            self.leave_topic(slot, topic);
        }
        let connection = &mut self.connections[slot];
        connection.lagging.clear();
        connection.request = None;
        let at_once = matches!(reason, Reason::Server | Reason::Protocol);
        match std::mem::replace(&mut connection.stage, Stage::Closing) {
            Stage::Waiting | Stage::Closing => {}
            Stage::Connecting(core) => {
                self.disconnections.ended_connecting();
                core.end(reason, at_once);
            }
            Stage::Connected(core) => {
                if let Some(session) = core.session() {
                    self.forget_key(A::key(&session), slot);
                }
                core.end(reason, at_once);
            }
        }
    }

    fn forget_key(&mut self, key: Uuid, slot: usize) {
        if let Some(slots) = self.keys.get_mut(&key) {
            slots.retain(|other| *other != slot);
            if slots.is_empty() {
                self.keys.remove(&key);
            }
        }
    }

    /// Everything that could be sent was sent: says goodbye on the transport.
    pub(super) fn finish(&mut self, slot: usize) {
        let connection = &mut self.connections[slot];
        match &mut connection.transport {
            Transport::Polling(_) => self.remove(slot),
            Transport::WebSocket(socket) => {
                // The client's close is awaited, lest unread input resets what is on its way.
                if !std::mem::replace(&mut connection.flags.shut, true)
                    && socket.stream.shutdown(Shutdown::Write).is_err()
                {
                    return self.remove(slot);
                }
                connection.flags.readable = true;
                self.read_again(slot);
            }
        }
    }

    /// Lets go of a connection whose socket has ended.
    pub(super) fn remove(&mut self, slot: usize) {
        let mut connection = self.connections.remove(slot);
        match &mut connection.transport {
            Transport::WebSocket(socket) => {
                let _ = self.poll.registry().deregister(&mut socket.stream);
            }
            Transport::Polling(polling) => {
                if let Some(get) = polling.get.take() {
                    let _ = get.send(Answer::Error(EngineError::SessionUnknown));
                }
                if let Some((post, _)) = polling.post.take() {
                    let _ = post.send(Answer::Error(EngineError::SessionUnknown));
                }
                // A probe is left alone: socket.io-client waits for a ping timeout if it loses
                // its probe in the middle of the upgrade, but comes back at once after it.
            }
        }
    }

    pub(super) fn begin_shutdown(&mut self) {
        self.stop_by = Some(self.now + FAREWELL);
        let slots: Vec<usize> = self.connections.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.close(slot, Reason::Shutdown, Farewell::Away);
        }
    }
}

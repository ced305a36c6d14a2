//! The upgrade from long-polling to WebSocket.
//!
//! The client opens a WebSocket beside its polls and sends `2probe`; we answer `3probe` and let
//! its poll end (`6`), so that nothing is on its way over HTTP; it sends `5` and from then on the
//! session is the WebSocket's. Until then everything goes through the polls.
use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Instant;

use bytes::Bytes;
use mio::{Interest, Token};

use super::close::Farewell;
use super::connection::WebSocket;
use super::polling::answer;
use super::{PROBE_BIT, Shard, Transport};
use crate::engine::{Answer, Sid};
use crate::ws::{self, Incoming, close};
use crate::{Application, Packet, Reason};

pub(super) struct Probe {
    socket: WebSocket,
    sid: Sid,
    by: Instant,
    answered: bool,
}

/// What becomes of a probe after a look at its input.
enum Outcome {
    Waits,
    Upgrades,
    Fails,
}

impl<A: Application> Shard<A> {
    pub(super) fn begin_probe(
        &mut self,
        stream: std::net::TcpStream,
        mut read_ahead: Bytes,
        sid: Sid,
    ) {
        let Some(mut socket) = Self::adopt(stream, &mut read_ahead) else { return };
        let by = self.now + self.shared.options.connect_timeout;
        let entry = self.probes.vacant_entry();
        let index = entry.key();
        let slot = sid.slot as usize;
        let connection = self.connections.get_mut(slot).filter(|other| other.sid == sid);
        let Some(connection) = connection.filter(|other| !other.is_closing()) else { return };
        let Transport::Polling(polling) = &mut connection.transport else { return };
        if polling.probe.is_some() {
            return; // One at a time; dropping the stream tells the client.
        }
        let interest = Interest::READABLE;
        let token = Token(PROBE_BIT | index);
        if self.poll.registry().register(&mut socket.stream, token, interest).is_err() {
            return;
        }
        polling.probe = Some(index);
        entry.insert(Probe { socket, sid, by, answered: false });
        self.read_probe(index);
    }

    pub(super) fn read_probe(&mut self, index: usize) {
        let mut buffer = std::mem::take(&mut self.read_buffer);
        let outcome = self.look(index, &mut buffer);
        self.read_buffer = buffer;
        match outcome {
            Outcome::Waits => {}
            Outcome::Fails => self.fail_probe(index),
            Outcome::Upgrades => self.upgrade(index),
        }
    }

    fn look(&mut self, index: usize, buffer: &mut [u8]) -> Outcome {
        let bytes_max = self.shared.options.payload_bytes_max;
        let mut count = 0; // What was read with the handshake comes first.
        loop {
            let Some(probe) = self.probes.get_mut(index) else { return Outcome::Waits };
            let (sid, answered) = (probe.sid, probe.answered);
            match probe.take(&mut buffer[..count], bytes_max) {
                Outcome::Waits => {}
                over => return over,
            }
            if probe.answered && !answered {
                self.end_poll(sid);
                count = 0;
                continue;
            }
            match probe.socket.stream.read(buffer) {
                Ok(0) => return Outcome::Fails,
                Ok(read) => count = read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Outcome::Waits,
                Err(error) if error.kind() == ErrorKind::Interrupted => count = 0,
                Err(_) => return Outcome::Fails,
            }
        }
    }

    /// Answers the poll that waits, and from now on every poll at once.
    fn end_poll(&mut self, sid: Sid) {
        let Some((slot, polling)) = self.polling(sid) else { return };
        polling.upgrading = true;
        let get = polling.get.take();
        let connection = &mut self.connections[slot];
        let Some(get) = get else { return };
        let payload = if connection.out.is_empty() {
            Bytes::from_static(b"6")
        } else {
            connection.out.take_payload(self.shared.options.payload_bytes_max)
        };
        answer(get, Answer::Payload(payload));
    }

    /// The session moves to the probe's stream.
    fn upgrade(&mut self, index: usize) {
        let probe = self.probes.remove(index);
        let mut socket = probe.socket;
        let _ = self.poll.registry().deregister(&mut socket.stream);
        let Some((slot, polling)) = self.polling(probe.sid) else { return };
        polling.probe = None;
        if let Some(get) = polling.get.take() {
            answer(get, Answer::Payload(Bytes::from_static(b"6")));
        }
        if polling.post.is_some() {
            // Its packets would come after those that are sent over the WebSocket.
            return self.close(slot, Reason::Protocol, Farewell::Close);
        }
        let connection = &mut self.connections[slot];
        if connection.is_closing() {
            // The client polls no more: its farewell, still queued, comes over the WebSocket.
            connection.out.push(ws::close_frame(close::NORMAL));
        }
        connection.transport = Transport::WebSocket(socket);
        connection.flags.unread = true;
        connection.flags.readable = true;
        if self.register(slot, Token(slot)).is_err() {
            return self.close(slot, Reason::Transport, Farewell::None);
        }
        self.read_again(slot);
        self.mark_dirty(slot);
    }

    fn fail_probe(&mut self, index: usize) {
        let Some(probe) = self.probes.get(index) else { return };
        let sid = probe.sid;
        if let Some((_, polling)) = self.polling(sid) {
            polling.probe = None;
            polling.upgrading = false;
        }
        if let Some(mut probe) = self.probes.try_remove(index) {
            let _ = self.poll.registry().deregister(&mut probe.socket.stream);
        }
    }

    pub(super) fn expire_probes(&mut self) {
        let now = self.now;
        let late = self.probes.iter().filter(|(_, probe)| probe.by <= now);
        let late: Vec<usize> = late.map(|(index, _)| index).collect();
        for index in late {
            self.fail_probe(index);
        }
    }
}

impl Probe {
    /// Takes what is there of `2probe` and `5`, and answers the first.
    fn take(&mut self, chunk: &mut [u8], bytes_max: usize) -> Outcome {
        let mut input = self.socket.decoder.begin(chunk);
        let outcome = loop {
            let text = match self.socket.decoder.next(&mut input, bytes_max) {
                Ok(None) => break Outcome::Waits,
                Ok(Some(Incoming::Text(text))) => text,
                Ok(Some(Incoming::Ping(_) | Incoming::Pong)) => continue,
                Ok(Some(Incoming::Close)) | Err(_) => break Outcome::Fails,
            };
            match (text.as_str(), self.answered) {
                ("5", true) => break Outcome::Upgrades,
                ("2probe", false) => {
                    let frame = Packet::raw("3probe").frame();
                    match self.socket.stream.write(&frame) {
                        Ok(written) if written == frame.len() => self.answered = true,
                        _ => break Outcome::Fails, // The first bytes of a stream always fit.
                    }
                }
                _ => break Outcome::Fails,
            }
        };
        self.socket.decoder.keep(input);
        outcome
    }
}

//! Reading what clients send over WebSocket.
use std::io::{ErrorKind, Read as _};

use bytes::Bytes;
use mio::net::TcpStream;

use super::close::Farewell;
use super::connection::WebSocket;
use super::{Connection, Shard, Transport};
use crate::ws::{self, Decoder, Incoming, close};
use crate::{Application, Reason};

/// Buffers one connection may fill before the others have their turn.
const READS_MAX: usize = 2;

impl<A: Application> Shard<A> {
    /// Makes a stream that left hyper ours, together with what hyper had read of it.
    pub(super) fn adopt(stream: std::net::TcpStream, read_ahead: &mut Bytes) -> Option<WebSocket> {
        stream.set_nonblocking(true).and_then(|()| stream.set_nodelay(true)).ok()?;
        let mut decoder = Decoder::default();
        let mut ahead = std::mem::take(read_ahead).to_vec();
        let input = decoder.begin(&mut ahead);
        decoder.keep(input);
        Some(WebSocket { stream: TcpStream::from_std(stream), decoder })
    }

    pub(super) fn read_ready(&mut self) {
        let mut ready = std::mem::take(&mut self.again);
        for slot in ready.drain(..) {
            if let Some(connection) = self.connections.get_mut(slot) {
                connection.flags.again = false;
                self.read(slot);
            }
        }
        if self.again.is_empty() {
            self.again = ready; // Keeps its room.
        }
    }

    /// There may be a reason less to leave the client's input alone.
    pub(super) fn go_on_reading(&mut self, slot: usize) {
        if !self.may_read(slot) {
            return;
        }
        self.connections[slot].flags.held = false;
        match self.connections[slot].transport {
            Transport::WebSocket(_) => self.read_again(slot),
            Transport::Polling(_) => self.take_post(slot),
        }
    }

    /// Whether the application and the client's own queue have room for what input causes.
    pub(super) fn may_read(&self, slot: usize) -> bool {
        let Connection { flags, out, .. } = &self.connections[slot];
        !flags.blocked && out.bytes() < 2 * self.shared.options.queue_bytes_max
    }

    fn read(&mut self, slot: usize) {
        let mut buffer = std::mem::take(&mut self.read_buffer);
        let open = self.read_into(slot, &mut buffer);
        self.read_buffer = buffer;
        if !open {
            self.close(slot, Reason::Transport, Farewell::None);
        }
    }

    /// Returns whether the connection is still open.
    fn read_into(&mut self, slot: usize, buffer: &mut [u8]) -> bool {
        if self.connections[slot].is_closing() {
            return self.discard(slot, buffer);
        }
        if std::mem::take(&mut self.connections[slot].flags.unread) {
            self.decode(slot, &mut []);
        }
        for _ in 0..READS_MAX {
            if !self.may_read(slot) {
                self.connections[slot].flags.held = true;
                return true;
            }
            let Connection { transport: Transport::WebSocket(socket), flags, .. } =
                &mut self.connections[slot]
            else {
                return true;
            };
            if !flags.readable {
                return true;
            }
            match socket.stream.read(buffer) {
                Ok(0) => return false,
                Ok(count) => self.decode(slot, &mut buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => flags.readable = false,
                Err(_) => return false,
            }
            if self.connections[slot].is_closing() {
                return true;
            }
        }
        self.read_again(slot);
        true
    }

    /// The socket has ended: only the end of the client's input matters.
    fn discard(&mut self, slot: usize, buffer: &mut [u8]) -> bool {
        let connection = &mut self.connections[slot];
        let Transport::WebSocket(socket) = &mut connection.transport else { return true };
        for _ in 0..READS_MAX {
            match socket.stream.read(buffer) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(_) => return false,
            }
        }
        self.read_again(slot);
        true
    }

    /// Takes the messages of `chunk` and of what was kept before it, as long as there is room.
    fn decode(&mut self, slot: usize, chunk: &mut [u8]) {
        let max = self.shared.options.payload_bytes_max;
        let Transport::WebSocket(socket) = &mut self.connections[slot].transport else { return };
        let mut input = socket.decoder.begin(chunk);
        loop {
            let room = self.may_read(slot);
            let connection = &mut self.connections[slot];
            let closing = connection.is_closing();
            let Transport::WebSocket(socket) = &mut connection.transport else { return };
            if !room || closing {
                socket.decoder.keep(input);
                connection.flags.unread = socket.decoder.has_kept();
                connection.flags.held = true;
                return;
            }
            match socket.decoder.next(&mut input, max) {
                Ok(Some(incoming)) => self.incoming(slot, incoming),
                Ok(None) => return socket.decoder.keep(input),
                Err(violation) => return self.violation(slot, violation.0),
            }
        }
    }

    fn incoming(&mut self, slot: usize, incoming: Incoming) {
        match incoming {
            Incoming::Text(text) if text.is_empty() => self.violation(slot, close::POLICY),
            Incoming::Text(text) => self.packet(slot, &text),
            Incoming::Ping(payload) => self.push_direct(slot, ws::pong_frame(&payload)),
            Incoming::Pong => {}
            Incoming::Close => self.close(slot, Reason::Transport, Farewell::Close),
        }
    }
}

//! Queueing frames and writing them, many with one system call.
use std::io::{ErrorKind, IoSlice, Write as _};

use bytes::Bytes;

use super::close::Farewell;
use super::connection::WRITE_FRAMES_MAX;
use super::{Connection, Shard, Stage, Transport, polling};
use crate::engine::Answer;
use crate::{Application, Reason};

/// What a single client may let gather of packets that cannot wait, as a multiple of the limit.
const DIRECT_MULTIPLE: usize = 4;
/// Rounds of refilling and writing one connection gets in one turn.
const ROUNDS_MAX: usize = 4;

/// What came of writing.
enum Written {
    /// Nothing is left.
    All,
    /// The socket takes no more now.
    Blocked,
    Broken,
}

impl<A: Application> Shard<A> {
    /// Queues a packet that is neither dropped nor can wait.
    pub(super) fn push_direct(&mut self, slot: usize, frame: Bytes) {
        let limit = DIRECT_MULTIPLE * self.shared.options.queue_bytes_max;
        let connection = &mut self.connections[slot];
        if connection.is_closing() {
            return;
        }
        if connection.out.bytes() > limit {
            return self.close(slot, Reason::SlowConsumer, Farewell::None);
        }
        connection.out.push(frame);
        self.mark_dirty(slot);
    }

    /// Queues a packet unless the client already has half of what it may have.
    pub(super) fn push_ephemeral(&mut self, slot: usize, frame: Bytes) {
        let limit = self.shared.options.queue_bytes_max / 2;
        let connection = &mut self.connections[slot];
        if !connection.is_closing() && connection.out.bytes() + frame.len() <= limit {
            connection.out.push(frame);
            self.mark_dirty(slot);
        }
    }

    pub(super) fn flush_dirty(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for slot in dirty.drain(..) {
            if let Some(connection) = self.connections.get_mut(slot) {
                connection.flags.dirty = false;
                if !connection.flags.dead {
                    self.flush(slot);
                }
            }
        }
        if self.dirty.is_empty() {
            self.dirty = dirty; // Keeps its room.
        }
    }

    fn flush(&mut self, slot: usize) {
        for _ in 0..ROUNDS_MAX {
            let before = self.connections[slot].out.bytes();
            let written = match &self.connections[slot].transport {
                Transport::WebSocket(_) => self.write(slot),
                Transport::Polling(_) => self.answer_poll(slot),
            };
            if matches!(written, Written::Broken) {
                return self.close(slot, Reason::Transport, Farewell::None);
            }
            self.note_progress(slot, before);
            if self.connections[slot].is_closing() {
                if matches!(written, Written::All) {
                    self.finish(slot);
                }
                return;
            }
            self.refill(slot);
            if matches!(written, Written::Blocked) || self.connections[slot].out.is_empty() {
                return;
            }
        }
        self.mark_dirty(slot); // Others first.
    }

    fn note_progress(&mut self, slot: usize, before: usize) {
        let timeout = self.shared.options.ping_timeout;
        let connection = &mut self.connections[slot];
        let left = connection.out.bytes();
        let deadlines = &mut connection.deadlines;
        if left == 0 {
            deadlines.drain_by = None;
        } else if left < before || deadlines.drain_by.is_none() {
            deadlines.drain_by = Some(self.now + timeout);
            self.schedule(slot);
        }
        if self.connections[slot].flags.held {
            self.go_on_reading(slot);
        }
    }

    fn write(&mut self, slot: usize) -> Written {
        let Connection { transport: Transport::WebSocket(socket), out, .. } =
            &mut self.connections[slot]
        else {
            return Written::Blocked;
        };
        while !out.is_empty() {
            let mut slices = [IoSlice::new(&[]); WRITE_FRAMES_MAX];
            let (count, bytes) = out.slices(&mut slices);
            let result = match &slices[..count] {
                [only] => socket.stream.write(only),
                several => socket.stream.write_vectored(several),
            };
            match result {
                Ok(0) => return Written::Broken,
                Ok(written) => {
                    out.advance(written);
                    if written < bytes {
                        return Written::Blocked; // The poll reports when there is room again.
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Written::Blocked,
                Err(_) => return Written::Broken,
            }
        }
        Written::All
    }

    fn answer_poll(&mut self, slot: usize) -> Written {
        let payload_max = self.shared.options.payload_bytes_max;
        let connection = &mut self.connections[slot];
        let Transport::Polling(polling) = &mut connection.transport else {
            return Written::Blocked;
        };
        let closing = matches!(connection.stage, Stage::Closing);
        if connection.out.is_empty() && !closing {
            return Written::All;
        }
        let Some(get) = polling.get.take_if(|get| !get.is_closed()) else {
            return Written::Blocked;
        };
        if connection.out.is_empty() {
            // In a body of its own: clients act on a close before the packets in front of it.
            polling::answer(get, Answer::Payload(Bytes::from_static(b"1")));
            return Written::All;
        }
        let payload = connection.out.take_payload(payload_max);
        if get.send(Answer::Payload(payload)).is_err() {
            return Written::Broken; // The client gave up exactly now: what it missed is gone.
        }
        if connection.out.is_empty() && !closing { Written::All } else { Written::Blocked }
    }
}

//! One connection, whatever carries it, and what is queued for it.
use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

use ::http::request::Parts;
use bytes::Bytes;
use mio::net::TcpStream;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::Application;
use crate::core::Seat;
use crate::engine::{Answer, SEPARATOR, Sid};
use crate::inbound::Core;
use crate::ws::{self, Decoder};

/// Packets in one body of long-polling: python-engineio refuses bodies with more.
const PAYLOAD_PACKETS_MAX: usize = 16;
/// Places for frames that a connection keeps when it is idle.
const SPARE_FRAMES: usize = 4;
/// Frames in one write.
pub(super) const WRITE_FRAMES_MAX: usize = 64;

/// An Engine.IO session and the socket in it. Idle, it owns no buffer worth the name.
pub(super) struct Connection<A: Application> {
    pub(super) serial: u64,
    pub(super) sid: Sid,
    pub(super) transport: Transport,
    pub(super) out: Outbox,
    pub(super) stage: Stage<A>,
    /// Kept until the socket is connected.
    pub(super) request: Option<Arc<Parts>>,
    pub(super) attempts: u8,
    /// Topics this socket follows.
    pub(super) follows: Vec<Uuid>,
    /// Those whose cursor waits for room in `out`.
    pub(super) lagging: VecDeque<Uuid>,
    pub(super) flags: Flags,
    pub(super) deadlines: Deadlines,
    /// The mark in the shard's list of disconnections when CONNECT began.
    pub(super) mark: u64,
    pub(super) _seat: Seat,
}

/// How far the socket is.
pub(super) enum Stage<A: Application> {
    /// No CONNECT yet.
    Waiting,
    /// The application is deciding.
    Connecting(Arc<Core<A>>),
    /// The application said yes.
    Connected(Arc<Core<A>>),
    /// Over; what is queued is still sent.
    Closing,
}

/// What carries the packets.
pub(super) enum Transport {
    Polling(Box<Polling>),
    WebSocket(WebSocket),
}

#[derive(Default)]
pub(super) struct Polling {
    pub(super) get: Option<oneshot::Sender<Answer>>,
    /// A POST whose packets are not all taken yet.
    pub(super) post: Option<(oneshot::Sender<Answer>, Bytes)>,
    /// The WebSocket that asks to take over.
    pub(super) probe: Option<usize>,
    pub(super) upgrading: bool,
}

pub(super) struct WebSocket {
    pub(super) stream: TcpStream,
    pub(super) decoder: Decoder,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one connection")]
pub(super) struct Flags {
    /// The socket may have bytes to read.
    pub(super) readable: bool,
    /// Decoded input is kept that was not looked at.
    pub(super) unread: bool,
    /// The application has enough to do: input waits.
    pub(super) blocked: bool,
    /// Input was left alone because of `blocked` or of a full queue.
    pub(super) held: bool,
    /// Listed for the next flush.
    pub(super) dirty: bool,
    /// Listed for the next read.
    pub(super) again: bool,
    /// The sending direction is shut.
    pub(super) shut: bool,
    /// Removed at the end of this turn.
    pub(super) dead: bool,
}

pub(super) struct Deadlines {
    /// Time of the next ping, unless one is unanswered.
    pub(super) ping_at: Instant,
    pub(super) pong_by: Option<Instant>,
    pub(super) drain_by: Option<Instant>,
    pub(super) connect_by: Option<Instant>,
    pub(super) close_by: Option<Instant>,
    /// The earliest entry in the shard's timers.
    pub(super) timer_at: Option<Instant>,
}

impl Deadlines {
    pub(super) fn next(&self) -> Instant {
        if let Some(close_by) = self.close_by {
            return close_by;
        }
        let beat = self.pong_by.unwrap_or(self.ping_at);
        [self.drain_by, self.connect_by].into_iter().flatten().fold(beat, Instant::min)
    }
}

impl<A: Application> Connection<A> {
    pub(super) fn core(&self) -> Option<&Arc<Core<A>>> {
        match &self.stage {
            Stage::Connecting(core) | Stage::Connected(core) => Some(core),
            Stage::Waiting | Stage::Closing => None,
        }
    }

    pub(super) fn connected(&self) -> Option<&Arc<Core<A>>> {
        match &self.stage {
            Stage::Connected(core) => Some(core),
            _ => None,
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        matches!(self.stage, Stage::Closing)
    }
}

/// Frames on their way to one client; one element may hold several whole frames.
#[derive(Default)]
pub(super) struct Outbox {
    frames: VecDeque<Bytes>,
    /// Bytes of the first element that are already written.
    written: usize,
    /// Bytes that are not.
    bytes: usize,
}

impl Outbox {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn push(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Before everything that has not begun: for heartbeats, which no backlog may delay.
    pub(super) fn push_first(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.insert(usize::from(self.written > 0), frame);
    }

    /// Drops all frames of which nothing is written.
    pub(super) fn drop_unsent(&mut self) {
        self.frames.truncate(usize::from(self.written > 0));
        self.bytes = 0;
        if let Some(first) = self.frames.front_mut() {
            let mut end = 0;
            while end < self.written {
                end += ws::frame_bytes(&first[end..]);
            }
            first.truncate(end);
            self.bytes = end - self.written;
        }
    }

    /// Fills `slices` from the front; returns how many frames and bytes they hold.
    pub(super) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> (usize, usize) {
        let (mut count, mut bytes) = (0, 0);
        for (slice, frame) in slices.iter_mut().zip(&self.frames) {
            let unwritten = if count == 0 { &frame[self.written..] } else { &frame[..] };
            *slice = IoSlice::new(unwritten);
            count += 1;
            bytes += unwritten.len();
        }
        (count, bytes)
    }

    /// `count` bytes were written.
    pub(super) fn advance(&mut self, count: usize) {
        self.bytes -= count;
        self.written += count;
        while let Some(first) = self.frames.front().filter(|frame| frame.len() <= self.written) {
            self.written -= first.len();
            self.frames.pop_front();
        }
        if self.frames.is_empty() && self.frames.capacity() > SPARE_FRAMES {
            self.frames = VecDeque::new(); // An idle connection keeps almost nothing.
        }
    }

    /// Takes at most `bytes_max` (and at least one packet) as the body of a long-polling response.
    pub(super) fn take_payload(&mut self, bytes_max: usize) -> Bytes {
        let mut body = Vec::new();
        for _ in 0..PAYLOAD_PACKETS_MAX {
            let Some(frames) = self.frames.front() else { break };
            let length = ws::frame_bytes(frames);
            let payload = ws::payload(&frames[..length]);
            if !body.is_empty() && body.len() + 1 + payload.len() > bytes_max {
                break;
            }
            if !body.is_empty() {
                body.push(SEPARATOR);
            }
            body.extend_from_slice(payload);
            self.take_frame(length);
        }
        body.into()
    }

    /// Removes the first frame, which has `length` bytes.
    fn take_frame(&mut self, length: usize) {
        if let Some(frames) = self.frames.front_mut().filter(|frames| frames.len() > length) {
            let _ = frames.split_to(length);
            self.bytes -= length;
        } else {
            self.advance(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_overtake_what_has_not_begun_and_never_split_a_frame() {
        let mut out = Outbox::default();
        for text in ["4a", "4b"] {
            out.push(ws::text_frame(|bytes| bytes.extend_from_slice(text.as_bytes())));
        }
        out.advance(1);
        out.push_first(ws::text_frame(|bytes| bytes.push(b'2')));
        let mut slices = [IoSlice::new(&[]); 4];
        let (count, bytes) = out.slices(&mut slices);
        assert_eq!((count, bytes), (3, out.bytes()));
        let wire: Vec<&[u8]> = slices[..count].iter().map(|slice| &**slice).collect();
        assert_eq!(wire, [b"\x024a".as_slice(), b"\x81\x012", b"\x81\x024b"]);
        out.drop_unsent();
        assert_eq!(out.bytes(), 3);
        out.advance(3);
        assert!(out.is_empty());
    }

    #[test]
    fn frames_that_were_queued_together_are_told_apart() {
        let frame = |text: &[u8]| ws::text_frame(|bytes| bytes.extend_from_slice(text));
        let bundle = Bytes::from([frame(b"4a"), frame(&[b'4'; 200]), frame(b"4c")].concat());
        let mut out = Outbox::default();
        out.push(bundle.clone());
        out.push(frame(b"4d"));
        assert_eq!(out.take_payload(2), b"4a".as_slice());
        assert_eq!(out.take_payload(204), [&[b'4'; 200][..], b"\x1e4c"].concat());
        assert_eq!(out.take_payload(99), b"4d".as_slice());
        assert!(out.is_empty() && out.bytes() == 0);
        out.push(bundle);
        out.advance(5);
        out.drop_unsent();
        assert_eq!(out.bytes(), 203, "the rest of the second frame");
    }

    #[test]
    fn a_payload_is_cut_between_packets_and_has_at_least_one() {
        let mut out = Outbox::default();
        for text in ["4aaaa", "4bbbb", "4cccc"] {
            out.push(ws::text_frame(|bytes| bytes.extend_from_slice(text.as_bytes())));
        }
        assert_eq!(out.take_payload(11), b"4aaaa\x1e4bbbb".as_slice());
        assert_eq!(out.take_payload(1), b"4cccc".as_slice());
        assert_eq!(out.bytes(), 0);
    }
}

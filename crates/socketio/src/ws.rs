//! WebSocket framing for a server, strict and without extensions. Source: RFC 6455, section 5.
use bytes::Bytes;
use sha1::{Digest, Sha1};

/// Close codes this server sends. Source: RFC 6455, section 7.4.1.
pub(crate) mod close {
    pub(crate) const NORMAL: u16 = 1000;
    pub(crate) const AWAY: u16 = 1001;
    pub(crate) const PROTOCOL: u16 = 1002;
    pub(crate) const UNSUPPORTED: u16 = 1003;
    pub(crate) const BAD_TEXT: u16 = 1007;
    pub(crate) const POLICY: u16 = 1008;
    pub(crate) const TOO_BIG: u16 = 1009;
}

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const FIN: u8 = 0x80;
const CONTROL_BYTES_MAX: u64 = 125;

/// The answer to `Sec-WebSocket-Key`. Source: RFC 6455, section 4.2.2.
pub(crate) fn accept(key: &[u8]) -> String {
    use base64::Engine as _;
    let hash = Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64::engine::general_purpose::STANDARD.encode(hash.finalize())
}

/// Encodes a text frame whose payload `write` appends.
pub(crate) fn text_frame(write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    const HEADER_MAX: usize = 10;
    let mut frame = vec![0; HEADER_MAX];
    write(&mut frame);
    let length = frame.len() - HEADER_MAX;
    let start = match u16::try_from(length) {
        Ok(short) if short <= 125 => {
            frame[9] = short.to_le_bytes()[0];
            8
        }
        Ok(medium) => {
            frame[7] = 126;
            frame[8..10].copy_from_slice(&medium.to_be_bytes());
            6
        }
        Err(_) => {
            frame[1] = 127;
            frame[2..10].copy_from_slice(&(length as u64).to_be_bytes());
            0
        }
    };
    frame[start] = FIN | TEXT;
    Bytes::from(frame).slice(start..)
}

/// The length of the first of the frames in `frames`, which this module encoded.
pub(crate) fn frame_bytes(frames: &[u8]) -> usize {
    let extended = match frames[1] {
        126 => &frames[2..4],
        127 => &frames[2..10],
        short => return 2 + usize::from(short),
    };
    let length = extended.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    2 + extended.len() + length
}

/// The payload of a frame that this module encoded.
pub(crate) fn payload(frame: &[u8]) -> &[u8] {
    match frame.get(1) {
        Some(126) => &frame[4..],
        Some(127) => &frame[10..],
        _ => &frame[2..],
    }
}

pub(crate) fn close_frame(code: u16) -> Bytes {
    let [high, low] = code.to_be_bytes();
    Bytes::copy_from_slice(&[FIN | CLOSE, 2, high, low])
}

/// `payload` is that of a ping: at most 125 bytes.
pub(crate) fn pong_frame(payload: &[u8]) -> Bytes {
    let length = u8::try_from(payload.len()).expect("the decoder limits control frames to 125");
    [&[FIN | PONG, length], payload].concat().into()
}

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Text(String),
    Ping(Vec<u8>),
    Pong,
    Close,
}

/// Why a connection must be closed, as a close code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Violation(pub(crate) u16);

/// Bytes to decode: what was kept, or a read buffer that is only lent.
pub(crate) struct Input<'a> {
    bytes: Source<'a>,
    at: usize,
}

enum Source<'a> {
    Kept(Vec<u8>),
    Lent(&'a mut [u8]),
}

/// The state between two reads; it owns no memory unless a frame or message is torn.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    kept: Vec<u8>,
    message: Option<Vec<u8>>,
}

struct Header {
    fin: bool,
    opcode: u8,
    mask: [u8; 4],
    mask_end: usize,
    payload_bytes: usize,
}

impl Decoder {
    /// Begins with what was kept followed by `chunk`. Give it back with [`Decoder::keep`].
    pub(crate) fn begin<'a>(&mut self, chunk: &'a mut [u8]) -> Input<'a> {
        if self.kept.is_empty() {
            return Input { bytes: Source::Lent(chunk), at: 0 };
        }
        self.kept.extend_from_slice(chunk);
        Input { bytes: Source::Kept(std::mem::take(&mut self.kept)), at: 0 }
    }

    /// Keeps what `input` has left for the next time.
    pub(crate) fn keep(&mut self, input: Input<'_>) {
        self.kept = match input.bytes {
            Source::Kept(bytes) if input.at == 0 => bytes,
            Source::Kept(bytes) => bytes[input.at..].to_vec(),
            Source::Lent(bytes) => bytes[input.at..].to_vec(),
        };
    }

    /// Whether bytes are kept that [`Decoder::next`] may not have seen.
    pub(crate) fn has_kept(&self) -> bool {
        !self.kept.is_empty()
    }

    /// The next whole message or control frame, or `None` until more has arrived.
    ///
    /// No frame and no message may have more than `max` bytes.
    pub(crate) fn next(
        &mut self,
        input: &mut Input<'_>,
        max: usize,
    ) -> Result<Option<Incoming>, Violation> {
        loop {
            let rest = input.rest();
            let Some(header) = Header::parse(rest, max)? else { return Ok(None) };
            let end = header.mask_end + header.payload_bytes;
            if rest.len() < end {
                return Ok(None);
            }
            let payload = &mut rest[header.mask_end..end];
            unmask(payload, header.mask);
            let incoming = self.take(&header, payload, max)?;
            input.at += end;
            if incoming.is_some() {
                return Ok(incoming);
            }
        }
    }

    fn take(
        &mut self,
        header: &Header,
        payload: &[u8],
        max: usize,
    ) -> Result<Option<Incoming>, Violation> {
        match header.opcode {
            PING => return Ok(Some(Incoming::Ping(payload.to_vec()))),
            PONG => return Ok(Some(Incoming::Pong)),
            CLOSE => return check_close(payload).map(|()| Some(Incoming::Close)),
            TEXT if self.message.is_some() => return Err(Violation(close::PROTOCOL)),
            CONTINUATION if self.message.is_none() => return Err(Violation(close::PROTOCOL)),
            _ => {}
        }
        let message = match self.message.take() {
            Some(message) if message.len() + payload.len() > max => {
                return Err(Violation(close::TOO_BIG));
            }
            Some(mut message) => {
                message.extend_from_slice(payload);
                message
            }
            None => payload.to_vec(),
        };
        if header.fin {
            let text = String::from_utf8(message).map_err(|_| Violation(close::BAD_TEXT))?;
            return Ok(Some(Incoming::Text(text)));
        }
        self.message = Some(message);
        Ok(None)
    }
}

impl Input<'_> {
    fn rest(&mut self) -> &mut [u8] {
        match &mut self.bytes {
            Source::Kept(bytes) => &mut bytes[self.at..],
            Source::Lent(bytes) => &mut bytes[self.at..],
        }
    }
}

impl Header {
    fn parse(bytes: &[u8], max: usize) -> Result<Option<Self>, Violation> {
        let [first, second, ..] = *bytes else { return Ok(None) };
        let (fin, opcode) = (first & FIN != 0, first & 0x0f);
        let masked = second & 0x80 != 0;
        if first & 0x70 != 0 || !masked {
            return Err(Violation(close::PROTOCOL));
        }
        let (length, mask_at) = match second & 0x7f {
            126 => match bytes.get(2..4).and_then(|bytes| bytes.try_into().ok()) {
                Some(length) => (u64::from(u16::from_be_bytes(length)), 4),
                None => return Ok(None),
            },
            127 => match bytes.get(2..10).and_then(|bytes| bytes.try_into().ok()) {
                Some(length) => (u64::from_be_bytes(length), 10),
                None => return Ok(None),
            },
            short => (u64::from(short), 2),
        };
        let shortest = match length {
            0..=125 => 2,
            126..=0xffff => 4,
            _ => 10,
        };
        let control_is_whole = opcode < CLOSE || (fin && length <= CONTROL_BYTES_MAX);
        if shortest != mask_at || length >> 63 != 0 || !control_is_whole {
            return Err(Violation(close::PROTOCOL));
        }
        match opcode {
            CONTINUATION | TEXT | CLOSE | PING | PONG => {}
            BINARY => return Err(Violation(close::UNSUPPORTED)),
            _ => return Err(Violation(close::PROTOCOL)),
        }
        let payload_bytes = usize::try_from(length).ok().filter(|length| *length <= max);
        let payload_bytes = payload_bytes.ok_or(Violation(close::TOO_BIG))?;
        let mask = bytes.get(mask_at..mask_at + 4).and_then(|bytes| bytes.try_into().ok());
        Ok(mask.map(|mask| Self { fin, opcode, mask, mask_end: mask_at + 4, payload_bytes }))
    }
}

fn check_close(payload: &[u8]) -> Result<(), Violation> {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(()) } else { Err(Violation(close::PROTOCOL)) };
    };
    let code = u16::from_be_bytes([*high, *low]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Violation(close::PROTOCOL));
    }
    std::str::from_utf8(reason).map(|_| ()).map_err(|_| Violation(close::BAD_TEXT))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let mut words = payload.chunks_exact_mut(4);
    for word in &mut words {
        for (byte, key) in word.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(mask) {
        *byte ^= key;
    }
}

#[cfg(test)]
#[path = "ws_tests.rs"]
mod tests;

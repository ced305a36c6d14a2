//! WebSocket frames as a load generator needs them: no copy where none is needed.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How a connection becomes a member of a room.
#[derive(Debug, Clone)]
pub enum Protocol {
    /// The server under test, with this token, following this room (or none).
    SocketIo {
        /// An access token.
        token: String,
        /// The room to join; nothing to only send.
        room: Option<String>,
    },
    /// The bare loop: the room is in the path.
    Bare {
        /// The room's number.
        room: usize,
    },
}

/// Input that is not parsed yet.
#[derive(Debug, Default)]
pub struct Input {
    bytes: Vec<u8>,
}

impl Input {
    /// Hands each complete frame in `fresh` (and what was left before it) to `take`.
    pub fn feed(&mut self, fresh: &[u8], mut take: impl FnMut(&[u8])) {
        if self.bytes.is_empty() {
            let used = frames(fresh, &mut take);
            self.bytes.extend_from_slice(&fresh[used..]);
        } else {
            self.bytes.extend_from_slice(fresh);
            let used = frames(&self.bytes, &mut take);
            self.bytes.drain(..used);
        }
    }
}

/// Walks over complete unmasked frames; answers how many bytes they took.
fn frames(bytes: &[u8], take: &mut impl FnMut(&[u8])) -> usize {
    let mut at = 0;
    while let Some((head, length)) = header(&bytes[at..]) {
        let end = at + head + length;
        if end > bytes.len() {
            break;
        }
        take(&bytes[at + head..end]);
        at = end;
    }
    at
}

/// The sizes of a frame's header and payload, once enough of it is there.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.get(1)? & 0x7f {
        126 => {
            let length = bytes.get(2..4)?;
            Some((4, usize::from(u16::from_be_bytes([length[0], length[1]]))))
        }
        127 => {
            let length: [u8; 8] = bytes.get(2..10)?.try_into().ok()?;
            Some((10, usize::try_from(u64::from_be_bytes(length)).ok()?))
        }
        short => Some((2, usize::from(short))),
    }
}

/// A client's text frame; its mask is zero, which masks nothing and is allowed.
pub fn frame(payload: &str) -> Vec<u8> {
    let mut bytes = vec![0x81];
    let length = payload.len();
    if let Ok(short) = u8::try_from(length)
        && short < 126
    {
        bytes.push(0x80 | short);
    } else {
        bytes.push(0x80 | 0x7e);
        let length = u16::try_from(length).expect("a load generator's frames are small");
        bytes.extend(length.to_be_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(payload.as_bytes());
    bytes
}

/// Connects and joins; answers the stream, still blocking, and what was read too much.
pub fn join(port: u16, protocol: &Protocol) -> io::Result<(TcpStream, Input)> {
    let path = match protocol {
        Protocol::SocketIo { .. } => "/socket.io/?EIO=4&transport=websocket".to_owned(),
        Protocol::Bare { room } => format!("/room/{room}"),
    };
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    let end = loop {
        if let Some(end) = memchr::memmem::find(&answer, b"\r\n\r\n") {
            break end + 4;
        }
        let mut piece = [0; 2048];
        match stream.read(&mut piece)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&piece[..count]),
        }
    };
    if !answer.starts_with(b"HTTP/1.1 101") {
        let text = String::from_utf8_lossy(&answer[..end]).into_owned();
        return Err(io::Error::other(text));
    }
    let mut input = Input { bytes: answer.split_off(end) };
    if let Protocol::SocketIo { token, room } = protocol {
        send_and_wait(&mut stream, &mut input, &format!(r#"40{{"token":"{token}"}}"#), b"40")?;
        if let Some(room) = room {
            let join = format!(r#"420["join",{{"room":"{room}"}}]"#);
            send_and_wait(&mut stream, &mut input, &join, b"430[")?;
        }
    }
    Ok((stream, input))
}

/// Sends a packet and reads until one comes that begins with `expected`.
fn send_and_wait(
    stream: &mut TcpStream,
    input: &mut Input,
    packet: &str,
    expected: &[u8],
) -> io::Result<()> {
    stream.write_all(&frame(packet))?;
    let mut part = [0; 4096];
    let mut count = 0;
    loop {
        let (mut found, mut refused) = (false, None);
        input.feed(&part[..count], |packet| {
            if packet.starts_with(b"44") || packet.starts_with(b"43") && !is_ok(packet) {
                refused = Some(String::from_utf8_lossy(packet).into_owned());
            }
            found |= packet.starts_with(expected);
        });
        if let Some(why) = refused {
            return Err(io::Error::other(why));
        }
        if found {
            return Ok(());
        }
        count = stream.read(&mut part)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Whether an acknowledgement says yes. No text of ours contains these words.
pub fn is_ok(packet: &[u8]) -> bool {
    memchr::memmem::find(packet, b"\"ok\":true").is_some()
}

/// The number after `name` in a packet.
pub fn number_after(packet: &[u8], name: &[u8]) -> Option<u64> {
    let at = memchr::memmem::find(packet, name)? + name.len();
    let digits = packet[at..].iter().take_while(|byte| byte.is_ascii_digit());
    let number = digits.fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_they_are_cut() {
        let long = "x".repeat(300);
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x81, 126, 1, 44];
        bytes.extend(long.as_bytes());
        for cut in 0..bytes.len() {
            let mut input = Input::default();
            let mut found = Vec::new();
            for part in [&bytes[..cut], &bytes[cut..]] {
                input.feed(part, |payload| found.push(payload.to_vec()));
            }
            assert_eq!(found, [b"hi".to_vec(), long.clone().into_bytes()], "cut at {cut}");
        }
    }

    #[test]
    fn a_number_is_read_behind_its_name() {
        assert_eq!(number_after(br#"{"seq":123,"id":4}"#, b"\"seq\":"), Some(123));
        assert_eq!(number_after(br#"{"id":4}"#, b"\"seq\":"), None);
    }
}

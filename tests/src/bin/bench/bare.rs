//! The bare WebSocket broadcast loop (`bench bare`): the floor, measured beside the server.
//!
//! One thread, one epoll, no runtime. What a member of a room says is encoded once, as a frame of
//! the same JSON and size as the server's, and written to all members. Everything that is ready
//! is read first; then each member gets all that is due in one write. It checks no one, stores
//! nothing and acknowledges nothing.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const LISTENER: Token = Token(usize::MAX);

struct Member {
    stream: TcpStream,
    input: Vec<u8>,
    room: Option<usize>,
    /// How many bytes of the room's log are written.
    written: usize,
}

#[derive(Default)]
struct Room {
    members: Vec<usize>,
    /// Frames, one after another, that some member has not got yet.
    log: Vec<u8>,
    seq: u64,
}

struct Bare {
    poll: Poll,
    listener: TcpListener,
    members: Vec<Option<Member>>,
    rooms: Vec<Room>,
    due: BTreeSet<usize>,
}

/// Runs until it is killed; prints its port first.
pub(crate) fn serve() -> io::Result<()> {
    let address = "127.0.0.1:0".parse().expect("an address");
    let mut listener = TcpListener::bind(address)?;
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("{}", listener.local_addr()?.port());
    let (members, rooms, due) = Default::default();
    Bare { poll, listener, members, rooms, due }.run()
}

impl Bare {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(4096);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            // While something is due, look once more for what became ready in the meantime.
            let patience = if self.due.is_empty() { None } else { Some(Duration::ZERO) };
            match self.poll.poll(&mut events, patience) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            let quiet = events.is_empty();
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    Token(at) if event.is_readable() => self.read(at, &mut buffer),
                    Token(at) => drop(self.member_room(at).map(|room| self.due.insert(room))),
                }
            }
            if quiet {
                for room in std::mem::take(&mut self.due) {
                    self.flush(room);
                }
            }
        }
    }

    fn member_room(&self, at: usize) -> Option<usize> {
        self.members[at].as_ref()?.room
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let (mut stream, _) = match self.listener.accept() {
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nodelay(true)?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut stream, Token(self.members.len()), interest)?;
            let member = Member { stream, input: Vec::new(), room: None, written: 0 };
            self.members.push(Some(member));
        }
    }

    fn read(&mut self, at: usize, buffer: &mut [u8]) {
        loop {
            let Some(member) = self.members[at].as_mut() else { return };
            let count = match member.stream.read(buffer) {
                Ok(count) if count > 0 => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                _ => return self.leave(at),
            };
            member.input.extend_from_slice(&buffer[..count]);
            if member.room.is_none() {
                self.upgrade(at);
            }
            while let Some(text) = self.members[at].as_mut().and_then(take_frame) {
                self.say(at, &text);
            }
            if let Some(member) = self.members[at].as_mut().filter(|m| m.input.is_empty()) {
                member.input = Vec::new();
            }
            if count < buffer.len() {
                return;
            }
        }
    }

    /// Answers the handshake once its head is complete.
    fn upgrade(&mut self, at: usize) {
        let Some(member) = self.members[at].as_mut() else { return };
        let Some(end) = memchr::memmem::find(&member.input, b"\r\n\r\n") else { return };
        let head = String::from_utf8_lossy(&member.input[..end]).into_owned();
        member.input.drain(..end + 4);
        let mut lines = head.lines();
        let path = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default();
        let room = path.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        let key = lines.find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
        let accept = derive_accept_key(key.unwrap_or_default().as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        member.stream.write_all(answer.as_bytes()).ok();
        member.room = Some(room);
        if self.rooms.len() <= room {
            self.rooms.resize_with(room + 1, Room::default);
        }
        member.written = self.rooms[room].log.len();
        self.rooms[room].members.push(at);
    }

    /// Encodes once what a member said, for all members of the room.
    fn say(&mut self, at: usize, text: &str) {
        let Some(room) = self.member_room(at) else { return };
        let place = &mut self.rooms[room];
        place.seq += 1;
        let id = format!("019ab000-0000-7000-8000-{:012x}", place.seq);
        let time = "2026-01-01T00:00:00.000Z";
        let payload = format!(
            r#"42["message",{{"type":"message","room":"{id}","seq":{},"id":"{id}","sender":{{"id":"{id}","username":"person{room}","display_name":"Person {room}"}},"text":"{text}","time":"{time}","created_at":"{time}","client_message_id":"{id}","revision":1,"deleted":false}}]"#,
            place.seq
        );
        let length = u16::try_from(payload.len()).expect("small messages");
        place.log.extend([0x81, 126]);
        place.log.extend(length.to_be_bytes());
        place.log.extend(payload.as_bytes());
        self.due.insert(room);
    }

    /// Gives each member all that is due, in one write each.
    fn flush(&mut self, room: usize) {
        let Some(place) = self.rooms.get_mut(room) else { return };
        let mut slowest = place.log.len();
        let mut gone = Vec::new();
        for &at in &place.members {
            let Some(member) = self.members[at].as_mut() else { continue };
            if member.written < place.log.len() {
                match member.stream.write(&place.log[member.written..]) {
                    Ok(count) => member.written += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => gone.push(at),
                }
            }
            slowest = slowest.min(member.written);
        }
        if slowest > 0 {
            place.log.drain(..slowest);
            for &at in &place.members {
                if let Some(member) = self.members[at].as_mut() {
                    member.written -= slowest;
                }
            }
        }
        for at in gone {
            self.leave(at);
        }
    }

    fn leave(&mut self, at: usize) {
        if let Some(room) = self.members[at].take().and_then(|member| member.room) {
            self.rooms[room].members.retain(|&other| other != at);
        }
    }
}

/// The next complete masked text frame of a member.
fn take_frame(member: &mut Member) -> Option<String> {
    member.room?;
    let bytes = &member.input;
    let (head, length) = match *bytes.get(1)? & 0x7f {
        126 => {
            let length = bytes.get(2..4)?;
            (4, usize::from(u16::from_be_bytes([length[0], length[1]])))
        }
        short => (2, usize::from(short)),
    };
    let mask: [u8; 4] = bytes.get(head..head + 4)?.try_into().ok()?;
    let payload = bytes.get(head + 4..head + 4 + length)?;
    let text = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    let text = String::from_utf8_lossy(&text.collect::<Vec<_>>()).into_owned();
    member.input.drain(..head + 4 + length);
    Some(text)
}

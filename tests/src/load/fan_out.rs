//! Fan-out: rooms with members, so many messages in flight in each, all deliveries counted.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use uuid::Uuid;

use super::stats::{Latencies, real};
use super::wire::{self, Input, Protocol};
use crate::process::cpu_seconds;

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the server listens.
    pub port: u16,
    /// The server's process.
    pub pid: u32,
    /// The members of each room.
    pub rooms: Vec<Vec<Protocol>>,
    /// Messages of a room that may be under way to its members.
    pub in_flight: usize,
    /// How long to run before measuring.
    pub warm_up: Duration,
    /// How long to measure.
    pub measure: Duration,
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Deliveries in the measured time.
    pub deliveries: u64,
    /// Deliveries per second.
    pub deliveries_per_s: f64,
    /// CPU of the server per delivery, in microseconds.
    pub cpu_us: f64,
    /// Median and 99th percentile from sending to each delivery, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
    /// Deliveries that never came, over the whole run.
    pub lost: u64,
    /// Deliveries that came twice or after a later one.
    pub disordered: u64,
    /// Bytes of a delivered message.
    pub bytes: usize,
}

struct Member {
    stream: TcpStream,
    input: Input,
    room: usize,
    last: Option<u64>,
}

#[derive(Default)]
struct Room {
    members: Vec<usize>,
    name: String,
    speaker: usize,
    /// Messages on their way: position, sent at (µs), how many have not got it.
    under_way: VecDeque<(u64, u64, usize)>,
    sent: u64,
    done: u64,
}

struct Run {
    plan: Plan,
    members: Vec<Member>,
    rooms: Vec<Room>,
    start: Instant,
    counting: bool,
    deliveries: u64,
    acknowledged: u64,
    lost: u64,
    disordered: u64,
    bytes: usize,
    latencies: Latencies,
}

/// Connects all members, runs, and waits for the last delivery.
pub fn run(plan: &Plan) -> io::Result<Outcome> {
    let mut poll = Poll::new()?;
    let mut run = Run::connect(plan, &poll)?;
    for room in 0..run.rooms.len() {
        for _ in 0..plan.in_flight {
            run.speak(room)?;
        }
    }
    let phases = [plan.warm_up, plan.measure];
    let mut marks = Vec::new();
    let mut end = Instant::now();
    for (at, phase) in phases.into_iter().enumerate() {
        run.counting = at == 1;
        end += phase;
        marks.push((Instant::now(), cpu_seconds(plan.pid), run.deliveries));
        run.until(&mut poll, |_| Instant::now() >= end, true)?;
    }
    let (t1, cpu1, n1) = (Instant::now(), cpu_seconds(plan.pid), run.deliveries);
    run.counting = false;
    let drained = Instant::now() + Duration::from_secs(20);
    let quiet = |run: &Run| run.rooms.iter().all(|room| room.sent == room.done);
    run.until(&mut poll, |run| quiet(run) || Instant::now() > drained, false)?;
    for room in &run.rooms {
        let missing = room.under_way.iter().map(|(_, _, rest)| *rest as u64).sum::<u64>();
        let unseen =
            room.sent - room.done - room.under_way.iter().filter(|m| m.2 > 0).count() as u64;
        run.lost += missing + unseen * room.members.len() as u64;
    }
    let (t0, cpu0, n0) = marks[1];
    let deliveries = n1 - n0;
    let seconds = (t1 - t0).as_secs_f64();
    Ok(Outcome {
        deliveries,
        deliveries_per_s: real(deliveries) / seconds,
        cpu_us: (cpu1 - cpu0) * 1e6 / real(deliveries.max(1)),
        p50_ms: run.latencies.percentile_ms(50),
        p99_ms: run.latencies.percentile_ms(99),
        lost: run.lost,
        disordered: run.disordered,
        bytes: run.bytes,
    })
}

impl Run {
    fn connect(plan: &Plan, poll: &Poll) -> io::Result<Self> {
        let mut members = Vec::new();
        let mut rooms = Vec::new();
        for (at, protocols) in plan.rooms.iter().enumerate() {
            let mut room = Room::default();
            for protocol in protocols {
                if let Protocol::SocketIo { room: Some(name), .. } = protocol {
                    room.name.clone_from(name);
                }
                let (stream, input) = wire::join(plan.port, protocol)?;
                stream.set_nonblocking(true)?;
                let mut stream = TcpStream::from_std(stream);
                let token = Token(members.len());
                poll.registry().register(&mut stream, token, Interest::READABLE)?;
                room.members.push(members.len());
                members.push(Member { stream, input, room: at, last: None });
            }
            rooms.push(room);
        }
        Ok(Self {
            plan: plan.clone(),
            members,
            rooms,
            start: Instant::now(),
            counting: false,
            deliveries: 0,
            acknowledged: 0,
            lost: 0,
            disordered: 0,
            bytes: 0,
            latencies: Latencies::default(),
        })
    }

    /// The next member of the room says 200 bytes, which begin with the time.
    fn speak(&mut self, room: usize) -> io::Result<()> {
        let now = u64::try_from(self.start.elapsed().as_micros()).expect("a run is short");
        let text = format!("{:x<200}", format!("#{now}#"));
        let place = &mut self.rooms[room];
        place.speaker = (place.speaker + 1) % place.members.len();
        place.sent += 1;
        let speaker = place.members[place.speaker];
        let packet = match self.plan.rooms[room][0] {
            Protocol::Bare { .. } => text,
            Protocol::SocketIo { .. } => {
                let (name, id) = (&place.name, Uuid::new_v4());
                format!(
                    r#"421["sendMessage",{{"room":"{name}","text":"{text}","client_message_id":"{id}"}}]"#
                )
            }
        };
        write_all(&mut self.members[speaker].stream, &wire::frame(&packet))
    }

    fn until(
        &mut self,
        poll: &mut Poll,
        done: impl Fn(&Self) -> bool,
        speaking: bool,
    ) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; 256 * 1024];
        while !done(self) {
            match poll.poll(&mut events, Some(Duration::from_millis(20))) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            for event in &events {
                self.read(event.token().0, &mut buffer)?;
            }
            for room in 0..self.rooms.len() {
                let place = &self.rooms[room];
                let free = self.plan.in_flight as u64 - (place.sent - place.done);
                for _ in 0..if speaking { free } else { 0 } {
                    self.speak(room)?;
                }
            }
        }
        Ok(())
    }

    /// Reads what is there; a short read means that nothing more is.
    fn read(&mut self, at: usize, buffer: &mut [u8]) -> io::Result<()> {
        loop {
            let count = match self.members[at].stream.read(buffer) {
                Ok(0) => return Err(io::Error::other("the server closed a connection")),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let mut input = std::mem::take(&mut self.members[at].input);
            let mut ping = false;
            input.feed(&buffer[..count], |packet| {
                if packet.starts_with(b"42[\"message\"") {
                    self.deliver(at, packet);
                } else if packet.starts_with(b"431[") && wire::is_ok(packet) {
                    self.acknowledged += 1;
                } else if packet.starts_with(b"43") {
                    panic!("refused: {}", String::from_utf8_lossy(packet));
                } else {
                    ping |= packet == b"2";
                }
            });
            self.members[at].input = input;
            if ping {
                write_all(&mut self.members[at].stream, &wire::frame("3"))?;
            }
            if count < buffer.len() {
                return Ok(());
            }
        }
    }

    fn deliver(&mut self, at: usize, packet: &[u8]) {
        let seq = wire::number_after(packet, b"\"seq\":").expect("a message has a position");
        let member = &mut self.members[at];
        match member.last {
            Some(last) if seq <= last => self.disordered += 1,
            Some(last) => self.lost += seq - last - 1,
            None => {}
        }
        member.last = Some(seq);
        self.deliveries += 1;
        self.bytes = packet.len();
        let room = &mut self.rooms[member.room];
        let newest = room.under_way.back().map(|message| message.0);
        if newest.is_none_or(|newest| seq > newest) {
            let sent = wire::number_after(packet, b"\"#").expect("a message begins with its time");
            room.under_way.push_back((seq, sent, room.members.len()));
        }
        let Some(first) = room.under_way.front().map(|message| message.0) else { return };
        let at = usize::try_from(seq.saturating_sub(first)).expect("not so many");
        let Some(message) = room.under_way.get_mut(at) else { return };
        message.2 = message.2.saturating_sub(1);
        let sent = message.1;
        if message.2 == 0 {
            room.done += 1;
        }
        while room.under_way.len() > 1 && room.under_way.front().is_some_and(|m| m.2 == 0) {
            room.under_way.pop_front();
        }
        if self.counting {
            let now = u64::try_from(self.start.elapsed().as_micros()).expect("a run is short");
            self.latencies.note(now.saturating_sub(sent));
        }
    }
}

/// Writes all of it, waiting where the kernel has no room.
pub(super) fn write_all(stream: &mut TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

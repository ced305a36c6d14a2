//! The load: many members in one thread, every delivery counted, order checked.
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream as Blocking;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// Below the ports that connections get.
pub(crate) const ADDRESS: &str = "127.0.0.1:21917";
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);
const TICKS_PER_SECOND: f64 = 100.0;

/// `<server pid> idle <connections>` or `<server pid> <bare|log> <members> <in flight>`.
pub(crate) fn load(arguments: &[String]) -> std::io::Result<()> {
    let server = &arguments[0];
    let count: usize = arguments[2].parse().map_err(std::io::Error::other)?;
    if arguments[1] == "idle" {
        let before = resident_kib(server)?;
        let members = connect_all("log", count)?;
        std::thread::sleep(Duration::from_secs(3));
        let grown = resident_kib(server)? - before;
        println!("{}", grown / f64::from(u32::try_from(members.len()).unwrap_or(u32::MAX)));
        return Ok(());
    }
    let in_flight = arguments[3].parse().map_err(std::io::Error::other)?;
    let members = connect_all(&arguments[1], count)?;
    Room::new(&arguments[1], members)?.run(server, in_flight)
}

struct Room {
    poll: Poll,
    members: Vec<Member>,
    request: Vec<u8>,
    deliveries: u64,
}

struct Member {
    stream: TcpStream,
    kept: Vec<u8>,
    messages: u64,
}

impl Room {
    fn new(protocol: &str, streams: Vec<Blocking>) -> std::io::Result<Self> {
        let poll = Poll::new()?;
        let mut members = Vec::new();
        for (index, stream) in streams.into_iter().enumerate() {
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(index), Interest::READABLE)?;
            members.push(Member { stream, kept: Vec::new(), messages: 0 });
        }
        let text = "x".repeat(200);
        let request = match protocol {
            "bare" => format!(
                r#"42["message",{{"room":"r","sender":"p0","seq":123456,"text":"{text}"}}]"#
            ),
            _ => format!(r#"42["sendMessage",{{"room":"r","text":"{text}"}}]"#),
        };
        Ok(Self { poll, members, request: masked(&request), deliveries: 0 })
    }

    fn run(mut self, server: &str, in_flight: u64) -> std::io::Result<()> {
        let start = Instant::now();
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; 262_144];
        let mut sent = 0;
        let mut mark = None;
        while start.elapsed() < WARM_UP + MEASURED {
            // A message is over when all have it: the slowest member tells.
            let done = self.members.iter().map(|member| member.messages).min().unwrap_or(0);
            let mut burst = Vec::new();
            while sent < done + in_flight {
                burst.extend_from_slice(&self.request);
                sent += 1;
            }
            self.members[0].stream.write_all(&burst)?;
            self.poll.poll(&mut events, Some(Duration::from_millis(100)))?;
            for event in &events {
                let Token(index) = event.token();
                self.deliveries += self.members[index].read(&mut buffer)?;
            }
            if mark.is_none() && start.elapsed() > WARM_UP {
                mark = Some((cpu_us(server)?, self.deliveries));
            }
        }
        let (cpu, deliveries) = mark.ok_or(std::io::Error::other("too short"))?;
        let measured = u32::try_from(self.deliveries - deliveries).unwrap_or(u32::MAX);
        let cost = (cpu_us(server)? - cpu) / f64::from(measured);
        eprintln!("{measured} deliveries");
        println!("{cost}");
        Ok(())
    }
}

impl Member {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<u64> {
        let before = self.messages;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(std::io::Error::other("the server closed a connection")),
                Ok(count) => {
                    self.kept.extend_from_slice(&buffer[..count]);
                    self.count();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(self.messages - before)
    }

    /// Counts whole messages; acks and heartbeats are no deliveries.
    fn count(&mut self) {
        let mut rest = &self.kept[..];
        while let [_, second, ..] = rest {
            let (start, length) = match (second, rest.get(2..4)) {
                (126, Some(bytes)) => (4, usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))),
                (126, None) => break,
                (short, _) => (2, usize::from(*short)),
            };
            let Some(payload) = rest.get(start..start + length) else { break };
            self.messages += u64::from(payload.starts_with(b"42[\"message\""));
            rest = &rest[start + length..];
        }
        let left = rest.len();
        self.kept.drain(..self.kept.len() - left);
    }
}

fn connect_all(protocol: &str, count: usize) -> std::io::Result<Vec<Blocking>> {
    let mut streams = Vec::new();
    for index in 0..count {
        // More addresses than one, lest the ports run out.
        let mut stream = Blocking::connect(ADDRESS)?;
        stream.set_nodelay(true)?;
        stream.write_all(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n\
              Upgrade: websocket\r\n\
              Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )?;
        if protocol == "log" {
            wait_for(&mut stream, b"0{")?;
            stream.write_all(&masked(&format!(r#"40{{"token":"p{index}"}}"#)))?;
            wait_for(&mut stream, b"welcome")?;
            stream.write_all(&masked(r#"421["join",{"room":"r","after":0}]"#))?;
            wait_for(&mut stream, b"431[")?;
        } else {
            wait_for(&mut stream, b"101 ")?;
        }
        streams.push(stream);
    }
    Ok(streams)
}

fn wait_for(stream: &mut Blocking, what: &[u8]) -> std::io::Result<()> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while !seen.windows(what.len()).any(|window| window == what) {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err(std::io::Error::other("refused"));
        }
        seen.extend_from_slice(&buffer[..count]);
    }
    Ok(())
}

/// A client's text frame; its mask is zero, which servers have to undo all the same.
fn masked(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(short) if short <= 125 => frame.push(0x80 | short),
        _ => {
            frame.push(0xfe);
            let length = u16::try_from(text.len()).expect("the load sends short texts");
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.bytes());
    frame
}

fn cpu_us(process: &str) -> std::io::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split(' ').collect();
    let ticks: f64 = [12, 13].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum();
    Ok(ticks * 1e6 / TICKS_PER_SECOND)
}

fn resident_kib(process: &str) -> std::io::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kib.ok_or(std::io::Error::other("no VmRSS"))
}

//! Posts: senders that each wait for their acknowledgement before they say the next.

use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use uuid::Uuid;

use super::fan_out::write_all;
use super::stats::{Latencies, real};
use super::wire::{self, Input, Protocol};
use crate::process::cpu_seconds;

/// Which way the senders take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `sendMessage` on a WebSocket.
    Socket,
    /// `PUT /api/rooms/{room}/messages/{client_message_id}` on a connection that is kept.
    Http,
}

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the server listens.
    pub port: u16,
    /// The server's process.
    pub pid: u32,
    /// The room of all.
    pub room: String,
    /// One sender for each.
    pub tokens: Vec<String>,
    /// Which way.
    pub way: Way,
    /// How long to run before measuring.
    pub warm_up: Duration,
    /// How long to measure.
    pub measure: Duration,
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Acknowledged posts in the measured time.
    pub acknowledged: u64,
    /// The same per second.
    pub per_s: f64,
    /// CPU of the server per post, in microseconds.
    pub cpu_us: f64,
    /// The median from sending to acknowledgement, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
}

struct Sender {
    stream: TcpStream,
    input: Input,
    answer: Vec<u8>,
    sent: Instant,
}

/// Runs the plan.
pub fn run(plan: &Plan) -> io::Result<Outcome> {
    let mut poll = Poll::new()?;
    let mut senders = Vec::new();
    for token in &plan.tokens {
        let (stream, input) = match plan.way {
            Way::Http => {
                let stream = std::net::TcpStream::connect(("127.0.0.1", plan.port))?;
                stream.set_nodelay(true)?;
                (stream, Input::default())
            }
            Way::Socket => {
                let protocol = Protocol::SocketIo { token: token.clone(), room: None };
                wire::join(plan.port, &protocol)?
            }
        };
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        poll.registry().register(&mut stream, Token(senders.len()), Interest::READABLE)?;
        senders.push(Sender { stream, input, answer: Vec::new(), sent: Instant::now() });
    }
    for (at, sender) in senders.iter_mut().enumerate() {
        sender.speak(plan, at)?;
    }
    let mut events = Events::with_capacity(1024);
    let mut buffer = vec![0; 64 * 1024];
    let begin = Instant::now();
    let mut latencies = Latencies::default();
    let (mut acknowledged, mut mark) = (0, None);
    while begin.elapsed() < plan.warm_up + plan.measure {
        if mark.is_none() && begin.elapsed() >= plan.warm_up {
            mark = Some((Instant::now(), cpu_seconds(plan.pid)));
            acknowledged = 0;
        }
        match poll.poll(&mut events, Some(Duration::from_millis(20))) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            let at = event.token().0;
            if senders[at].answered(plan, &mut buffer)? {
                acknowledged += 1;
                if mark.is_some() {
                    let micros = senders[at].sent.elapsed().as_micros();
                    latencies.note(u64::try_from(micros).expect("a run is short"));
                }
                senders[at].speak(plan, at)?;
            }
        }
    }
    let (start, cpu) = mark.expect("the warm-up is shorter than the run");
    let seconds = start.elapsed().as_secs_f64();
    Ok(Outcome {
        acknowledged,
        per_s: real(acknowledged) / seconds,
        cpu_us: (cpu_seconds(plan.pid) - cpu) * 1e6 / real(acknowledged.max(1)),
        p50_ms: latencies.percentile_ms(50),
        p99_ms: latencies.percentile_ms(99),
    })
}

impl Sender {
    fn speak(&mut self, plan: &Plan, at: usize) -> io::Result<()> {
        let (room, id) = (&plan.room, Uuid::new_v4());
        let text = "x".repeat(200);
        self.sent = Instant::now();
        let bytes = match plan.way {
            Way::Socket => wire::frame(&format!(
                r#"421["sendMessage",{{"room":"{room}","text":"{text}","client_message_id":"{id}"}}]"#
            )),
            Way::Http => {
                let body = format!(r#"{{"text":"{text}"}}"#);
                let (token, length) = (&plan.tokens[at], body.len());
                let head = format!(
                    "PUT /api/rooms/{room}/messages/{id} HTTP/1.1\r\nHost: localhost\r\n\
                     Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
                     Content-Length: {length}\r\n\r\n"
                );
                (head + &body).into_bytes()
            }
        };
        write_all(&mut self.stream, &bytes)
    }

    /// Reads what is there; whether the acknowledgement is complete.
    fn answered(&mut self, plan: &Plan, buffer: &mut [u8]) -> io::Result<bool> {
        let count = match self.stream.read(buffer) {
            Ok(0) => return Err(io::Error::other("the server closed a connection")),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        if plan.way == Way::Http {
            self.answer.extend_from_slice(&buffer[..count]);
            return self.http_answered();
        }
        let (mut done, mut ping) = (false, false);
        self.input.feed(&buffer[..count], |packet| {
            if packet.starts_with(b"43") {
                assert!(wire::is_ok(packet), "{}", String::from_utf8_lossy(packet));
                done = true;
            }
            ping |= packet == b"2";
        });
        if ping {
            write_all(&mut self.stream, &wire::frame("3"))?;
        }
        Ok(done)
    }

    fn http_answered(&mut self) -> io::Result<bool> {
        let Some(end) = memchr::memmem::find(&self.answer, b"\r\n\r\n") else { return Ok(false) };
        let head = String::from_utf8_lossy(&self.answer[..end]).to_lowercase();
        let length = wire::number_after(head.as_bytes(), b"content-length: ");
        let length = length.ok_or_else(|| io::Error::other(format!("no length: {head}")))?;
        if ((self.answer.len() - end - 4) as u64) < length {
            return Ok(false);
        }
        if !head.starts_with("http/1.1 201") {
            return Err(io::Error::other(String::from_utf8_lossy(&self.answer).into_owned()));
        }
        self.answer.clear();
        Ok(true)
    }
}

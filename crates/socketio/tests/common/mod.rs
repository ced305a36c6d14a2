//! A server on a free port, and a client that speaks the protocol byte by byte.
#![expect(dead_code, reason = "each test program uses a part of it")]
#[path = "../../examples/echo_log/app.rs"]
pub(crate) mod app;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use serde_json::{Value, json};
use socketio::{LogEntry, Options, Packet, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) use app::EchoLog;
use app::{id_of, lock, message};

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Site {
    pub(crate) server: Server<EchoLog>,
    pub(crate) address: SocketAddr,
}

/// A server of its own, on a port of its own.
pub(crate) async fn site(options: Options) -> Site {
    let server = EchoLog::default().serve(options);
    let handler = server.clone();
    let handle = move |request: Request| {
        let server = handler.clone();
        async move { server.handle(request).await }
    };
    let router = Router::new().route("/socket.io/", any(handle));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    Site { server, address }
}

impl EchoLog {
    /// Appends without telling anybody.
    pub(crate) fn append_silently(&self, room: &str, text: &str) -> u64 {
        let mut rooms = lock(&self.rooms);
        let log = rooms.entry(id_of(room)).or_default();
        let seq = log.len() as u64 + 1;
        log.push(message(seq, room, "nobody", text));
        seq
    }

    /// Replaces an entry of the past.
    pub(crate) fn rewrite(&self, room: &str, seq: u64, text: &str) {
        let mut rooms = lock(&self.rooms);
        let log = rooms.entry(id_of(room)).or_default();
        if let Some(entry) = log.iter_mut().find(|entry| entry.seq == seq) {
            *entry = message(seq, room, "nobody", text);
        }
    }

    /// The entry at a position.
    pub(crate) fn entry(&self, room: &str, seq: u64) -> Option<LogEntry> {
        let rooms = lock(&self.rooms);
        rooms.get(&id_of(room))?.iter().find(|entry| entry.seq == seq).cloned()
    }
}

/// An entry after which `person` has no part in the room.
pub(crate) fn removal(seq: u64, room: &str, person: &str) -> LogEntry {
    let payload = json!({ "room": room, "seq": seq, "person": person });
    LogEntry { seq, packet: Packet::event("memberLeft", &payload), ends: Some(id_of(person)) }
}

impl Site {
    pub(crate) fn app(&self) -> &EchoLog {
        self.server.app()
    }

    /// A WebSocket whose `open` packet was read.
    pub(crate) async fn websocket(&self) -> Ws {
        let mut ws = Ws::open(self.address, "EIO=4&transport=websocket").await;
        assert!(ws.text().await.starts_with("0{"));
        ws
    }

    /// A connected socket by WebSocket; `welcome` was read.
    pub(crate) async fn connect(&self, name: &str) -> Ws {
        let mut ws = self.websocket().await;
        ws.send(&format!("40{}", json!({ "token": name }))).await;
        let connected = ws.text().await;
        assert!(connected.starts_with("40{"), "{connected}");
        assert_eq!(ws.event("welcome").await["name"], name);
        ws
    }

    /// A long-polling session: its sid.
    pub(crate) async fn open_polling(&self) -> String {
        let (status, body) = self.get("EIO=4&transport=polling").await;
        assert_eq!(status, 200, "{body}");
        let open: Value = serde_json::from_str(&body[1..]).expect("JSON");
        open["sid"].as_str().expect("a sid").to_owned()
    }

    /// A connected socket by long-polling: its sid.
    pub(crate) async fn connect_polling(&self, name: &str) -> String {
        let sid = self.open_polling().await;
        self.post(&sid, &format!("40{}", json!({ "token": name }))).await;
        let mut seen = String::new();
        while !seen.contains("welcome") {
            seen += &self.poll(&sid).await;
        }
        sid
    }

    pub(crate) async fn poll(&self, sid: &str) -> String {
        let (status, body) = self.get(&format!("EIO=4&transport=polling&sid={sid}")).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn post(&self, sid: &str, body: &str) {
        let (status, answer) = self.try_post(sid, body.as_bytes()).await;
        assert_eq!((status, answer.as_str()), (200, "ok"));
    }

    pub(crate) async fn get(&self, query: &str) -> (u16, String) {
        self.request("GET", query, b"").await
    }

    pub(crate) async fn try_post(&self, sid: &str, body: &[u8]) -> (u16, String) {
        self.request("POST", &format!("EIO=4&transport=polling&sid={sid}"), body).await
    }

    pub(crate) async fn request(&self, method: &str, query: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        let head = format!(
            "{method} /socket.io/?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).await.expect("a request");
        let mut answer = Vec::new();
        within(stream.read_to_end(&mut answer)).await.expect("an answer");
        let answer = String::from_utf8(answer).expect("UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), body.to_owned())
    }

    /// Waits until the server has no connection any more.
    pub(crate) async fn emptied(&self) {
        until(|| self.server.connections() == 0).await;
    }
}

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Text(String),
    Close(u16),
    Pong(Vec<u8>),
    /// The stream ended.
    End,
}

pub(crate) struct Ws {
    pub(crate) stream: TcpStream,
    pub(crate) received: Vec<u8>,
    /// Answer pings of the server.
    pub(crate) answers_pings: bool,
}

impl Ws {
    pub(crate) async fn open(address: SocketAddr, query: &str) -> Self {
        Self::open_with(address, query, &[]).await
    }

    /// Opens and sends `ahead` in the same packet as the handshake.
    pub(crate) async fn open_with(address: SocketAddr, query: &str, ahead: &[u8]) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let head = format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), ahead].concat()).await.expect("a request");
        let mut ws = Self { stream, received: Vec::new(), answers_pings: true };
        let end = loop {
            if let Some(at) = ws.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(ws.receive().await > 0, "no answer to the handshake");
        };
        let head = String::from_utf8(ws.received.drain(..end).collect()).expect("UTF-8");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        ws
    }

    async fn receive(&mut self) -> usize {
        within(self.stream.read_buf(&mut self.received)).await.unwrap_or(0)
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.raw(&frame(0x81, text.as_bytes())).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        within(self.stream.write_all(bytes)).await.expect("the server takes it");
    }

    pub(crate) async fn emit(&mut self, id: u64, name: &str, arg: &Value) {
        self.send(&format!("42{id}{}", json!([name, arg]))).await;
    }

    /// The next frame; pings of Engine.IO are answered on the way.
    pub(crate) async fn frame(&mut self) -> Frame {
        loop {
            if let Some((opcode, payload)) = self.take_frame() {
                let text = || String::from_utf8(payload.clone()).expect("UTF-8");
                return match opcode {
                    1 if payload == b"2" && self.answers_pings => {
                        self.send("3").await;
                        continue;
                    }
                    1 => Frame::Text(text()),
                    8 => Frame::Close(u16::from_be_bytes([payload[0], payload[1]])),
                    10 => Frame::Pong(payload),
                    other => panic!("opcode {other}"),
                };
            }
            if self.receive().await == 0 {
                return Frame::End;
            }
        }
    }

    pub(crate) fn take_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let bytes = &self.received;
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        assert_eq!((first & 0xf0, second & 0x80), (0x80, 0), "whole and unmasked");
        let (start, length) = match second {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
            127 => {
                (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?)
            }
            short => (2, usize::from(short)),
        };
        let payload = bytes.get(start..start + length)?.to_vec();
        self.received.drain(..start + length);
        Some((first & 0x0f, payload))
    }

    pub(crate) async fn text(&mut self) -> String {
        match self.frame().await {
            Frame::Text(text) => text,
            other => panic!("a text was expected, not {other:?}"),
        }
    }

    /// Reads on until the event `name`; returns its argument.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        let start = format!("42[\"{name}\",");
        loop {
            let text = self.text().await;
            if text.starts_with(&start) {
                let [_, arg]: [Value; 2] = serde_json::from_str(&text[2..]).expect("an event");
                return arg;
            }
        }
    }

    /// Reads on until the ack `id`; returns its argument.
    pub(crate) async fn ack(&mut self, id: u64) -> Value {
        let start = format!("43{id}[");
        loop {
            let text = self.text().await;
            if text.starts_with(&start) {
                let [arg]: [Value; 1] =
                    serde_json::from_str(&text[start.len() - 1..]).expect("an ack");
                return arg;
            }
        }
    }

    /// Emits and waits for the answer; events on the way are lost.
    pub(crate) async fn ask(&mut self, name: &str, arg: &Value) -> Value {
        self.emit(7, name, arg).await;
        self.ack(7).await
    }

    /// The `seq` of the next `count` messages.
    pub(crate) async fn seqs(&mut self, count: usize) -> Vec<u64> {
        let mut seqs = Vec::new();
        while seqs.len() < count {
            seqs.push(self.event("message").await["seq"].as_u64().expect("a seq"));
        }
        seqs
    }

    /// Reads on until the connection is closed; returns the close code.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Frame::Close(code) => return code,
                Frame::End => panic!("it ended without a close frame"),
                Frame::Text(_) | Frame::Pong(_) => {}
            }
        }
    }
}

/// A masked frame.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | u8::try_from(short).expect("short")),
        medium @ 126..=0xffff => {
            bytes.push(0xfe);
            bytes.extend(u16::try_from(medium).expect("medium").to_be_bytes());
        }
        long => {
            bytes.push(0xff);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing happened in time")
}

pub(crate) async fn until(mut is_true: impl FnMut() -> bool) {
    within(async {
        while !is_true() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

//! A small application: rooms are logs in memory, a message is an entry.
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use socketio::{
    Ack, Application, Handshake, LogEntry, Packet, ReadError, Reason, Refusal, Server, Socket,
};
use uuid::Uuid;

/// The logs, and what the tests want to know and to disturb.
#[derive(Default)]
pub(crate) struct EchoLog {
    server: OnceLock<Server<EchoLog>>,
    /// The entries of each room.
    pub(crate) rooms: Mutex<HashMap<Uuid, Vec<LogEntry>>>,
    /// Reasons of the sockets that ended, in order.
    pub(crate) ended: Mutex<Vec<Reason>>,
    /// How often a log was read.
    pub(crate) reads: AtomicUsize,
    /// Entries further back than this cannot be read; 0 means: all can.
    pub(crate) horizon: AtomicU64,
    /// How long a read takes.
    pub(crate) read_ms: AtomicU64,
    /// How long a handler of `work` takes.
    pub(crate) work_ms: AtomicU64,
}

/// Who a socket is.
pub(crate) struct Session {
    /// The token is the name.
    pub(crate) name: String,
    /// Made of the name.
    pub(crate) person: Uuid,
}

/// The id of a person or room, made of a name.
pub(crate) fn id_of(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (at, byte) in name.bytes().enumerate() {
        bytes[at % 16] ^= byte.rotate_left(u32::try_from(at / 16).unwrap_or_default());
    }
    Uuid::from_bytes(bytes)
}

impl EchoLog {
    /// Starts a server with this application.
    pub(crate) fn serve(self, options: socketio::Options) -> Server<Self> {
        let server = Server::new(Arc::new(self), options).expect("threads can be started");
        // The application keeps the server alive; a real one would hold it more weakly.
        let _ = server.app().server.set(server.clone());
        server
    }

    /// Appends to a room's log and tells its followers.
    pub(crate) fn append(&self, room: &str, make: impl FnOnce(u64) -> LogEntry) -> u64 {
        let id = id_of(room);
        let entry = {
            let mut rooms = lock(&self.rooms);
            let log = rooms.entry(id).or_default();
            let entry = make(log.len() as u64 + 1);
            log.push(entry.clone());
            entry
        };
        let seq = entry.seq;
        self.server().publish(id, entry);
        seq
    }

    /// The end of a room's log.
    pub(crate) fn head(&self, room: &str) -> u64 {
        lock(&self.rooms).get(&id_of(room)).map_or(0, |log| log.len() as u64)
    }

    fn server(&self) -> &Server<Self> {
        self.server.get().expect("the server is set before it listens")
    }

    fn join(&self, socket: &Socket<Self>, args: &[Value]) -> Value {
        let Some(room) = args.first().and_then(|args| args["room"].as_str()) else {
            return json!({ "ok": false });
        };
        let head = self.head(room);
        let after = args[0]["after"].as_u64().unwrap_or(head);
        let followed = socket.follow(id_of(room), after, head);
        json!({ "ok": followed.is_ok(), "room": room, "head": head })
    }

    fn send_message(&self, socket: &Socket<Self>, args: &[Value]) -> Value {
        let arg = args.first().cloned().unwrap_or_default();
        let (Some(room), Some(text)) = (arg["room"].as_str(), arg["text"].as_str()) else {
            return json!({ "ok": false });
        };
        let sender = socket.session().name.clone();
        let seq = self.append(room, |seq| message(seq, room, &sender, text));
        json!({ "ok": true, "seq": seq, "client_message_id": arg["client_message_id"] })
    }
}

/// A message as an entry of a log.
pub(crate) fn message(seq: u64, room: &str, sender: &str, text: &str) -> LogEntry {
    let payload = json!({ "room": room, "seq": seq, "sender": sender, "text": text });
    LogEntry { seq, packet: Packet::event("message", &payload), ends: None }
}

impl Application for EchoLog {
    type Session = Session;

    async fn connect(&self, handshake: Handshake) -> Result<Session, Refusal> {
        let token = handshake.auth["token"].as_str().unwrap_or_default();
        if let Some(slow) = token.strip_prefix("slow-") {
            tokio::time::sleep(Duration::from_millis(slow.parse().unwrap_or(0))).await;
        }
        if token.is_empty() || token == "wrong" {
            let data = json!({ "status": 401, "code": "unauthenticated" });
            return Err(Refusal { message: "Not signed in".into(), data });
        }
        Ok(Session { name: token.into(), person: id_of(token) })
    }

    fn key(session: &Session) -> Uuid {
        session.person
    }

    async fn connected(&self, socket: &Socket<Self>) {
        socket.emit(&Packet::event("welcome", &json!({ "name": socket.session().name })));
    }

    async fn event(&self, socket: &Socket<Self>, name: String, args: Vec<Value>, ack: Ack<Self>) {
        let answer = match name.as_str() {
            "join" => self.join(socket, &args),
            "leave" => {
                socket.unfollow(id_of(args[0]["room"].as_str().unwrap_or_default()));
                json!({ "ok": true })
            }
            "sendMessage" => self.send_message(socket, &args),
            "echo" => json!(args),
            "emit" => {
                socket.emit(&Packet::event("emitted", &args));
                json!({ "ok": true })
            }
            "typing" => {
                let room = args[0]["room"].as_str().unwrap_or_default();
                let packet = Packet::event("typing", &json!({ "name": socket.session().name }));
                self.server().emit_topic(id_of(room), Some(socket.id()), &packet);
                json!({ "ok": true })
            }
            "work" => {
                let pause = Duration::from_millis(self.work_ms.load(Ordering::Relaxed));
                tokio::time::sleep(pause).await;
                json!(args)
            }
            "later" => {
                let pause = Duration::from_millis(args[0].as_u64().unwrap_or_default());
                tokio::spawn(async move {
                    tokio::time::sleep(pause).await;
                    ack.send(&args);
                });
                return;
            }
            "silence" => return,
            "panic" => panic!("as the client wished"),
            "quit" => return socket.disconnect(),
            _ => json!({ "ok": false, "unknown": name }),
        };
        ack.send(&answer);
    }

    async fn read(
        &self,
        topic: Uuid,
        after: u64,
        limit: usize,
    ) -> Result<Vec<LogEntry>, ReadError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let entries: Vec<LogEntry> = {
            let rooms = lock(&self.rooms);
            let log = rooms.get(&topic).map(Vec::as_slice).unwrap_or_default();
            let horizon = self.horizon.load(Ordering::Relaxed);
            if horizon > 0 && log.len() as u64 > after + horizon {
                return Err(ReadError::TooFarBehind);
            }
            let after = usize::try_from(after).unwrap_or(usize::MAX);
            log.iter().skip(after).take(limit).cloned().collect()
        };
        tokio::time::sleep(Duration::from_millis(self.read_ms.load(Ordering::Relaxed))).await;
        Ok(entries)
    }

    async fn behind(&self, socket: &Socket<Self>, topic: Uuid) {
        socket.emit(&Packet::event("reset", &json!({ "topic": topic })));
    }

    async fn ended(&self, socket: &Socket<Self>, topic: Uuid) {
        socket.emit(&Packet::event("ended", &json!({ "topic": topic })));
    }

    fn disconnected(&self, _socket: &Socket<Self>, reason: Reason) {
        lock(&self.ended).push(reason);
    }

    fn heartbeat(&self, cursors: &[(Uuid, u64)]) -> Option<Packet> {
        let heads: HashMap<_, _> = cursors.iter().copied().collect();
        Some(Packet::event("heads", &heads))
    }
}

/// Locks; nothing here leaves a broken state behind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

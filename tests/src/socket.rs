//! A small Socket.IO v5 client over WebSocket, with its own framing, that hides nothing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::environment::PATIENCE;

/// One event as it came.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name, like `message`.
    pub name: String,
    /// Its first argument.
    pub body: Value,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    acks: HashMap<u64, Value>,
    connected: Option<Result<Value, Value>>,
    closed: Option<String>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

impl Shared {
    fn change(&self, f: impl FnOnce(&mut State)) {
        f(&mut self.state.lock().expect("no panic while locked"));
        self.changed.notify_waiters();
    }
}

/// A connection; dropped without a farewell.
#[derive(Debug)]
pub struct Socket {
    shared: Arc<Shared>,
    outgoing: mpsc::UnboundedSender<String>,
    reading: watch::Sender<bool>,
    next_ack: AtomicU64,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Socket {
    /// Connects with `auth`; the error is what the server said, or why there is no socket.
    pub async fn connect(origin: &str, auth: Value) -> Result<Self, Value> {
        Self::connect_with(origin, auth, &[]).await
    }

    /// The same with further headers, such as a cookie and an origin.
    pub async fn connect_with(
        origin: &str,
        auth: Value,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Value> {
        let address = origin.replacen("http://localhost", "127.0.0.1", 1);
        let stream = tokio::net::TcpStream::connect(address).await.map_err(|e| text(&e))?;
        Self::over(stream, origin, auth, headers).await
    }

    /// The same with a receive buffer of this size.
    pub async fn connect_narrow(
        origin: &str,
        auth: Value,
        window_bytes: u32,
    ) -> Result<Self, Value> {
        let address = origin.replacen("http://localhost", "127.0.0.1", 1);
        let narrow = tokio::net::TcpSocket::new_v4().map_err(|e| text(&e))?;
        narrow.set_recv_buffer_size(window_bytes).map_err(|e| text(&e))?;
        let stream = narrow.connect(address.parse().expect("an address")).await;
        Self::over(stream.map_err(|e| text(&e))?, origin, auth, &[]).await
    }

    async fn over(
        stream: tokio::net::TcpStream,
        origin: &str,
        auth: Value,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Value> {
        let url = origin.replacen("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket";
        let mut request = url.into_client_request().expect("a URL of ours");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header's value"));
        }
        stream.set_nodelay(true).map_err(|e| text(&e))?;
        let upgrade = tokio_tungstenite::client_async(request, stream);
        let (stream, _) = upgrade.await.map_err(|e| text(&e))?;
        let shared = Arc::new(Shared::default());
        let (outgoing, queue) = mpsc::unbounded_channel();
        let (reading, gate) = watch::channel(true);
        let task = tokio::spawn(run(stream, shared.clone(), queue, gate));
        outgoing.send(format!("40{auth}")).ok();
        let socket = Self { shared, outgoing, reading, next_ack: AtomicU64::new(1), task };
        let connected = socket.until("CONNECT is answered", |state| {
            let closed = state.closed.as_ref().map(|why| Err(json!({"closed": why})));
            state.connected.clone().or(closed)
        });
        connected.await.map(|_| socket)
    }

    /// Emits without asking for an acknowledgement.
    pub fn emit(&self, name: &str, body: &Value) {
        self.outgoing.send(format!("42{}", json!([name, body]))).ok();
    }

    /// Emits and answers the acknowledgement, whatever it says; an error when none will come.
    pub async fn try_call(&self, name: &str, body: Value) -> Result<Value, String> {
        let ack = self.next_ack.fetch_add(1, Ordering::Relaxed);
        self.outgoing.send(format!("42{ack}{}", json!([name, body]))).ok();
        let what = format!("{name} is acknowledged");
        let answer = self.until(&what, |state| {
            let answer = state.acks.remove(&ack).map(Ok);
            answer.or_else(|| state.closed.clone().map(Err))
        });
        answer.await
    }

    /// Emits and answers an acknowledgement that says `ok`.
    pub async fn call(&self, name: &str, body: Value) -> Value {
        let answer = self.try_call(name, body).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(answer["ok"], true, "{name}: {answer}");
        answer
    }

    /// Emits and answers the problem of an acknowledgement that says no.
    pub async fn refused(&self, name: &str, body: Value) -> Value {
        let answer = self.try_call(name, body).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(answer["ok"], false, "{name}: {answer}");
        answer["problem"].clone()
    }

    /// All events so far.
    pub fn seen(&self) -> Vec<Event> {
        self.shared.state.lock().expect("no panic while locked").events.clone()
    }

    /// All events so far, which are forgotten here.
    pub fn take_all(&self) -> Vec<Event> {
        std::mem::take(&mut self.shared.state.lock().expect("no panic while locked").events)
    }

    /// The bodies of all events of this name so far.
    pub fn all(&self, name: &str) -> Vec<Value> {
        self.seen().into_iter().filter(|event| event.name == name).map(|event| event.body).collect()
    }

    /// How many events of this name came so far, without copying them.
    pub fn count(&self, name: &str) -> usize {
        let state = self.shared.state.lock().expect("no panic while locked");
        state.events.iter().filter(|event| event.name == name).count()
    }

    /// The first event of this name for which `fits`.
    pub async fn event(&self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let what = format!("an event {name} that fits");
        let found = self.until(&what, |state| {
            let events = state.events.iter();
            let found = events.filter(|e| e.name == name).find(|e| fits(&e.body));
            found.map(|event| event.body.clone())
        });
        found.await
    }

    /// Why the connection ended, once it has.
    pub async fn closed(&self) -> String {
        self.until("the server closes the socket", |state| state.closed.clone()).await
    }

    /// Why the connection ended, if it has.
    pub fn has_closed(&self) -> Option<String> {
        self.shared.state.lock().expect("no panic while locked").closed.clone()
    }

    /// Leaves what comes in the kernel's buffers, as a stuck client does.
    pub fn stop_reading(&self) {
        self.reading.send_replace(false);
    }

    /// Reads again.
    pub fn read_again(&self) {
        self.reading.send_replace(true);
    }

    async fn until<T>(&self, what: &str, mut probe: impl FnMut(&mut State) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                let found = probe(&mut self.shared.state.lock().expect("no panic while locked"));
                if let Some(found) = found {
                    return found;
                }
                changed.await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, waiting).await.ok();
        found.unwrap_or_else(|| panic!("not after {PATIENCE:?}: {what}; seen {:?}", self.seen()))
    }
}

type Stream = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

/// Moves packets both ways until the connection ends, and then says why.
async fn run(
    mut stream: Stream,
    shared: Arc<Shared>,
    mut queue: mpsc::UnboundedReceiver<String>,
    mut gate: watch::Receiver<bool>,
) {
    let why = loop {
        let open = *gate.borrow_and_update();
        let step = tokio::select! {
            changed = gate.changed() => {
                if changed.is_err() { break "dropped".to_owned() }
                continue;
            }
            packet = queue.recv() => match packet {
                None => break "dropped".to_owned(),
                Some(packet) => stream.send(Message::text(packet)).await.map(|()| None),
            },
            frame = stream.next(), if open => match frame {
                None => break "end of stream".to_owned(),
                Some(frame) => frame.map(Some),
            },
        };
        match step {
            Ok(Some(Message::Text(packet))) => match packet.as_str() {
                "2" => drop(stream.send(Message::text("3")).await),
                "41" => break "disconnected by the server".to_owned(),
                packet => take(&shared, packet),
            },
            Ok(Some(Message::Close(frame))) => break format!("closed: {frame:?}"),
            Ok(_) => {}
            Err(Error::ConnectionClosed) => break "closed".to_owned(),
            Err(error) => break error.to_string(),
        }
    };
    tokio::time::timeout(Duration::from_secs(1), stream.close(None)).await.ok();
    shared.change(|state| state.closed = Some(why));
}

/// Files one packet under what it is.
fn take(shared: &Shared, packet: &str) {
    if let Some(rest) = packet.strip_prefix("42") {
        let mut arguments: Vec<Value> = serde_json::from_str(rest).expect("an event is an array");
        let name = arguments.remove(0).as_str().expect("an event has a name").to_owned();
        let body = if arguments.is_empty() { Value::Null } else { arguments.remove(0) };
        shared.change(|state| state.events.push(Event { name, body }));
    } else if let Some(rest) = packet.strip_prefix("43") {
        let digits = rest.find('[').expect("an acknowledgement has arguments");
        let ack = rest[..digits].parse().expect("an acknowledgement has a number");
        let mut body: Vec<Value> = serde_json::from_str(&rest[digits..]).expect("JSON");
        let body = if body.is_empty() { Value::Null } else { body.remove(0) };
        shared.change(|state| drop(state.acks.insert(ack, body)));
    } else if let Some(rest) = packet.strip_prefix("40") {
        let body = serde_json::from_str(rest).unwrap_or_default();
        shared.change(|state| state.connected = Some(Ok(body)));
    } else if let Some(rest) = packet.strip_prefix("44") {
        let body = serde_json::from_str(rest).unwrap_or_default();
        shared.change(|state| state.connected = Some(Err(body)));
    }
}

fn text(error: &dyn std::error::Error) -> Value {
    Value::String(error.to_string())
}

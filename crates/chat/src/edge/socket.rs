//! Every socket door of chat: authenticates a connection and hands its commands on.

use std::time::Duration;

use kit::problem::{ApiError, Kind};
use protocol::Message;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use socketio::{Ack, Application, Handshake, LogEntry, Packet, ReadError, Reason, Refusal, Socket};
use uuid::Uuid;

use super::presence;
use crate::messages::{self, Draft, Refers};
use crate::sign_in::Shown;
use crate::{Chat, Viewer, events, people, rooms, sign_in};

/// Whoever is further behind reads history over HTTP instead.
const RESUME_EVENTS_MAX: i64 = 10_000;
/// How often tokens that ended are looked for.
const EXPIRY_EVERY: Duration = Duration::from_secs(1);
/// How often sockets are looked at whose token's key may be trusted no longer.
const KEYS_EVERY: Duration = Duration::from_secs(5);
/// How often sessions are looked at whose end was not told, in rounds of [`EXPIRY_EVERY`].
const LOST_ROUNDS: u32 = 60;
/// How often budgets are tidied, in rounds of [`EXPIRY_EVERY`].
const TIDY_ROUNDS: u32 = 600;

/// Chat as the socket server sees it.
pub(crate) struct Edge {
    chat: Chat,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    room: Uuid,
    after: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InRoom {
    room: Uuid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    room: Uuid,
    text: String,
    client_message_id: Uuid,
    thread: Option<Uuid>,
    #[serde(default)]
    also_to_room: bool,
    quote: Option<Uuid>,
    #[serde(default)]
    files: Vec<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typing {
    room: Uuid,
    thread: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    room: Uuid,
    message: Uuid,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    room: Uuid,
    message: Uuid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    room: Uuid,
    seq: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authenticate {
    token: String,
    /// That the client has the key that the token is bound to.
    proof: Option<String>,
}

impl Edge {
    pub(crate) fn new(chat: Chat) -> Self {
        Self { chat }
    }

    async fn join(&self, socket: &Socket<Self>, join: Join) -> Result<Value, ApiError> {
        let (db, person) = (self.chat.db.reader(), socket.session().person);
        self.chat.limits.reads.check(&person)?;
        // The head first: whoever is removed after it is found by the entry of their removal.
        let head = events::head(db, join.room).await?.ok_or_else(no_room)?;
        rooms::membership(db, join.room, person).await?.ok_or_else(no_room)?;
        let last = head.last_seq;
        let after = join.after.unwrap_or(last).clamp(0, last);
        let far = last - after > RESUME_EVENTS_MAX;
        let from = if far { last } else { after };
        let followed = socket.follow(join.room, from.unsigned_abs(), last.unsigned_abs());
        followed.map_err(|_| ApiError::new(Kind::Conflict, "too many rooms on one socket"))?;
        if far {
            socket.emit(&reset(join.room, &head));
        }
        Ok(json!({"ok": true, "room": join.room, "head": last, "log_id": head.log_id}))
    }

    /// The ordered part of sending; the acknowledgement follows when the message is durable.
    async fn send(&self, socket: &Socket<Self>, send: Send, ack: Ack<Self>) {
        let (chat, author) = (&self.chat, socket.session().person);
        if let Err(limited) = chat.limits.messages.check(&author) {
            return ack.send(&refusal(&limited.into()));
        }
        let refers =
            Refers { thread: send.thread, also_to_room: send.also_to_room, quote: send.quote };
        let (client_message_id, text, files) = (send.client_message_id, send.text, send.files);
        let draft = Draft { client_message_id, text, files, refers };
        let begun = match messages::begin(chat, author, send.room, draft).await {
            Ok(begun) => begun,
            Err(error) => return ack.send(&refusal(&error.into())),
        };
        let chat = chat.clone();
        tokio::spawn(async move {
            match begun.finish(&chat).await {
                Ok(posted) => ack.send(&sent(&posted.message, posted.created)),
                Err(error) => ack.send(&refusal(&error.into())),
            }
        });
    }

    async fn edit(&self, person: Uuid, edit: Edit) -> Result<Value, ApiError> {
        self.chat.limits.messages.check(&person)?;
        let place = (edit.room, edit.message);
        let message = messages::edit(&self.chat, person, place, &edit.text).await?;
        Ok(json!({"ok": true, "message": message}))
    }

    async fn delete(&self, person: Uuid, delete: Delete) -> Result<Value, ApiError> {
        self.chat.limits.messages.check(&person)?;
        messages::delete(&self.chat, person, delete.room, delete.message).await?;
        Ok(json!({"ok": true}))
    }

    async fn mark_read(&self, person: Uuid, mark: Mark) -> Result<Value, ApiError> {
        self.chat.limits.changes.check(&person)?;
        rooms::mark_read(&self.chat, person, mark.room, mark.seq).await?;
        Ok(json!({"ok": true}))
    }

    /// At most once in three seconds by person and room, and of five people at once in one room;
    /// more are dropped without an error.
    async fn typing(&self, socket: &Socket<Self>, typing: Typing) -> Result<Value, ApiError> {
        let room = typing.room;
        let (chat, person) = (&self.chat, socket.session().person);
        chat.limits.reads.check(&person)?;
        rooms::membership(chat.db.reader(), room, person).await?.ok_or_else(no_room)?;
        let limits = &chat.limits;
        if limits.typing.check(&(person, room)).is_err() || limits.typing_in.check(&room).is_err() {
            return Ok(json!({"ok": true}));
        }
        let who = people::get(chat.db.reader(), person).await?.ok_or_else(no_room)?.person();
        let mut body = json!({"room": room, "person": who});
        if let Some(thread) = typing.thread {
            body["thread"] = json!(thread);
        }
        let packet = Packet::event("typing", &body);
        chat.sockets().emit_topic(room, Some(socket.id()), &packet);
        Ok(json!({"ok": true}))
    }

    async fn authenticate(
        &self,
        socket: &Socket<Self>,
        Authenticate { token, proof }: Authenticate,
    ) -> Result<Value, ApiError> {
        self.chat.limits.reads.check(&socket.session().person)?;
        let shown = Shown { token: &token, proof: proof.as_deref() };
        let headers = http::HeaderMap::new();
        let viewer = sign_in::authenticate_socket(&self.chat, Some(shown), &headers).await?;
        if viewer.person != socket.session().person {
            return Err(ApiError::new(Kind::Forbidden, "this token is of someone else"));
        }
        socket.set_session(viewer);
        Ok(json!({"ok": true}))
    }

    async fn command(
        &self,
        socket: &Socket<Self>,
        name: &str,
        args: Vec<Value>,
    ) -> Result<Value, ApiError> {
        let person = socket.session().person;
        match name {
            "join" => self.join(socket, body(args)?).await,
            "leave" => {
                socket.unfollow(body::<InRoom>(args)?.room);
                Ok(json!({"ok": true}))
            }
            "editMessage" => self.edit(person, body(args)?).await,
            "deleteMessage" => self.delete(person, body(args)?).await,
            "markRead" => self.mark_read(person, body(args)?).await,
            "typing" => self.typing(socket, body(args)?).await,
            "setPresence" => presence::set(&self.chat, socket, body(args)?).await,
            "watchPresence" => presence::watch(&self.chat, socket, body(args)?).await,
            "authenticate" => self.authenticate(socket, body(args)?).await,
            _ => Err(ApiError::new(Kind::Malformed, "there is no such command")),
        }
    }
}

impl Application for Edge {
    type Session = Viewer;

    async fn connect(&self, handshake: Handshake) -> Result<Viewer, Refusal> {
        let part = |name| handshake.auth.get(name).and_then(Value::as_str);
        let shown = part("token").map(|token| Shown { token, proof: part("proof") });
        let headers = &handshake.request.headers;
        sign_in::authenticate_socket(&self.chat, shown, headers).await.map_err(|error| {
            let error = ApiError::from(error);
            Refusal { message: error.kind.title().to_owned(), data: error.body() }
        })
    }

    fn key(viewer: &Viewer) -> Uuid {
        viewer.person
    }

    async fn event(&self, socket: &Socket<Self>, name: String, args: Vec<Value>, ack: Ack<Self>) {
        if name == "sendMessage" {
            return match body(args) {
                Ok(send) => self.send(socket, send, ack).await,
                Err(error) => ack.send(&refusal(&error)),
            };
        }
        match self.command(socket, &name, args).await {
            Ok(answer) => ack.send(&answer),
            Err(error) => ack.send(&refusal(&error)),
        }
    }

    async fn read(&self, room: Uuid, after: u64, limit: usize) -> Result<Vec<LogEntry>, ReadError> {
        let after = i64::try_from(after).map_err(|_| ReadError::TooFarBehind)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let logged = messages::events_after(&self.chat, room, after, limit).await;
        let logged = logged.map_err(|error| {
            tracing::error!(%error, room.id = %room, "the log of a room could not be read");
            ReadError::Unavailable
        })?;
        let entry = |logged: messages::LoggedEvent| LogEntry {
            seq: logged.event.seq().unsigned_abs(),
            packet: Packet::event(logged.event.name(), &logged.event),
            ends: logged.ends,
        };
        Ok(logged.into_iter().map(entry).collect())
    }

    async fn behind(&self, socket: &Socket<Self>, room: Uuid) {
        if let Ok(Some(head)) = events::head(self.chat.db.reader(), room).await {
            socket.emit(&reset(room, &head));
        }
    }

    async fn ended(&self, socket: &Socket<Self>, _room: Uuid) {
        socket.emit(&Packet::event("roomsChanged", &json!({})));
    }

    fn disconnected(&self, socket: &Socket<Self>, reason: Reason) {
        presence::gone(&self.chat, socket);
        tracing::debug!(?reason, "a socket ended");
    }

    fn heartbeat(&self, cursors: &[(Uuid, u64)]) -> Option<Packet> {
        if cursors.is_empty() {
            return None;
        }
        let mut heads = serde_json::Map::new();
        for (room, cursor) in cursors {
            let head = self.chat.heads.of(*room).unwrap_or(*cursor).max(*cursor);
            heads.insert(room.to_string(), json!(head));
        }
        Some(Packet::event("heads", &json!({"rooms": heads})))
    }
}

/// Ends the sockets of tokens that ended, and tidies budgets; runs as long as the process.
pub(crate) async fn end_expired(chat: Chat) {
    let mut round: u32 = 0;
    loop {
        tokio::time::sleep(EXPIRY_EVERY).await;
        let now = kit::clock::now_ms();
        chat.presence.tick();
        chat.end_sockets(move |viewer| viewer.expires_at.is_some_and(|at| at <= now));
        round = round.wrapping_add(1);
        if round.is_multiple_of(LOST_ROUNDS) {
            sign_in::end_lost_sockets(&chat).await;
        }
        if round.is_multiple_of(TIDY_ROUNDS) {
            chat.limits.tidy();
        }
    }
}

/// Ends the sockets of tokens whose key is no longer trusted; runs as long as the process.
pub(crate) async fn end_distrusted(chat: Chat) {
    loop {
        tokio::time::sleep(KEYS_EVERY).await;
        sign_in::end_sockets_of_lost_keys(&chat).await;
    }
}

fn body<T: DeserializeOwned>(mut args: Vec<Value>) -> Result<T, ApiError> {
    if args.len() != 1 {
        return Err(ApiError::new(Kind::Malformed, "a command has one object as its argument"));
    }
    serde_json::from_value(args.remove(0))
        .map_err(|error| ApiError::new(Kind::Malformed, error.to_string()))
}

fn sent(message: &Message, created: bool) -> Value {
    json!({"ok": true, "message": message, "created": created})
}

fn refusal(error: &ApiError) -> Value {
    json!({"ok": false, "problem": error.body()})
}

fn no_room() -> ApiError {
    ApiError::new(Kind::NotFound, "there is no such room for you")
}

fn reset(room: Uuid, head: &events::Head) -> Packet {
    let body = json!({"room": room, "head": head.last_seq, "log_id": head.log_id});
    Packet::event("reset", &body)
}

//! Group commit: messages that arrive while a transaction is being made durable share the next.
//!
//! One task takes all that is waiting, writes it by a handful of statements whatever the number
//! of messages, commits once, and only then acknowledges and tells the rooms. A second task does
//! the telling, so that encoding overlaps with the next commit.

use protocol::{Message, RoomEvent};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::answers;
use super::error::MessageError;
use super::post::Refers;
use super::store::{self, Batch, Decision, Refusal, Stored};
use crate::mentions::{Calls, Told};
use crate::{Chat, events};

const BATCH_MAX: usize = 64;
const QUEUE_MAX: usize = 4_096;

/// A sealed message on its way into the store.
pub(super) struct Pending {
    pub(super) id: Uuid,
    pub(super) room: Uuid,
    pub(super) author: Uuid,
    pub(super) client_message_id: Uuid,
    pub(super) body_mac: [u8; 32],
    pub(super) cell: Vec<u8>,
    pub(super) text: String,
    pub(super) files: Vec<Uuid>,
    pub(super) calls: Calls,
    pub(super) refers: Refers,
    pub(super) at: i64,
}

/// What became of it.
pub(super) enum Outcome {
    /// Durable.
    Stored {
        /// The message, without what it quotes and without its files.
        message: Box<Message>,
        /// Whether that is all of it; else it must be read.
        whole: bool,
    },
    /// Was stored before.
    Repeated {
        /// The message.
        id: Uuid,
        /// Its room.
        room: Uuid,
        /// Its place in the room's log.
        seq: i64,
    },
    /// Not written.
    Refused(Refusal),
}

/// Resolves to what became of a message.
pub(super) type Decided = oneshot::Receiver<Result<Outcome, MessageError>>;

struct Waiting {
    pending: Pending,
    done: oneshot::Sender<Result<Outcome, MessageError>>,
}

/// The entrance to the writer task.
pub(crate) struct Writer {
    queue: mpsc::Sender<Waiting>,
    waiting: std::sync::Mutex<Option<mpsc::Receiver<Waiting>>>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        Self { queue, waiting: std::sync::Mutex::new(Some(waiting)) }
    }

    /// Starts the two tasks; they end with the process.
    pub(crate) fn start(&self, chat: &Chat) {
        let waiting = self.waiting.lock().expect("nobody panics here").take();
        let Some(waiting) = waiting else { return };
        let (tell, told) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(write_all(chat.clone(), waiting, tell));
        tokio::spawn(tell_all(chat.clone(), told));
    }

    /// Queues `pending`; the answer comes when it is decided and, if stored, durable.
    pub(super) async fn store(&self, pending: Pending) -> Result<Decided, MessageError> {
        let (done, decided) = oneshot::channel();
        let queued = self.queue.send(Waiting { pending, done }).await;
        queued.map_err(|_| MessageError::NotStored)?;
        Ok(decided)
    }
}

async fn write_all(chat: Chat, mut waiting: mpsc::Receiver<Waiting>, tell: mpsc::Sender<News>) {
    let mut next = Vec::new();
    loop {
        let room_left = BATCH_MAX - next.len();
        if next.is_empty() {
            if waiting.recv_many(&mut next, room_left).await == 0 {
                return;
            }
        } else {
            while next.len() < BATCH_MAX
                && let Ok(more) = waiting.try_recv()
            {
                next.push(more);
            }
        }
        let (batch, later) = without_repetitions(std::mem::take(&mut next));
        next = later;
        commit(&chat, batch, &tell).await;
    }
}

/// Two posts under one id must not meet in one transaction: the second waits for the first.
fn without_repetitions(waiting: Vec<Waiting>) -> (Vec<Waiting>, Vec<Waiting>) {
    let mut seen = std::collections::HashSet::new();
    waiting
        .into_iter()
        .partition(|item| seen.insert((item.pending.author, item.pending.client_message_id)))
}

async fn commit(chat: &Chat, batch: Vec<Waiting>, tell: &mpsc::Sender<News>) {
    let (pending, done): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.pending, waiting.done)).unzip();
    let store =
        async |tx: &kit::db::Tx| store::store(tx, &pending, || chat.presence.online()).await;
    let mut decided = chat.db.write(store).await;
    if decided.is_err() {
        // Another instance may have stored one of the ids in between; a second look finds it.
        decided = chat.db.write(store).await;
    }
    match decided {
        Ok(Batch { decisions, told }) => {
            let outcomes: Vec<Outcome> = pending
                .into_iter()
                .zip(decisions)
                .map(|(pending, decision)| outcome(pending, decision))
                .collect();
            let _ = tell.send(news(chat, &outcomes, told)).await;
            for (done, outcome) in done.into_iter().zip(outcomes) {
                let _ = done.send(Ok(outcome));
            }
        }
        Err(error) => {
            tracing::error!(%error, messages = pending.len(), "a batch of messages was not stored");
            for done in done {
                let _ = done.send(Err(MessageError::NotStored));
            }
        }
    }
}

/// What others are to be told of.
#[derive(Default)]
struct News {
    messages: Vec<Message>,
    /// Messages that quote or have files, which are read when they are told.
    partial: Vec<(Uuid, i64)>,
    told: Vec<Told>,
    /// What threads have more of.
    replies: Vec<Reply>,
}

/// A thread that went on.
struct Reply {
    room: Uuid,
    thread: Uuid,
    author: Uuid,
}

impl Reply {
    fn of(message: &Message) -> Option<Self> {
        let thread = message.thread?;
        Some(Self { room: message.room, thread, author: message.sender.id })
    }
}

fn news(chat: &Chat, outcomes: &[Outcome], told: Vec<Told>) -> News {
    let mut news = News { told, ..News::default() };
    for outcome in outcomes {
        if let Outcome::Stored { message, .. } = outcome {
            news.replies.extend(Reply::of(message));
        }
        match outcome {
            Outcome::Stored { message, whole: false } => {
                news.partial.push((message.room, message.seq));
            }
            Outcome::Stored { message, .. } => news.messages.push((**message).clone()),
            // The first time may have ended between its commit and the telling.
            Outcome::Repeated { room, seq, .. } => events::announce(chat, *room, *seq),
            Outcome::Refused(_) => {}
        }
    }
    news
}

fn outcome(pending: Pending, decision: Decision) -> Outcome {
    match decision {
        Decision::Stored(stored) => Outcome::Stored {
            whole: pending.refers.quote.is_none() && pending.files.is_empty(),
            message: Box::new(message(pending, *stored)),
        },
        Decision::Repeated { id, seq } => Outcome::Repeated { id, room: pending.room, seq },
        Decision::Refused(refusal) => Outcome::Refused(refusal),
    }
}

fn message(pending: Pending, stored: Stored) -> Message {
    let at = kit::clock::rfc3339(pending.at);
    Message {
        id: pending.id,
        room: pending.room,
        seq: stored.seq,
        sender: stored.sender,
        text: Some(pending.text),
        time: at.clone(),
        created_at: at,
        client_message_id: pending.client_message_id,
        revision: 1,
        edited_at: None,
        deleted: false,
        thread: pending.refers.thread,
        also_to_room: pending.refers.also_to_room,
        quote: None,
        mentions: stored.named,
        everyone: stored.everyone,
        files: Vec::new(),
        reactions: Vec::new(),
        replies: None,
        saved: false,
        preview: None,
    }
}

async fn tell_all(chat: Chat, mut told: mpsc::Receiver<News>) {
    while let Some(news) = told.recv().await {
        let events =
            news.messages.into_iter().map(|it| (it.room, RoomEvent::Message(Box::new(it))));
        events::publish(&chat, events);
        for (room, seq) in news.partial {
            events::announce(&chat, room, seq);
        }
        tell_called(&chat, &news.told);
        for reply in news.replies {
            tell_followers(&chat, &reply).await;
        }
    }
}

/// Tells who follows a thread that there is more of it, wherever they look: their number of
/// threads is another now, though nobody called them.
async fn tell_followers(chat: &Chat, reply: &Reply) {
    match answers::followers(chat.db.reader(), reply.thread).await {
        Ok(followers) => {
            for person in followers.into_iter().filter(|person| *person != reply.author) {
                chat.tell_person(person, "unreadChanged", &json!({"room": reply.room}));
            }
        }
        Err(error) => tracing::warn!(%error, "followers were not told of a reply: {error}"),
    }
}

/// Tells people that they are called, wherever they look.
pub(super) fn tell_called(chat: &Chat, told: &[Told]) {
    for told in told {
        let mut body = json!({"room": told.room, "message": told.message});
        if let Some(thread) = told.thread {
            body["thread"] = json!(thread);
        }
        chat.tell_person(told.person, "mentioned", &body);
    }
}

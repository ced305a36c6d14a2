//! Group commit: messages that arrive while a transaction is being made durable share the next.
//!
//! One task takes all that is waiting, writes it by a handful of statements whatever the number
//! of messages, commits once, and only then acknowledges and tells the rooms. A second task does
//! the telling, so that encoding overlaps with the next commit.

use protocol::{Message, Person, RoomEvent};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::error::MessageError;
use super::store::{self, Decision};
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
    pub(super) at: i64,
}

/// What became of it.
pub(super) enum Outcome {
    /// Durable.
    Stored(Box<Message>),
    /// Was stored before.
    Repeated {
        /// The message.
        id: Uuid,
        /// Its room.
        room: Uuid,
        /// Its place in the room's log.
        seq: i64,
    },
    /// The client's id names another message.
    IdUsed,
    /// Not a member, or no such room.
    NoRoom,
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

async fn write_all(
    chat: Chat,
    mut waiting: mpsc::Receiver<Waiting>,
    tell: mpsc::Sender<Vec<Message>>,
) {
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

async fn commit(chat: &Chat, batch: Vec<Waiting>, tell: &mpsc::Sender<Vec<Message>>) {
    let (pending, done): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.pending, waiting.done)).unzip();
    let mut decided = chat.db.write(async |tx| store::store(tx, &pending).await).await;
    if decided.is_err() {
        // Another instance may have stored one of the ids in between; a second look finds it.
        decided = chat.db.write(async |tx| store::store(tx, &pending).await).await;
    }
    match decided {
        Ok(decisions) => {
            let outcomes: Vec<Outcome> = pending
                .into_iter()
                .zip(decisions)
                .map(|(pending, decision)| outcome(pending, decision))
                .collect();
            let _ = tell.send(news(chat, &outcomes)).await;
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

/// The messages that the rooms are to be told of.
fn news(chat: &Chat, outcomes: &[Outcome]) -> Vec<Message> {
    let mut stored = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        match outcome {
            Outcome::Stored(message) => stored.push((**message).clone()),
            // The first time may have ended between its commit and the telling.
            Outcome::Repeated { room, seq, .. } => events::announce(chat, *room, *seq),
            Outcome::IdUsed | Outcome::NoRoom => {}
        }
    }
    stored
}

fn outcome(pending: Pending, decision: Decision) -> Outcome {
    match decision {
        Decision::Stored { seq, sender } => {
            Outcome::Stored(Box::new(message(pending, seq, sender)))
        }
        Decision::Repeated { id, seq } => Outcome::Repeated { id, room: pending.room, seq },
        Decision::IdUsed => Outcome::IdUsed,
        Decision::NoRoom => Outcome::NoRoom,
    }
}

fn message(pending: Pending, seq: i64, sender: Person) -> Message {
    let at = kit::clock::rfc3339(pending.at);
    Message {
        id: pending.id,
        room: pending.room,
        seq,
        sender,
        text: Some(pending.text),
        time: at.clone(),
        created_at: at,
        client_message_id: pending.client_message_id,
        revision: 1,
        edited_at: None,
        deleted: false,
    }
}

async fn tell_all(chat: Chat, mut told: mpsc::Receiver<Vec<Message>>) {
    while let Some(messages) = told.recv().await {
        events::publish(&chat, messages.into_iter().map(|it| (it.room, RoomEvent::Message(it))));
    }
}

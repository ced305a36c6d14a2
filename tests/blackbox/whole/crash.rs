//! Crash: sixteen writers, SIGKILL at random moments; what was acknowledged is there, once, in
//! order. `TERTULIA_CRASH_ROUNDS` sets the number of kills (20).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use blackbox::audit::{Acknowledged, audit};
use blackbox::environment::number;
use blackbox::{Person, Socket, TestServer};
use rand::RngExt;
use serde_json::{Value, json};
use uuid::Uuid;

const WRITERS: usize = 16;

/// What all writers have done so far.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sent: Mutex<HashSet<Uuid>>,
    acknowledged: Mutex<Vec<Acknowledged>>,
    in_flight: AtomicUsize,
    ending: AtomicBool,
    /// Whether the disk may be gone before the server is: then an error is no acknowledgement.
    disk_fails: bool,
}

impl Ledger {
    /// One for a disk that goes away under the server.
    pub(super) fn on_failing_disk() -> Self {
        Self { disk_fails: true, ..Self::default() }
    }

    /// How many posts wait for their acknowledgement at this moment.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// How many acknowledgements came.
    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged.lock().expect("not poisoned").len()
    }

    /// Tells the writers to stop.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::SeqCst);
    }

    fn ended(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// Compares all of it with the room.
    pub(super) async fn audit(&self, reader: &Person, room: &str) {
        let events = reader.events(room, 0).await;
        let acknowledged = self.acknowledged.lock().expect("not poisoned").clone();
        let sent = self.sent.lock().expect("not poisoned").clone();
        let findings = audit(&acknowledged, &sent, &events);
        assert!(findings.is_clean(), "of {} acknowledged: {findings:?}", acknowledged.len());
    }
}

/// How a writer posts.
enum Door {
    Http,
    Socket(Option<Socket>),
}

/// One writer: says one thing after another, repeating what was not acknowledged.
async fn write(person: Person, room: String, mut door: Door, ledger: Arc<Ledger>) {
    let mut last_seq = 0;
    while !ledger.ended() {
        let client_message_id = Uuid::new_v4();
        let text = format!("{client_message_id} of {}", person.username);
        ledger.sent.lock().expect("not poisoned").insert(client_message_id);
        let give_up = rand::rng().random_ratio(1, 50);
        while !ledger.ended() {
            ledger.in_flight.fetch_add(1, Ordering::SeqCst);
            let answer = post(&person, &room, &mut door, (client_message_id, &text), &ledger).await;
            ledger.in_flight.fetch_sub(1, Ordering::SeqCst);
            if let Some(message) = answer {
                let found = Acknowledged::read(&message).expect("a message");
                assert!(found.seq > last_seq, "{found:?} acknowledged after {last_seq}");
                let again = rand::rng().random_ratio(3, 100);
                if !again {
                    last_seq = found.seq;
                }
                ledger.acknowledged.lock().expect("not poisoned").push(found);
                if !again {
                    break;
                }
            } else if give_up {
                break;
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Posts once; the message when it was acknowledged, nothing when no answer came.
async fn post(
    person: &Person,
    room: &str,
    door: &mut Door,
    (client_message_id, text): (Uuid, &str),
    ledger: &Ledger,
) -> Option<Value> {
    match door {
        Door::Http => {
            let path = format!("/api/rooms/{room}/messages/{client_message_id}");
            let answer = person.ask("PUT", &path, Some(&json!({"text": text}))).await.ok()?;
            match answer.status {
                200 | 201 => Some(answer.body),
                503 => None,
                500 if ledger.disk_fails => None,
                _ => panic!("{}: {}", answer.status, answer.text),
            }
        }
        Door::Socket(socket) => {
            if socket.as_ref().is_none_or(|socket| socket.has_closed().is_some()) {
                *socket = person.try_socket().await;
            }
            let body = json!({"room": room, "text": text, "client_message_id": client_message_id});
            let answer = socket.as_ref()?.try_call("sendMessage", body).await.ok()?;
            if answer["ok"] != true {
                let kind = &answer["problem"]["kind"];
                let excused = kind == "unavailable" || ledger.disk_fails && kind == "internal";
                assert!(excused, "{answer}");
                return None;
            }
            Some(answer["message"].clone())
        }
    }
}

/// A client that only follows: after every loss it goes on behind what it has, until it has as
/// many events as are wanted in the end.
async fn follow(person: Person, room: String, wanted: Arc<AtomicUsize>) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::new();
    while seen.len() < wanted.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let Some(socket) = person.try_socket().await else { continue };
        let body = json!({"room": room, "after": seen.len()});
        if socket.try_call("join", body).await.is_err() {
            continue;
        }
        let durable = |event: &blackbox::Event| event.body["seq"].is_u64();
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let closed = socket.has_closed().is_some();
            let came = socket.take_all().into_iter().filter(durable);
            seen.extend(came.map(|event| event.body));
            if closed || seen.len() >= wanted.load(Ordering::SeqCst) {
                break;
            }
        }
    }
    seen
}

/// Starts the writers, half of them on each door.
pub(super) fn start_writers(
    people: &[Person],
    room: &str,
    ledger: &Arc<Ledger>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let writers = (0..WRITERS).map(|number| {
        let person = people[number % people.len()].clone();
        let door = if number % 2 == 0 { Door::Http } else { Door::Socket(None) };
        tokio::spawn(write(person, room.to_owned(), door, ledger.clone()))
    });
    writers.collect()
}

/// Waits a random while, at least until something was acknowledged and something is in flight.
pub(super) async fn random_moment(ledger: &Ledger) {
    let before = ledger.acknowledged();
    blackbox::eventually("the writers get on", async || {
        (ledger.acknowledged() >= before + 50).then_some(())
    })
    .await;
    let pause = rand::rng().random_range(0..200_000);
    tokio::time::sleep(Duration::from_micros(pause)).await;
    while ledger.in_flight() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_at_any_moment_loses_and_doubles_nothing() {
    let rounds = number("TERTULIA_CRASH_ROUNDS", 20);
    let mut server = TestServer::start().await;
    let mut people = Vec::new();
    for name in ["ana", "leo", "zoe", "max"] {
        people.push(server.person(name).await);
    }
    let room = people[0].room("private", "Kitchen").await;
    for other in &people[1..] {
        people[0].bring(&room, other).await;
    }
    let ledger = Arc::new(Ledger::default());
    let writers = start_writers(&people, &room, &ledger);
    let wanted = Arc::new(AtomicUsize::new(usize::MAX));
    let follower = tokio::spawn(follow(people[0].clone(), room.clone(), wanted.clone()));
    let slowest = AtomicU64::new(0);
    for round in 1..=rounds {
        random_moment(&ledger).await;
        let in_flight = ledger.in_flight();
        server.kill9();
        assert!(in_flight > 0, "nothing was in flight at kill {round}");
        let start = Instant::now();
        server.restart().await;
        let took = u64::try_from(start.elapsed().as_millis()).expect("not for ever");
        slowest.fetch_max(took, Ordering::SeqCst);
    }
    random_moment(&ledger).await;
    ledger.end();
    for writer in writers {
        writer.await.expect("a writer does not panic");
    }
    let total = ledger.acknowledged();
    eprintln!("{rounds} kills, {total} acknowledged, slowest start {slowest:?} ms");
    assert!(total as u64 >= rounds * 50, "too few to mean anything: {total}");
    assert!(slowest.into_inner() < 10_000 || blackbox::environment::is_busy());
    ledger.audit(&people[0], &room).await;
    let log = people[0].events(&room, 0).await;
    wanted.store(log.len(), Ordering::SeqCst);
    let seen = tokio::time::timeout(blackbox::environment::PATIENCE, follower).await;
    let seen = seen.expect("the follower gets everything").expect("it does not panic");
    let positions: Vec<_> = seen.iter().filter_map(|event| event["seq"].as_u64()).collect();
    assert_eq!(positions, (1..=log.len() as u64).collect::<Vec<_>>(), "in order, each once");
    assert!(seen == log, "what was followed is what is stored");
}

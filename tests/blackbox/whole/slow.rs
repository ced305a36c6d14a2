//! Slow consumers: some members stop reading for a while; nobody loses anything, nobody else waits.

use std::time::{Duration, Instant};

use blackbox::{Person, Socket, TestServer, eventually};
use futures::StreamExt;
use serde_json::json;
use uuid::Uuid;

const MEMBERS: usize = 100;
const SLOW: usize = 5;
const STALL: Duration = Duration::from_secs(8);
/// Small enough that a stall is felt after a few messages instead of megabytes.
const WINDOW_BYTES: u32 = 8 * 1024;

/// A member that keeps only positions; what it says of itself is in order and once, or it panics.
struct Member {
    person: Person,
    socket: Socket,
    positions: Vec<u64>,
    start: u64,
}

impl Member {
    async fn join(person: Person, room: &str, start: u64) -> Self {
        let socket = person.narrow_socket(WINDOW_BYTES).await;
        socket.call("join", json!({"room": room, "after": start})).await;
        Self { person, socket, positions: Vec::new(), start }
    }

    /// Takes what came; goes on behind it on a new connection when the old one was cut.
    async fn take(&mut self, room: &str) {
        for event in self.socket.take_all() {
            if let Some(seq) = event.body["seq"].as_u64() {
                let last = self.positions.last().copied().unwrap_or(self.start);
                assert_eq!(seq, last + 1, "{} lost or reordered", self.person.username);
                self.positions.push(seq);
            }
        }
        if self.socket.has_closed().is_some() {
            let after = self.positions.last().copied().unwrap_or(self.start);
            self.socket = self.person.socket().await;
            self.socket.call("join", json!({"room": room, "after": after})).await;
        }
    }

    fn last(&self) -> u64 {
        self.positions.last().copied().unwrap_or(self.start)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_reading_catches_up_and_nobody_else_notices() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("public", "Square").await;
    let people: Vec<Person> = futures::stream::iter(0..MEMBERS)
        .map(|number| {
            let (server, room) = (&server, &room);
            async move {
                let person = server.person(&format!("member{number}")).await;
                person.post(&format!("/api/rooms/{room}/join"), json!({})).await.expect(200);
                person
            }
        })
        .buffer_unordered(4)
        .collect()
        .await;
    let start = ana.events(&room, 0).await.len() as u64;
    let mut members: Vec<Member> = futures::stream::iter(people)
        .map(|person| Member::join(person, &room, start))
        .buffer_unordered(8)
        .collect()
        .await;
    let before_kib = blackbox::process::resident_kib(server.pid());
    let (slow, quick) = members.split_at_mut(SLOW);
    for member in slow.iter() {
        member.socket.stop_reading();
    }
    let stalled = Instant::now();
    let mut peak_kib = before_kib;
    let mut last = start;
    while stalled.elapsed() < STALL || last < start + 150 {
        let text = "x".repeat(8 * 1024);
        let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
        let said = ana.put(&path, json!({"text": text})).await.expect(201);
        last = said["seq"].as_u64().expect("a seq");
        if last.is_multiple_of(8) {
            everyone_at(quick, &room, last).await;
            peak_kib = peak_kib.max(blackbox::process::resident_kib(server.pid()));
        }
    }
    everyone_at(quick, &room, last).await;
    for member in slow.iter_mut() {
        member.take(&room).await;
        assert!(member.last() < last, "it did not fall behind, so nothing was tested");
    }
    let said = last - start;
    let grown_kib = peak_kib.saturating_sub(before_kib);
    eprintln!("{said} messages of 8 KiB; memory grew by {grown_kib} KiB while five stalled");
    for member in slow.iter() {
        member.socket.read_again();
    }
    everyone_at(slow, &room, last).await;
    for member in &members {
        assert_eq!(member.positions.len() as u64, said, "{}", member.person.username);
    }
    assert!(grown_kib < 64 * 1024, "memory is not bounded: {grown_kib} KiB");
}

/// Waits until each of these has everything up to `last`.
async fn everyone_at(members: &mut [Member], room: &str, last: u64) {
    for member in members {
        eventually("a member has all messages", async || {
            member.take(room).await;
            (member.last() >= last).then_some(())
        })
        .await;
    }
}

//! A server with people and rooms, ready to be measured.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use blackbox::load::wire::Protocol;
use blackbox::{Options, Person, TestServer};
use futures::StreamExt;
use serde_json::json;

/// Words that put a program on CPU 0.
const PINNED: [&str; 3] = ["taskset", "-c", "0"];

/// The server under test, and everybody.
pub(crate) struct Company {
    pub(crate) server: TestServer,
    pub(crate) people: Vec<Person>,
}

impl Company {
    /// Starts a server and makes `count` people, which takes a while: passwords are dear.
    pub(crate) async fn gather(count: usize, postgres: Option<String>) -> Self {
        let prefix = PINNED.iter().map(ToString::to_string).collect();
        let options = Options { prefix, postgres, ..Options::default() }.unlimited();
        let server = TestServer::with(options).await;
        let people = futures::stream::iter(0..count)
            .map(|number| {
                let server = &server;
                async move { server.person(&format!("person{number}")).await }
            })
            .buffered(4)
            .collect()
            .await;
        Self { server, people }
    }

    /// A room with these people in it.
    pub(crate) async fn room(&self, members: &[usize]) -> String {
        let owner = &self.people[members[0]];
        let room = owner.room("public", "Measured").await;
        futures::stream::iter(&members[1..])
            .for_each_concurrent(8, |&member| {
                let (person, path) = (&self.people[member], format!("/api/rooms/{room}/join"));
                async move {
                    person.post(&path, json!({})).await.expect(200);
                }
            })
            .await;
        room
    }

    /// How these people follow that room.
    pub(crate) fn followers(&self, room: &str, members: &[usize]) -> Vec<Protocol> {
        let follow = |&member: &usize| Protocol::SocketIo {
            token: self.people[member].token.clone(),
            room: Some(room.to_owned()),
        };
        members.iter().map(follow).collect()
    }
}

/// The bare loop in a process of its own.
pub(crate) struct Bare {
    child: Child,
    pub(crate) port: u16,
}

impl Bare {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let mut command = Command::new(PINNED[0]);
        command.args(&PINNED[1..]).arg(&program).arg("bare").stdout(Stdio::piped());
        let mut child = command.spawn().context("taskset and the bare loop are there")?;
        let mut line = String::new();
        let out = child.stdout.take().context("its output is a pipe")?;
        BufReader::new(out).read_line(&mut line)?;
        let port = line.trim().parse().context("the bare loop tells its port")?;
        Ok(Self { child, port })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

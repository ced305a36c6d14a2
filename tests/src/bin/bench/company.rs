//! A server with people and rooms, ready to be measured.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use blackbox::load::wire::Protocol;
use blackbox::{Options, Person, TestServer};
use futures::StreamExt;
use serde_json::json;

/// Words that put a program on CPU 0.
pub(crate) const PINNED: [&str; 3] = ["taskset", "-c", "0"];

/// The server under test, and everybody.
pub(crate) struct Company {
    pub(crate) server: TestServer,
    pub(crate) people: Vec<Person>,
}

impl Company {
    /// Starts a server and makes `count` people, which takes a while: passwords are dear.
    pub(crate) async fn gather(count: usize, postgres: Option<String>) -> Self {
        let server = TestServer::with(options(postgres)).await;
        let people = Self::make(&server, count).await;
        Self { server, people }
    }

    /// The same, with all data in `folder`: the people of the last hour are found there again.
    pub(crate) async fn reunite(count: usize, folder: &Path) -> anyhow::Result<Self> {
        let public_url = Some("http://localhost:8480".to_owned()); // Tokens name it, not the port.
        let data_dir = Some(folder.to_owned());
        let options = Options { data_dir, public_url, ..options(None) };
        let server = TestServer::with(options).await;
        let list = folder.join("bench-people.json");
        if let Ok(known) = std::fs::read(&list) {
            let known: Vec<(String, String, String)> = serde_json::from_slice(&known)?;
            anyhow::ensure!(known.len() == count, "the folder has {} people", known.len());
            let person = |(name, sub, token): (String, String, String)| {
                Person::new(&server, &name, &json!({"sub": sub}), token)
            };
            let people = known.into_iter().map(person).collect();
            return Ok(Self { server, people });
        }
        let people = Self::make(&server, count).await;
        let known = people.iter().map(|person| (&person.username, &person.sub, &person.token));
        std::fs::write(list, serde_json::to_vec(&known.collect::<Vec<_>>())?)?;
        Ok(Self { server, people })
    }

    async fn make(server: &TestServer, count: usize) -> Vec<Person> {
        let people = futures::stream::iter(0..count)
            .map(|number| async move { server.person(&format!("person{number}")).await })
            .buffered(4)
            .collect();
        people.await
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

fn options(postgres: Option<String>) -> Options {
    let prefix = PINNED.iter().map(ToString::to_string).collect();
    Options { prefix, postgres, ..Options::default() }.unlimited()
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

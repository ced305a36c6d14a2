//! Clients that we did not write: the official Socket.IO clients.

use std::path::Path;

use blackbox::environment::{repository, variable};
use blackbox::{Person, TestServer};
use serde_json::Value;

/// Two people who share a room, a third with a room of his own.
struct Company {
    server: TestServer,
    ana: Person,
    leo: Person,
    room: String,
    foreign: String,
}

impl Company {
    async fn gather() -> Self {
        let server = TestServer::start().await;
        let (ana, leo) = (server.person("ana").await, server.person("leo").await);
        let eve = server.person("eve").await;
        let room = ana.room("private", "Kitchen").await;
        ana.bring(&room, &leo).await;
        let foreign = eve.room("private", "Not yours").await;
        eve.say(&foreign, "nobody hears this").await;
        Self { server, ana, leo, room, foreign }
    }

    /// Runs a script of a client and answers what it reports on its last line.
    async fn run(&self, program: &Path, script: &str) -> Value {
        let folder = repository().join("tests/clients");
        let mut command = tokio::process::Command::new(program);
        command.arg(script).current_dir(folder).kill_on_drop(true);
        command.env("TERTULIA_URL", format!("http://127.0.0.1:{}", self.server.port()));
        command.env("ANA_TOKEN", &self.ana.token).env("LEO_TOKEN", &self.leo.token);
        command.env("ROOM", &self.room).env("FOREIGN_ROOM", &self.foreign);
        let output = tokio::time::timeout(4 * blackbox::environment::PATIENCE, command.output());
        let output = output.await.expect("it ends").expect("it can be started");
        let (out, error) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{script}: {out}\n{error}");
        let last = out.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|e| panic!("{script} printed {out}: {e}"))
    }

    /// What a client reports must be true in the eyes of the server.
    async fn check(&self, report: &Value) {
        let sent = report["sent"].as_u64().expect("it counts");
        assert!(sent >= 200, "{report}");
        assert_eq!(report["transports"], serde_json::json!(["polling", "websocket"]), "{report}");
        let history = self.ana.history(&self.room).await;
        assert_eq!(history.len() as u64, sent, "each once");
        let mut texts: Vec<_> = history.iter().map(|message| message["text"].clone()).collect();
        texts.dedup();
        assert_eq!(texts.len() as u64, sent, "{report}");
    }
}

/// Whether the client is installed; where it must be, its absence is an error.
pub(super) fn installed(what: &str, there: bool) -> bool {
    if !there {
        assert!(variable("TERTULIA_REQUIRE_CLIENTS").is_none(), "{what} is not installed");
        eprintln!("SKIPPED: {what} is not installed; `cargo xtask test` installs it");
    }
    there
}

#[tokio::test]
async fn the_official_javascript_client_works_unmodified() {
    let modules = repository().join("tests/clients/node_modules/socket.io-client");
    if !installed("socket.io-client", modules.exists()) {
        return;
    }
    let company = Company::gather().await;
    let report = company.run(Path::new("node"), "socket-io-client.mjs").await;
    company.check(&report).await;
}

#[tokio::test]
async fn the_official_python_client_works_unmodified() {
    let python = blackbox::environment::python();
    if !installed("python-socketio", python.is_some()) {
        return;
    }
    let company = Company::gather().await;
    let report = company.run(&python.expect("checked"), "python_socketio.py").await;
    company.check(&report).await;
}

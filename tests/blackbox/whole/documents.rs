//! The `OpenAPI` documents hold what they promise to strangers: Python's `schemathesis` makes
//! requests up from them, and looks for server errors and for answers that they do not mention.

use std::path::Path;

use blackbox::environment::{PATIENCE, repository};
use blackbox::{Person, TestServer};
use serde_json::json;

use super::clients::installed;

const CONFIG: &str = "schemathesis.toml";

/// Writes what a document's paths may name beside a copy of the configuration.
fn prepare(folder: &Path, words: &[(&str, &str)]) {
    let config = repository().join("tests/clients/schemathesis").join(CONFIG);
    std::fs::copy(config, folder.join(CONFIG)).expect("a copy of the configuration");
    for (name, word) in words {
        let line = format!("\"{word}\"\n");
        std::fs::write(folder.join(format!("{name}.txt")), line).expect("a list of words");
    }
}

/// Asks as `person` whatever the document at `path` allows to be asked.
async fn question(folder: &Path, server: &TestServer, path: &str, token: &str) {
    let python = blackbox::environment::python().expect("looked for before");
    let mut command = tokio::process::Command::new(python.with_file_name("st"));
    command.current_dir(folder).args(["--config-file", CONFIG, "run", &server.url(path)]);
    command.args(["--header", &format!("Authorization: Bearer {token}")]).kill_on_drop(true);
    let output = tokio::time::timeout(8 * PATIENCE, command.output()).await;
    let output = output.expect("it ends").expect("it can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", shortened(&text));
    println!("{}", text.lines().rev().take(12).collect::<Vec<_>>().join("\n"));
}

/// Made-up texts are long; the beginning of each line tells enough.
fn shortened(text: &str) -> String {
    text.lines().map(|line| line.chars().take(400).collect::<String>() + "\n").collect()
}

/// Somebody with a room, a message, a link into it, and two others.
async fn company(server: &TestServer) -> (Person, Vec<(&'static str, String)>) {
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &eve).await;
    let message = ana.say(&room, "hello").await["id"].as_str().expect("an id").to_owned();
    let link = ana.post(&format!("/api/rooms/{room}/invite-links"), json!({})).await.expect(201);
    let token = link["url"].as_str().expect("a link").rsplit('/').next().unwrap_or_default();
    let words = [
        ("rooms", room),
        ("people", leo.id().await),
        ("messages", message),
        ("tokens", token.to_owned()),
    ];
    (ana, words.to_vec())
}

#[tokio::test]
async fn nothing_that_the_chat_s_document_allows_breaks_the_server_or_its_promises() {
    let there =
        blackbox::environment::python().is_some_and(|python| python.with_file_name("st").exists());
    if !installed("schemathesis", there) {
        return;
    }
    let server = TestServer::start().await;
    let (ana, words) = company(&server).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let words: Vec<_> = words.iter().map(|(name, word)| (*name, word.as_str())).collect();
    prepare(folder.path(), &words);
    question(folder.path(), &server, "/openapi.json", &ana.token).await;
}

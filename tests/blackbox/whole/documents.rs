//! The `OpenAPI` documents hold what they promise to strangers: Python's `schemathesis` makes
//! requests up from them, and looks for server errors and for answers that they do not mention.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blackbox::environment::{PATIENCE, repository};
use blackbox::server::PASSWORD;
use blackbox::{Browser, Console, Person, TestServer};
use serde_json::{Value, json};

use super::clients::installed;

/// How the chat is asked.
const CHAT: &str = "schemathesis.toml";
/// How identity is.
const IDENTITY: &str = "identity.toml";

/// Writes what a document's paths may name beside a copy of the configuration.
fn prepare(folder: &Path, config: &str, words: &[(&str, String)]) {
    let own = repository().join("tests/clients/schemathesis").join(config);
    std::fs::copy(own, folder.join(config)).expect("a copy of the configuration");
    for (name, word) in words {
        let line = format!("\"{word}\"\n");
        std::fs::write(folder.join(format!("{name}.txt")), line).expect("a list of words");
    }
}

/// Asks with this `Authorization` whatever the document at `url` allows to be asked; `also` are
/// further options.
async fn question(folder: &Path, (config, url): (&str, &str), authorization: &str, also: &[&str]) {
    let python = blackbox::environment::python().expect("looked for before");
    let mut command = tokio::process::Command::new(python.with_file_name("st"));
    command.current_dir(folder).args(["--config-file", config, "run", url]).args(also);
    command.args(["--header", &format!("Authorization: {authorization}")]).kill_on_drop(true);
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
    prepare(folder.path(), CHAT, &words);
    let authorization = format!("Bearer {}", ana.token);
    question(folder.path(), (CHAT, &server.url("/openapi.json")), &authorization, &[]).await;
}

/// Somebody to administer, with a session, a grant, and an app of others.
async fn administered(server: &TestServer, console: &Console) -> Vec<(&'static str, String)> {
    server.person("leo").await;
    let mut browser = Browser::new(server);
    browser.sign_in("leo", PASSWORD).await;
    let id = |page: Value, key: &str| page["items"][0][key].as_str().expect("an id").to_owned();
    let leo = id(console.get("/users?query=leo").await, "id");
    let session = id(console.get(&format!("/sessions?user={leo}")).await, "id");
    let grant = id(console.get(&format!("/grants?user={leo}")).await, "id");
    let app = json!({"name": "Notes", "redirect_uris": ["https://app.example/cb"]});
    let app = console.ask("POST", "/clients", Some(&app)).await.expect(201);
    let app = app["client_id"].as_str().expect("an id").to_owned();
    vec![("users", leo), ("sessions", session), ("grants", grant), ("clients", app)]
}

/// An administrator at the console.
async fn administrator(server: &TestServer, name: &str) -> Console {
    server.person(name).await;
    server.operator(&["user", "role", name, "admin"]).await;
    Console::sign_in(server, name).await
}

/// The `Authorization` of an app.
async fn app(console: &Console) -> String {
    let app = json!({"name": "Tool", "redirect_uris": ["https://app.example/cb"]});
    let app = console.ask("POST", "/clients", Some(&app)).await.expect(201);
    let word = |name: &str| app[name].as_str().expect("a word").to_owned();
    let pair = format!("{}:{}", word("client_id"), word("client_secret"));
    format!("Basic {}", STANDARD.encode(pair))
}

#[tokio::test]
async fn nothing_that_identity_s_document_allows_breaks_the_server_or_its_promises() {
    let there =
        blackbox::environment::python().is_some_and(|python| python.with_file_name("st").exists());
    if !installed("schemathesis", there) {
        return;
    }
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut ana = Console::sign_in(&server, "ana").await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    prepare(folder.path(), IDENTITY, &administered(&server, &ana).await);
    let url = server.url("/id/openapi.json");
    let ask = async |authorization: &str, also: &[&str]| {
        question(folder.path(), (IDENTITY, &url), authorization, also).await;
    };
    for tag in ["users", "clients", "providers", "keys", "audit"] {
        // A token is good for five minutes.
        ana.refresh().await;
        let also = ["--include-tag", tag, "--exclude-operation-id", "compromiseKeys"];
        ask(&format!("Bearer {}", ana.token), &also).await;
    }
    ask(&app(&ana).await, &["--include-tag", "oauth"]).await;
    // What may end the sign-in of who asks comes last, each by somebody of their own.
    for (name, tag) in [("eva", "sessions"), ("mar", "grants")] {
        let console = administrator(&server, name).await;
        ask(&format!("Bearer {}", console.token), &["--include-tag", tag]).await;
    }
    let console = administrator(&server, "pau").await;
    let also = ["--include-operation-id", "compromiseKeys"];
    ask(&format!("Bearer {}", console.token), &also).await;
}

//! The `OpenAPI` documents hold what they promise to strangers: Python's `schemathesis` makes
//! requests up from them, and looks for server errors and for answers that they do not mention.

use std::collections::BTreeSet;
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
/// What was asked and answered, where a test looks at it.
const HAR: &str = "asked.har";
/// What takes a token of another kind than an app's secret.
const WITH_TOKENS: &str = "userinfo|userinfoByPost|registerApp|readApp|replaceApp|removeApp";

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
    let apps = ("apps", app.clone());
    vec![("users", leo), ("sessions", session), ("grants", grant), ("clients", app), apps]
}

/// An administrator at the console.
async fn administrator(server: &TestServer, name: &str) -> Console {
    server.person(name).await;
    server.operator(&["user", "role", name, "admin"]).await;
    Console::sign_in(server, name).await
}

/// An app that registered itself: its id, and its own token.
async fn self_made(server: &TestServer, token: &str) -> (String, String) {
    let said = json!({"client_name": "Notes", "redirect_uris": ["https://app.example/cb"]});
    let request = server.request(reqwest::Method::POST, "/id/oauth/register").json(&said);
    let made = blackbox::Answer::of(request.bearer_auth(token)).await.expect("an answer");
    let made = made.expect(201);
    let word = |name: &str| made[name].as_str().expect("a word").to_owned();
    (word("client_id"), word("registration_access_token"))
}

/// What was answered, as `200 GET /oauth/userinfo`: the issuer's address left out, and `id` in the
/// place of the app that is asked about.
fn answered(folder: &Path, issuer: &str, id: &str) -> BTreeSet<String> {
    let file = std::fs::read(folder.join(HAR)).expect("what was asked and answered");
    let har: Value = serde_json::from_slice(&file).expect("JSON");
    let entries = har["log"]["entries"].as_array().expect("entries");
    let named = |entry: &Value| {
        let url = entry["request"]["url"].as_str()?.strip_prefix(issuer)?;
        let path = url.split('?').next()?.replace(id, "id");
        let method = entry["request"]["method"].as_str()?;
        Some(format!("{} {method} {path}", entry["response"]["status"]))
    };
    entries.iter().filter_map(named).collect()
}

/// The operations that take a token of their own kind: with it, each is answered with success. Only
/// the change of an app must name that app in its body, which nobody makes up: it gets that far.
async fn ask_with_tokens(server: &TestServer, folder: &Path) {
    let issuer = server.url("/id");
    let printed = server.operator(&["client", "registration-token", "--uses", "1000"]).await;
    let made: Value = serde_json::from_str(&printed).expect("it prints JSON");
    let token = made["registration_token"].as_str().expect("a token");
    let (id, own) = self_made(server, token).await;
    std::fs::write(folder.join("apps.txt"), format!("\"{id}\"\n")).expect("a list of words");
    let person = server.person("sol").await.token;
    let operations = [
        ("userinfo", person.as_str(), "200 GET /oauth/userinfo"),
        ("userinfoByPost", person.as_str(), "200 POST /oauth/userinfo"),
        ("registerApp", token, "201 POST /oauth/register"),
        ("readApp", own.as_str(), "200 GET /oauth/register/id"),
        ("replaceApp", own.as_str(), "400 PUT /oauth/register/id"),
        ("removeApp", own.as_str(), "204 DELETE /oauth/register/id"),
    ];
    for (operation, token, name) in operations {
        let also = ["--include-operation-id", operation, "--report", "har"];
        let also = [&also[..], &["--report-har-path", HAR]].concat();
        let asked = (IDENTITY, &*server.url("/id/openapi.json"));
        question(folder, asked, &format!("Bearer {token}"), &also).await;
        let all = answered(folder, &issuer, &id);
        assert!(all.contains(name), "{operation}, {name}: {all:?}");
    }
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
    let but = format!("^({WITH_TOKENS})$");
    let also = ["--include-tag", "oauth", "--exclude-operation-id-regex", &but];
    ask(&app(&ana).await, &also).await;
    ask_with_tokens(&server, folder.path()).await;
    // What may end the sign-in of who asks comes last, each by somebody of their own.
    for (name, tag) in [("eva", "sessions"), ("mar", "grants")] {
        let console = administrator(&server, name).await;
        ask(&format!("Bearer {}", console.token), &["--include-tag", tag]).await;
    }
    let console = administrator(&server, "pau").await;
    let also = ["--include-operation-id", "compromiseKeys"];
    ask(&format!("Bearer {}", console.token), &also).await;
}

//! Functions: apart from the chat, down, back, and to strangers; and the jobs that call them.

use std::path::Path;

use blackbox::client::Answer;
use blackbox::functions::{self, jobs};
use blackbox::process::Process;
use blackbox::server::{Options, free_port};
use blackbox::speech::{press, program};
use blackbox::wait::eventually;
use blackbox::{Person, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

/// A chat whose functions are at `port`, and somebody with a message.
async fn chat_with_functions_at(port: u16) -> (TestServer, Person, String, Value) {
    let mut options = Options::default().unlimited();
    options.set.extend(functions::settings(port));
    let server = TestServer::with(options).await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let message = ana.say(&room, "Nos vemos en la cocina").await;
    (server, ana, room, message)
}

/// `tertulia functions` with a script of ours that speaks.
fn speaking(folder: &Path, port: u16) -> Process {
    let script = program(folder, "");
    let setting = format!("functions.speak.program={}", script.display());
    functions::start(folder, port, &[setting])
}

#[tokio::test]
async fn a_function_that_is_down_is_told_and_its_job_is_done_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let (server, ana, room, message) = chat_with_functions_at(port).await;
    assert_eq!(ana.get("/api/speech").await.expect(200)["available"], true, "it may come back");
    let socket = ana.socket().await;
    let (status, clip) = press(&ana, &room, &message).await;
    assert_eq!((status, &clip["state"]), (202, &json!("preparing")));
    socket.event("clipChanged", |clip| clip["state"] == "delayed").await;
    assert_eq!(press(&ana, &room, &message).await.1["state"], "delayed");
    let listed = jobs(&server, &["list"]);
    let job = &listed["items"][0];
    assert_eq!((&job["kind"], &job["state"]), (&json!("speak"), &json!("waiting")), "{listed}");
    assert!(job["attempts"].as_i64() >= Some(1), "{job}");
    assert!(job["last_error"].is_string(), "{job}");
    assert!(!listed.to_string().contains("cocina"), "a list of jobs tells no text");
    let _functions = speaking(folder.path(), port);
    // Nobody presses again.
    let ready = socket.event("clipChanged", |clip| clip["state"] == "ready").await;
    let clip = server.client().get(ready["url"].as_str().expect("a link")).send().await;
    assert_eq!(clip.expect("an answer").status(), 200);
    eventually("no job is left", async || {
        (jobs(&server, &["list"])["items"] == json!([])).then_some(())
    })
    .await;
    assert_eq!(jobs(&server, &["retry", "all"])["retried"], 0);
}

#[tokio::test]
async fn a_job_that_was_given_up_is_listed_and_tried_again_by_its_operator() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let (server, ana, room, message) = chat_with_functions_at(port).await;
    let socket = ana.socket().await;
    // It refuses every text, which no other try would change.
    let refusing = refusing_function(port).await;
    press(&ana, &room, &message).await;
    socket.event("clipChanged", |clip| clip["state"] == "failed").await;
    let job = eventually("the job is parked", async || {
        let job = jobs(&server, &["list"])["items"][0].clone();
        (job["state"] == "parked").then_some(job)
    })
    .await;
    assert_eq!(job["last_error"], "the function refuses this text");
    assert_eq!(press_state(&ana, &room, &message).await, "preparing", "whoever asks, tries again");
    eventually("it is parked again", async || {
        (jobs(&server, &["list"])["items"][0]["state"] == "parked").then_some(())
    })
    .await;
    refusing.abort();
    let ended = refusing.await.expect_err("it was ended, and so its port is free");
    assert!(ended.is_cancelled(), "{ended}");
    let _functions = speaking(folder.path(), port);
    eventually("the functions are up", async || {
        reqwest::get(format!("http://127.0.0.1:{port}/health")).await.ok()
    })
    .await;
    let id = job["id"].as_str().expect("an id").to_owned();
    assert_eq!(jobs(&server, &["retry", &id])["retried"], 1);
    eventually("the clip is ready", async || {
        let rows = server.look("chat", "SELECT state FROM clips").await;
        (rows[0][0] == "ready").then_some(())
    })
    .await;
}

async fn press_state(person: &Person, room: &str, message: &Value) -> Value {
    press(person, room, message).await.1["state"].clone()
}

/// Something that looks like the functions, and refuses everything.
async fn refusing_function(port: u16) -> tokio::task::JoinHandle<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 8_192];
            let size = stream.read(&mut request).await.unwrap_or(0);
            let voices = r#"{"available":true,"engine":"none","languages":["es"]}"#;
            let answer = if request[..size].starts_with(b"GET") {
                let length = voices.len();
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
                     {length}\r\nconnection: close\r\n\r\n{voices}"
                )
            } else {
                "HTTP/1.1 422 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
            };
            stream.write_all(answer.as_bytes()).await.ok();
        }
    })
}

#[tokio::test]
async fn a_function_answers_only_who_signs_and_lets_every_origin_read_why() {
    let server = TestServer::start().await;
    let body = json!({"text": "hola", "language": "es"});
    let unsigned = server.request(Method::POST, "/fn/speak").json(&body);
    let unsigned = Answer::of(unsigned.header("origin", "https://elsewhere.example"));
    let unsigned = unsigned.await.expect("an answer");
    unsigned.problem(401, "unauthenticated");
    assert_eq!(unsigned.header("access-control-allow-origin"), "*");
    let forged = format!("t={},v1={}", 1_900_000_000_000_u64, "0".repeat(64));
    let forged = server.request(Method::POST, "/fn/speak").header("tertulia-signature", forged);
    let forged = Answer::of(forged.json(&body)).await.expect("an answer");
    forged.problem(401, "unauthenticated");
    let asked = [
        ("origin", "https://elsewhere.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "tertulia-signature"),
    ];
    let mut preflight = server.request(Method::OPTIONS, "/fn/speak");
    for (name, value) in asked {
        preflight = preflight.header(name, value);
    }
    let preflight = Answer::of(preflight).await.expect("an answer");
    assert_eq!(preflight.status, 204);
    assert!(preflight.header("access-control-allow-headers").contains("tertulia-signature"));
    assert!(!preflight.headers.contains_key("access-control-allow-credentials"));
    server.get("/fn/nothing").await.problem(404, "not_found");
}

#[tokio::test]
async fn the_functions_have_a_document_of_their_own() {
    let server = TestServer::start().await;
    let document = server.get("/fn/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let speak = &document["paths"]["/speak"]["post"];
    assert_eq!(speak["security"], json!([{"signature": []}]), "{speak}");
    let voices = server.get("/fn/speak").await.expect(200);
    assert_eq!(voices["languages"], json!(["en", "es"]));
}

//! Identity and chat as two programs, each at its own origin and with its own data.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use blackbox::environment;
use blackbox::process::Process;
use serde_json::Value;

/// One service alone.
struct Service {
    _process: Process,
    url: String,
}

impl Service {
    async fn start(name: &str, folder: &Path, port: u16, settings: &[String]) -> Self {
        let mut command = Command::new(environment::program());
        command.arg(name).args(["--listen", &format!("127.0.0.1:{port}")]);
        command.arg("--data-dir").arg(folder.join(name));
        for setting in settings {
            command.args(["--set", setting]);
        }
        let log = folder.join(format!("{name}.log"));
        let process = Process::spawn(command, &log).expect("the program can be started");
        let url = format!("http://localhost:{port}");
        let deadline = Instant::now() + environment::PATIENCE;
        while reqwest::get(format!("{url}/health")).await.is_err() {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            assert!(Instant::now() < deadline, "{name} does not start: {said}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Self { _process: process, url }
    }
}

fn operator(data: &Path, issuer: &str, resource: &str, words: &[&str]) -> String {
    let output = Command::new(environment::program())
        .arg("identity")
        .args(words)
        .arg("--data-dir")
        .arg(data)
        .args(["--set", &format!("identity.issuer={issuer}")])
        .args(["--set", &format!("identity.resources=[\"{resource}\"]")])
        .output()
        .expect("the program can be started");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {error}");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[tokio::test]
async fn two_origins_share_nothing_but_the_protocol() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (identity_port, chat_port) = (blackbox::server::free_port(), blackbox::server::free_port());
    let issuer = format!("http://localhost:{identity_port}");
    let resource = format!("http://localhost:{chat_port}/api");
    let audience = [format!("identity.resources=[\"{resource}\"]")];
    let identity = Service::start("identity", folder.path(), identity_port, &audience).await;
    let data = folder.path().join("identity");

    let callback = format!("http://localhost:{chat_port}/auth/callback");
    let words = ["client", "create", "--name", "Chat", "--redirect-uri", &callback];
    let client: Value =
        serde_json::from_str(&operator(&data, &issuer, &resource, &words)).expect("JSON");
    let settings = [
        format!("chat.issuer={issuer}"),
        format!("chat.client_id={}", client["client_id"].as_str().expect("an id")),
        format!("chat.client_secret={}", client["client_secret"].as_str().expect("a secret")),
    ];
    let chat = Service::start("chat", folder.path(), chat_port, &settings).await;

    let words = ["user", "create", "--verified", "--email", "ana@example.org", "--username", "ana"];
    let named = ["--display-name", "Ana", "--password", "correct horse battery staple"];
    operator(&data, &issuer, &resource, &[&words[..], &named[..]].concat());
    let words = ["token", "create", "--user", "ana", "--ttl", "60"];
    let token = operator(&data, &issuer, &resource, &words);
    let me = reqwest::Client::new().get(format!("{}/api/me", chat.url)).bearer_auth(token);
    let me: Value = me.send().await.expect("chat answers").json().await.expect("JSON");
    assert_eq!(me["person"]["username"], "ana", "{me}");

    let discovery = reqwest::get(format!("{}/.well-known/openid-configuration", identity.url));
    let discovery: Value = discovery.await.expect("an answer").json().await.expect("JSON");
    assert_eq!(discovery["issuer"], issuer.as_str());
    let login = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let login = login.expect("a client").get(format!("{}/auth/login", chat.url)).send().await;
    let login = login.expect("chat answers");
    let to = login.headers()["location"].to_str().expect("text");
    assert!(to.starts_with(&format!("{issuer}/oauth/authorize?")), "{to}");
    assert!(!folder.path().join("chat/identity.db").exists());
    assert!(!folder.path().join("identity/chat.db").exists());
}

//! The official clients of Socket.IO, unmodified: `socket.io-client` of npm, `python-socketio` of
//! Python.
mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::site;
use socketio::Options;

const INSTALL: &str = "run `cargo xtask test clients`, which installs it, \
    or `npm ci` in crates/socketio/tests/clients and \
    `pip install -r crates/socketio/tests/clients/requirements.txt` in the environment target/venv";
const STORY_SECONDS_MAX: u64 = 90;

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn node() -> Command {
    let package = clients().join("node_modules/socket.io-client");
    assert!(package.exists(), "socket.io-client is not installed: {INSTALL}");
    let mut node = Command::new("node");
    node.arg(clients().join("story.mjs"));
    node
}

fn python() -> Command {
    let venv = std::env::var_os("TERTULIA_VENV").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv"),
        PathBuf::from,
    );
    let python = venv.join("bin/python");
    let has_package = Command::new(&python)
        .args(["-c", "import socketio, aiohttp, requests, websocket"])
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(has_package, "python-socketio is not installed in {}: {INSTALL}", venv.display());
    let mut command = Command::new(python);
    command.arg(clients().join("story.py"));
    command
}

/// Lets the client tell its story against a server of its own.
async fn tell(client: fn() -> Command, transport: &str) {
    let options = Options { ping_interval: Duration::from_millis(500), ..Options::default() };
    let site = site(options).await;
    let url = format!("http://{}", site.address);
    let mut command = tokio::process::Command::from(client());
    command.args([url.as_str(), transport]).kill_on_drop(true);
    let patience = Duration::from_secs(STORY_SECONDS_MAX);
    let output = tokio::time::timeout(patience, command.output()).await;
    let output = output.expect("the story takes too long").expect("the client can be started");
    let told = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaints}");
    assert!(told.contains("the story is told"), "{told}\n{complaints}");
    site.emptied().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn javascript_with_default_transports() {
    tell(node, "default").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn javascript_with_long_polling() {
    tell(node, "polling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn javascript_with_websocket() {
    tell(node, "websocket").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_with_default_transports() {
    tell(python, "default").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_with_long_polling() {
    tell(python, "polling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_with_websocket() {
    tell(python, "websocket").await;
}

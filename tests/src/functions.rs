//! `tertulia functions`, and the jobs that call it.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use serde_json::Value;

use crate::database::hex;
use crate::environment;
use crate::process::Process;
use crate::server::TestServer;

/// The secret that chat and functions have in tests.
pub const SECRET: &str = "a-secret-that-both-have";

/// What a chat is told whose functions are at `port`.
pub fn settings(port: u16) -> [String; 2] {
    let url = format!("chat.functions.url=http://127.0.0.1:{port}");
    [url, format!("chat.functions.secret={SECRET}")]
}

/// Starts `tertulia functions` with these settings.
pub fn start(folder: &Path, port: u16, settings: &[String]) -> Process {
    let mut command = Command::new(environment::program());
    command.args(["functions", "--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--set", &format!("functions.secret={SECRET}")]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    let log = folder.join("functions.log");
    Process::spawn(command, &log).expect("the program can be started")
}

/// Runs `tertulia jobs …`.
pub fn jobs(server: &TestServer, words: &[&str]) -> Value {
    let all = server.operator_words();
    let mut command = Command::new(&all[0]);
    let output = command.arg("jobs").args(words).args(&all[1..]).output();
    let output = output.expect("the program can be started");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tertulia jobs {words:?}: {error}");
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

#[expect(clippy::disallowed_methods, reason = "tests have no kit::clock")]
/// The header of a request to a function, signed with `secret`.
pub fn signature(secret: &str, function: &str, body: &[u8]) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let at = since.as_millis();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = [format!("{at}\n{function}\n").as_bytes(), body].concat();
    let tag = hmac::sign(&key, &signed);
    format!("t={at},v1={}", hex(tag.as_ref()))
}

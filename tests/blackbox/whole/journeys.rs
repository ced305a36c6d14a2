//! Relying parties that we did not write, npm `openid-client` and Python's `Authlib`, take every
//! way through the provider: real forms, real tokens, an app's server that hears of sign-outs.

use std::path::Path;

use blackbox::environment::{PATIENCE, repository};
use blackbox::server::{Options, PASSWORD};
use blackbox::{Person, TestServer};
use serde_json::{Value, json};

use super::clients::installed;

/// A journey signs in more often from one address than people do, gets SMS into a file, and does
/// not wait an hour for a new key to sign.
const SETTINGS: [&str; 6] = [
    "identity.signing.publish_s=0",
    "sms.countries=[\"ES\"]",
    "sms.gateways=[{name=\"file\",driver=\"file\"}]",
    "identity.limits.sign_ins_per_min=1000",
    "identity.limits.mails_per_h=1000",
    "identity.limits.mails_per_receiver_h=1000",
];

/// Runs a journey on a server of its own; answers the server and what the journey reports.
async fn travel(program: &Path, folder: &str, script: &str) -> (TestServer, Value) {
    let mut options = Options::default().unlimited();
    options.set.extend(SETTINGS.iter().map(ToString::to_string));
    let server = TestServer::with(options).await;
    let mut operator = server.operator_words();
    operator.extend(["--set", SETTINGS[0]].map(str::to_owned));
    let setting = json!({
        "issuer": server.url("/id"),
        "base": server.url(""),
        "password": PASSWORD,
        "folder": server.data_dir(),
        "operator": operator,
    });
    let mut command = tokio::process::Command::new(program);
    command.arg(script).current_dir(repository().join("tests/clients").join(folder));
    command.env("JOURNEY", setting.to_string()).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = tokio::time::timeout(6 * PATIENCE, command.kill_on_drop(true).output()).await;
    let output = output.expect("it ends").expect("it can be started");
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{folder}:\n{out}{error}");
    println!("{out}");
    let report = serde_json::from_str(out.lines().last().unwrap_or_default());
    let report = report.unwrap_or_else(|e| panic!("{script} printed {out}: {e}"));
    (server, report)
}

/// What both journeys do after that which differs between them.
const BOTH: [&str; 7] = [
    "introspection",
    "pushed-request",
    "client-keys",
    "dpop",
    "device",
    "self-registration",
    "logout",
];

/// No step was forgotten, and what the app was told is what the server knows.
async fn check(server: &TestServer, report: &Value, own: &[&str], room: &str) {
    let steps: Vec<&str> = own.iter().chain(&BOTH).copied().collect();
    let done = report["steps"].as_array().expect("the steps that were taken");
    let done: Vec<String> =
        done.iter().filter_map(Value::as_str).map(|step| step.replace('_', "-")).collect();
    assert_eq!(done, steps);
    let token = server.token("ana", 60).await;
    let ana = Person::new(server, "ana", &report["ana"], token);
    assert_eq!(report["ana"]["preferred_username"], "ana", "{report}");
    let rooms = ana.get("/api/rooms").await.expect(200);
    assert_eq!(rooms["items"][0]["name"], room, "the app acted for her");
}

#[tokio::test]
async fn openid_client_takes_every_way_through_the_provider() {
    let folder = repository().join("tests/clients/openid-client");
    if !installed("openid-client", folder.join("node_modules/openid-client").exists()) {
        return;
    }
    let (server, report) = travel(Path::new("node"), "openid-client", "journey.mjs").await;
    let steps = [
        "registration",
        "sign-in",
        "chat-api",
        "sso",
        "form-post",
        "prompts",
        "sign-up",
        "totp",
        "mail-code",
        "sms-code",
        "refresh",
        "replay",
        "revocation",
        "key-rotation",
    ];
    check(&server, &report, &steps, "from openid-client").await;
}

#[tokio::test]
async fn authlib_takes_every_way_through_the_provider() {
    let python = blackbox::environment::python();
    let library = python.as_ref().and_then(|python| python.parent()?.parent()).map(|venv| {
        let found = std::fs::read_dir(venv.join("lib")).into_iter().flatten().flatten();
        found.map(|lib| lib.path().join("site-packages/authlib")).any(|path| path.exists())
    });
    if !installed("Authlib", library == Some(true)) {
        return;
    }
    let (server, report) = travel(&python.expect("checked"), "authlib", "journey.py").await;
    let steps = [
        "registration",
        "sign-in",
        "chat-api",
        "sso",
        "prompts",
        "sign-up",
        "totp",
        "mail-code",
        "sms-code",
        "refresh",
        "replay",
        "revocation",
        "key-rotation",
    ];
    check(&server, &report, &steps, "from Authlib").await;
}

//! The whole journey by a provider that we did not write: npm `oidc-provider`, in a process of its
//! own, through its real forms.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use identity::Upstream;
use kit::secret::Secret;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{CLIENT, SECRET, click};
use crate::world::{Browser, World};

const PATIENCE: Duration = Duration::from_mins(1);

/// Where the provider is installed, if it is; where it must be, its absence is an error.
fn folder() -> Option<PathBuf> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/oidc-provider");
    if folder.join("node_modules/oidc-provider").exists() {
        return Some(folder);
    }
    let must = kit::config::env("TERTULIA_REQUIRE_CLIENTS").is_some();
    assert!(!must, "npm oidc-provider is not installed");
    eprintln!("SKIPPED: npm oidc-provider is not installed; `cargo xtask test` installs it");
    None
}

/// The process, and what it prints: it dies when nobody listens.
struct Running {
    _child: Child,
    _lines: Lines<BufReader<ChildStdout>>,
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts the provider for `world`'s addresses.
async fn start(folder: PathBuf, port: u16, world: &World, alg: &str) -> Running {
    let setting = json!({"port": port, "client_id": CLIENT, "client_secret": SECRET, "alg": alg,
        "callback": format!("{}/id/federation/npm/callback", world.origin),
        "logout": format!("{}/id/federation/npm/logout", world.origin)});
    let mut command = Command::new("node");
    command.arg("upstream.mjs").arg(setting.to_string()).current_dir(folder);
    let mut child = command.kill_on_drop(true).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap();
    assert!(ready.is_some_and(|line| line.starts_with("http")), "it did not start");
    Running { _child: child, _lines: lines }
}

async fn world(port: u16) -> World {
    let told = Upstream {
        name: "npm".to_owned(),
        label: "Npm".to_owned(),
        issuer: format!("http://localhost:{port}"),
        client_id: CLIENT.to_owned(),
        client_secret: Secret::Text(SECRET.to_owned()),
        trust_email: true,
        ..Upstream::default()
    };
    World::with(|settings| settings.upstream = vec![told]).await
}

/// Signs in at the provider by its own forms, as far as it asks.
async fn through_its_forms(browser: &mut Browser<'_>, login: &str) {
    for _ in 0..3 {
        if browser.is_home() {
            return;
        }
        let fields: &[(&str, &str)] = if browser.page.contains("name=\"login\"") {
            &[("login", login), ("password", "any")]
        } else {
            &[]
        };
        browser.submit(fields).await;
    }
    assert!(browser.is_home(), "{} {}", browser.address, browser.page);
}

/// Signs in, makes an account, comes back, proves it anew, and is signed out from there.
async fn whole_journey(alg: &str) {
    let Some(folder) = folder() else { return };
    let port = free_port();
    let world = world(port).await;
    let _provider = start(folder, port, &world, alg).await;
    let mut ana = world.browser();
    ana.open("/id/login").await;
    click(&mut ana, "Continue with Npm").await;
    through_its_forms(&mut ana, "ana").await;
    assert!(ana.page.contains("Complete your account"), "{} {}", ana.address, ana.page);
    assert_eq!(ana.submit(&[("username", "ana"), ("display_name", "Ana")]).await, 200);
    assert!(ana.is_in().await);
    assert_eq!(world.people().await[0]["email"], "ana@example.org");

    let mut other = world.browser();
    other.open("/id/login").await;
    click(&mut other, "Continue with Npm").await;
    through_its_forms(&mut other, "ana").await;
    assert!(other.is_in().await, "{}", other.page);

    ana.open("/id/account/providers").await;
    let age = format!("UPDATE {} SET auth_time = 1000", world.table("sessions"));
    let connection = world.connection().await;
    sea_orm::ConnectionTrait::execute_unprepared(&connection, &age).await.unwrap();
    ana.open("/id/account/security/totp").await;
    click(&mut ana, "Continue with Npm").await;
    assert!(ana.page.contains("name=\"login\""), "it asks once more: {}", ana.page);
    through_its_forms(&mut ana, "ana").await;
    assert!(ana.address.ends_with("/id/account/security/totp"), "{} {}", ana.address, ana.page);

    ana.open(&format!("http://localhost:{port}/session/end")).await;
    ana.submit(&[("logout", "yes")]).await;
    let deadline = std::time::Instant::now() + PATIENCE;
    while ana.is_in().await {
        assert!(std::time::Instant::now() < deadline, "nobody was told");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(other.is_in().await, "the other browser's sign-in there goes on");
}

#[tokio::test]
async fn npm_oidc_provider_signs_people_in_with_rs256() {
    whole_journey("RS256").await;
}

#[tokio::test]
async fn npm_oidc_provider_signs_people_in_with_es256() {
    whole_journey("ES256").await;
}

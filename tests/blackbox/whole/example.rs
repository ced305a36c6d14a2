//! The application in `examples/poster`, as its README starts it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use blackbox::environment::repository;
use blackbox::process::Process;
use blackbox::server::{PASSWORD, free_port};
use blackbox::{Browser, Person, TestServer, eventually, eventually_for};

use super::clients::installed;

/// The application, registered and running.
struct Poster {
    home: String,
    _process: Process,
    folder: tempfile::TempDir,
}

impl Poster {
    async fn start(server: &TestServer) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let port = free_port();
        let home = format!("http://127.0.0.1:{port}");
        let (back, bye) = (format!("{home}/callback"), format!("{home}/"));
        let words = ["client", "create", "--name", "Poster", "--redirect-uri", &back];
        let after = ["--post-logout-redirect-uri", bye.as_str()];
        let made = server.operator(&[&words[..], &after[..]].concat()).await;
        let client = folder.path().join("client.json");
        std::fs::write(&client, made).expect("a temporary file can be written");
        let mut command = Command::new("node");
        command.arg("app.mjs").current_dir(repository().join("examples/poster"));
        command.env("TERTULIA", server.url("")).env("CLIENT", &client);
        command.env("PORT", port.to_string());
        let log = folder.path().join("poster.log");
        let process = Process::spawn(command, &log).expect("it can be started");
        let poster = Self { home, _process: process, folder };
        eventually("the application answers", async || {
            let answer = server.client().get(&poster.home).send().await;
            answer.ok().filter(|answer| answer.status() == 200)
        })
        .await;
        poster
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.home)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("poster.log")).unwrap_or_default()
    }

    /// Signs Ana in with the provider's forms; `decision` is what she says to the application.
    async fn sign_in(&self, browser: &mut Browser, decision: &str) {
        browser.open(&self.at("/sign-in")).await;
        if browser.address.contains("/login") {
            browser.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
        }
        assert!(browser.address.contains("/consent"), "{} {}", browser.address, self.log());
        assert!(browser.page.contains("Poster"), "{}", browser.page);
        browser.submit(&[("decision", decision)]).await;
        assert!(browser.address.starts_with(&self.home), "{} {}", browser.address, self.log());
    }
}

/// Whether the example can run here.
fn can_run() -> bool {
    let modules = Path::new("examples/poster/node_modules/openid-client");
    installed("the example's openid-client", repository().join(modules).exists())
}

async fn company() -> (TestServer, Person, String) {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen <b>").await;
    (server, ana, room)
}

#[tokio::test]
async fn the_example_signs_a_person_in_and_posts_a_message() {
    if !can_run() {
        return;
    }
    let (server, ana, room) = company().await;
    let poster = Poster::start(&server).await;
    let mut browser = Browser::new(&server);
    poster.sign_in(&mut browser, "allow").await;
    assert!(browser.page.contains("Hello, ana"), "{} {}", browser.page, poster.log());
    assert!(browser.page.contains("Kitchen &#60;b&#62;"), "{}", browser.page);
    let status = browser.submit(&[("room", &room), ("text", "from the example")]).await;
    assert_eq!(status, 200, "{} {}", browser.page, poster.log());
    assert!(browser.page.contains("Posted."), "{}", browser.page);
    let history = ana.history(&room).await;
    assert_eq!(history.len(), 1, "{history:?}");
    assert_eq!(history[0]["text"], "from the example");
    assert_eq!(history[0]["sender"]["username"], "ana", "{history:?}");
}

#[tokio::test]
async fn a_person_who_says_no_to_the_example_is_not_signed_in() {
    if !can_run() {
        return;
    }
    let (server, _, _) = company().await;
    let poster = Poster::start(&server).await;
    let mut browser = Browser::new(&server);
    poster.sign_in(&mut browser, "deny").await;
    assert!(browser.page.contains("did not work"), "{}", browser.page);
    browser.open(&poster.at("/")).await;
    assert!(browser.page.contains("Sign in with Tertulia"), "{}", browser.page);
}

#[tokio::test]
async fn what_was_taken_back_from_the_example_ends_within_a_second() {
    if !can_run() {
        return;
    }
    let (server, ana, room) = company().await;
    let poster = Poster::start(&server).await;
    let mut browser = Browser::new(&server);
    poster.sign_in(&mut browser, "allow").await;
    let form = browser.page.clone();
    browser.open("/id/account/apps").await;
    assert!(browser.page.contains("Poster"), "{}", browser.page);
    browser.submit(&[]).await;
    assert!(browser.address.ends_with("?done=revoked"), "{}", browser.address);
    eventually_for(Duration::from_secs(1), "the chat refuses its token", async || {
        browser.page.clone_from(&form);
        let status = browser.submit(&[("room", &room), ("text", "after the end")]).await;
        (status == 502).then_some(())
    })
    .await;
    let said = ana.history(&room).await.len();
    browser.page.clone_from(&form);
    browser.submit(&[("room", &room), ("text", "and never again")]).await;
    assert_eq!(ana.history(&room).await.len(), said);
    poster.sign_in(&mut browser, "allow").await;
}

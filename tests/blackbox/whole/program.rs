//! Starting, stopping, and what every answer says.

use std::time::Duration;

use blackbox::TestServer;

#[tokio::test]
async fn health_answers_and_everything_survives_a_restart() {
    let mut server = TestServer::start().await;
    let answer = server.get("/health").await;
    assert_eq!(answer.status, 200);
    assert!(!answer.header("x-instance").is_empty());
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let message = ana.say(&room, "kept").await;
    let before = ana.get(&format!("/api/rooms/{room}")).await.expect(200);
    let ended = server.terminate(Duration::from_secs(30)).expect("it stops in time");
    assert!(ended.success(), "{ended}");
    server.restart().await;
    assert_eq!(ana.history(&room).await, [message]);
    assert_eq!(ana.get(&format!("/api/rooms/{room}")).await.expect(200), before);
}

#[tokio::test]
async fn the_document_of_the_api_is_whole() {
    let server = TestServer::start().await;
    let document = server.get("/openapi.json").await.expect(200);
    assert_eq!(document["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
    let paths = document["paths"].as_object().expect("paths");
    for path in [
        "/api/me",
        "/api/rooms",
        "/api/rooms/{room}/messages/{message}",
        "/api/rooms/{room}/events",
        "/api/rooms/{room}/members",
        "/api/direct",
    ] {
        assert!(paths.contains_key(path), "{path} in {:?}", paths.keys().collect::<Vec<_>>());
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1) {
        let reference = reference.split('"').next().unwrap_or_default();
        let pointer = reference.strip_prefix('#').expect("a reference into the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let page = server.get("/docs").await;
    assert!([200, 308, 307, 303].contains(&page.status), "{}", page.status);
}

#[tokio::test]
async fn the_web_client_is_served_with_its_routes_and_unknown_api_paths_are_problems() {
    let server = TestServer::start().await;
    for path in ["/", "/rooms", "/invite/abc"] {
        let page = server.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
    }
    server.get("/api/no/such/thing").await.problem(404, "not_found");
}

#[tokio::test]
async fn the_keys_are_for_the_owner_of_the_folder_only() {
    use std::os::unix::fs::PermissionsExt;
    let server = TestServer::start().await;
    let keys = server.data_dir().join("keys");
    let mut files = 0;
    for entry in std::fs::read_dir(&keys).expect("a folder of keys").flatten() {
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", entry.path().display());
        files += 1;
    }
    assert!(files > 0);
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let server = TestServer::start().await;
    let second = std::process::Command::new(blackbox::environment::program())
        .args(["all", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(server.data_dir())
        .output()
        .expect("the program can be started");
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("another server uses the data folder"), "{said}");
    assert_eq!(server.get("/health").await.status, 200, "the first one goes on");
}

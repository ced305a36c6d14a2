//! What is done in the console is felt in the chat at once.

use blackbox::server::PASSWORD;
use blackbox::{Browser, Console, Socket, TestServer};
use serde_json::json;

async fn cookie_socket(server: &TestServer, browser: &Browser) -> Socket {
    let (cookie, origin) = (browser.cookie_header(), server.url(""));
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    Socket::connect_with(&origin, json!({}), &headers).await.expect("a session may connect")
}

/// The id of somebody in the console.
async fn account(console: &Console, username: &str) -> String {
    let found = console.get(&format!("/users?query={username}")).await;
    found["items"][0]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn ending_a_session_or_blocking_its_person_closes_their_sockets_and_no_others() {
    let server = TestServer::start().await;
    server.person("ana").await;
    server.person("leo").await;
    let console = Console::sign_in(&server, "ana").await;
    let (mut one, mut two) = (Browser::new(&server), Browser::new(&server));
    one.sign_in("leo", PASSWORD).await;
    two.sign_in("leo", PASSWORD).await;
    let (first, second) = (cookie_socket(&server, &one).await, cookie_socket(&server, &two).await);
    let leo = account(&console, "leo").await;

    // The newest first.
    let sessions = console.get(&format!("/sessions?user={leo}")).await;
    let session = sessions["items"][0]["id"].as_str().expect("a session");
    console.ask("DELETE", &format!("/sessions/{session}"), None).await.expect(204);
    let why = second.closed().await;
    assert!(why.contains("by the server"), "{why}");
    assert_eq!(two.api("GET", "/api/me", None).await.status, 401);
    assert_eq!(one.api("GET", "/api/me", None).await.status, 200, "the other goes on");
    assert_eq!(first.has_closed(), None, "with its socket");

    let reason = json!({"reason": "spam"});
    console.ask("PUT", &format!("/users/{leo}/block"), Some(&reason)).await.expect(200);
    let why = first.closed().await;
    assert!(why.contains("by the server"), "{why}");
    assert_eq!(one.api("GET", "/api/me", None).await.status, 401);
}

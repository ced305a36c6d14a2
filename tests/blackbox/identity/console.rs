//! What is done in the console is felt in the chat at once.

use blackbox::server::PASSWORD;
use blackbox::{Browser, Console, Person, Socket, TestServer};
use serde_json::json;
use uuid::Uuid;

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

/// What `asker` finds in the directory.
async fn found(asker: &Person, query: &str) -> usize {
    let page = asker.get(&format!("/api/people?query={query}")).await.expect(200);
    page["items"].as_array().expect("items").len()
}

#[tokio::test]
async fn who_is_blocked_is_found_and_reached_by_nobody_until_their_account_is_open_again() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let leo = server.person("leo").await;
    let id = leo.id().await;
    let profile = format!("/api/people/{id}");
    let direct = json!({"username": "leo"});
    let console = Console::sign_in(&server, "ana").await;
    let block = format!("/users/{}/block", account(&console, "leo").await);
    assert_eq!(found(&ana, "leo").await, 1);

    let reason = json!({"reason": "spam"});
    console.ask("PUT", &block, Some(&reason)).await.expect(200);
    blackbox::eventually("nobody finds who is blocked", async || {
        (found(&ana, "leo").await == 0).then_some(())
    })
    .await;
    ana.get(&profile).await.problem(404, "not_found");
    ana.post("/api/direct", direct.clone()).await.problem(404, "not_found");
    assert_eq!(leo.get("/api/me").await.status, 401);

    console.ask("DELETE", &block, None).await.expect(200);
    blackbox::eventually("who is not blocked any more is found", async || {
        (found(&ana, "leo").await == 1).then_some(())
    })
    .await;
    ana.get(&profile).await.expect(200);
    ana.post("/api/direct", direct).await.expect(201);
    assert_eq!(leo.get("/api/me").await.status, 401, "what ended stays ended");
    let mut again = Browser::new(&server);
    again.sign_in("leo", PASSWORD).await;
    assert_eq!(again.api("GET", "/api/me", None).await.status, 200);
}

/// What is reacted with to the message at `path`.
async fn emoji(person: &Person, path: &str) -> Vec<String> {
    let message = person.get(path).await.expect(200);
    let kinds = message["reactions"].as_array().cloned().unwrap_or_default();
    kinds.iter().filter_map(|kind| kind["emoji"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn nobody_writes_to_who_is_blocked_until_their_account_is_open_again() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    leo.id().await;
    let room = ana.post("/api/direct", json!({"username": "leo"})).await.expect(201)["id"].clone();
    let room = room.as_str().expect("an id");
    let view = format!("/api/rooms/{room}");
    let said = ana.say(room, "antes").await;
    let first = format!("{view}/messages/{}", said["id"].as_str().expect("an id"));
    let client_id = said["client_message_id"].as_str().expect("an id");
    let (repeat, text) = (format!("{view}/messages/{client_id}"), json!({"text": "antes"}));
    let reaction = |emoji: &str| format!("{first}/reactions/{emoji}");
    ana.put(&reaction("👍"), json!({})).await.expect(204);
    assert_eq!(ana.get(&view).await.expect(200).get("closed"), None);
    let socket = ana.socket().await;
    let console = Console::sign_in(&server, "ana").await;
    let block = format!("/users/{}/block", account(&console, "leo").await);

    console.ask("PUT", &block, Some(&json!({"reason": "spam"}))).await.expect(200);
    socket.event("roomsChanged", |_| true).await;
    socket.take_all();
    assert_eq!(ana.get(&view).await.expect(200)["closed"], true);
    let during = json!({"text": "durante"});
    let path = format!("{view}/messages/{}", Uuid::new_v4());
    ana.put(&path, during.clone()).await.problem(403, "forbidden");
    ana.patch(&first, during).await.problem(403, "forbidden");
    let sent = json!({"room": room, "client_message_id": Uuid::new_v4(), "text": "durante"});
    assert_eq!(socket.refused("sendMessage", sent).await["status"], 403);
    ana.put(&repeat, text).await.expect(200);
    ana.put(&reaction("👍"), json!({})).await.expect(204);
    ana.put(&reaction("❤"), json!({})).await.problem(403, "forbidden");
    assert_eq!(emoji(&ana, &first).await, ["👍"], "what was there already is no news");
    ana.delete(&reaction("👍")).await.expect(204);
    assert!(emoji(&ana, &first).await.is_empty(), "one's own can be taken back");
    let texts: Vec<_> = ana.history(room).await.iter().map(|said| said["text"].clone()).collect();
    assert_eq!(texts, ["antes"], "what was said stays as it was, and readable");

    console.ask("DELETE", &block, None).await.expect(200);
    socket.event("roomsChanged", |_| true).await;
    assert_eq!(ana.get(&view).await.expect(200).get("closed"), None);
    ana.say(room, "después").await;
    ana.put(&reaction("❤"), json!({})).await.expect(204);
}

//! Retry: each command twice is the same as once.

use blackbox::TestServer;
use blackbox::person::id;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn each_command_twice_is_once() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("public", "Square").await;
    ana.bring(&room, &leo).await;
    let message = id(&ana.say(&room, "one").await);
    let gone = id(&ana.say(&room, "two").await);
    let (of_leo, of_zoe) = (leo.id().await, zoe.id().await);
    let base = format!("/api/rooms/{room}");
    let commands = [
        ("PUT", format!("{base}/messages/{}", Uuid::new_v4()), Some(json!({"text": "hi"}))),
        ("PATCH", format!("{base}/messages/{message}"), Some(json!({"text": "once more"}))),
        ("DELETE", format!("{base}/messages/{gone}"), None),
        ("PATCH", base.clone(), Some(json!({"name": "Market"}))),
        ("PATCH", format!("{base}/members/{of_leo}"), Some(json!({"role": "moderator"}))),
        ("POST", format!("{base}/members"), Some(json!({"username": "zoe"}))),
        ("DELETE", format!("{base}/members/{of_zoe}"), None),
        ("POST", format!("{base}/members"), Some(json!({"username": "not-yet-here"}))),
        ("PUT", format!("{base}/read"), Some(json!({"seq": 2}))),
        ("POST", "/api/direct".to_owned(), Some(json!({"username": "zoe"}))),
    ];
    for (method, path, body) in commands {
        let once = ana.ask(method, &path, body.as_ref()).await.expect("an answer");
        assert!((200..300).contains(&once.status), "{method} {path}: {}", once.text);
        let state = everything(&ana, &room).await;
        let twice = ana.ask(method, &path, body.as_ref()).await.expect("an answer");
        assert!(twice.status < 500, "{method} {path} again: {}", twice.text);
        assert_eq!(everything(&ana, &room).await, state, "{method} {path} {body:?} again");
    }
}

/// All that the owner can see.
async fn everything(ana: &blackbox::Person, room: &str) -> Value {
    let base = format!("/api/rooms/{room}");
    let mut all = vec![json!(ana.events(room, 0).await)];
    for path in ["/api/rooms", &base, &format!("{base}/members"), &format!("{base}/invitations")] {
        all.push(ana.get(path).await.expect(200));
    }
    json!(all)
}

#[tokio::test]
async fn each_command_of_the_socket_twice_is_once() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let message = id(&ana.say(&room, "one").await);
    let gone = id(&ana.say(&room, "two").await);
    let (socket, other) = (ana.listen(&room).await, ana.listen(&room).await);
    let commands = [
        ("sendMessage", json!({"room": room, "text": "x", "client_message_id": Uuid::new_v4()})),
        ("editMessage", json!({"room": room, "message": message, "text": "y"})),
        ("deleteMessage", json!({"room": room, "message": gone})),
        ("markRead", json!({"room": room, "seq": 2})),
        ("join", json!({"room": room})),
    ];
    for (name, body) in commands {
        socket.call(name, body.clone()).await;
        let state = everything(&ana, &room).await;
        other.try_call(name, body.clone()).await.expect("an answer from another connection too");
        assert_eq!(everything(&ana, &room).await, state, "{name} again");
    }
}

//! Commands and events on the socket.

use blackbox::{Socket, TestServer};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_message_sent_by_socket_is_acknowledged_and_reaches_the_others() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (of_ana, of_leo) = (ana.listen(&room).await, leo.listen(&room).await);
    let body = json!({"room": room, "text": "hola", "client_message_id": Uuid::new_v4()});
    let ack = of_ana.call("sendMessage", body.clone()).await;
    assert_eq!(ack["created"], true);
    let event = of_leo.event("message", |event| event["text"] == "hola").await;
    for field in ["id", "room", "seq", "sender", "text", "time", "created_at"] {
        assert_eq!(event[field], ack["message"][field], "{field}");
    }
    of_ana.event("message", |event| event["id"] == event["id"]).await;
    let again = of_ana.call("sendMessage", body).await;
    assert_eq!((&again["created"], &again["message"]), (&json!(false), &ack["message"]));
    assert_eq!(leo.history(&room).await.len(), 1);
}

#[tokio::test]
async fn sender_and_time_are_the_servers() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let socket = ana.listen(&room).await;
    let body = json!({"room": room, "text": "x", "client_message_id": Uuid::new_v4(),
        "sender": "the queen", "time": "1999-01-01T00:00:00.000Z"});
    let answer = socket.try_call("sendMessage", body).await.expect("an answer");
    if answer["ok"] == true {
        assert_eq!(answer["message"]["sender"]["username"], "ana");
        assert!(!answer.to_string().contains("1999"));
    } else {
        assert_eq!(answer["problem"]["kind"], "malformed", "{answer}");
    }
}

#[tokio::test]
async fn edits_and_deletions_by_socket_are_the_same_as_by_http() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (of_ana, of_leo) = (ana.listen(&room).await, leo.listen(&room).await);
    let message = ana.say(&room, "helo").await;
    let edit = json!({"room": room, "message": message["id"], "text": "hello"});
    let no = of_leo.refused("editMessage", edit.clone()).await;
    assert_eq!(no["kind"], "forbidden");
    of_ana.call("editMessage", edit).await;
    let edited = of_leo.event("messageEdited", |_| true).await;
    assert_eq!((&edited["text"], &edited["message"]), (&json!("hello"), &message["id"]));
    let delete = json!({"room": room, "message": message["id"]});
    of_ana.call("deleteMessage", delete).await;
    let deleted = of_leo.event("messageDeleted", |_| true).await;
    assert_eq!(deleted["message"], message["id"]);
}

#[tokio::test]
async fn join_after_a_seq_brings_all_that_was_missed_and_then_goes_on() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let first = ana.say(&room, "0").await;
    for number in 1..120 {
        ana.say(&room, &number.to_string()).await;
    }
    let socket = leo.socket().await;
    let joined = socket.call("join", json!({"room": room, "after": first["seq"]})).await;
    assert_eq!(joined["room"], room.as_str());
    let last = ana.say(&room, "120").await;
    socket.event("message", |event| event["id"] == last["id"]).await;
    let texts: Vec<_> = socket.all("message").iter().map(|m| m["text"].clone()).collect();
    let expected: Vec<Value> = (1..=120).map(|number| json!(number.to_string())).collect();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn without_after_a_join_is_live_only_and_leave_ends_it() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, other) = (ana.room("private", "One").await, ana.room("private", "Two").await);
    ana.say(&room, "old").await;
    let socket = ana.listen(&room).await;
    socket.call("join", json!({"room": other})).await;
    let live = ana.say(&room, "live").await;
    socket.event("message", |event| event["id"] == live["id"]).await;
    socket.call("leave", json!({"room": room})).await;
    ana.say(&room, "unheard").await;
    let sentinel = ana.say(&other, "sentinel").await;
    socket.event("message", |event| event["id"] == sentinel["id"]).await;
    let texts: Vec<_> = socket.all("message").iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["live", "sentinel"]);
}

#[tokio::test]
async fn messages_sent_without_waiting_keep_their_order() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (of_ana, of_leo) = (ana.listen(&room).await, leo.listen(&room).await);
    for number in 0..100 {
        let client_message_id = Uuid::new_v4();
        let body = json!({"room": room, "text": number.to_string(),
            "client_message_id": client_message_id});
        of_ana.emit("sendMessage", &body);
    }
    of_leo.event("message", |event| event["text"] == "99").await;
    let texts: Vec<_> = of_leo.all("message").iter().map(|m| m["text"].clone()).collect();
    let expected: Vec<Value> = (0..100).map(|number| json!(number.to_string())).collect();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn typing_is_told_to_the_others_in_the_room_and_to_nobody_else() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (of_ana, of_leo) = (ana.listen(&room).await, leo.listen(&room).await);
    let of_eve = eve.socket().await;
    of_ana.emit("typing", &json!({"room": room}));
    let told = of_leo.event("typing", |_| true).await;
    assert_eq!(told["room"], room.as_str());
    assert_eq!(told["person"]["username"], "ana");
    of_eve.emit("typing", &json!({"room": room}));
    let sentinel = leo.say(&room, "x").await;
    of_ana.event("message", |event| event["id"] == sentinel["id"]).await;
    assert_eq!(of_ana.count("typing"), 0, "neither one's own nor a stranger's");
    assert_eq!(of_eve.count("typing"), 0);
}

#[tokio::test]
async fn however_many_type_a_room_is_told_of_few() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let mut typists = Vec::new();
    for number in 0..20 {
        let typist = server.person(&format!("typist{number}")).await;
        ana.bring(&room, &typist).await;
        typists.push(typist.socket().await);
    }
    let of_ana = ana.listen(&room).await;
    let begun = std::time::Instant::now();
    for socket in &typists {
        socket.call("typing", json!({"room": room})).await;
    }
    let sentinel = ana.say(&room, "x").await;
    of_ana.event("message", |event| event["id"] == sentinel["id"]).await;
    let told = of_ana.count("typing");
    // Five at once, then five more in three seconds.
    let most = 5 + begun.elapsed().as_millis() / 600;
    assert!((5..=most).contains(&(told as u128)), "told {told} times, at most {most} expected");
}

#[tokio::test]
async fn a_socket_without_a_valid_token_is_refused_with_the_reason() {
    let server = TestServer::start().await;
    server.person("ana").await;
    for auth in [json!({}), json!({"token": "nonsense"}), json!({"token": 7}), json!(null)] {
        let no = Socket::connect(&server.url(""), auth.clone()).await.expect_err("a refusal");
        assert_eq!(no["data"]["kind"], "unauthenticated", "{auth}: {no}");
        assert_eq!(no["data"]["status"], 401, "{no}");
        assert!(no["message"].is_string(), "{no}");
    }
}

#[tokio::test]
async fn a_socket_ends_with_its_token_unless_it_shows_a_newer_one() {
    let server = TestServer::start().await;
    let mut ana = server.person("ana").await;
    let fresh = ana.token.clone();
    ana.token = server.token("ana", 8).await;
    let (ending, renewed) = tokio::join!(ana.socket(), ana.socket());
    renewed.call("authenticate", json!({"token": fresh})).await;
    ending.closed().await;
    assert_eq!(renewed.has_closed(), None);
    ana.token = fresh;
    let room = ana.room("private", "Kitchen").await;
    renewed.call("join", json!({"room": room})).await;
}

#[tokio::test]
async fn a_socket_cannot_become_somebody_else() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let socket = ana.socket().await;
    socket.refused("authenticate", json!({"token": leo.token})).await;
    socket.refused("authenticate", json!({"token": "nonsense"})).await;
    let room = leo.room("private", "Kitchen").await;
    if socket.has_closed().is_none() {
        let answer = socket.try_call("join", json!({"room": room})).await;
        assert!(answer.is_err() || answer.is_ok_and(|answer| answer["ok"] == false));
    }
}

#[tokio::test]
async fn malformed_commands_are_answered_and_the_socket_lives_on() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let socket = ana.listen(&room).await;
    let bad = [
        ("join", json!({})),
        ("join", json!({"room": "not-a-uuid"})),
        ("join", json!({"room": room, "after": "x"})),
        ("sendMessage", json!("text")),
        ("sendMessage", json!({"room": room, "text": ""})),
        ("sendMessage", json!({"room": room, "text": "x"})),
        ("sendMessage", json!({"room": room, "text": 5, "client_message_id": Uuid::new_v4()})),
        ("editMessage", json!({"room": room, "message": 3, "text": "x"})),
        ("markRead", json!({"room": room, "seq": "x"})),
        ("nothingLikeThis", json!({})),
    ];
    for (name, body) in bad {
        let no = socket.refused(name, body.clone()).await;
        assert!(no["kind"].is_string() && no["status"].is_u64(), "{name} {body}: {no}");
    }
    socket.call("join", json!({"room": room})).await;
}

#[tokio::test]
async fn an_oversized_frame_ends_the_socket_and_nothing_else() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let (big, other) = (ana.listen(&room).await, ana.listen(&room).await);
    let text = "x".repeat(1024 * 1024);
    let body = json!({"room": room, "text": text, "client_message_id": Uuid::new_v4()});
    let answer = big.try_call("sendMessage", body).await;
    assert!(answer.is_err(), "{answer:?}");
    let message = ana.say(&room, "still here").await;
    other.event("message", |event| event["id"] == message["id"]).await;
}

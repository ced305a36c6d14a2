//! How far somebody has read, and what is unread: the server counts.

use blackbox::person::id;
use blackbox::{Person, TestServer};
use serde_json::{Value, json};

async fn room_of(person: &Person, room: &str) -> Value {
    person.get(&format!("/api/rooms/{room}")).await.expect(200)
}

#[tokio::test]
async fn messages_of_others_are_unread_until_read() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let first = ana.say(&room, "one").await;
    let second = ana.say(&room, "two").await;
    leo.say(&room, "three").await;
    assert_eq!(room_of(&leo, &room).await["unread"], 2, "own messages do not count");
    assert_eq!(room_of(&ana, &room).await["unread"], 1);
    let read = format!("/api/rooms/{room}/read");
    leo.put(&read, json!({"seq": first["seq"]})).await.expect(204);
    let now = room_of(&leo, &room).await;
    assert_eq!((&now["unread"], &now["last_read"]), (&json!(1), &first["seq"]));
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&second))).await.expect(204);
    assert_eq!(room_of(&leo, &room).await["unread"], 0, "what is deleted is not unread");
}

#[tokio::test]
async fn reading_moves_forward_only_and_never_beyond_the_head() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.say(&room, "one").await;
    let last = ana.say(&room, "two").await;
    let read = format!("/api/rooms/{room}/read");
    leo.put(&read, json!({"seq": last["seq"]})).await.expect(204);
    leo.put(&read, json!({"seq": 1})).await.expect(204);
    assert_eq!(room_of(&leo, &room).await["last_read"], last["seq"]);
    leo.put(&read, json!({"seq": 1_000_000})).await;
    let later = ana.say(&room, "three").await;
    let now = room_of(&leo, &room).await;
    assert_eq!(now["unread"], 1, "a position of the future hides nothing: {now}");
    assert!(now["last_read"].as_u64() < later["seq"].as_u64(), "{now}");
}

#[tokio::test]
async fn reading_in_one_window_is_told_to_the_others_of_the_same_person_only() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = ana.say(&room, "one").await;
    let (phone, desk) = (leo.listen(&room).await, leo.listen(&room).await);
    let of_ana = ana.listen(&room).await;
    phone.call("markRead", json!({"room": room, "seq": message["seq"]})).await;
    let told = desk.event("readChanged", |_| true).await;
    assert_eq!(told["room"], room.as_str());
    assert_eq!((&told["last_read"], &told["unread"]), (&message["seq"], &json!(0)));
    let sentinel = ana.say(&room, "two").await;
    of_ana.event("message", |event| event["id"] == sentinel["id"]).await;
    assert_eq!(of_ana.count("readChanged"), 0);
}

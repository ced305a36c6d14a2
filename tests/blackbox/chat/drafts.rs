//! Drafts: one's own, on all of one's devices.

use blackbox::person::id;
use blackbox::{Options, TestServer};
use serde_json::json;

#[tokio::test]
async fn a_draft_is_on_every_device_of_its_writer_and_nowhere_else() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let begin = id(&ana.say(&room, "root").await);
    let (desk, of_leo) = (ana.socket().await, leo.listen(&room).await);
    let path = format!("/api/rooms/{room}/draft");
    let first = ana.put(&path, json!({"text": "ho"})).await.expect(200);
    let second = ana.put(&path, json!({"text": "hola"})).await.expect(200);
    assert!(second["version"].as_i64() > first["version"].as_i64(), "{first} {second}");
    let told = desk.event("draftChanged", |draft| draft["text"] == "hola").await;
    assert_eq!(told, second);
    let thread = format!("/api/rooms/{room}/threads/{begin}/draft");
    let reply = ana.put(&thread, json!({"text": "re"})).await.expect(200);
    assert_eq!(reply["thread"], begin.as_str());
    assert_eq!(ana.get("/api/drafts").await.expect(200)["items"], json!([reply, second]));
    assert_eq!(leo.get("/api/drafts").await.expect(200)["items"], json!([]));
    let gone = ana.put(&path, json!({"text": ""})).await.expect(200);
    assert_eq!(gone.get("text"), None);
    assert!(gone["version"].as_i64() > second["version"].as_i64());
    desk.event("draftChanged", |draft| *draft == gone).await;
    assert_eq!(ana.get("/api/drafts").await.expect(200)["items"], json!([reply]));
    let sentinel = ana.say(&room, "sent").await;
    of_leo.event("message", |event| event["id"] == sentinel["id"]).await;
    assert_eq!(of_leo.count("draftChanged"), 0);
}

#[tokio::test]
async fn a_draft_has_bounds_and_ends_with_membership() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let path = format!("/api/rooms/{room}/draft");
    let long = leo.put(&path, json!({"text": "x".repeat(16_385)})).await;
    long.problem(413, "too_large");
    leo.put(&path, json!({"text": "mine"})).await.expect(200);
    let unknown = format!("/api/rooms/{room}/threads/{}/draft", uuid::Uuid::new_v4());
    leo.put(&unknown, json!({"text": "x"})).await.problem(404, "not_found");
    ana.delete(&format!("/api/rooms/{room}/members/{}", leo.id().await)).await.expect(204);
    assert_eq!(leo.get("/api/drafts").await.expect(200)["items"], json!([]));
    leo.put(&path, json!({"text": "more"})).await.problem(404, "not_found");
}

#[tokio::test]
async fn drafts_in_a_room_that_one_left_are_in_nobody_s_way() {
    let server = TestServer::with(Options::default().unlimited()).await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let (left, kept) = (ana.room("public", "Square").await, leo.room("private", "Desk").await);
    leo.post(&format!("/api/rooms/{left}/join"), json!({})).await.expect(200);
    for number in 0..499 {
        let begin = id(&leo.say(&left, &format!("{number}")).await);
        let path = format!("/api/rooms/{left}/threads/{begin}/draft");
        leo.put(&path, json!({"text": "later"})).await.expect(200);
    }
    let begin = id(&leo.say(&kept, "root").await);
    let thread = format!("/api/rooms/{kept}/threads/{begin}/draft");
    leo.put(&thread, json!({"text": "the last"})).await.expect(200);
    let path = format!("/api/rooms/{kept}/draft");
    leo.put(&path, json!({"text": "one more"})).await.problem(409, "conflict");
    leo.post(&format!("/api/rooms/{left}/leave"), json!({})).await.expect(204);
    leo.put(&path, json!({"text": "one more"})).await.expect(200);
    let drafts = leo.get("/api/drafts").await.expect(200);
    let drafts = drafts["items"].as_array().expect("items");
    let texts: Vec<_> = drafts.iter().map(|draft| draft["text"].clone()).collect();
    assert_eq!(texts, ["one more", "the last"]);
    leo.post(&format!("/api/rooms/{left}/join"), json!({})).await.expect(200);
    let drafts = leo.get("/api/drafts").await.expect(200);
    assert_eq!(drafts["items"].as_array().map(Vec::len), Some(501), "and none is lost");
}

//! Posting, editing, deleting.

use blackbox::TestServer;
use blackbox::person::id;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_retry_stores_one_message_and_spends_no_position() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let first = ana.put(&path, json!({"text": "hi"})).await.expect(201);
    let again = ana.put(&path, json!({"text": "hi"})).await.expect(200);
    let next = ana.say(&room, "there").await;
    assert_eq!(first, again);
    assert_eq!(next["seq"].as_u64(), first["seq"].as_u64().map(|seq| seq + 1));
    assert_eq!(ana.history(&room).await.len(), 2);
}

#[tokio::test]
async fn a_message_says_all_that_the_contract_promises() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let client_message_id = Uuid::new_v4();
    let path = format!("/api/rooms/{room}/messages/{client_message_id}");
    let text = "¡Hola! 🎉 <b>\u{202e}x</b>\r\n\ttab";
    let message = ana.put(&path, json!({"text": text})).await.expect(201);
    assert_eq!(message["text"], text);
    assert_eq!(message["room"], room.as_str());
    assert_eq!(message["client_message_id"], client_message_id.to_string());
    assert_eq!(message["sender"], ana.card().await);
    assert_eq!(message["time"], message["created_at"]);
    assert_eq!(message["revision"], 1);
    assert_eq!(message["deleted"], false);
    assert!(message.get("edited_at").is_none(), "{message}");
    let time = message["created_at"].as_str().expect("a time");
    assert!(time.len() == 24 && time.ends_with('Z'), "milliseconds and Z: {time}");
    let own_id: Uuid = id(&message).parse().expect("a UUID");
    assert_eq!(own_id.get_version_num(), 7);
}

#[tokio::test]
async fn the_same_id_with_another_text_or_room_is_a_conflict() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, other) = (ana.room("private", "One").await, ana.room("private", "Two").await);
    let client_message_id = Uuid::new_v4();
    let path = format!("/api/rooms/{room}/messages/{client_message_id}");
    ana.put(&path, json!({"text": "hi"})).await.expect(201);
    ana.put(&path, json!({"text": "ho"})).await.problem(409, "conflict");
    let elsewhere = format!("/api/rooms/{other}/messages/{client_message_id}");
    ana.put(&elsewhere, json!({"text": "hi"})).await.problem(409, "conflict");
    assert_eq!(ana.history(&other).await.len(), 0);
    assert_eq!(ana.history(&room).await.len(), 1);
}

#[tokio::test]
async fn a_retry_after_an_edit_or_deletion_is_still_a_retry() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let first = ana.put(&path, json!({"text": "hi"})).await.expect(201);
    let message = format!("/api/rooms/{room}/messages/{}", id(&first));
    ana.patch(&message, json!({"text": "hello"})).await.expect(200);
    let again = ana.put(&path, json!({"text": "hi"})).await.expect(200);
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["text"], "hello", "the message as it is now");
    ana.delete(&message).await.expect(204);
    let gone = ana.put(&path, json!({"text": "hi"})).await.expect(200);
    assert_eq!((&gone["id"], &gone["deleted"]), (&first["id"], &json!(true)));
    assert!(gone.get("text").is_none(), "{gone}");
}

#[tokio::test]
async fn fifty_posts_of_one_id_at_once_are_one_message() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let posts = (0..50).map(|_| ana.put(&path, json!({"text": "hi"})));
    let answers = futures::future::join_all(posts).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status)));
    assert!(answers.iter().all(|answer| answer.body == answers[0].body), "one identical answer");
    assert_eq!(ana.history(&room).await.len(), 1);
}

#[tokio::test]
async fn two_authors_may_use_the_same_id() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let one = ana.put(&path, json!({"text": "mine"})).await.expect(201);
    let other = leo.put(&path, json!({"text": "mine too"})).await.expect(201);
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test]
async fn an_edit_is_a_new_revision_that_all_see() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let socket = leo.listen(&room).await;
    let message = ana.say(&room, "helo").await;
    let path = format!("/api/rooms/{room}/messages/{}", id(&message));
    let edited = ana.patch(&path, json!({"text": "hello"})).await.expect(200);
    assert_eq!((&edited["text"], &edited["revision"]), (&json!("hello"), &json!(2)));
    assert_eq!(edited["seq"], message["seq"], "an edit does not move a message");
    assert!(edited["edited_at"].is_string(), "{edited}");
    let event = socket.event("messageEdited", |_| true).await;
    assert_eq!(event["message"], message["id"]);
    assert_eq!(event["text"], "hello");
    assert_eq!(event["revision"], 2);
    assert_eq!(event["seq"].as_u64(), message["seq"].as_u64().map(|seq| seq + 1));
    assert_eq!(leo.history(&room).await, [edited]);
}

#[tokio::test]
async fn only_the_author_edits_and_author_or_moderator_delete() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    let by_leo = ana_path(&room, &leo.say(&room, "one").await);
    ana.patch(&by_leo, json!({"text": "two"})).await.problem(403, "forbidden");
    zoe.delete(&by_leo).await.problem(403, "forbidden");
    ana.delete(&by_leo).await.expect(204);
    let own = ana_path(&room, &leo.say(&room, "three").await);
    leo.delete(&own).await.expect(204);
    let texts = ana.history(&room).await;
    assert!(texts.iter().all(|m| m["deleted"] == true && m.get("text").is_none()), "{texts:?}");
}

fn ana_path(room: &str, message: &serde_json::Value) -> String {
    format!("/api/rooms/{room}/messages/{}", id(message))
}

#[tokio::test]
async fn a_deleted_message_is_not_edited_and_deleting_twice_is_harmless() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let path = ana_path(&room, &ana.say(&room, "one").await);
    ana.delete(&path).await.expect(204);
    let edit = ana.patch(&path, json!({"text": "two"})).await;
    assert!([404, 409].contains(&edit.status), "{}", edit.text);
    let head = ana.get(&format!("/api/rooms/{room}")).await.expect(200)["head"].clone();
    ana.delete(&path).await.expect(204);
    let after = ana.get(&format!("/api/rooms/{room}")).await.expect(200)["head"].clone();
    assert_eq!(head, after, "nothing happened, so no event");
}

#[tokio::test]
async fn a_message_of_another_room_is_not_found_through_this_one() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, other) = (ana.room("private", "One").await, ana.room("private", "Two").await);
    let message = ana.say(&room, "one").await;
    let through = ana_path(&other, &message);
    ana.patch(&through, json!({"text": "two"})).await.problem(404, "not_found");
    ana.delete(&through).await.problem(404, "not_found");
    let around = format!("/api/rooms/{other}/messages?around={}", id(&message));
    ana.get(&around).await.problem(404, "not_found");
}

//! The log of a room: complete, gap-free, the same on the socket.

use blackbox::TestServer;
use blackbox::person::id;
use serde_json::{Value, json};

#[tokio::test]
async fn every_change_of_a_room_is_one_event_without_a_gap() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = ana.say(&room, "helo").await;
    let path = format!("/api/rooms/{room}/messages/{}", id(&message));
    ana.patch(&path, json!({"text": "hello"})).await.expect(200);
    ana.delete(&path).await.expect(204);
    ana.patch(&format!("/api/rooms/{room}"), json!({"name": "Bakery"})).await.expect(200);
    let member = format!("/api/rooms/{room}/members/{}", leo.id().await);
    ana.patch(&member, json!({"role": "moderator"})).await.expect(200);
    ana.delete(&member).await.expect(204);
    let events = ana.events(&room, 0).await;
    let seqs: Vec<_> = events.iter().filter_map(|event| event["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>(), "{events:?}");
    let types: Vec<_> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    let after_making = ["memberJoined", "message", "messageEdited", "messageDeleted"];
    let then = ["roomChanged", "memberChanged", "memberLeft"];
    let expected = [&after_making[..], &then[..]].concat();
    assert!(types.ends_with(&expected), "{types:?}");
    for event in &events {
        for field in ["type", "room", "id", "created_at"] {
            assert!(event[field].is_string(), "{field} of {event}");
        }
    }
    let head = ana.get(&format!("/api/rooms/{room}")).await.expect(200)["head"].as_u64();
    assert_eq!(head, seqs.last().copied());
}

#[tokio::test]
async fn the_socket_brings_the_same_objects_as_the_log() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let socket = leo.listen(&room).await;
    let start = ana.events(&room, 0).await.len() as u64;
    let message = ana.say(&room, "one").await;
    let other = ana.say(&room, "two").await;
    ana.patch(&format!("/api/rooms/{room}"), json!({"topic": "Bread"})).await.expect(200);
    let path = format!("/api/rooms/{room}/messages/{}", id(&other));
    ana.delete(&path).await.expect(204);
    socket.event("messageDeleted", |_| true).await;
    let live: Vec<Value> = ["message", "roomChanged", "messageDeleted"]
        .iter()
        .flat_map(|name| socket.all(name))
        .collect();
    assert_eq!(live.len(), 4, "{live:?}");
    let log = ana.events(&room, start).await;
    for event in &live {
        let same = log.iter().find(|logged| logged["seq"] == event["seq"]).expect("in the log");
        let current = event["id"] != other["id"];
        assert!(!current || same == event, "live {event}\nlog {same}");
    }
    assert_eq!(live[0]["id"], message["id"]);
}

#[tokio::test]
async fn after_a_seq_only_later_events_come_and_the_page_tells_the_head() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    for number in 0..7 {
        ana.say(&room, &number.to_string()).await;
    }
    let all = ana.events(&room, 0).await;
    let path = format!("/api/rooms/{room}/events?after=2&limit=3");
    let page = ana.get(&path).await.expect(200);
    let seqs: Vec<_> = page["items"].as_array().expect("items").iter().map(|e| &e["seq"]).collect();
    assert_eq!(seqs, [3, 4, 5]);
    assert_eq!(page["next"], 5);
    assert_eq!(page["head"].as_u64(), Some(all.len() as u64));
    let room_now = ana.get(&format!("/api/rooms/{room}")).await.expect(200);
    assert_eq!(page["log_id"], room_now["log_id"]);
}

#[tokio::test]
async fn the_text_in_an_old_event_is_always_the_present_one() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let edited = id(&ana.say(&room, "first words").await);
    let deleted = id(&ana.say(&room, "other words").await);
    let path = format!("/api/rooms/{room}/messages");
    ana.patch(&format!("{path}/{edited}"), json!({"text": "second words"})).await.expect(200);
    ana.patch(&format!("{path}/{edited}"), json!({"text": "third words"})).await.expect(200);
    ana.delete(&format!("{path}/{deleted}")).await.expect(204);
    let events = ana.events(&room, 0).await;
    let log = json!(events).to_string();
    assert!(log.contains("third words"));
    assert!(!["first", "second", "other"].iter().any(|word| log.contains(word)), "{log}");
    let shown = events.iter().find(|event| event["id"] == deleted.as_str()).expect("the message");
    assert_eq!(shown["deleted"], true);
}

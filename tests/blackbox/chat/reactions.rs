//! Reactions: there or not, and counted by the server.

use blackbox::person::id;
use blackbox::{Person, TestServer};
use serde_json::{Value, json};

async fn reactions(person: &Person, room: &str, message: &str) -> Value {
    let message = person.get(&format!("/api/rooms/{room}/messages/{message}")).await.expect(200);
    message.get("reactions").cloned().unwrap_or(json!([]))
}

#[tokio::test]
async fn a_reaction_is_kept_once_counted_and_told_in_the_order_of_the_room() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = id(&ana.say(&room, "hola").await);
    let listening = ana.listen(&room).await;
    let path = |emoji: &str| format!("/api/rooms/{room}/messages/{message}/reactions/{emoji}");
    for _ in 0..3 {
        leo.put(&path("👍"), json!({})).await.expect(204);
    }
    ana.put(&path("👍"), json!({})).await.expect(204);
    ana.put(&path("❤"), json!({})).await.expect(204);
    let told = listening.event("reactionAdded", |event| event["count"] == 2).await;
    assert_eq!((&told["message"], &told["emoji"]), (&json!(message), &json!("👍")));
    let of_leo = reactions(&leo, &room, &message).await;
    assert_eq!(of_leo[0], json!({"emoji": "👍", "count": 2, "mine": true}));
    assert_eq!(of_leo[1], json!({"emoji": "❤️", "count": 1, "mine": false}));
    for _ in 0..2 {
        leo.delete(&path("👍")).await.expect(204);
    }
    listening.event("reactionRemoved", |event| event["count"] == 1).await;
    let kinds = |events: &[Value]| {
        let of = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
        (of("reactionAdded"), of("reactionRemoved"))
    };
    assert_eq!(kinds(&ana.events(&room, 0).await), (3, 1), "repetitions are no news");
    let who = leo.get(&format!("/api/rooms/{room}/messages/{message}/reactions")).await;
    assert_eq!(who.expect(200)["items"][0]["people"], json!([ana.card().await]));
}

#[tokio::test]
async fn only_emoji_of_members_at_messages_that_are_there() {
    let server = TestServer::start().await;
    let (ana, eve) = (server.person("ana").await, server.person("eve").await);
    let room = ana.room("private", "Kitchen").await;
    let message = id(&ana.say(&room, "hola").await);
    let base = format!("/api/rooms/{room}/messages/{message}");
    for word in ["hola", "%3Cb%3E", "👍👍", "a"] {
        ana.put(&format!("{base}/reactions/{word}"), json!({})).await.problem(422, "invalid");
    }
    eve.put(&format!("{base}/reactions/👍"), json!({})).await.problem(404, "not_found");
    eve.get(&format!("{base}/reactions")).await.problem(404, "not_found");
    let many = ["😀", "😁", "😂", "🤣", "😃", "😄", "😅", "😆", "😉", "😊", "😋", "😎", "😍"];
    let more = ["😘", "🥰", "😗", "😙", "🥲", "😚", "🙂"];
    for emoji in many.iter().chain(&more) {
        ana.put(&format!("{base}/reactions/{emoji}"), json!({})).await.expect(204);
    }
    ana.put(&format!("{base}/reactions/🤗"), json!({})).await.problem(409, "conflict");
    ana.delete(&base).await.expect(204);
    assert_eq!(reactions(&ana, &room, &message).await, json!([]));
    ana.put(&format!("{base}/reactions/👍"), json!({})).await.problem(404, "not_found");
}

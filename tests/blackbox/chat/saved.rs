//! Saved messages: one's own, on all of one's devices, while one may read them.

use blackbox::person::id;
use blackbox::{Person, TestServer};
use serde_json::{Value, json};

async fn saved(person: &Person) -> Vec<Value> {
    let list = person.get("/api/saved").await.expect(200);
    list["items"].as_array().expect("items").clone()
}

/// The ids of the messages, in the order of the list.
async fn saved_ids(person: &Person) -> Vec<String> {
    saved(person).await.iter().map(|item| id(&item["message"])).collect()
}

fn place(room: &str, message: &Value) -> String {
    format!("/api/rooms/{room}/messages/{}/saved", id(message))
}

#[tokio::test]
async fn a_saved_message_is_on_every_device_of_its_reader_and_nowhere_else() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (first, second) = (ana.say(&room, "one").await, ana.say(&room, "two").await);
    let (desk, of_ana) = (leo.socket().await, ana.listen(&room).await);
    let log = ana.events(&room, 0).await;
    for message in [&second, &first, &second] {
        leo.put(&place(&room, message), json!({})).await.expect(204);
    }
    let told = desk.event("savedChanged", |told| told["message"] == first["id"]).await;
    assert_eq!(told, json!({"room": room, "message": first["id"], "saved": true}));
    let items = saved(&leo).await;
    let names = items.iter().map(|item| (&item["room_name"], &item["message"]["text"]));
    let names: Vec<_> = names.collect();
    assert_eq!(names, [(&json!("Kitchen"), &json!("one")), (&json!("Kitchen"), &json!("two"))]);
    assert_eq!(items[0]["message"]["saved"], true);
    let marked = leo.history(&room).await.iter().filter(|it| it["saved"] == true).count();
    let one = leo.get(&format!("/api/rooms/{room}/messages/{}", id(&first))).await.expect(200);
    assert_eq!((marked, &one["saved"]), (2, &json!(true)));
    for _ in 0..2 {
        leo.delete(&place(&room, &second)).await.expect(204);
    }
    desk.event("savedChanged", |told| told["saved"] == false).await;
    assert_eq!(saved_ids(&leo).await, [id(&first)]);
    assert_eq!(desk.count("savedChanged"), 3, "repetitions are no news");
    assert!(saved(&ana).await.is_empty());
    assert!(ana.history(&room).await.iter().all(|message| message.get("saved").is_none()));
    assert_eq!(ana.events(&room, 0).await, log, "the room hears nothing of it");
    let sentinel = ana.say(&room, "sentinel").await;
    of_ana.event("message", |event| event["id"] == sentinel["id"]).await;
    assert_eq!(of_ana.count("savedChanged"), 0);
}

#[tokio::test]
async fn what_is_saved_and_how_others_react_stand_beside_a_message_together() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let both = ana.say(&room, "both").await;
    let (saved, reacted) = (ana.say(&room, "saved").await, ana.say(&room, "reacted").await);
    let react = |message: &Value, emoji| {
        format!("/api/rooms/{room}/messages/{}/reactions/{emoji}", id(message))
    };
    for (person, emoji) in [(&ana, "🎉"), (&leo, "👍"), (&ana, "👍")] {
        person.put(&react(&both, emoji), json!({})).await.expect(204);
    }
    ana.put(&react(&reacted, "👍"), json!({})).await.expect(204);
    ana.put(&place(&room, &reacted), json!({})).await.expect(204);
    for message in [&both, &saved] {
        leo.put(&place(&room, message), json!({})).await.expect(204);
    }
    let shown = leo.history(&room).await;
    let shown = shown.iter().map(|it| (it["saved"] == true, it["reactions"].clone()));
    let counted = |emoji, count, mine| json!({"emoji": emoji, "count": count, "mine": mine});
    let expected = [
        (true, json!([counted("🎉", 1, false), counted("👍", 2, true)])),
        (true, Value::Null),
        (false, json!([counted("👍", 1, false)])),
    ];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn what_one_may_not_read_is_neither_saved_nor_listed() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = ana.say(&room, "secret").await;
    let path = place(&room, &message);
    eve.put(&path, json!({})).await.problem(404, "not_found");
    eve.delete(&path).await.problem(404, "not_found");
    assert!(saved(&eve).await.is_empty());
    let of_eve = eve.room("private", "Own").await;
    eve.put(&place(&of_eve, &message), json!({})).await.problem(404, "not_found");
    leo.put(&place(&room, &json!({"id": uuid::Uuid::new_v4()})), json!({}))
        .await
        .problem(404, "not_found");
    leo.put(&path, json!({})).await.expect(204);
    let member = format!("/api/rooms/{room}/members/{}", leo.id().await);
    ana.delete(&member).await.expect(204);
    assert!(saved(&leo).await.is_empty(), "who was removed reads nothing of the room");
    leo.put(&path, json!({})).await.problem(404, "not_found");
    ana.bring(&room, &leo).await;
    assert_eq!(saved_ids(&leo).await, [id(&message)], "it was kept for when they come back");
}

#[tokio::test]
async fn a_saved_message_is_shown_as_it_stands_now() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = ana.say(&room, "before").await;
    let own = format!("/api/rooms/{room}/messages/{}", id(&message));
    leo.put(&place(&room, &message), json!({})).await.expect(204);
    ana.patch(&own, json!({"text": "after"})).await.expect(200);
    assert_eq!(saved(&leo).await[0]["message"]["text"], "after");
    ana.delete(&own).await.expect(204);
    let gone = saved(&leo).await[0]["message"].clone();
    assert_eq!((gone.get("text"), &gone["deleted"]), (None, &json!(true)));
    leo.delete(&place(&room, &message)).await.expect(204);
    assert!(saved(&leo).await.is_empty());
}

#[tokio::test]
async fn saved_messages_are_paged_without_a_loss() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let mut expected = Vec::new();
    for n in 0..5 {
        let message = ana.say(&room, &n.to_string()).await;
        ana.put(&place(&room, &message), json!({})).await.expect(204);
        expected.insert(0, id(&message));
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ana.get(&format!("/api/saved?limit=2{cursor}")).await.expect(200);
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 2, "{page}");
        found.extend(items.iter().map(|item| id(&item["message"])));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, expected);
    for bad in ["limit=0", "limit=201", "cursor=x"] {
        let answer = ana.get(&format!("/api/saved?{bad}")).await;
        assert!((400..500).contains(&answer.status), "{bad}: {}", answer.text);
    }
}

#[tokio::test]
async fn undoing_that_a_message_was_removed_brings_it_back_where_it_was() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let mut places = Vec::new();
    for text in ["one", "two", "three"] {
        let message = ana.say(&room, text).await;
        leo.put(&place(&room, &message), json!({})).await.expect(204);
        places.push(place(&room, &message));
    }
    let (two, undo) = (&places[1], format!("{}?undo=true", places[1]));
    let before = saved(&leo).await;
    leo.delete(two).await.expect(204);
    leo.delete(two).await.expect(204);
    // What somebody removed gives nobody else a place.
    ana.put(&places[0], json!({})).await.expect(204);
    ana.put(&undo, json!({})).await.expect(204);
    let of_ana: Vec<_> = saved(&ana).await.iter().map(|it| it["message"]["text"].clone()).collect();
    assert_eq!(of_ana, ["two", "one"]);
    for _ in 0..2 {
        leo.put(&undo, json!({})).await.expect(204);
        assert_eq!(saved(&leo).await, before, "the place and the time, once and again");
    }
    leo.delete(two).await.expect(204);
    leo.put(two, json!({})).await.expect(204);
    let texts = async || {
        let items = saved(&leo).await;
        items.iter().map(|it| it["message"]["text"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts().await, ["two", "three", "one"], "who saves it anew has it first");
    leo.put(&undo, json!({})).await.expect(204);
    assert_eq!(texts().await, ["two", "three", "one"], "there is nothing to undo any more");
}

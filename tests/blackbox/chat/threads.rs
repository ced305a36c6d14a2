//! Threads, quotes and the texts that were.

use blackbox::person::id;
use blackbox::{Person, TestServer, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

async fn put(person: &Person, room: &str, body: Value) -> Value {
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    person.put(&path, body).await.expect(201)
}

fn texts(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().expect("items").iter();
    items.map(|item| item["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_reply_is_beside_the_timeline_and_in_the_one_order_of_the_room() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let begin = ana.say(&room, "root").await;
    let (root_id, listening) = (id(&begin), ana.listen(&room).await);
    let first = put(&leo, &room, json!({"text": "one", "thread": root_id})).await;
    let both = json!({"text": "two", "thread": root_id, "also_to_room": true});
    let second = put(&ana, &room, both).await;
    assert_eq!(second["seq"].as_i64(), first["seq"].as_i64().map(|seq| seq + 1));
    let live = listening.event("message", |event| event["id"] == first["id"]).await;
    assert_eq!(live["thread"], begin["id"]);
    let timeline = ana.messages(&room, "").await;
    assert_eq!(texts(&timeline), ["root", "two"]);
    assert_eq!(timeline["items"][1]["also_to_room"], true);
    let replies = &timeline["items"][0]["replies"];
    assert_eq!((&replies["count"], &replies["last_seq"]), (&json!(2), &second["seq"]));
    let thread = leo.get(&format!("/api/rooms/{room}/threads/{root_id}")).await.expect(200);
    assert_eq!(texts(&thread), ["one", "two"]);
    assert_eq!(thread["root"]["text"], "root");
    let page = format!("/api/rooms/{room}/threads/{root_id}?after={}&limit=1", first["seq"]);
    assert_eq!(texts(&leo.get(&page).await.expect(200)), ["two"]);
    let link = format!("/api/rooms/{room}/messages/{}", id(&first));
    assert_eq!(leo.get(&link).await.expect(200)["thread"], begin["id"]);
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&second))).await.expect(204);
    let timeline = ana.messages(&room, "").await;
    assert_eq!(timeline["items"][0]["replies"]["count"], 1);
}

#[tokio::test]
async fn a_thread_begins_with_a_message_of_its_room_that_is_no_reply() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, other) = (ana.room("private", "One").await, ana.room("private", "Two").await);
    let begin = id(&ana.say(&room, "root").await);
    let reply = id(&put(&ana, &room, json!({"text": "reply", "thread": begin})).await);
    let elsewhere = id(&ana.say(&other, "elsewhere").await);
    let fresh = || format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let no = ana.put(&fresh(), json!({"text": "x", "thread": reply})).await;
    no.problem(422, "invalid");
    for foreign in [elsewhere, Uuid::new_v4().to_string()] {
        let thread = ana.put(&fresh(), json!({"text": "x", "thread": foreign})).await;
        thread.problem(404, "not_found");
        let quote = ana.put(&fresh(), json!({"text": "x", "quote": foreign})).await;
        quote.problem(404, "not_found");
    }
    let alone = ana.put(&fresh(), json!({"text": "x", "also_to_room": true})).await;
    alone.problem(422, "invalid");
    ana.get(&format!("/api/rooms/{room}/threads/{reply}")).await.problem(404, "not_found");
    let put = fresh();
    ana.put(&put, json!({"text": "same", "thread": begin})).await.expect(201);
    ana.put(&put, json!({"text": "same", "thread": begin})).await.expect(200);
    ana.put(&put, json!({"text": "same"})).await.problem(409, "conflict");
}

#[tokio::test]
async fn followers_have_the_threads_with_what_is_unread_on_every_device() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    let begin = id(&ana.say(&room, "root").await);
    put(&leo, &room, json!({"text": "one", "thread": begin})).await;
    let newest = put(&leo, &room, json!({"text": "two, @zoe", "thread": begin})).await;
    let list = ana.get("/api/threads").await.expect(200);
    let thread = &list["items"][0];
    assert_eq!((&thread["unread"], &thread["root"]["id"]), (&json!(2), &json!(begin)));
    let of_zoe = zoe.get("/api/threads").await.expect(200);
    let of_zoe = &of_zoe["items"][0];
    assert_eq!((&of_zoe["unread"], &of_zoe["mentions"]), (&json!(1), &json!(1)), "named: follows");
    assert_eq!(ana.get(&format!("/api/rooms/{room}")).await.expect(200)["unread"], 0, "apart");
    let desk = ana.socket().await;
    let path = format!("/api/rooms/{room}/threads/{begin}");
    ana.put(&format!("{path}/read"), json!({"seq": newest["seq"]})).await.expect(204);
    let told = desk.event("threadChanged", |_| true).await;
    assert_eq!((&told["unread"], &told["last_read"]), (&json!(0), &newest["seq"]));
    ana.delete(&format!("{path}/follow")).await.expect(204);
    assert_eq!(ana.get("/api/threads").await.expect(200)["items"], json!([]));
    put(&leo, &room, json!({"text": "three, @ana", "thread": begin})).await;
    assert_eq!(ana.get("/api/threads").await.expect(200)["items"], json!([]), "said no");
    ana.put(&format!("{path}/follow"), json!({})).await.expect(204);
    let list = ana.get("/api/threads").await.expect(200);
    assert_eq!(list["items"][0]["unread"], 1);
    ana.delete(&format!("/api/rooms/{room}/members/{}", leo.id().await)).await.expect(204);
    assert_eq!(leo.get("/api/threads").await.expect(200)["items"], json!([]), "out means out");
    leo.get(&path).await.problem(404, "not_found");
    leo.put(&format!("{path}/follow"), json!({})).await.problem(404, "not_found");
}

#[tokio::test]
async fn whom_an_edit_names_in_a_thread_follows_it() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let begin = id(&ana.say(&room, "root").await);
    put(&ana, &room, json!({"text": "before", "thread": begin})).await;
    let reply = id(&put(&ana, &room, json!({"text": "leo, look", "thread": begin})).await);
    let path = format!("/api/rooms/{room}/messages/{reply}");
    ana.patch(&path, json!({"text": "@leo, look"})).await.expect(200);
    put(&ana, &room, json!({"text": "after", "thread": begin})).await;
    let list = leo.get("/api/threads").await.expect(200);
    assert_eq!(
        (&list["items"][0]["root"]["id"], &list["items"][0]["unread"]),
        (&json!(begin), &json!(2))
    );
    leo.delete(&format!("/api/rooms/{room}/threads/{begin}/follow")).await.expect(204);
    ana.patch(&path, json!({"text": "@leo, look here"})).await.expect(200);
    assert_eq!(leo.get("/api/threads").await.expect(200)["items"], json!([]), "said no");
}

#[tokio::test]
async fn who_follows_a_thread_hears_that_it_goes_on_and_that_a_reply_is_gone() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    let begin = id(&ana.say(&room, "root").await);
    put(&leo, &room, json!({"text": "one", "thread": begin})).await;
    let (of_leo, of_zoe) = (leo.socket().await, zoe.socket().await);
    let told = async |times: usize| {
        eventually(&format!("leo is told {times} times"), async || {
            (of_leo.count("unreadChanged") == times).then_some(())
        })
        .await;
        leo.get("/api/unread").await.expect(200)["threads"].clone()
    };
    let reply = id(&put(&ana, &room, json!({"text": "two", "thread": begin})).await);
    assert_eq!(told(1).await, 1, "neither called nor asked: they follow it");
    put(&leo, &room, json!({"text": "three", "thread": begin})).await;
    ana.delete(&format!("/api/rooms/{room}/messages/{reply}")).await.expect(204);
    assert_eq!(told(2).await, 0, "nothing is left of others, and one's own is no news");
    put(&ana, &room, json!({"text": "@zoe", "thread": begin})).await;
    of_zoe.event("mentioned", |_| true).await;
    assert_eq!(told(3).await, 1);
    assert!(of_zoe.count("unreadChanged") <= 1, "not of what was before they followed it");
}

#[tokio::test]
async fn a_quote_shows_the_present_text_and_nothing_of_what_was_deleted() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let quoted = id(&ana.say(&room, "first words").await);
    let listening = ana.listen(&room).await;
    let said = put(&leo, &room, json!({"text": "see", "quote": quoted})).await;
    assert_eq!(said["quote"]["text"], "first words");
    let live = listening.event("message", |event| event["id"] == said["id"]).await;
    assert_eq!(live["quote"], said["quote"]);
    let path = format!("/api/rooms/{room}/messages/{quoted}");
    ana.patch(&path, json!({"text": "other words"})).await.expect(200);
    let link = format!("/api/rooms/{room}/messages/{}", id(&said));
    assert_eq!(leo.get(&link).await.expect(200)["quote"]["text"], "other words");
    ana.delete(&path).await.expect(204);
    let seen = leo.get(&link).await.expect(200);
    assert_eq!(seen["quote"]["deleted"], true);
    assert_eq!(seen["quote"].get("text"), None);
    let back = leo.socket().await;
    back.call("join", json!({"room": room, "after": 0})).await;
    back.event("messageDeleted", |_| true).await;
    let heard = json!(back.seen().iter().map(|event| event.body.clone()).collect::<Vec<_>>());
    assert!(!heard.to_string().contains("words"), "{heard}");
    let fresh = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    leo.put(&fresh, json!({"text": "x", "quote": quoted})).await.problem(404, "not_found");
}

#[tokio::test]
async fn members_read_what_a_message_said_before_unless_it_was_deleted() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let path = format!("/api/rooms/{room}/messages/{}", id(&ana.say(&room, "one").await));
    ana.patch(&path, json!({"text": "two"})).await.expect(200);
    let revisions = format!("{path}/revisions");
    let found = leo.get(&revisions).await.expect(200);
    assert_eq!(texts(&found), ["one", "two"]);
    assert_eq!(found["items"][1]["revision"], 2);
    eve.get(&revisions).await.problem(404, "not_found");
    ana.delete(&path).await.expect(204);
    for person in [&ana, &leo] {
        assert_eq!(person.get(&revisions).await.expect(200)["items"], json!([]));
    }
    let unknown = format!("/api/rooms/{room}/messages/{}/revisions", Uuid::new_v4());
    leo.get(&unknown).await.problem(404, "not_found");
}

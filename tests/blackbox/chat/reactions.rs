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

async fn received(person: &Person, query: &str) -> Value {
    person.get(&format!("/api/reactions{query}")).await.expect(200)
}

/// Who reacted, with what, and whether that was seen.
fn told(list: &Value) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = list["items"].as_array().expect("items").iter();
    let of = |item: &Value| {
        let who = text(&item["person"]["username"]);
        (who, text(&item["emoji"]), item["read"] == json!(true))
    };
    items.map(of).collect()
}

fn row(who: &str, emoji: &str, read: bool) -> (String, String, bool) {
    (who.to_owned(), emoji.to_owned(), read)
}

async fn unseen(person: &Person) -> Value {
    person.get("/api/unread").await.expect(200)["reactions"].clone()
}

async fn read(person: &Person, until: &str) {
    person.post(&format!("/api/reactions/read{until}"), json!({})).await.expect(204);
}

#[tokio::test]
async fn who_wrote_a_message_is_told_who_reacted_to_it_and_nobody_else_is() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let (zoe, eve) = (server.person("zoe").await, server.person("eve").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    let message = id(&ana.say(&room, "hola").await);
    let (of_ana, of_zoe) = (ana.socket().await, zoe.socket().await);
    let path = |emoji: &str| format!("/api/rooms/{room}/messages/{message}/reactions/{emoji}");
    leo.put(&path("👍"), json!({})).await.expect(204);
    ana.put(&path("😀"), json!({})).await.expect(204);
    zoe.put(&path("❤"), json!({})).await.expect(204);
    let news = of_ana.event("unreadChanged", |_| true).await;
    assert_eq!(news, json!({"room": room}));
    let list = received(&ana, "").await;
    let (first, second) = (row("zoe", "❤️", false), row("leo", "👍", false));
    assert_eq!(told(&list), [first.clone(), second.clone()], "newest first, and not one's own");
    assert_eq!((&list["unread"], &unseen(&ana).await), (&json!(2), &json!(2)));
    let item = &list["items"][0];
    assert_eq!((&item["message"]["id"], &item["room_name"]), (&json!(message), &json!("Kitchen")));
    assert_eq!(item["message"]["text"], "hola");
    let page = received(&ana, "?limit=1").await;
    let next = page["next"].as_str().expect("there is more").to_owned();
    let rest = received(&ana, &format!("?limit=1&cursor={next}")).await;
    assert_eq!((told(&page), told(&rest)), (vec![first], vec![second]));
    assert_eq!(rest.get("next"), None);
    for other in [&leo, &zoe, &eve] {
        read(other, "").await;
        assert_eq!(received(other, "").await["items"], json!([]), "{}", other.username);
    }
    assert_eq!(unseen(&ana).await, 2, "others read for themselves");
    assert_eq!(of_zoe.count("unreadChanged"), 0, "who reacts is told nothing");
    leo.delete(&path("👍")).await.expect(204);
    assert_eq!(told(&received(&ana, "").await), [row("zoe", "❤️", false)], "it was taken back");
    server.get("/api/reactions").await.problem(401, "unauthenticated");
    for bad in ["?limit=0", "?limit=201"] {
        ana.get(&format!("/api/reactions{bad}")).await.problem(422, "invalid");
    }
    assert_eq!(ana.get("/api/reactions?cursor=me").await.status, 400);
}

#[tokio::test]
async fn a_mark_says_up_to_which_reaction_one_looked_and_never_goes_back() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = id(&ana.say(&room, "hola").await);
    let react = async |emoji: &str| {
        let path = format!("/api/rooms/{room}/messages/{message}/reactions/{emoji}");
        leo.put(&path, json!({})).await.expect(204);
    };
    for emoji in ["👍", "🎉", "🚀"] {
        react(emoji).await;
    }
    let list = received(&ana, "").await;
    let until = |at: usize| format!("?until={}", id(&list["items"][at]));
    let elsewhere = ana.socket().await;
    read(&ana, &until(1)).await;
    elsewhere.event("unreadChanged", |_| true).await;
    let some = [row("leo", "🚀", false), row("leo", "🎉", true), row("leo", "👍", true)];
    assert_eq!(told(&received(&ana, "").await), some);
    read(&ana, &until(2)).await;
    assert_eq!(unseen(&ana).await, 1, "it does not go back");
    read(&ana, &format!("?until={}", uuid::Uuid::max())).await;
    assert_eq!(unseen(&ana).await, 0);
    react("👀").await;
    assert_eq!(unseen(&ana).await, 1, "nor past what there is");
    read(&ana, "").await;
    assert_eq!(unseen(&ana).await, 0);
    ana.post("/api/reactions/read?until=x", json!({})).await.problem(400, "malformed");
}

#[tokio::test]
async fn reactions_of_who_is_gone_and_in_rooms_that_one_left_are_not_told() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let (room, other) = (leo.room("private", "Kitchen").await, leo.room("private", "Attic").await);
    for (room, person) in [(&room, &ana), (&room, &zoe), (&other, &ana)] {
        leo.bring(room, person).await;
    }
    let (message, there) = (id(&ana.say(&room, "hola").await), id(&ana.say(&other, "hola").await));
    let path = |room: &str, message: &str| format!("/api/rooms/{room}/messages/{message}");
    let react = async |person: &Person, room: &str, message: &str| {
        let path = format!("{}/reactions/👍", path(room, message));
        person.put(&path, json!({})).await.expect(204);
    };
    react(&zoe, &room, &message).await;
    react(&leo, &room, &message).await;
    react(&leo, &other, &there).await;
    assert_eq!(unseen(&ana).await, 3);
    let member = format!("/api/rooms/{room}/members/{}", zoe.id().await);
    leo.delete(&member).await.expect(204);
    assert_eq!(unseen(&ana).await, 2, "zoe was removed");
    ana.post(&format!("/api/rooms/{other}/leave"), json!({})).await.expect(204);
    assert_eq!(told(&received(&ana, "").await), [row("leo", "👍", false)]);
    assert_eq!(unseen(&ana).await, 1, "ana left");
    let socket = ana.socket().await;
    let again = format!("{}/reactions/🎉", path(&other, &there));
    leo.put(&again, json!({})).await.expect(204);
    ana.delete(&path(&room, &message)).await.expect(204);
    socket.event("unreadChanged", |told| told["room"] == json!(room)).await;
    assert!(socket.all("unreadChanged").iter().all(|told| told["room"] != json!(other)));
    assert_eq!((told(&received(&ana, "").await), unseen(&ana).await), (vec![], json!(0)));
}

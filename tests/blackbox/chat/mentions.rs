//! Mentions: who is called finds it, and nobody else does.

use blackbox::person::id;
use blackbox::{Person, TestServer, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

async fn inbox(person: &Person) -> Value {
    person.get("/api/mentions").await.expect(200)
}

fn reasons(inbox: &Value) -> Vec<(String, String)> {
    let items = inbox["items"].as_array().expect("items").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items.map(|item| (text(&item["reason"]), text(&item["message"]["text"]))).collect()
}

async fn put(person: &Person, room: &str, body: Value) -> Value {
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    person.put(&path, body).await.expect(201)
}

/// A private room of ana, leo and zoe.
async fn kitchen(server: &TestServer) -> ([Person; 3], String) {
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    ([ana, leo, zoe], room)
}

#[tokio::test]
async fn a_name_next_to_any_punctuation_reaches_its_member_and_no_one_else() {
    let server = TestServer::start().await;
    let ([ana, leo, zoe], room) = kitchen(&server).await;
    let eve = server.person("eve").await;
    let socket = leo.socket().await;
    let said = ana.say(&room, "hola @leo, ¿vienes? (@eve)").await;
    ana.say(&room, "correo: x@leo o `@leo`, https://example.org/@leo").await;
    let told = socket.event("mentioned", |_| true).await;
    assert_eq!((&told["room"], &told["message"]), (&json!(room), &said["id"]));
    assert_eq!(said["mentions"], json!([leo.card().await]), "members only");
    let found = inbox(&leo).await;
    assert_eq!(found["unread"], 1);
    let item = &found["items"][0];
    assert_eq!((&item["reason"], &item["read"]), (&json!("name"), &json!(false)));
    assert_eq!((&item["message"]["id"], &item["room_name"]), (&said["id"], &json!("Kitchen")));
    for other in [&ana, &zoe, &eve] {
        assert_eq!(inbox(other).await["items"], json!([]), "{}", other.username);
    }
    let room_of_leo = leo.get(&format!("/api/rooms/{room}")).await.expect(200);
    assert_eq!(room_of_leo["mentions"], 1);
}

#[tokio::test]
async fn an_id_in_a_token_names_its_person_and_history_shows_their_name() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let listening = ana.listen(&room).await;
    let text = format!("hola <@{}>", leo.id().await);
    let said = ana.say(&room, &text).await;
    assert_eq!(said["mentions"][0]["username"], "leo");
    let live = listening.event("message", |event| event["id"] == said["id"]).await;
    let history = leo.history(&room).await;
    assert_eq!(
        (&live["mentions"], &history[0]["mentions"]),
        (&said["mentions"], &said["mentions"])
    );
    assert_eq!(reasons(&inbox(&leo).await), [("name".to_owned(), text)]);
}

#[tokio::test]
async fn who_is_named_by_id_has_a_name_everywhere_and_is_called_in_their_rooms_only() {
    let server = TestServer::start().await;
    let ([ana, leo, _], room) = kitchen(&server).await;
    let eve = server.person("eve").await;
    let (listening, of_eve) = (leo.listen(&room).await, eve.socket().await);
    let names = json!([leo.card().await, eve.card().await]);
    let unknown = Uuid::new_v4();
    let text = format!("<@{}>, <@{}> y <@{unknown}>", eve.id().await, leo.id().await);
    let said = ana.say(&room, &text).await;
    let live = listening.event("message", |event| event["id"] == said["id"]).await;
    let quote = put(&leo, &room, json!({"text": "eso", "quote": said["id"]})).await;
    let history = leo.history(&room).await;
    for shown in [&said, &live, &quote["quote"], &history[0], &history[1]["quote"]] {
        assert_eq!(shown["mentions"], names, "{shown}");
    }
    let path = format!("/api/rooms/{room}/messages/{}", id(&said));
    let edited = ana.patch(&path, json!({"text": "nadie"})).await.expect(200);
    assert_eq!(edited.get("mentions"), None);
    let before = leo.get(&format!("{path}/revisions")).await.expect(200);
    let mut shown = before["items"][0]["mentions"].as_array().expect("names").clone();
    shown.sort_by_key(|person| person["username"] == "eve");
    assert_eq!((json!(shown), before["items"][1].get("mentions")), (names, None));
    let own = eve.room("private", "Own").await;
    eve.say(&own, "sentinel").await;
    assert_eq!((of_eve.count("mentioned"), inbox(&eve).await["unread"].clone()), (0, json!(0)));
}

#[tokio::test]
async fn a_quote_tells_where_the_message_stands() {
    let server = TestServer::start().await;
    let ([ana, leo, _], room) = kitchen(&server).await;
    let begin = id(&ana.say(&room, "¿quién?").await);
    let reply = put(&leo, &room, json!({"text": "yo", "thread": begin})).await;
    let both = json!({"text": "y yo", "thread": begin, "also_to_room": true});
    let both = put(&leo, &room, both).await;
    for (quoted, thread, also_to_room) in [
        (&json!({"id": begin}), None, None),
        (&reply, Some(&json!(begin)), None),
        (&both, Some(&json!(begin)), Some(&json!(true))),
    ] {
        let quoting = json!({"text": "¿sí?", "thread": begin, "quote": quoted["id"]});
        let quote = put(&ana, &room, quoting).await["quote"].clone();
        assert_eq!((quote.get("thread"), quote.get("also_to_room")), (thread, also_to_room));
    }
}

#[tokio::test]
async fn everyone_is_called_by_moderators_unless_the_room_says_otherwise() {
    let server = TestServer::start().await;
    let ([ana, leo, zoe], room) = kitchen(&server).await;
    let by_owner = ana.say(&room, "@room, a comer").await;
    assert_eq!(by_owner["everyone"], "room");
    assert_eq!(reasons(&inbox(&leo).await)[0].0, "room");
    assert_eq!(inbox(&ana).await["unread"], 0, "not whoever calls");
    let by_member = leo.say(&room, "@room, luego").await;
    assert_eq!(by_member.get("everyone"), None, "a member may not, and it is only text");
    assert_eq!(inbox(&zoe).await["unread"], 1);
    let path = format!("/api/rooms/{room}");
    leo.patch(&path, json!({"everyone_role": "member"})).await.problem(403, "forbidden");
    let changed = ana.patch(&path, json!({"everyone_role": "member"})).await.expect(200);
    assert_eq!(changed["everyone_role"], "member");
    leo.say(&room, "@room, ahora").await;
    assert_eq!(inbox(&zoe).await["unread"], 2);
}

#[tokio::test]
async fn here_calls_the_members_who_are_online() {
    let server = TestServer::start().await;
    let ([ana, leo, zoe], room) = kitchen(&server).await;
    let (of_leo, of_zoe) = (leo.socket().await, zoe.socket().await);
    of_leo.call("setPresence", json!({"state": "online"})).await;
    of_zoe.call("setPresence", json!({"state": "away"})).await;
    ana.say(&room, "@here: ¡café!").await;
    assert_eq!(reasons(&inbox(&leo).await)[0].0, "here");
    assert_eq!(inbox(&zoe).await["items"], json!([]));
}

#[tokio::test]
async fn an_edit_of_here_calls_those_who_were_there() {
    let server = TestServer::start().await;
    let ([ana, leo, zoe], room) = kitchen(&server).await;
    let (of_leo, of_zoe) = (leo.socket().await, zoe.socket().await);
    let set = async |leo_is: &str, zoe_is: &str| {
        of_leo.call("setPresence", json!({"state": leo_is})).await;
        of_zoe.call("setPresence", json!({"state": zoe_is})).await;
    };
    set("online", "away").await;
    let said = id(&ana.say(&room, "@here: ¡cafe!").await);
    set("away", "online").await;
    let path = format!("/api/rooms/{room}/messages/{said}");
    ana.patch(&path, json!({"text": "@here: ¡café!"})).await.expect(200);
    let lunch = ("here".to_owned(), "@here: ¡café!".to_owned());
    assert_eq!(reasons(&inbox(&leo).await), [lunch]);
    assert_eq!(inbox(&zoe).await["items"], json!([]), "it was not said to her");
    ana.patch(&path, json!({"text": "¡café!"})).await.expect(200);
    assert_eq!(inbox(&leo).await["items"], json!([]), "called off");
}

#[tokio::test]
async fn an_edit_calls_newly_once_and_calls_off() {
    let server = TestServer::start().await;
    let ([ana, leo, zoe], room) = kitchen(&server).await;
    let (of_leo, of_zoe) = (leo.socket().await, zoe.socket().await);
    let said = id(&ana.say(&room, "hola @leo").await);
    of_leo.event("mentioned", |_| true).await;
    let path = format!("/api/rooms/{room}/messages/{said}");
    let edited = ana.patch(&path, json!({"text": "hola @leo y @zoe"})).await.expect(200);
    assert_eq!(edited["mentions"].as_array().map(Vec::len), Some(2));
    of_zoe.event("mentioned", |told| told["message"] == said.as_str()).await;
    ana.patch(&path, json!({"text": "hola @zoe"})).await.expect(200);
    assert_eq!(inbox(&leo).await["items"], json!([]), "called off");
    leo.put(&format!("/api/mentions/{said}/read"), json!({})).await.problem(404, "not_found");
    ana.patch(&path, json!({"text": "hola @leo otra vez"})).await.expect(200);
    assert_eq!(inbox(&leo).await["unread"], 1);
    let sentinel = ana.say(&room, "@leo").await;
    of_leo.event("mentioned", |told| told["message"] == sentinel["id"]).await;
    assert_eq!(of_leo.count("mentioned"), 2, "no edit calls a second time");
}

#[tokio::test]
async fn an_edit_says_anew_why_somebody_is_called() {
    let server = TestServer::start().await;
    let ([ana, leo, zoe], room) = kitchen(&server).await;
    let said = id(&ana.say(&room, "hola @leo").await);
    let path = format!("/api/rooms/{room}/messages/{said}");
    let edited = ana.patch(&path, json!({"text": "hola @room"})).await.expect(200);
    assert_eq!(edited.get("mentions"), None, "nobody is named");
    for person in [&leo, &zoe] {
        assert_eq!(reasons(&inbox(person).await), [("room".into(), "hola @room".into())]);
    }
    ana.patch(&path, json!({"text": "hola @room y @leo"})).await.expect(200);
    assert_eq!(reasons(&inbox(&leo).await)[0].0, "name", "the nearer of both");
    assert_eq!(reasons(&inbox(&zoe).await)[0].0, "room");
}

#[tokio::test]
async fn what_is_deleted_is_in_no_inbox() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let socket = leo.socket().await;
    let said = id(&ana.say(&room, "@leo secreto").await);
    assert_eq!(inbox(&leo).await["unread"], 1);
    ana.delete(&format!("/api/rooms/{room}/messages/{said}")).await.expect(204);
    socket.event("unreadChanged", |_| true).await;
    let found = inbox(&leo).await;
    assert_eq!((&found["items"], &found["unread"]), (&json!([]), &json!(0)));
    assert_eq!(leo.get(&format!("/api/rooms/{room}")).await.expect(200)["mentions"], 0);
}

#[tokio::test]
async fn an_item_is_read_by_itself_with_all_others_or_with_its_room() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let mut said = Vec::new();
    for number in 0..4 {
        said.push(ana.say(&room, &format!("@leo {number}")).await);
    }
    let desk = leo.socket().await;
    let read = |at: usize| format!("/api/mentions/{}/read", id(&said[at]));
    leo.put(&read(3), json!({})).await.expect(204);
    desk.event("unreadChanged", |_| true).await;
    assert_eq!(inbox(&leo).await["unread"], 3);
    leo.delete(&read(3)).await.expect(204);
    assert_eq!(inbox(&leo).await["unread"], 4);
    ana.put(&read(3), json!({})).await.problem(404, "not_found");
    let marker = json!({"seq": said[1]["seq"]});
    leo.put(&format!("/api/rooms/{room}/read"), marker).await.expect(204);
    let told = desk.event("readChanged", |_| true).await;
    assert_eq!((&told["unread"], &told["mentions"]), (&json!(2), &json!(2)));
    let until = format!("/api/mentions/read?until={}", id(&said[2]));
    leo.post(&until, json!({})).await.expect(204);
    let unread = leo.get("/api/mentions?unread=true").await.expect(200);
    assert_eq!(reasons(&unread), [("name".to_owned(), "@leo 3".to_owned())]);
    leo.post("/api/mentions/read", json!({})).await.expect(204);
    assert_eq!(inbox(&leo).await["unread"], 0);
    let again = json!({"seq": said[2]["seq"]});
    leo.put(&format!("/api/rooms/{room}/unread"), again).await.expect(204);
    let room_of_leo = leo.get(&format!("/api/rooms/{room}")).await.expect(200);
    assert_eq!((&room_of_leo["unread"], &room_of_leo["mentions"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn an_inbox_has_pages_and_shows_only_rooms_one_is_in() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    for number in 0..5 {
        ana.say(&room, &format!("@leo {number}")).await;
    }
    let mut texts = Vec::new();
    let mut path = "/api/mentions?limit=2".to_owned();
    loop {
        let page = leo.get(&path).await.expect(200);
        texts.extend(reasons(&page).into_iter().map(|reason| reason.1));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/mentions?limit=2&cursor={next}");
    }
    assert_eq!(texts, ["@leo 4", "@leo 3", "@leo 2", "@leo 1", "@leo 0"]);
    leo.get("/api/mentions?limit=0").await.problem(422, "invalid");
    leo.get("/api/mentions?cursor=x").await.problem(400, "malformed");
    ana.delete(&format!("/api/rooms/{room}/members/{}", leo.id().await)).await.expect(204);
    let gone = inbox(&leo).await;
    assert_eq!((&gone["items"], &gone["unread"]), (&json!([]), &json!(0)), "out means out");
}

#[tokio::test]
async fn a_call_is_kept_with_its_message_through_kill_9() {
    let mut server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    ana.put(&path, json!({"text": "@leo una vez"})).await.expect(201);
    server.kill9();
    server.restart().await;
    let again = ana.put(&path, json!({"text": "@leo una vez"})).await.expect(200);
    assert_eq!(again["mentions"][0]["username"], "leo", "a repetition answers the same");
    assert_eq!(inbox(&leo).await["unread"], 1);
}

#[tokio::test]
async fn replies_and_quotes_of_others_are_in_the_inbox() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let begin = id(&leo.say(&room, "¿quién cocina?").await);
    let reply = put(&ana, &room, json!({"text": "yo", "thread": begin})).await;
    put(&ana, &room, json!({"text": "eso", "quote": begin})).await;
    put(&leo, &room, json!({"text": "gracias", "thread": begin})).await;
    let found = eventually("both are there", async || {
        let found = inbox(&leo).await;
        (found["unread"] == 2).then_some(found)
    });
    let found = reasons(&found.await);
    assert_eq!(found, [("quote".into(), "eso".into()), ("reply".into(), "yo".into())]);
    let seq = json!({"seq": reply["seq"]});
    leo.put(&format!("/api/rooms/{room}/threads/{begin}/read"), seq).await.expect(204);
    assert_eq!(inbox(&leo).await["unread"], 1, "reading the thread reads what called from it");
}

#[tokio::test]
async fn a_call_in_a_reply_that_is_in_the_room_too_is_read_with_either() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let begin = id(&ana.say(&room, "¿quién cocina?").await);
    put(&ana, &room, json!({"text": "@leo, aparte", "thread": begin})).await;
    let both = json!({"text": "@leo, aquí", "thread": begin, "also_to_room": true});
    let both = put(&ana, &room, both).await;
    let seq = json!({"seq": both["seq"]});
    let unread = async || {
        let found = leo.get("/api/mentions?unread=true").await.expect(200);
        let room = leo.get(&format!("/api/rooms/{room}")).await.expect(200);
        assert_eq!(room["mentions"], found["unread"]);
        reasons(&found).into_iter().map(|reason| reason.1).collect::<Vec<_>>()
    };
    leo.put(&format!("/api/rooms/{room}/read"), seq.clone()).await.expect(204);
    assert_eq!(unread().await, ["@leo, aparte"], "the room shows the other one alone");
    leo.put(&format!("/api/rooms/{room}/unread"), seq.clone()).await.expect(204);
    assert_eq!(unread().await, ["@leo, aquí", "@leo, aparte"]);
    leo.put(&format!("/api/rooms/{room}/threads/{begin}/read"), seq).await.expect(204);
    assert_eq!(unread().await, [""; 0], "the thread shows both");
}

//! Making, finding, changing and leaving rooms; direct rooms.

use blackbox::TestServer;
use blackbox::person::id;
use serde_json::json;

#[tokio::test]
async fn the_maker_of_a_room_owns_it() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let body = json!({"kind": "private", "name": "Kitchen", "topic": "What to cook"});
    let room = ana.post("/api/rooms", body).await.expect(201);
    assert_eq!(room["kind"], "private");
    assert_eq!(room["name"], "Kitchen");
    assert_eq!(room["topic"], "What to cook");
    assert_eq!(room["role"], "owner");
    assert_eq!(room["members"], 1);
    assert_eq!(room["unread"], 0);
    assert!(room["log_id"].is_string(), "{room}");
    let mine = ana.get("/api/rooms").await.expect(200);
    assert_eq!(mine["items"].as_array().map(Vec::len), Some(1), "{mine}");
    assert_eq!(mine["items"][0]["id"], room["id"]);
    let read = ana.get(&format!("/api/rooms/{}", id(&room))).await.expect(200);
    assert_eq!(read["id"], room["id"]);
    assert_eq!(read["head"], room["head"]);
}

#[tokio::test]
async fn the_maker_s_other_devices_hear_of_a_new_room() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    for kind in ["public", "private"] {
        let (one, two) = (ana.socket().await, ana.socket().await);
        let room = ana.room(kind, "Kitchen").await;
        one.event("roomsChanged", |_| true).await;
        two.event("roomsChanged", |_| true).await;
        let rooms = ana.get("/api/rooms").await.expect(200);
        let rooms = rooms["items"].as_array().expect("items");
        assert!(rooms.iter().any(|listed| listed["id"] == room.as_str()), "{rooms:?}");
    }
}

#[tokio::test]
async fn a_public_room_is_in_the_directory_and_open_to_all_but_read_by_members_only() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let square = ana.room("public", "Town square").await;
    ana.room("private", "Town cellar").await;
    ana.say(&square, "hello").await;
    let found = leo.get("/api/rooms/directory?query=town").await.expect(200);
    let names: Vec<_> = found["items"].as_array().expect("items").iter().collect();
    assert_eq!(names.len(), 1, "{found}");
    assert_eq!(names[0]["name"], "Town square");
    assert_eq!(names[0]["members"], 1);
    assert!(names[0].get("role").is_none(), "{found}");
    let messages = format!("/api/rooms/{square}/messages");
    leo.get(&messages).await.problem(404, "not_found");
    let joined = leo.post(&format!("/api/rooms/{square}/join"), json!({})).await.expect(200);
    assert_eq!(joined["role"], "member");
    assert_eq!(joined["members"], 2);
    let page = leo.get(&messages).await.expect(200);
    assert_eq!(page["items"][0]["text"], "hello");
}

#[tokio::test]
async fn a_private_room_cannot_be_joined_without_an_invitation() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Cellar").await;
    let answer = leo.post(&format!("/api/rooms/{room}/join"), json!({})).await;
    answer.problem(404, "not_found");
    assert_eq!(leo.get("/api/rooms").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn only_owner_and_moderator_change_a_room_and_all_members_hear_of_it() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let path = format!("/api/rooms/{room}");
    leo.patch(&path, json!({"name": "Mine"})).await.problem(403, "forbidden");
    let socket = leo.listen(&room).await;
    let changed = ana.patch(&path, json!({"name": "Bakery", "topic": "Bread"})).await.expect(200);
    assert_eq!(changed["name"], "Bakery");
    let event = socket.event("roomChanged", |_| true).await;
    assert_eq!(event["name"], "Bakery");
    assert_eq!(event["topic"], "Bread");
    assert_eq!(event["actor"]["username"], "ana");
    let person = leo.id().await;
    let role = json!({"role": "moderator"});
    ana.patch(&format!("{path}/members/{person}"), role).await.expect(200);
    leo.patch(&path, json!({"topic": "Cake"})).await.expect(200);
    assert_eq!(ana.get(&path).await.expect(200)["topic"], "Cake");
}

#[tokio::test]
async fn two_people_have_one_direct_room_whoever_begins() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let first = ana.post("/api/direct", json!({"username": "leo"})).await.expect(201);
    assert_eq!(first["kind"], "direct");
    assert_eq!(first["peer"]["username"], "leo");
    let again = ana.post("/api/direct", json!({"username": "leo"})).await.expect(200);
    let other_way = leo.post("/api/direct", json!({"username": "ana"})).await.expect(200);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["id"], other_way["id"]);
    assert_eq!(other_way["peer"]["username"], "ana");
    let room = id(&first);
    leo.say(&room, "only us").await;
    zoe.get(&format!("/api/rooms/{room}")).await.problem(404, "not_found");
    let found = zoe.get("/api/rooms/directory?query=").await.expect(200);
    assert_eq!(found["items"], json!([]));
}

#[tokio::test]
async fn many_who_begin_the_same_direct_room_at_once_get_one() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let begin = async |person: &blackbox::Person, other: &str| {
        let answer = person.post("/api/direct", json!({"username": other})).await;
        assert!([200, 201].contains(&answer.status), "{}", answer.text);
        id(&answer.body)
    };
    let (a, b, c, d) = tokio::join!(
        begin(&ana, "leo"),
        begin(&leo, "ana"),
        begin(&ana, "leo"),
        begin(&leo, "ana")
    );
    assert_eq!([&a, &b, &c], [&b, &c, &d]);
    assert_eq!(ana.get("/api/rooms").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_their_name() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    server.person("marta").await;
    server.person("martin").await;
    let found = ana.get("/api/people?query=mart").await.expect(200);
    let mut names: Vec<_> = found["items"].as_array().expect("items").clone();
    names.sort_by_key(|person| person["username"].to_string());
    assert_eq!(names.len(), 2, "{found}");
    assert_eq!(names[0]["username"], "marta");
    assert!(names[0].get("email").is_none(), "addresses are nobody's business: {found}");
}

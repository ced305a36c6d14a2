//! Who is in a room, and that being out means out.

use blackbox::{TestServer, eventually};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_third_person_meets_not_found_everywhere_and_hears_nothing() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = ana.say(&room, "secret").await;
    let base = format!("/api/rooms/{room}");
    let known = format!("{base}/messages?around={}", blackbox::person::id(&message));
    for path in ["", "/messages", "/events?after=0", "/members", "/invitations"] {
        eve.get(&format!("{base}{path}")).await.problem(404, "not_found");
    }
    eve.get(&known).await.problem(404, "not_found");
    let unknown = eve.get(&format!("/api/rooms/{}", Uuid::new_v4())).await;
    let mut existing = eve.get(&base).await;
    existing.body["instance"] = unknown.body["instance"].clone();
    existing.body["detail"] = unknown.body["detail"].clone();
    assert_eq!(existing.body, unknown.body, "as if the room did not exist");
    let put = format!("{base}/messages/{}", Uuid::new_v4());
    eve.put(&put, json!({"text": "me too"})).await.problem(404, "not_found");
    let socket = eve.socket().await;
    let no = socket.refused("join", json!({"room": room})).await;
    assert_eq!(no["kind"], "not_found");
    let body = json!({"room": room, "text": "x", "client_message_id": Uuid::new_v4()});
    assert_eq!(socket.refused("sendMessage", body).await["kind"], "not_found");
    ana.say(&room, "more").await;
    let own = eve.room("private", "Own").await;
    socket.call("join", json!({"room": own})).await;
    let sentinel = eve.say(&own, "sentinel").await;
    socket.event("message", |event| event["id"] == sentinel["id"]).await;
    let foreign = socket.seen().into_iter().find(|e| e.body.to_string().contains(&room));
    assert!(foreign.is_none(), "{foreign:?}");
}

#[tokio::test]
async fn removal_ends_reading_writing_and_delivery_at_once() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (of_leo, of_ana) = (leo.listen(&room).await, ana.listen(&room).await);
    let before = ana.say(&room, "before").await;
    of_leo.event("message", |event| event["id"] == before["id"]).await;
    let member = format!("/api/rooms/{room}/members/{}", leo.id().await);
    ana.delete(&member).await.expect(204);
    let after = ana.say(&room, "after").await;
    of_ana.event("message", |event| event["id"] == after["id"]).await;
    of_leo.event("roomsChanged", |_| true).await;
    leo.get(&format!("/api/rooms/{room}/messages")).await.problem(404, "not_found");
    let put = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    leo.put(&put, json!({"text": "still here"})).await.problem(404, "not_found");
    let body = json!({"room": room, "text": "x", "client_message_id": Uuid::new_v4()});
    assert_eq!(of_leo.refused("sendMessage", body).await["kind"], "not_found");
    assert_eq!(of_leo.refused("join", json!({"room": room})).await["kind"], "not_found");
    let heard = of_leo.all("message");
    assert!(heard.iter().all(|event| event["id"] != after["id"]), "{heard:?}");
    assert_eq!(leo.get("/api/rooms").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_removal_racing_with_posts_lets_nothing_in_after_it() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let member = format!("/api/rooms/{room}/members/{}", leo.id().await);
    let posts = futures::future::join_all((0..40).map(|_| {
        let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
        let leo = leo.clone();
        async move { leo.put(&path, json!({"text": "race"})).await.status }
    }));
    let removal = async {
        tokio::task::yield_now().await;
        ana.delete(&member).await.expect(204);
    };
    let (statuses, ()) = tokio::join!(posts, removal);
    let events = ana.events(&room, 0).await;
    let left = events.iter().position(|event| event["type"] == "memberLeft").expect("an event");
    assert!(events[left..].iter().all(|event| event["type"] != "message"), "{events:?}");
    let stored = events.iter().filter(|event| event["type"] == "message").count();
    let acknowledged = statuses.iter().filter(|&&status| status == 201).count();
    assert_eq!(stored, acknowledged, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 404].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn the_last_owner_cannot_leave_be_removed_or_demoted() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let own = format!("/api/rooms/{room}/members/{}", ana.id().await);
    ana.patch(&own, json!({"role": "member"})).await.problem(409, "conflict");
    ana.delete(&own).await.problem(409, "conflict");
    let leave = format!("/api/rooms/{room}/leave");
    ana.post(&leave, json!({})).await.problem(409, "conflict");
    let other = format!("/api/rooms/{room}/members/{}", leo.id().await);
    ana.patch(&other, json!({"role": "owner"})).await.expect(200);
    ana.post(&leave, json!({})).await.expect(204);
    ana.get(&format!("/api/rooms/{room}")).await.problem(404, "not_found");
    assert_eq!(leo.get(&format!("/api/rooms/{room}")).await.expect(200)["role"], "owner");
}

#[tokio::test]
async fn a_member_cannot_raise_itself_or_remove_others() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    let members = format!("/api/rooms/{room}/members");
    let (own, other) = (leo.id().await, zoe.id().await);
    let raise = leo.patch(&format!("{members}/{own}"), json!({"role": "owner"})).await;
    raise.problem(403, "forbidden");
    leo.delete(&format!("{members}/{other}")).await.problem(403, "forbidden");
    let listed = leo.get(&members).await.expect(200);
    let roles: Vec<_> = listed["items"].as_array().expect("items").iter().collect();
    assert_eq!(roles.len(), 3);
    assert_eq!(roles.iter().filter(|member| member["role"] == "owner").count(), 1, "{listed}");
}

#[tokio::test]
async fn who_is_brought_in_hears_that_the_list_of_rooms_changed() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let socket = leo.socket().await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    socket.event("roomsChanged", |_| true).await;
    let rooms = leo.get("/api/rooms").await.expect(200);
    assert_eq!(rooms["items"][0]["id"], room.as_str());
    let again = ana.post(&format!("/api/rooms/{room}/members"), json!({"username": "leo"})).await;
    assert!([200, 201, 409].contains(&again.status), "{}", again.text);
    assert_eq!(ana.get(&format!("/api/rooms/{room}")).await.expect(200)["members"], 2);
}

#[tokio::test]
async fn leaving_and_coming_back_keeps_one_membership() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("public", "Square").await;
    for _ in 0..2 {
        leo.post(&format!("/api/rooms/{room}/join"), json!({})).await.expect(200);
        leo.post(&format!("/api/rooms/{room}/join"), json!({})).await.expect(200);
        leo.post(&format!("/api/rooms/{room}/leave"), json!({})).await.expect(204);
    }
    leo.post(&format!("/api/rooms/{room}/join"), json!({})).await.expect(200);
    let listed = eventually("two members", async || {
        let listed = ana.get(&format!("/api/rooms/{room}/members")).await.expect(200);
        (listed["items"].as_array().map(Vec::len) == Some(2)).then_some(listed)
    });
    listed.await;
    let events = ana.events(&room, 0).await;
    let of = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    assert_eq!(of("memberLeft"), 2);
    assert!(of("memberJoined") >= 3, "{events:?}");
}

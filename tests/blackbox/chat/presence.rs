//! Presence: seen by those who share a room and look, and by nobody else.

use blackbox::TestServer;
use serde_json::{Value, json};

fn state_of<'a>(people: &'a Value, person: &str) -> Option<&'a str> {
    let mut people = people.as_array().expect("people").iter();
    let found = people.find(|shown| shown["person"] == person)?;
    found["state"].as_str()
}

#[tokio::test]
async fn who_looks_hears_of_coming_going_and_away() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (leo_id, eve_id) = (leo.id().await, eve.id().await);
    let of_ana = ana.socket().await;
    let watch = json!({"people": [leo_id, eve_id]});
    let now = of_ana.call("watchPresence", watch.clone()).await;
    assert_eq!(state_of(&now["people"], &leo_id), Some("off"));
    assert_eq!(state_of(&now["people"], &eve_id), None, "no room in common");
    let is = |state: &'static str| {
        let leo_id = leo_id.clone();
        move |event: &Value| state_of(&event["people"], &leo_id) == Some(state)
    };
    let of_leo = leo.socket().await;
    of_leo.call("setPresence", json!({"state": "online"})).await;
    of_ana.event("presence", is("online")).await;
    of_leo.call("setPresence", json!({"state": "away"})).await;
    of_ana.event("presence", is("away")).await;
    leo.put("/api/me/presence", json!({"hidden": true})).await.expect(204);
    of_ana.event("presence", is("off")).await;
    assert_eq!(leo.get("/api/me/presence").await.expect(200)["hidden"], true);
    of_leo.call("setPresence", json!({"state": "online"})).await;
    let now = of_ana.call("watchPresence", watch.clone()).await;
    assert_eq!(state_of(&now["people"], &leo_id), Some("off"), "hidden, though online");
    leo.put("/api/me/presence", json!({"hidden": false})).await.expect(204);
    let before = of_ana.count("presence");
    of_ana.event("presence", is("online")).await;
    drop(of_leo);
    let gone = blackbox::eventually("the last socket is gone", async || {
        let seen = of_ana.all("presence");
        let news = seen.get(before..).unwrap_or_default();
        news.iter().any(|event| is("off")(event)).then_some(())
    });
    gone.await;
}

#[tokio::test]
async fn who_is_removed_is_seen_no_more_and_many_are_refused() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let (ana_id, leo_id) = (ana.id().await, leo.id().await);
    let (of_ana, of_leo) = (ana.socket().await, leo.socket().await);
    of_ana.call("setPresence", json!({"state": "online"})).await;
    let now = of_leo.call("watchPresence", json!({"people": [ana_id]})).await;
    assert_eq!(state_of(&now["people"], &ana_id), Some("online"));
    ana.delete(&format!("/api/rooms/{room}/members/{leo_id}")).await.expect(204);
    of_ana.call("setPresence", json!({"state": "away"})).await;
    let own = leo.room("private", "Own").await;
    of_leo.call("watchPresence", json!({"people": [leo_id]})).await;
    of_leo.call("join", json!({"room": own})).await;
    of_leo.call("setPresence", json!({"state": "online"})).await;
    of_leo.event("presence", |event| state_of(&event["people"], &leo_id).is_some()).await;
    let heard = of_leo.all("presence");
    assert!(heard.iter().all(|event| state_of(&event["people"], &ana_id).is_none()), "{heard:?}");
    let many: Vec<String> = (0..201).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let no = of_leo.refused("watchPresence", json!({"people": many})).await;
    assert_eq!(no["kind"], "invalid");
}

#[tokio::test]
async fn who_says_the_same_again_is_told_once() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let leo_id = leo.id().await;
    let of_ana = ana.socket().await;
    of_ana.call("watchPresence", json!({"people": [leo_id]})).await;
    let of_leo = [leo.socket().await, leo.socket().await, leo.socket().await];
    for _ in 0..10 {
        for socket in &of_leo {
            socket.call("setPresence", json!({"state": "online"})).await;
        }
    }
    for socket in &of_leo {
        socket.call("setPresence", json!({"state": "away"})).await;
    }
    let is_away = |event: &Value| state_of(&event["people"], &leo_id) == Some("away");
    of_ana.event("presence", is_away).await;
    let told = of_ana.all("presence");
    let states: Vec<_> = told.iter().map(|event| state_of(&event["people"], &leo_id)).collect();
    assert!(states.len() <= 3, "33 words, {states:?} told");
}

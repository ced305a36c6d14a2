//! Everything has a limit, and reaching it has a name.

use blackbox::client::Answer;
use blackbox::{Options, TestServer};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

const TEXT_BYTES_MAX: usize = 16_384;

#[tokio::test]
async fn a_message_has_at_most_16_kib() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let put = async |text: &str| {
        let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
        ana.put(&path, json!({"text": text})).await
    };
    let full = "é".repeat(TEXT_BYTES_MAX / 2);
    assert_eq!(put(&full).await.expect(201)["text"], full.as_str());
    let over = put(&format!("{full}x")).await;
    over.problem(413, "too_large");
    assert_eq!(over.body["errors"][0]["field"], "text", "{}", over.text);
    put("").await.problem(422, "invalid");
    let socket = ana.listen(&room).await;
    let id = Uuid::new_v4();
    let body = json!({"room": room, "text": format!("{full}x"), "client_message_id": id});
    assert_eq!(socket.refused("sendMessage", body).await["kind"], "too_large");
}

#[tokio::test]
async fn names_and_topics_have_a_length() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    for name in ["", &"x".repeat(81)] {
        let answer = ana.post("/api/rooms", json!({"kind": "public", "name": name})).await;
        answer.problem(422, "invalid");
    }
    let full = json!({"kind": "public", "name": "é".repeat(80), "topic": "x".repeat(250)});
    ana.post("/api/rooms", full).await.expect(201);
    let topic = json!({"kind": "public", "name": "x", "topic": "x".repeat(251)});
    ana.post("/api/rooms", topic).await.problem(422, "invalid");
}

#[tokio::test]
async fn unknown_fields_and_broken_json_are_refused() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let extra = json!({"kind": "public", "name": "x", "owner": "me"});
    let answer = ana.post("/api/rooms", extra).await;
    assert!([400, 422].contains(&answer.status), "{}", answer.text);
    assert_eq!(answer.body["kind"], "malformed");
    let raw = async |content_type: &'static str, body: &'static str| {
        let request = ana.request(Method::POST, "/api/rooms").header("content-type", content_type);
        Answer::of(request.body(body)).await.expect("an answer")
    };
    let broken = raw("application/json", "{\"kind\": \"public\", ").await;
    broken.problem(400, "malformed");
    let as_text = raw("text/plain", "{\"kind\": \"public\", \"name\": \"x\"}").await;
    assert!([400, 415, 422].contains(&as_text.status), "{}", as_text.text);
    assert_eq!(ana.get("/api/rooms").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let body = json!({"kind": "public", "name": "x".repeat(2 * 1024 * 1024)});
    match ana.ask("POST", "/api/rooms", Some(&body)).await {
        Ok(answer) => answer.problem(413, "too_large"),
        Err(error) => assert!(error.is_request() || error.is_body(), "{error}"),
    }
    server.get("/health").await.expect(200);
}

#[tokio::test]
async fn a_page_has_at_most_200_items_and_bad_places_are_refused() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    ana.say(&room, "x").await;
    for query in ["limit=0", "limit=201", "limit=x", "before=-1", "after=x", "around=x"] {
        let answer = ana.get(&format!("/api/rooms/{room}/messages?{query}")).await;
        let kind = answer.body["kind"].as_str().expect("a problem");
        let refused = [(400, "malformed"), (422, "invalid")].contains(&(answer.status, kind));
        assert!(refused, "{query}: {} {}", answer.status, answer.text);
    }
    let answer = ana.get(&format!("/api/rooms/{room}/messages?before=5&after=1")).await;
    assert!([400, 422].contains(&answer.status), "two places at once: {}", answer.text);
    ana.get("/api/rooms/not-a-uuid").await.problem(404, "not_found");
}

#[tokio::test]
async fn one_person_in_a_hurry_is_slowed_down_and_others_are_not() {
    let set = ["chat.limits.messages_burst=20", "chat.limits.messages_per_s=2"];
    let set = set.iter().map(ToString::to_string).collect();
    let server = TestServer::with(Options { set, ..Options::default() }).await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let post = async || {
        let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
        ana.put(&path, json!({"text": "hurry"})).await
    };
    let answers = futures::future::join_all((0..60).map(|_| post())).await;
    let accepted = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(accepted >= 20, "the burst is granted: {accepted}");
    let refused = answers.into_iter().find(|answer| answer.status == 429);
    let refused = refused.expect("60 messages without a pause are too many");
    refused.problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").parse().expect("Retry-After in seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    leo.say(&room, "calm").await;
    blackbox::eventually("after the wait it goes on", async || {
        (post().await.status == 201).then_some(())
    })
    .await;
}

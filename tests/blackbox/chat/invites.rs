//! Invitations by name, by link, and to names that nobody has yet.

use blackbox::TestServer;
use serde_json::json;

#[tokio::test]
async fn an_invitation_to_an_unknown_name_waits_for_the_first_sign_in() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let path = format!("/api/rooms/{room}/members");
    let answer = ana.post(&path, json!({"username": "Nora"})).await.expect(202);
    assert_eq!(answer["status"], "pending");
    let invitations = format!("/api/rooms/{room}/invitations");
    let pending = ana.get(&invitations).await.expect(200);
    assert_eq!(pending["items"][0]["kind"], "name", "{pending}");
    assert_eq!(ana.get(&path).await.expect(200)["items"].as_array().map(Vec::len), Some(1));
    let nora = server.person("nora").await;
    let rooms = nora.get("/api/rooms").await.expect(200);
    assert_eq!(rooms["items"][0]["id"], room.as_str(), "{rooms}");
    nora.say(&room, "here I am").await;
    assert_eq!(ana.get(&invitations).await.expect(200)["items"], json!([]), "it is used up");
}

#[tokio::test]
async fn a_withdrawn_invitation_brings_nobody_in() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let path = format!("/api/rooms/{room}/members");
    let answer = ana.post(&path, json!({"username": "nora"})).await.expect(202);
    let invitation = answer["invitation"]["id"].as_str().expect("an id").to_owned();
    let one = format!("/api/rooms/{room}/invitations/{invitation}");
    ana.delete(&one).await.expect(204);
    let nora = server.person("nora").await;
    assert_eq!(nora.get("/api/rooms").await.expect(200)["items"], json!([]));
    nora.get(&format!("/api/rooms/{room}")).await.problem(404, "not_found");
}

#[tokio::test]
async fn an_invite_link_tells_the_room_and_lets_in_as_often_as_it_may() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    let links = format!("/api/rooms/{room}/invite-links");
    let link = ana.post(&links, json!({"uses_max": 1, "expires_in_s": 3600})).await.expect(201);
    let url = link["url"].as_str().expect("the link is shown once");
    let token = url.strip_prefix(&server.url("/invite/")).expect("a page of the web client");
    let path = format!("/api/invites/{token}");
    let shown = leo.get(&path).await.expect(200);
    assert_eq!(shown["room"]["name"], "Kitchen");
    assert_eq!(shown["invited_by"]["username"], "ana");
    assert_eq!(leo.post(&path, json!({})).await.expect(200)["role"], "member");
    leo.say(&room, "thanks").await;
    zoe.post(&path, json!({})).await.problem(404, "not_found");
    zoe.get(&path).await.problem(404, "not_found");
    leo.post(&path, json!({})).await.expect(200);
    let listed = ana.get(&format!("/api/rooms/{room}/invitations")).await.expect(200);
    assert!(!listed.to_string().contains(token), "a link is shown only once: {listed}");
    let stored = server.look("chat", "SELECT * FROM invitations").await;
    assert!(!stored.is_empty() && !format!("{stored:?}").contains(token), "kept only as a hash");
}

#[tokio::test]
async fn a_withdrawn_or_unknown_link_lets_nobody_in() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    let link = ana.post(&format!("/api/rooms/{room}/invite-links"), json!({})).await.expect(201);
    let token = link["url"].as_str().expect("a url").rsplit('/').next().expect("a token");
    let one = format!("/api/rooms/{room}/invitations/{}", link["id"].as_str().expect("an id"));
    ana.delete(&one).await.expect(204);
    for token in [token, "nonsense"] {
        let path = format!("/api/invites/{token}");
        leo.get(&path).await.problem(404, "not_found");
        leo.post(&path, json!({})).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_link_used_by_many_at_once_lets_in_no_more_than_it_may() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let links = format!("/api/rooms/{room}/invite-links");
    let link = ana.post(&links, json!({"uses_max": 2})).await.expect(201);
    let token = link["url"].as_str().expect("a url").rsplit('/').next().expect("a token");
    let path = format!("/api/invites/{token}");
    let mut people = Vec::new();
    for name in ["leo", "zoe", "max", "eva", "tom"] {
        people.push(server.person(name).await);
    }
    let tries = people.iter().map(|person| person.post(&path, json!({})));
    let answers = futures::future::join_all(tries).await;
    let inside = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(inside, 2, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    assert_eq!(ana.get(&format!("/api/rooms/{room}")).await.expect(200)["members"], 3);
}

#[tokio::test]
async fn who_may_not_invite_sees_no_invitations() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    zoe.get(&format!("/api/rooms/{room}/invitations")).await.problem(404, "not_found");
    let body = json!({"username": "zoe"});
    let answer = zoe.post(&format!("/api/rooms/{room}/members"), body).await;
    answer.problem(404, "not_found");
}

//! The people of the installation, one person, and the rooms that are shared with them.

use blackbox::server::PASSWORD;
use blackbox::{Person, TestServer};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody whose name to show is not the user name.
async fn named(server: &TestServer, username: &str, display_name: &str) -> Person {
    let email = format!("{username}@example.org");
    let words = ["user", "create", "--verified", "--email", &email, "--username", username];
    let named = ["--display-name", display_name, "--password", PASSWORD];
    let printed = server.operator(&[&words[..], &named[..]].concat()).await;
    let account: Value = serde_json::from_str(&printed).expect("it prints JSON");
    let token = server.token(username, 3600).await;
    let person = Person::new(server, username, &account, token);
    person.get("/api/me").await.expect(200);
    person
}

fn all(page: &Value, field: &str) -> Vec<String> {
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item[field].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn everybody_is_listed_by_the_name_that_pages_show_whatever_its_accents() {
    let server = TestServer::start().await;
    let ana = named(&server, "ana", "zacarías").await;
    named(&server, "zoe", "Álvaro Núñez").await;
    named(&server, "mia", "Ñandú").await;
    named(&server, "leo", "Mia").await;
    let everybody = ana.get("/api/people").await.expect(200);
    assert_eq!(all(&everybody, "display_name"), ["Álvaro Núñez", "Mia", "Ñandú", "zacarías"]);
    assert!(everybody.get("next").is_none(), "{everybody}");
    assert!(!everybody.to_string().contains("example.org"), "addresses: {everybody}");
    for begins in ["alva", "Álva", "NUNEZ", "@zoe"] {
        let found = ana.get(&format!("/api/people?query={begins}")).await.expect(200);
        assert_eq!(all(&found, "username"), ["zoe"], "{begins}");
    }
    let first = &everybody["items"][0];
    let one = format!("/api/people/{}", first["id"].as_str().expect("an id"));
    assert_eq!(&ana.get(&one).await.expect(200), first);
}

#[tokio::test]
async fn pages_of_people_of_one_name_leave_nobody_out_and_repeat_nobody() {
    let server = TestServer::start().await;
    let mut last = None;
    for n in 0..5 {
        last = Some(named(&server, &format!("p{n}"), "Sofía").await);
    }
    let person = last.expect("somebody");
    let (mut ids, mut next) = (Vec::new(), String::new());
    loop {
        let page = person.get(&format!("/api/people?limit=2{next}")).await.expect(200);
        ids.extend(all(&page, "id"));
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
        assert!(ids.len() < 5, "a page after the last: {page}");
    }
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!((ids.len(), &once), (5, &ids), "each of them once, by id");
}

#[tokio::test]
async fn what_is_asked_of_the_list_of_people_has_bounds() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let long = format!("query={}", "x".repeat(81));
    let cursor = format!("cursor={}~{}", Uuid::nil().simple(), "x".repeat(2_000));
    let refused = ["limit=0", "limit=101", "cursor=nonsense", &cursor, &long];
    for asked in refused {
        ana.get(&format!("/api/people?{asked}")).await.problem(422, "invalid");
    }
    let nul = format!("/api/people?cursor={}~%00", Uuid::nil().simple());
    ana.get(&nul).await.problem(422, "invalid");
}

#[tokio::test]
async fn nobody_without_a_session_sees_people() {
    let server = TestServer::start().await;
    let id = server.person("ana").await.id().await;
    for path in
        ["/api/people".to_owned(), format!("/api/people/{id}"), format!("/api/people/{id}/rooms")]
    {
        server.get(&path).await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn only_rooms_that_both_are_in_are_shared_and_no_other_is_told_of() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let kitchen = ana.room("private", "Kitchen").await;
    ana.bring(&kitchen, &leo).await;
    let square = ana.room("public", "Square").await;
    leo.post(&format!("/api/rooms/{square}/join"), json!({})).await.expect(200);
    ana.room("private", "Cellar of Ana").await;
    leo.room("private", "Cellar of Leo").await;
    leo.room("public", "Leo only").await;
    ana.post("/api/direct", json!({"username": "leo"})).await.expect(201);
    let with_leo = format!("/api/people/{}/rooms", leo.id().await);
    let shared = ana.get(&with_leo).await.expect(200);
    assert_eq!(all(&shared, "name"), ["Kitchen", "Square"]);
    assert_eq!(shared["items"][0]["role"], "owner", "as the one who asks sees it");
    assert_eq!(eve.get(&with_leo).await.expect(200), json!({"items": []}));
    let gone = format!("/api/rooms/{kitchen}/members/{}", leo.id().await);
    ana.delete(&gone).await.expect(204);
    assert_eq!(all(&ana.get(&with_leo).await.expect(200), "name"), ["Square"]);
    let with_ana = format!("/api/people/{}/rooms", ana.id().await);
    assert_eq!(all(&leo.get(&with_ana).await.expect(200), "name"), ["Square"]);
}

#[tokio::test]
async fn a_person_who_is_not_there_is_not_found() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let nobody = Uuid::new_v4();
    ana.get(&format!("/api/people/{nobody}")).await.problem(404, "not_found");
    ana.get(&format!("/api/people/{nobody}/rooms")).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_member_is_found_by_the_name_that_pages_show_among_the_members_alone() {
    let server = TestServer::start().await;
    let ana = named(&server, "ana", "Ana").await;
    let room = ana.room("private", "obra").await;
    for (username, shown) in [("zoe", "Ángela Núñez"), ("leo", "Leo Martín")] {
        ana.bring(&room, &named(&server, username, shown).await).await;
    }
    let other = named(&server, "mia", "Mia Núñez").await;
    let members = format!("/api/rooms/{room}/members");
    let found = async |query: &str| {
        let page = ana.get(&format!("{members}?query={query}")).await.expect(200);
        let items = page["items"].as_array().expect("items").iter();
        let names =
            items.map(|item| item["person"]["username"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    for query in ["nunez", "%C3%81NGE", "@zo", "n%C3%BA%C3%B1"] {
        assert_eq!(found(query).await, ["zoe"], "{query}");
    }
    assert_eq!(found("").await, ["ana", "leo", "zoe"]);
    assert_eq!(found("%25").await, [""; 0], "it is no pattern");
    ana.get(&format!("{members}?query={}", "x".repeat(81))).await.problem(422, "invalid");
    other.get(&format!("{members}?query=nunez")).await.problem(404, "not_found");
}

#[tokio::test]
async fn pages_of_members_who_are_called_so_leave_nobody_out() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "obra").await;
    for n in 0..101 {
        let person = server.person(&format!("p{n:03}")).await;
        person.id().await;
        ana.bring(&room, &person).await;
    }
    let path = format!("/api/rooms/{room}/members?query=p");
    let first = ana.get(&path).await.expect(200);
    assert_eq!(first["items"].as_array().expect("items").len(), 100);
    let next = first["next"].as_str().expect("there is one more");
    let second = ana.get(&format!("{path}&cursor={next}")).await.expect(200);
    let last = second["items"].as_array().expect("items");
    assert_eq!((last.len(), last[0]["person"]["username"].as_str()), (1, Some("p100")));
    assert!(second.get("next").is_none(), "{second}");
}

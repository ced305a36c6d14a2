//! Web Push: who is called is told with no page open, once, and nobody else.

use blackbox::person::id;
use blackbox::push::{PushService, Received, Reply, Subscriber};
use blackbox::server::PASSWORD;
use blackbox::{Browser, Options, Person, TestServer, eventually};
use serde_json::{Value, json};

/// A server that may ask the push service of the test.
async fn server() -> TestServer {
    let allow = "chat.egress.allow=[\"127.0.0.1\"]".to_owned();
    TestServer::with(Options { set: vec![allow], ..Options::default() }.unlimited()).await
}

async fn subscribe(person: &Person, service: &PushService) -> Subscriber {
    let subscriber = Subscriber::new(&service.endpoint(&person.username));
    person.post("/api/me/push", subscriber.subscription.clone()).await.expect(201);
    subscriber
}

fn bodies(subscriber: &Subscriber, received: &[Received]) -> Vec<String> {
    let texts = received.iter().map(|one| subscriber.open(one)["body"].clone());
    texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// What became of everything for a person, once nothing is left to do.
async fn outcomes(server: &TestServer, message: &Value) -> Vec<String> {
    let sql = "SELECT message_id, outcome FROM deliveries";
    let name = id(message);
    eventually("all is decided", async || {
        let rows = server.look("chat", sql).await;
        let mine: Vec<_> = rows.iter().filter(|row| is_id(&row[0], &name)).collect();
        let decided = !mine.is_empty() && mine.iter().all(|row| !row[1].is_empty());
        decided.then(|| mine.iter().map(|row| row[1].clone()).collect())
    })
    .await
}

/// Waits until somebody is to be told of a message.
async fn gathered(server: &TestServer, message: &Value) {
    let name = id(message);
    eventually("it is gathered", async || {
        let rows = server.look("chat", "SELECT message_id FROM deliveries").await;
        rows.iter().any(|row| is_id(&row[0], &name)).then_some(())
    })
    .await;
}

/// SQLite shows an id as its bytes in hexadecimal.
fn is_id(shown: &str, id: &str) -> bool {
    let plain = |text: &str| text.replace(['-', '\''], "").to_lowercase();
    plain(shown).ends_with(&plain(id))
}

#[tokio::test]
async fn a_call_reaches_the_browser_sealed_and_nobody_else_s() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let (zoe, eve) = (server.person("zoe").await, server.person("eve").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    ana.say(&room, "@leo too early").await;
    let browsers = (subscribe(&leo, &service).await, subscribe(&zoe, &service).await);
    subscribe(&ana, &service).await;
    let said = ana.say(&room, &format!("hola <@{}>, ¿vienes?", leo.id().await)).await;
    ana.say(&room, "to nobody").await;
    let received = service.wait_for("leo", 1).await;
    let shown = browsers.0.open(&received[0]);
    assert_eq!(shown["title"], "ana · Kitchen");
    assert_eq!(shown["body"], "hola @leo, ¿vienes?");
    assert_eq!(shown["url"], format!("/r/{room}/m/{}", id(&said)));
    assert_eq!((&shown["tag"], &shown["unread"]), (&said["id"], &json!(2)));
    let settings = leo.get("/api/me/push").await.expect(200);
    let claims = received[0].proof(settings["key"].as_str().expect("a key"));
    assert_eq!((&claims["aud"], &claims["sub"].is_string()), (&json!(service.origin()), &true));
    assert_eq!((received[0].header("ttl"), received[0].header("urgency")), ("86400", "high"));
    assert_eq!(received[0].header("topic").len(), 22);
    assert!(memchr::memmem::find(&received[0].body, b"vienes").is_none(), "in the clear");
    let direct = leo.post("/api/direct", json!({"username": "ana"})).await;
    let direct = id(&direct.body);
    ana.say(&direct, "entre nosotros").await;
    let all = service.wait_for("leo", 2).await;
    let shown = browsers.0.open(&all[1]);
    assert_eq!((&shown["title"], &shown["unread"]), (&json!("ana"), &json!(3)));
    ana.say(&room, &format!("@zoe and @leo, not <@{}>", eve.id().await)).await;
    let of_zoe = service.wait_for("zoe", 1).await;
    let body = "@zoe and @leo, not @eve";
    assert_eq!(bodies(&browsers.1, &of_zoe), [body], "a name, also of who is not in the room");
    service.wait_for("leo", 3).await;
    assert!(service.received("ana").is_empty(), "nobody is told of their own");
}

#[tokio::test]
async fn a_text_is_told_without_the_marks_it_was_written_with() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let browser = subscribe(&leo, &service).await;
    leo.id().await;
    let room = id(&ana.post("/api/direct", json!({"username": "leo"})).await.expect(201));
    let marked = "**Mira** `npm test` en [la guía](https://example.org/a):\n\n```\na * b * c\n```";
    ana.say(&room, marked).await;
    ana.say(&room, "---").await;
    let long = format!("**{}**", "ñ".repeat(300));
    ana.say(&room, &long).await;
    let mut told = bodies(&browser, &service.wait_for("leo", 3).await);
    told.sort();
    let cut = format!("{}…", "ñ".repeat(239));
    assert_eq!(told, ["---", "Mira npm test en la guía:\na * b * c", &cut]);
}

#[tokio::test]
async fn each_room_and_person_is_told_as_they_chose() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    let other = ana.room("private", "Garden").await;
    for member in [&leo, &zoe] {
        ana.bring(&room, member).await;
        ana.bring(&other, member).await;
    }
    let browsers = (subscribe(&leo, &service).await, subscribe(&zoe, &service).await);
    let of_room = format!("/api/rooms/{room}/notices");
    leo.put(&of_room, json!({"level": "all"})).await.expect(200);
    zoe.put(&of_room, json!({"level": "none"})).await.expect(200);
    ana.say(&room, "to everybody").await;
    ana.say(&room, "@zoe @leo").await;
    service.wait_for("leo", 2).await;
    leo.put(&of_room, json!({"level": "all", "muted_for_s": 3600})).await.expect(200);
    ana.say(&room, "@zoe @leo while muted").await;
    ana.say(&other, "to nobody here").await;
    ana.say(&other, "@zoe @leo elsewhere").await;
    let of_leo = service.wait_for("leo", 3).await;
    let mut told = bodies(&browsers.0, &of_leo);
    told.sort();
    assert_eq!(told, ["@zoe @leo", "@zoe @leo elsewhere", "to everybody"]);
    let of_zoe = service.wait_for("zoe", 1).await;
    assert_eq!(bodies(&browsers.1, &of_zoe), ["@zoe @leo elsewhere"]);
    let minute = server.look("chat", "SELECT CAST(MAX(created_at) AS TEXT) FROM messages").await;
    let now_ms: i64 = minute[0][0].parse().expect("a time");
    let at = |offset: i64| (now_ms / 60_000 + offset).rem_euclid(1_440);
    let hours = json!({"from_minute": at(-60), "to_minute": at(60), "time_zone": "UTC"});
    let quiet = json!({"level": "mentions", "quiet_hours": hours});
    zoe.put("/api/me/notices", quiet).await.expect(204);
    let said = ana.say(&other, "@zoe at night").await;
    assert_eq!(outcomes(&server, &said).await, ["quiet"]);
    assert_eq!(service.received("zoe").len(), 1);
}

#[tokio::test]
async fn what_was_read_deleted_or_left_meanwhile_is_not_sent() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    let other = ana.room("private", "Garden").await;
    for room in [&room, &other] {
        ana.bring(room, &leo).await;
        ana.bring(room, &zoe).await;
    }
    subscribe(&leo, &service).await;
    let browser = subscribe(&zoe, &service).await;
    let (desk, desk_of_zoe) = (leo.socket().await, zoe.socket().await);
    desk.call("setPresence", json!({"state": "online"})).await;
    desk_of_zoe.call("setPresence", json!({"state": "online"})).await;
    let read = ana.say(&room, "@leo read at the desk").await;
    let deleted = ana.say(&room, "@leo deleted").await;
    let left = ana.say(&other, "@leo of a room that you left").await;
    let kept = ana.say(&room, "@zoe not read at the desk").await;
    for message in [&read, &deleted, &left, &kept] {
        gathered(&server, message).await;
    }
    leo.put(&format!("/api/rooms/{room}/read"), json!({"seq": read["seq"]})).await.expect(204);
    let path = format!("/api/rooms/{room}/messages/{}", id(&deleted));
    ana.delete(&path).await.expect(204);
    let path = format!("/api/rooms/{other}/members/{}", leo.id().await);
    ana.delete(&path).await.expect(204);
    for (message, outcome) in
        [(&read, "not wanted"), (&deleted, "not wanted"), (&left, "not wanted"), (&kept, "sent")]
    {
        assert_eq!(outcomes(&server, message).await, [outcome], "{message}");
    }
    assert!(service.received("leo").is_empty());
    assert_eq!(bodies(&browser, &service.received("zoe")), ["@zoe not read at the desk"]);
}

#[tokio::test]
async fn an_edit_tells_whom_it_calls_newly_and_nobody_twice() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let zoe = server.person("zoe").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    ana.bring(&room, &zoe).await;
    let browsers = (subscribe(&leo, &service).await, subscribe(&zoe, &service).await);
    let said = id(&ana.say(&room, "@leo first").await);
    service.wait_for("leo", 1).await;
    let path = format!("/api/rooms/{room}/messages/{said}");
    ana.patch(&path, json!({"text": "@leo @zoe second"})).await.expect(200);
    let of_zoe = service.wait_for("zoe", 1).await;
    assert_eq!(bodies(&browsers.1, &of_zoe), ["@leo @zoe second"]);
    ana.say(&room, "@leo last").await;
    let of_leo = service.wait_for("leo", 2).await;
    assert_eq!(bodies(&browsers.0, &of_leo), ["@leo first", "@leo last"]);
}

#[tokio::test]
async fn a_busy_service_is_asked_again_and_a_browser_that_is_gone_is_forgotten() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    subscribe(&leo, &service).await;
    service.reply("leo", &[Reply::Status(503)]);
    let said = ana.say(&room, "@leo busy").await;
    let received = service.wait_for("leo", 2).await;
    assert_eq!(
        received[0].header("topic"),
        received[1].header("topic"),
        "one takes the other's place"
    );
    assert_eq!(outcomes(&server, &said).await, ["sent"]);
    service.reply("leo", &[Reply::Status(410)]);
    let said = ana.say(&room, "@leo gone").await;
    assert_eq!(outcomes(&server, &said).await, ["gone"]);
    assert_eq!(leo.get("/api/me/push").await.expect(200)["devices"], json!([]));
    let again = subscribe(&leo, &service).await;
    ana.say(&room, "@leo again").await;
    let received = service.wait_for("leo", 4).await;
    assert_eq!(bodies(&again, &received[3..]), ["@leo again"]);
}

#[tokio::test]
async fn a_browser_is_its_person_s_and_its_address_is_looked_at() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, eve) = (server.person("ana").await, server.person("eve").await);
    let good = Subscriber::new(&service.endpoint("ana")).subscription;
    let first = ana.post("/api/me/push", good.clone()).await.expect(201);
    let again = ana.post("/api/me/push", good.clone()).await.expect(201);
    assert_eq!(first, again, "the same once more");
    let kept = ana.get("/api/me/push").await.expect(200);
    assert_eq!(kept["devices"], json!([first]));
    let path = format!("/api/me/push/{}", id(&first));
    eve.delete(&path).await.problem(404, "not_found");
    assert_eq!(eve.get("/api/me/push").await.expect(200)["devices"], json!([]));
    let long = format!("https://push.example/{}", "x".repeat(2_048));
    for endpoint in
        ["", "/x", "http://push.example/x", "https://10.0.0.1/x", "ftp://127.0.0.1/", &long]
    {
        let bad = json!({"endpoint": endpoint, "keys": good["keys"]});
        ana.post("/api/me/push", bad).await.problem(422, "invalid");
    }
    for (key, value) in [("p256dh", "AAAA"), ("auth", "AAAA"), ("auth", "!")] {
        let mut bad = good.clone();
        bad["keys"][key] = json!(value);
        ana.post("/api/me/push", bad).await.problem(422, "invalid");
    }
    ana.delete(&path).await.expect(204);
    ana.delete(&path).await.problem(404, "not_found");
    for number in 0..21 {
        let device = Subscriber::new(&service.endpoint(&format!("ana{number}"))).subscription;
        ana.post("/api/me/push", device).await.expect(201);
    }
    let kept = ana.get("/api/me/push").await.expect(200);
    assert_eq!(kept["devices"].as_array().map(Vec::len), Some(20), "the oldest is forgotten");
}

#[tokio::test]
async fn who_signed_out_is_told_no_more_in_that_browser() {
    let (server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let mut browser = Browser::new(&server);
    browser.sign_in("leo", PASSWORD).await;
    let device = Subscriber::new(&service.endpoint("leo"));
    browser.api("POST", "/api/me/push", Some(&device.subscription)).await.expect(201);
    ana.say(&room, "@leo signed in").await;
    service.wait_for("leo", 1).await;
    browser.api("POST", "/auth/logout", None).await;
    let said = ana.say(&room, "@leo signed out").await;
    assert_eq!(outcomes(&server, &said).await, ["gone"]);
    assert_eq!(bodies(&device, &service.received("leo")), ["@leo signed in"]);
}

#[tokio::test]
async fn kill_9_loses_no_notice_and_doubles_none_that_was_taken() {
    let (mut server, service) = (server().await, PushService::start().await);
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let browser = subscribe(&leo, &service).await;
    ana.say(&room, "@leo taken").await;
    let first = service.wait_for("leo", 1).await;
    eventually("it is written down", async || {
        let sql = "SELECT outcome FROM deliveries WHERE outcome = 'sent'";
        (!server.look("chat", sql).await.is_empty()).then_some(())
    })
    .await;
    service.reply("leo", &[Reply::Silence]);
    ana.say(&room, "@leo in the middle").await;
    service.wait_for("leo", 2).await;
    for number in 0..5 {
        ana.say(&room, &format!("@leo {number}")).await;
    }
    server.kill9();
    server.restart().await;
    let wanted = ["@leo 0", "@leo 1", "@leo 2", "@leo 3", "@leo 4", "@leo in the middle"];
    let told = eventually("all of them arrive", async || {
        let received = service.received("leo");
        let mut told = bodies(&browser, &received[1..]);
        let twice = told.iter().filter(|text| *text == "@leo in the middle").count() >= 2;
        told.sort();
        told.dedup();
        (twice && told.len() >= wanted.len()).then_some(told)
    })
    .await;
    assert_eq!(told, wanted);
    let received = service.received("leo");
    let taken = received.iter().filter(|one| one.header("topic") == first[0].header("topic"));
    assert_eq!(taken.count(), 1, "what was taken is not sent again");
}

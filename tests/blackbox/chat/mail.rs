//! Mail about what stays unread: one, to whom it calls, when they want it, and never twice.

use blackbox::functions::{self, jobs};
use blackbox::person::id;
use blackbox::push::{PushService, Subscriber};
use blackbox::server::free_port;
use blackbox::smtp::{MailServer, Reply};
use blackbox::{Answer, Options, Person, TestServer, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// A server whose mails go to that of the test, at once when they are due.
async fn server(mails: &MailServer) -> TestServer {
    let allow = "chat.egress.allow=[\"127.0.0.1\"]".to_owned();
    let set = vec![mails.setting(), "chat.mail.after_s=0".to_owned(), allow];
    TestServer::with(Options { set, ..Options::default() }.unlimited()).await
}

/// Ana and Leo in a room.
async fn kitchen(server: &TestServer) -> (Person, Person, String) {
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    (ana, leo, room)
}

async fn choose(person: &Person, pace: &str) {
    person.put("/api/me/notices/mail", json!({"pace": pace})).await.expect(204);
}

async fn pace(person: &Person) -> Value {
    person.get("/api/me/notices/mail").await.expect(200)["pace"].clone()
}

/// What became of what was to be mailed, oldest first; empty while it waits.
async fn outcomes(server: &TestServer) -> Vec<String> {
    let sql = "SELECT COALESCE(outcome, '') FROM mail_notices ORDER BY message_id, person_id";
    server.look("chat", sql).await.into_iter().map(|row| row[0].clone()).collect()
}

async fn until_outcomes(server: &TestServer, wanted: &[&str]) {
    eventually(&format!("the outcomes are {wanted:?}"), async || {
        (outcomes(server).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_call_that_stays_unread_is_mailed_with_a_link_to_it() {
    let mails = MailServer::start().await;
    let server = server(&mails).await;
    let (ana, leo, room) = kitchen(&server).await;
    let zoe = server.person("zoe").await;
    ana.bring(&room, &zoe).await;
    let text = format!("hello <@{}>, are you <b>there</b>?", leo.id().await);
    let said = ana.say(&room, &text).await;
    let first = mails.wait_for("leo", 1).await.remove(0);
    assert_eq!(first.header("subject"), "ana wrote to you in Kitchen");
    assert_eq!(first.header("from"), "Tertulia <tertulia@localhost>");
    assert_eq!(first.header("auto-submitted"), "auto-generated");
    assert_eq!(first.header("precedence"), "");
    assert_eq!(first.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    let unsubscribe = first.link("/unsubscribe/");
    assert_eq!(first.header("list-unsubscribe"), format!("<{unsubscribe}>"));
    assert_eq!(first.link("/r/"), server.url(&format!("/r/{room}/m/{}", id(&said))));
    assert!(first.text().contains("hello @leo, are you <b>there</b>?"), "{}", first.text());
    assert!(first.text().contains("are you &#60;b&#62;there"), "a text in the page too");
    until_outcomes(&server, &["sent"]).await;
    ana.say(&room, "@leo once more").await;
    let both = mails.wait_for("leo", 2).await;
    assert!(!both[1].text().contains("are you"), "the first was told: {}", both[1].text());
    assert_eq!(both[1].header("references"), first.header("references"), "they gather");
    assert!(first.header("references").starts_with("<room."), "{}", first.header("references"));
    assert_ne!(both[1].header("message-id"), first.header("message-id"));
    let direct = leo.post("/api/direct", json!({"username": "ana"})).await;
    leo.say(&id(&direct.body), "between us").await;
    let direct = mails.wait_for("ana", 1).await;
    assert_eq!(direct[0].header("subject"), "leo wrote to you");
    assert!(mails.offered("zoe").is_empty(), "who is not called gets none");
}

#[tokio::test]
async fn many_calls_are_one_mail_and_none_of_what_was_read_told_deleted_or_left() {
    let (mails, service) = (MailServer::start().await, PushService::start().await);
    let server = server(&mails).await;
    let (ana, leo, room) = kitchen(&server).await;
    let (other, left) = (ana.room("private", "Attic").await, ana.room("private", "Hall").await);
    ana.bring(&other, &leo).await;
    ana.bring(&left, &leo).await;
    choose(&leo, "daily").await;
    let read = ana.say(&other, "@leo read elsewhere").await;
    ana.say(&left, "@leo of a room that you left").await;
    let deleted = ana.say(&room, "@leo deleted").await;
    let edited = ana.say(&room, "@leo before").await;
    ana.say(&room, "@leo two").await;
    until_outcomes(&server, &[""; 5]).await;
    let device = Subscriber::new(&service.endpoint("leo"));
    leo.post("/api/me/push", device.subscription.clone()).await.expect(201);
    ana.say(&room, "@leo told by a browser").await;
    service.wait_for("leo", 1).await;
    eventually("the push is written down", async || {
        let sql = "SELECT outcome FROM deliveries WHERE outcome = 'sent'";
        (!server.look("chat", sql).await.is_empty()).then_some(())
    })
    .await;
    leo.put(&format!("/api/rooms/{other}/read"), json!({"seq": read["seq"]})).await.expect(204);
    let path = |message: &Value| format!("/api/rooms/{room}/messages/{}", id(message));
    ana.delete(&path(&deleted)).await.expect(204);
    ana.patch(&path(&edited), json!({"text": "@leo after"})).await.expect(200);
    let member = format!("/api/rooms/{left}/members/{}", leo.id().await);
    ana.delete(&member).await.expect(204);
    assert!(mails.offered("leo").is_empty(), "it is not the hour");
    choose(&leo, "soon").await;
    let mail = mails.wait_for("leo", 1).await.remove(0);
    assert_eq!(mail.header("subject"), "2 unread messages for you");
    let text = mail.text();
    assert!(text.contains("@leo after") && text.contains("@leo two"), "{text}");
    for gone in ["before", "deleted", "read elsewhere", "that you left", "told by"] {
        assert!(!text.contains(gone), "{gone} is in {text}");
    }
    let not = "not wanted";
    until_outcomes(&server, &[not, not, not, "sent", "sent", not]).await;
    assert_eq!(mails.offered("leo").len(), 1);
}

#[tokio::test]
async fn a_thread_gathers_for_itself_and_of_many_messages_the_newest_are_shown() {
    let mails = MailServer::start().await;
    let server = server(&mails).await;
    let (ana, leo, room) = kitchen(&server).await;
    let begin = id(&leo.say(&room, "a question").await);
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let reply = json!({"text": "an answer", "thread": begin});
    let reply = ana.put(&path, reply).await.expect(201);
    let first = mails.wait_for("leo", 1).await.remove(0);
    assert!(first.header("references").starts_with("<thread."), "{}", first.header("references"));
    let link = format!("/r/{room}/t/{begin}/m/{}", id(&reply));
    assert_eq!(first.link("/r/"), server.url(&link));
    choose(&leo, "hourly").await;
    for number in 0..23 {
        ana.say(&room, &format!("@leo number-{number}-")).await;
    }
    until_outcomes(&server, &[&["sent"][..], &[""; 23]].concat()).await;
    choose(&leo, "soon").await;
    let many = mails.wait_for("leo", 2).await.remove(1);
    assert_eq!(many.header("subject"), "23 unread messages for you");
    let text = many.text();
    assert!(text.contains("and 3 more"), "{text}");
    assert!(text.contains("number-3-") && text.contains("number-22-"), "{text}");
    assert!(!text.contains("number-2-"), "{text}");
}

/// Whether mails to `person` show texts, and whether the server lets them.
async fn shows_text(person: &Person) -> (bool, bool) {
    let choice = person.get("/api/me/notices/mail").await.expect(200);
    (choice["show_text"] == json!(true), choice["text_allowed"] == json!(true))
}

async fn show_text(person: &Person, wanted: bool) {
    let body = json!({"pace": "soon", "show_text": wanted});
    person.put("/api/me/notices/mail", body).await.expect(204);
}

#[tokio::test]
async fn who_wants_no_texts_in_mails_is_told_only_who_wrote_and_where() {
    let mails = MailServer::start().await;
    let server = server(&mails).await;
    let (ana, leo, room) = kitchen(&server).await;
    let zoe = server.person("zoe").await;
    ana.bring(&room, &zoe).await;
    show_text(&leo, false).await;
    choose(&leo, "soon").await;
    assert_eq!(shows_text(&leo).await, (false, true), "another pace leaves it as it was");
    assert_eq!(shows_text(&zoe).await, (true, true), "it is one's own");
    let said = ana.say(&room, "@leo and @zoe: tangerine").await;
    let mail = mails.wait_for("leo", 1).await.remove(0);
    assert_eq!(mail.header("subject"), "ana wrote to you in Kitchen");
    assert_eq!(mail.link("/r/"), server.url(&format!("/r/{room}/m/{}", id(&said))));
    assert!(!mail.text().contains("tangerine"), "{}", mail.text());
    let other = mails.wait_for("zoe", 1).await.remove(0);
    assert!(other.text().contains("tangerine"), "{}", other.text());
    show_text(&leo, true).await;
    ana.say(&room, "@leo tangerine again").await;
    let again = mails.wait_for("leo", 2).await.remove(1);
    assert!(again.text().contains("tangerine again"), "{}", again.text());
    let bad = json!({"pace": "soon", "show_text": "no"});
    leo.put("/api/me/notices/mail", bad).await.problem(400, "malformed");
}

#[tokio::test]
async fn an_operator_keeps_texts_out_of_every_mail() {
    let mails = MailServer::start().await;
    let off = "chat.mail.show_text=false".to_owned();
    let set = vec![mails.setting(), "chat.mail.after_s=0".to_owned(), off];
    let server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let (ana, leo, room) = kitchen(&server).await;
    show_text(&leo, true).await;
    assert_eq!(shows_text(&leo).await, (true, false));
    ana.say(&room, "@leo tangerine").await;
    let direct = ana.post("/api/direct", json!({"username": "leo"})).await;
    ana.say(&id(&direct.body), "marmalade").await;
    eventually("both were told", async || {
        (outcomes(&server).await == ["sent", "sent"]).then_some(())
    })
    .await;
    let all: String = mails.offered("leo").iter().map(blackbox::smtp::Letter::text).collect();
    assert!(all.contains("ana wrote to you in Kitchen"), "{all}");
    assert!(!all.contains("tangerine") && !all.contains("marmalade"), "{all}");
}

#[tokio::test]
async fn quiet_hours_hold_and_who_wants_none_gets_none() {
    let mails = MailServer::start().await;
    let server = server(&mails).await;
    let (ana, leo, room) = kitchen(&server).await;
    let zoe = server.person("zoe").await;
    ana.bring(&room, &zoe).await;
    choose(&zoe, "never").await;
    ana.say(&room, "nobody").await;
    let sql = "SELECT CAST(MAX(created_at) AS TEXT) FROM messages";
    let now_ms: i64 = server.look("chat", sql).await[0][0].parse().expect("a time");
    let at = |offset: i64| (now_ms / 60_000 + offset).rem_euclid(1_440);
    let hours = json!({"from_minute": at(-60), "to_minute": at(60), "time_zone": "UTC"});
    let quiet = json!({"level": "mentions", "quiet_hours": hours});
    leo.put("/api/me/notices", quiet).await.expect(204);
    ana.say(&room, "@leo and @zoe at night").await;
    eventually("it waits for the end of the quiet hours", async || {
        let rows = server.look("chat", "SELECT CAST(due_at AS TEXT) FROM mail_notices").await;
        let due: Vec<i64> = rows.iter().filter_map(|row| row[0].parse().ok()).collect();
        (due == [(now_ms / 60_000 + 60) * 60_000]).then_some(())
    })
    .await;
    assert!(mails.offered("leo").is_empty());
    leo.put("/api/me/notices", json!({"level": "mentions"})).await.expect(204);
    choose(&leo, "soon").await;
    mails.wait_for("leo", 1).await;
    let muted = json!({"level": "mentions", "muted_for_s": 3600});
    leo.put(&format!("/api/rooms/{room}/notices"), muted).await.expect(200);
    ana.say(&room, "@leo muted").await;
    let other = ana.room("private", "Attic").await;
    ana.bring(&other, &leo).await;
    ana.say(&other, "@leo aloud").await;
    let loud = mails.wait_for("leo", 2).await.remove(1);
    assert!(loud.text().contains("aloud") && !loud.text().contains("muted"), "{}", loud.text());
    assert!(mails.offered("zoe").is_empty());
}

#[tokio::test]
async fn one_click_ends_the_mails_of_its_person_and_an_altered_link_nobody_s() {
    let mails = MailServer::start().await;
    let server = server(&mails).await;
    let (ana, leo, room) = kitchen(&server).await;
    ana.say(&room, "@leo first").await;
    let link = mails.wait_for("leo", 1).await[0].link("/unsubscribe/");
    let path = link.strip_prefix(&server.url("")).expect("our own").to_owned();
    let token = path.rsplit('/').next().expect("a token").to_owned();
    let flipped = if token.ends_with('A') { "Q" } else { "A" };
    let of_ana = format!("{}{}", &token[..1], &token[1..].replace(&token[20..24], "AAAA"));
    let altered = format!("{}{flipped}", &token[..token.len() - 1]);
    for wrong in [&altered, &of_ana, &token[..22].to_owned(), &"x".to_owned()] {
        for method in [Method::GET, Method::POST] {
            let asked = server.request(method, &format!("/unsubscribe/{wrong}"));
            let answer = Answer::of(asked).await.expect("an answer");
            assert_eq!(answer.status, 404, "{wrong}");
        }
    }
    let page = server.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<form method=\"post\">"), "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
    assert_eq!(pace(&leo).await, "soon", "looking ends nothing");
    let click = server.request(Method::POST, &path).form(&[("List-Unsubscribe", "One-Click")]);
    assert_eq!(Answer::of(click).await.expect("an answer").status, 200);
    assert_eq!((pace(&leo).await, pace(&ana).await), (json!("never"), json!("soon")));
    ana.say(&room, "@leo not told").await;
    let direct = leo.post("/api/direct", json!({"username": "ana"})).await;
    leo.say(&id(&direct.body), "ana still gets hers").await;
    mails.wait_for("ana", 1).await;
    choose(&leo, "soon").await;
    ana.say(&room, "@leo told again").await;
    let again = mails.wait_for("leo", 2).await;
    assert!(again[1].text().contains("told again"), "{}", again[1].text());
    assert!(!again[1].text().contains("not told"), "{}", again[1].text());
}

#[tokio::test]
async fn kill_9_loses_no_mail_and_has_none_taken_twice() {
    let mails = MailServer::start().await;
    let mut server = server(&mails).await;
    let (ana, leo, room) = kitchen(&server).await;
    choose(&leo, "daily").await;
    ana.say(&room, "@leo before the crash").await;
    until_outcomes(&server, &[""]).await;
    server.kill9();
    server.restart().await;
    mails.reply(&[Reply::Silence]);
    choose(&leo, "soon").await;
    eventually("the mail server holds it", async || {
        (mails.offered("leo").len() == 1).then_some(())
    })
    .await;
    server.kill9();
    server.restart().await;
    let taken = mails.wait_for("leo", 1).await;
    until_outcomes(&server, &["sent"]).await;
    let offered = mails.offered("leo");
    assert_eq!((taken.len(), offered.len()), (1, 2), "offered again, taken once");
    assert_eq!(offered[0].header("message-id"), offered[1].header("message-id"));
    server.kill9();
    server.restart().await;
    ana.say(&room, "@leo after the crash").await;
    let next = mails.wait_for("leo", 2).await;
    assert!(next[1].text().contains("after the crash") && !next[1].text().contains("before"));
}

#[tokio::test]
async fn a_mail_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let mails = MailServer::start().await;
    let server = server(&mails).await;
    let (ana, _leo, room) = kitchen(&server).await;
    mails.reply(&[Reply::Line("451 later"), Reply::Line("451 later")]);
    ana.say(&room, "@leo patience").await;
    mails.wait_for("leo", 1).await;
    until_outcomes(&server, &["sent"]).await;
    assert_eq!(mails.offered("leo").len(), 3);
    mails.reply(&[Reply::Line("550 no leo@example.org here")]);
    ana.say(&room, "@leo refused").await;
    until_outcomes(&server, &["sent", "parked"]).await;
    let job = eventually("the job is parked", async || {
        let job = jobs(&server, &["list"])["items"][0].clone();
        (job["state"] == "parked").then_some(job)
    })
    .await;
    assert_eq!(
        (&job["kind"], &job["last_error"]),
        (&json!("notify"), &json!("the function refuses this mail"),)
    );
    assert!(!server.log().contains("leo@example.org"), "no log has an address");
    assert_eq!(jobs(&server, &["retry", "all"])["retried"], 1);
    let told = mails.wait_for("leo", 2).await;
    assert!(told[1].text().contains("refused"), "{}", told[1].text());
    until_outcomes(&server, &["sent", "sent"]).await;
}

#[tokio::test]
async fn with_the_function_down_the_mail_waits_and_leaves_when_it_is_back() {
    let mails = MailServer::start().await;
    let (port, folder) = (free_port(), tempfile::tempdir().expect("a temporary folder"));
    let mut set = functions::settings(port).to_vec();
    set.push("chat.mail.after_s=0".to_owned());
    let server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let (ana, _leo, room) = kitchen(&server).await;
    ana.say(&room, "@leo while it is down").await;
    let job = eventually("it was tried", async || {
        let job = jobs(&server, &["list"])["items"][0].clone();
        (job["attempts"].as_i64() >= Some(1) && job["last_error"].is_string()).then_some(job)
    })
    .await;
    assert_eq!((&job["kind"], &job["state"]), (&json!("notify"), &json!("waiting")), "{job}");
    assert!(!job.to_string().contains("while it"), "a list of jobs tells no text: {job}");
    ana.say(&room, "@leo more").await;
    let _functions = functions::start(folder.path(), port, &[mails.setting()]);
    let mail = mails.wait_for("leo", 1).await.remove(0);
    assert!(mail.text().contains("while it is down"), "{}", mail.text());
    until_outcomes(&server, &["sent", "sent"]).await;
    eventually("no job is left", async || {
        (jobs(&server, &["list"])["items"] == json!([])).then_some(())
    })
    .await;
}

/// A request to the function, as somebody with this secret makes it.
async fn notify(server: &TestServer, secret: &str, body: &Value) -> Answer {
    let text = body.to_string();
    let signature = functions::signature(secret, "notify", text.as_bytes());
    let request =
        server.request(Method::POST, "/fn/notify").header("tertulia-signature", signature);
    Answer::of(request.body(text)).await.expect("an answer")
}

#[tokio::test]
async fn the_function_mails_for_who_signs_and_takes_nothing_out_of_its_bounds() {
    let mails = MailServer::start().await;
    let secret = format!("functions.secret={}", functions::SECRET);
    let set = vec![mails.setting(), secret];
    let server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let item = json!({"sender": "Ana", "text": "hola", "url": "https://chat.example/r/1/m/2"});
    let good = json!({
        "id": "1@chat.example", "to": "leo@example.org", "language": "es", "name": "Leo",
        "items": [item], "inbox_url": "https://chat.example/inbox",
        "settings_url": "https://chat.example/you", "unsubscribe_url": "https://chat.example/u/1",
    });
    notify(&server, "another secret", &good).await.problem(401, "unauthenticated");
    for (field, bad) in [
        ("id", json!("1@chat.example\r\nBcc: eve@example.org")),
        ("belongs_to", json!("no id")),
        ("to", json!("")),
        ("to", json!("leo@example.org, eve@example.org")),
        ("name", json!("x".repeat(1_001))),
        ("items", json!([])),
        ("items", json!(vec![item.clone(); 21])),
        ("more", json!(1_000_001)),
        ("inbox_url", json!("javascript:alert(1)")),
        ("unsubscribe_url", json!("https://chat.example/>\r\nBcc: eve@example.org")),
    ] {
        let mut body = good.clone();
        body[field] = bad;
        let answer = notify(&server, functions::SECRET, &body).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text);
        assert_eq!(answer.body["errors"][0]["field"], field, "{}", answer.text);
    }
    let mut unknown = good.clone();
    unknown["bcc"] = json!("eve@example.org");
    notify(&server, functions::SECRET, &unknown).await.problem(400, "malformed");
    assert!(mails.offered("leo").is_empty() && mails.offered("eve").is_empty());
    assert_eq!(notify(&server, functions::SECRET, &good).await.status, 204);
    let mail = mails.wait_for("leo", 1).await.remove(0);
    assert_eq!(mail.header("message-id"), "<1@chat.example>");
    assert!(mail.text().contains("Ana te escribi"), "{}", mail.text());
}

#[tokio::test]
async fn the_choice_is_one_s_own_and_one_of_four() {
    let server = TestServer::start().await;
    let (ana, eve) = (server.person("ana").await, server.person("eve").await);
    let fresh = ana.get("/api/me/notices/mail").await.expect(200);
    let wanted = json!({"available": true, "pace": "soon", "soon_s": 600, "daily_hour": 8,
        "show_text": true, "text_allowed": true});
    assert_eq!(fresh, wanted);
    let desk = ana.socket().await;
    for pace in ["hourly", "daily", "never", "soon", "daily"] {
        choose(&ana, pace).await;
    }
    desk.event("noticesChanged", |_| true).await;
    assert_eq!((pace(&ana).await, pace(&eve).await), (json!("daily"), json!("soon")));
    for bad in [json!({"pace": "yearly"}), json!({}), json!({"pace": "soon", "person": 1})] {
        ana.put("/api/me/notices/mail", bad).await.problem(400, "malformed");
    }
    server.get("/api/me/notices/mail").await.problem(401, "unauthenticated");
}

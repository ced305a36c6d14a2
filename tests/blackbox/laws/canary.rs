//! Canary: what is said in a room is nowhere in the clear, and what is deleted is nowhere at all.

use std::path::Path;

use base64::Engine;
use blackbox::person::id;
use blackbox::{Person, TestServer};
use serde_json::json;
use uuid::Uuid;

/// Every file below `folder` in which `word` can be read, in any of the usual spellings.
fn find_raw(folder: &Path, word: &str) -> Vec<String> {
    let needles = spellings(word);
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path)
                && needles.iter().any(|needle| memchr::memmem::find(&bytes, needle).is_some())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// The word as UTF-8, UTF-16, hexadecimal, reversed, and inside base64 at each alignment.
fn spellings(word: &str) -> Vec<Vec<u8>> {
    let utf16 = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex = blackbox::database::hex(word.as_bytes());
    let reversed = word.bytes().rev().collect();
    let mut all = vec![word.as_bytes().to_vec(), utf16, hex.into_bytes(), reversed];
    for skip in 0..3 {
        let packed = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&word[skip..]);
        all.push(packed.as_bytes()[..packed.len() - 2].to_vec());
    }
    all
}

/// All rows of all tables of PostgreSQL in which `word` can be read; SQLite's are files.
async fn find_rows(server: &TestServer, word: &str) -> Vec<String> {
    if blackbox::environment::postgres_server().is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for service in ["chat", "identity"] {
        let tables =
            format!("SELECT tablename::text FROM pg_tables WHERE schemaname = '{service}'");
        for table in server.look(service, &tables).await.concat() {
            let rows = format!("SELECT t::text FROM {service}.\"{table}\" t");
            let rows = server.look(service, &rows).await.concat();
            let needles = spellings(word);
            let clear = rows.iter().filter(|row| {
                needles.iter().any(|needle| memchr::memmem::find(row.as_bytes(), needle).is_some())
            });
            found.extend(clear.map(|row| format!("{table}: {row}")));
        }
    }
    found
}

/// Says words in every way there is; answers the room, the words, and the deleted ones of them.
async fn say_words(ana: &Person, leo: &Person) -> (String, Vec<String>, Vec<String>) {
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, leo).await;
    let word = || format!("canary{}", Uuid::new_v4().simple());
    let words: Vec<String> = (0..9).map(|_| word()).collect();
    let path = format!("/api/rooms/{room}/messages");
    let kept = ana.say(&room, &words[0]).await;
    let changed = id(&ana.say(&room, &words[1]).await);
    ana.patch(&format!("{path}/{changed}"), json!({"text": words[2]})).await.expect(200);
    let deleted = id(&ana.say(&room, &words[3]).await);
    ana.delete(&format!("{path}/{deleted}")).await.expect(204);
    let socket = leo.listen(&room).await;
    let body = json!({"room": room, "text": words[4], "client_message_id": Uuid::new_v4()});
    socket.call("sendMessage", body).await;
    let refused = format!("{path}/{}", kept["client_message_id"].as_str().expect("an id"));
    ana.put(&refused, json!({"text": words[5]})).await.problem(409, "conflict");
    leo.put(&format!("/api/rooms/{room}/draft"), json!({"text": words[6]})).await.expect(200);
    let reply = json!({"text": format!("{} @leo", words[7]), "thread": kept["id"]});
    let fresh = || format!("{path}/{}", Uuid::new_v4());
    ana.put(&fresh(), reply).await.expect(201);
    let called = id(&ana.say(&room, &format!("{} @leo", words[8])).await);
    leo.put(&fresh(), json!({"text": "look", "quote": called})).await.expect(201);
    ana.delete(&format!("{path}/{called}")).await.expect(204);
    let gone = [1, 3, 5, 8].map(|at| words[at].clone()).to_vec();
    (room, words, gone)
}

#[tokio::test]
async fn a_word_said_in_a_room_is_in_no_file_and_no_log() {
    let mut server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let (room, words, _) = say_words(&ana, &leo).await;
    assert!(json!(leo.history(&room).await).to_string().contains(&words[0]), "it was said");
    for look in ["while it runs", "after it was killed"] {
        for word in &words {
            assert_eq!(find_raw(server.data_dir(), word), Vec::<String>::new(), "{look}");
            assert_eq!(find_rows(&server, word).await, Vec::<String>::new(), "{look}");
            assert!(!server.log().contains(word), "in the log, {look}");
        }
        server.kill9();
    }
    server.restart().await;
    assert!(json!(leo.history(&room).await).to_string().contains(&words[0]), "and it is kept");
    assert!(server.terminate(std::time::Duration::from_secs(30)).is_some(), "it stops in time");
    for word in &words {
        assert_eq!(find_raw(server.data_dir(), word), Vec::<String>::new(), "after a clean stop");
    }
}

#[tokio::test]
async fn tokens_passwords_and_addresses_are_in_no_log_and_no_row() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let mut browser = blackbox::Browser::new(&server);
    browser.sign_in("ana", blackbox::server::PASSWORD).await;
    let cookies = browser.cookie_header();
    let mut secrets: Vec<&str> = vec![&ana.token, blackbox::server::PASSWORD, "ana@example.org"];
    secrets.extend(cookies.split("; ").filter_map(|cookie| cookie.split_once('=')).map(|c| c.1));
    for secret in secrets.into_iter().filter(|secret| secret.len() >= 12) {
        assert!(!server.log().contains(secret), "{secret} is in the log");
        let mut found = find_raw(server.data_dir(), secret);
        if secret.contains('@') {
            // Letters in the folder of mail have their receiver on them, as they must.
            found.retain(|path| Path::new(path).extension().is_none_or(|kind| kind != "eml"));
        }
        assert_eq!(found, Vec::<String>::new(), "{secret}");
        assert_eq!(find_rows(&server, secret).await, Vec::<String>::new(), "{secret}");
    }
}

/// What the gateway `file` was given, as soon as it was given so much.
async fn texted(server: &TestServer, count: usize) -> Vec<serde_json::Value> {
    let file = server.data_dir().join("sms/file.jsonl");
    blackbox::wait::eventually("a text message", async || {
        let lines = std::fs::read_to_string(&file).ok()?;
        let messages = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let messages: Vec<serde_json::Value> = messages.collect();
        (messages.len() >= count).then_some(messages)
    })
    .await
}

/// Six digits that are not the fraction of a time.
fn has_code(log: &str, code: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
    log.match_indices(code).any(|(at, _)| {
        let (before, after) = (log[..at].chars().last(), log[at + code.len()..].chars().next());
        !digit(before) && !digit(after)
    })
}

#[tokio::test]
async fn a_number_and_a_code_are_where_they_were_sent_and_nowhere_else() {
    let mut options = blackbox::server::Options::default().unlimited();
    let down = "{name=\"down\",driver=\"http\",url=\"http://127.0.0.1:1/?{to}&{text}\"}";
    let gateways = format!("sms.gateways=[{down},{{name=\"file\",driver=\"file\"}}]");
    options.set.extend(["sms.countries=[\"ES\"]".to_owned(), gateways]);
    let server = TestServer::with(options).await;
    server.person("ana").await;
    let mut browser = blackbox::Browser::new(&server);
    assert_eq!(browser.open("/id/login?to=account/security/phone").await, 200);
    browser.submit(&[("username", "ana"), ("password", blackbox::server::PASSWORD)]).await;
    browser.submit(&[("country", "ES"), ("number", "600 111 222")]).await;
    let first = texted(&server, 1).await;
    let code = |sms: &serde_json::Value| {
        let text = sms["text"].as_str().expect("a text");
        text.rsplit('#').next().expect("a code").to_owned()
    };
    assert_eq!(browser.submit(&[("code", &code(&first[0])), ("name", "Phone")]).await, 200);
    let mut other = blackbox::Browser::new(&server);
    assert_eq!(other.open("/id/login?to=account").await, 200);
    other.submit(&[("username", "ana"), ("password", blackbox::server::PASSWORD)]).await;
    let sent = texted(&server, 2).await;
    other.submit(&[("code", "000000")]).await;
    assert_eq!(other.submit(&[("code", &code(&sent[1]))]).await, 200, "{}", other.page);
    assert!(server.log().contains("SMS gateway down"), "the detector sees what is there");
    for secret in ["600111222", "is your Tertulia code"] {
        assert!(!server.log().contains(secret), "{secret} is in the log");
        let mut found = find_raw(server.data_dir(), secret);
        found.retain(|path| !path.ends_with("sms/file.jsonl"));
        assert_eq!(found, Vec::<String>::new(), "{secret}");
        assert_eq!(find_rows(&server, secret).await, Vec::<String>::new(), "{secret}");
    }
    for sms in &sent {
        assert!(!has_code(&server.log(), &code(sms)), "a code is in the log");
    }
    let audit = server.look("identity", "SELECT detail FROM audit").await.concat().join("\n");
    assert!(audit.contains("sms"), "the detector sees what is there: {audit}");
    assert!(!sent.iter().any(|sms| has_code(&audit, &code(sms))), "{audit}");
}

#[tokio::test]
async fn a_deleted_or_replaced_text_is_not_to_be_had_by_anyone() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let (room, words, gone) = say_words(&ana, &leo).await;
    let mut seen = String::new();
    for person in [&ana, &leo] {
        let history = person.history(&room).await;
        for message in &history {
            let around = person.messages(&room, &format!("around={}", id(message))).await;
            seen.push_str(&around.to_string());
            if message["deleted"] == true {
                let revisions = format!("/api/rooms/{room}/messages/{}/revisions", id(message));
                seen.push_str(&person.get(&revisions).await.text);
            } else {
                let thread = format!("/api/rooms/{room}/threads/{}", id(message));
                seen.push_str(&person.get(&thread).await.text);
            }
        }
        let lists = ["mentions", "saved", "threads", "drafts", "unread"];
        for path in lists.map(|list| format!("/api/{list}")) {
            seen.push_str(&person.get(&path).await.text);
        }
        seen.push_str(&json!(history).to_string());
        seen.push_str(&json!(person.events(&room, 0).await).to_string());
        for path in ["/api/rooms", &format!("/api/rooms/{room}"), "/api/me", "/api/direct"] {
            seen.push_str(&person.get(path).await.text);
        }
        let socket = person.socket().await;
        socket.call("join", json!({"room": room, "after": 0})).await;
        let sentinel = person.say(&room, "sentinel").await;
        socket.event("message", |event| event["id"] == sentinel["id"]).await;
        seen.extend(socket.seen().iter().map(|event| event.body.to_string()));
    }
    for word in gone {
        assert!(!seen.contains(&word), "{word} can still be had");
    }
    for kept in [0, 2, 4, 6, 7].map(|at| &words[at]) {
        assert!(seen.contains(kept), "the detector sees what is there");
    }
}

#[tokio::test]
async fn who_listens_through_a_deletion_and_comes_back_gets_no_old_text() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let word = format!("canary{}", Uuid::new_v4().simple());
    let listening = leo.listen(&room).await;
    let message = ana.say(&room, &word).await;
    listening.event("message", |event| event["text"] == word.as_str()).await;
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&message))).await.expect(204);
    listening.event("messageDeleted", |_| true).await;
    let back = leo.socket().await;
    back.call("join", json!({"room": room, "after": 0})).await;
    back.event("messageDeleted", |_| true).await;
    let heard = json!(back.seen().iter().map(|event| event.body.clone()).collect::<Vec<_>>());
    assert!(!heard.to_string().contains(&word), "from the ring of frames: {heard}");
}

#[test]
fn the_detector_finds_a_word_in_every_spelling() {
    let folder = tempfile::tempdir().expect("a folder");
    let word = "canary0123456789abcdef";
    for (at, spelling) in spellings(word).into_iter().enumerate() {
        let name = folder.path().join("deep");
        std::fs::create_dir_all(&name).expect("a folder");
        let mut bytes = vec![b'x'; 5000];
        bytes.extend(spelling);
        std::fs::write(name.join("file"), bytes).expect("a file");
        assert_eq!(find_raw(folder.path(), word).len(), 1, "spelling {at}");
    }
    assert!(find_raw(folder.path(), "another-word").is_empty());
}

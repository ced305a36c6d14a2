//! Where files are kept, and the links by which they leave.

use blackbox::client::{Answer, method};
use blackbox::files::{fetched, find, has, photograph};
use blackbox::person::id;
use blackbox::server::Options;
use blackbox::wait::eventually;
use blackbox::{Person, TestServer};
use serde_json::{Value, json};
use uuid::Uuid;

/// A message of `person` with one file.
async fn send(person: &Person, room: &str, name: &str, bytes: &[u8]) -> Value {
    let file = person.upload(room, name, bytes).await;
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    person.put(&path, json!({"text": "", "files": [file]})).await.expect(201)
}

fn words(text: &Value) -> String {
    text.as_str().expect("a text").to_owned()
}

/// Where `path` leads that person.
async fn led(person: &Person, path: &str) -> String {
    let answer = person.get(path).await;
    assert_eq!((answer.status, answer.header("cache-control")), (302, "no-store"));
    answer.header("location").to_owned()
}

/// The answer to somebody with a link and nothing else.
async fn open(server: &TestServer, link: &str) -> Answer {
    Answer::of(server.request(method("get"), link)).await.expect("an answer")
}

#[tokio::test]
async fn a_private_file_leaves_by_a_signed_link_that_ends_with_the_membership() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let word = Uuid::new_v4().to_string();
    let lines: Vec<String> = (0..9_000).map(|line| format!("{line} {word}")).collect();
    let text = lines.join("\n");
    let said = send(&ana, &room, "notes.txt", text.as_bytes()).await;
    let link = led(&leo, &words(&said["files"][0]["link"])).await;
    let (status, headers, bytes) = fetched(server.request(method("get"), &link)).await;
    assert_eq!((status, bytes == text.as_bytes()), (200, true));
    assert_eq!(headers["cache-control"], "private, max-age=300");
    assert_eq!(headers["content-length"], text.len().to_string());
    assert_eq!(find(server.data_dir(), &word), Vec::<String>::new(), "in the clear");
    eve.get(&words(&said["files"][0]["link"])).await.problem(404, "not_found");
    let own = led(&leo, &words(&said["files"][0]["link"])).await;
    assert_eq!(own, link, "the same while it is good, so that browsers keep what they have");
    for (from, to) in
        [("whole", "small"), (&leo.id().await, &eve.id().await), ("expires=", "expires=9")]
    {
        open(&server, &link.replace(from, to)).await.problem(404, "not_found");
    }
    let forged = format!("{}{}", &link[..link.len() - 64], "0".repeat(64));
    open(&server, &forged).await.problem(404, "not_found");
    let of_ana = led(&ana, &words(&said["files"][0]["link"])).await;
    ana.delete(&format!("/api/rooms/{room}/members/{}", leo.id().await)).await.expect(204);
    open(&server, &link).await.problem(404, "not_found");
    assert_eq!(open(&server, &of_ana).await.status, 200);
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&said))).await.expect(204);
    open(&server, &of_ana).await.problem(404, "not_found");
}

#[tokio::test]
async fn any_part_of_a_file_can_be_had_alone() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    for kind in ["private", "public"] {
        let room = ana.room(kind, &format!("Kitchen {kind}")).await;
        let numbers: Vec<String> = (0..30_000).map(|number| number.to_string()).collect();
        let text = numbers.join(" ");
        let said = send(&ana, &room, "numbers.txt", text.as_bytes()).await;
        let path = words(&said["files"][0]["link"]);
        let link = if kind == "public" { path } else { led(&ana, &path).await };
        let all = text.len();
        let last = all - 1;
        let parts = [
            ("bytes=0-0".to_owned(), 0..1),
            ("bytes=65530-65545".to_owned(), 65_530..65_546),
            ("bytes=1000-140000".to_owned(), 1_000..140_001),
            (format!("bytes={last}-"), last..all),
            ("bytes=-7".to_owned(), all - 7..all),
            ("bytes=0-999999999".to_owned(), 0..all),
        ];
        for (asked, range) in parts {
            let request = server.request(method("get"), &link).header("range", &asked);
            let (status, headers, bytes) = fetched(request).await;
            let said = format!("bytes {}-{}/{all}", range.start, range.end - 1);
            assert_eq!((status, &headers["content-range"]), (206, &said.parse().unwrap()));
            assert!(bytes == text.as_bytes()[range], "{kind} {asked}");
        }
        let request = server.request(method("get"), &link).header("range", format!("bytes={all}-"));
        let (status, headers, bytes) = fetched(request).await;
        assert_eq!((status, bytes.len()), (416, 0));
        assert_eq!(headers["content-range"], format!("bytes */{all}"));
    }
}

#[tokio::test]
async fn files_of_public_rooms_are_kept_as_they_are_until_they_are_public_no_longer() {
    let set = vec!["chat.files.public_base_url=https://cdn.example.org/x/".to_owned()];
    let mut server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let ana = server.person("ana").await;
    let (garden, terrace) =
        (ana.room("public", "Garden").await, ana.room("public", "Terrace").await);
    let (word, other) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let picture = send(&ana, &garden, "sun.jpg", &photograph(1200, 800, "x")).await;
    let gone = send(&ana, &garden, "a.html", word.as_bytes()).await;
    let closed = send(&ana, &terrace, "b.txt", other.as_bytes()).await;
    let here = |link: &Value| words(link).replace("https://cdn.example.org/x/", "/media/");
    for (link, kind, how) in [
        (&picture["files"][0]["link"], "image/jpeg", "inline"),
        (&picture["files"][0]["thumbnail"], "image/jpeg", "inline"),
        (&gone["files"][0]["link"], "application/octet-stream", "attachment"),
    ] {
        assert!(words(link).starts_with("https://cdn.example.org/x/public/"), "{link}");
        let (status, headers, bytes) = fetched(server.request(method("get"), &here(link))).await;
        assert_eq!((status, &headers["content-type"]), (200, &kind.parse().unwrap()));
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers["content-disposition"].to_str().expect("ASCII").starts_with(how));
        assert!(!has(&bytes, "Exif"));
    }
    assert_eq!(find(&server.data_dir().join("blobs/public"), &word).len(), 1);
    assert_eq!(find(&server.data_dir().join("blobs/public"), &other).len(), 1);
    ana.delete(&format!("/api/rooms/{garden}/messages/{}", id(&gone))).await.expect(204);
    ana.patch(&format!("/api/rooms/{terrace}"), json!({"kind": "private"})).await.expect(200);
    open(&server, &here(&gone["files"][0]["link"])).await.problem(404, "not_found");
    open(&server, &here(&closed["files"][0]["link"])).await.problem(404, "not_found");
    let path = words(&ana.history(&terrace).await[0]["files"][0]["link"]);
    assert!(path.starts_with("/api/files/"), "{path}");
    assert_eq!(open(&server, &led(&ana, &path).await).await.text, other);
    // What is cleared away from time to time is also cleared away at the start.
    server.kill9();
    server.restart().await;
    eventually("both are sealed", async || {
        let read = [&word, &other].map(|word| find(server.data_dir(), word));
        read.iter().all(Vec::is_empty).then_some(())
    })
    .await;
    assert_eq!(open(&server, &led(&ana, &path).await).await.text, other);
    assert_eq!(open(&server, &here(&picture["files"][0]["link"])).await.status, 200);
}

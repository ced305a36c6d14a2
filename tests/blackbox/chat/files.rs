//! Files: uploads that go on, pictures made anew, and everything hostile.

use std::convert::Infallible;

use base64::Engine as _;
use blackbox::bombs;
use blackbox::client::{Answer, method};
use blackbox::files::{
    boasting, boasting_deep, boasting_jpeg, fetched, find, has, photograph, picture,
};
use blackbox::person::id;
use blackbox::process::peak_kib;
use blackbox::server::{Options, PASSWORD};
use blackbox::wait::eventually;
use blackbox::{Browser, Person, TestServer};
use futures::channel::mpsc::{Sender, channel};
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use image::ImageFormat;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

async fn kitchen(server: &TestServer) -> (Person, Person, String) {
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    (ana, leo, room)
}

async fn post(person: &Person, room: &str, body: Value) -> Answer {
    person.put(&format!("/api/rooms/{room}/messages/{}", Uuid::new_v4()), body).await
}

/// The bytes that a path leads to, with what the answer says of them.
async fn fetch(person: &Person, path: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let led = person.get(path).await;
    assert_eq!(led.status, 302, "{}", led.text);
    fetched(person.request(method("get"), led.header("location"))).await
}

#[tokio::test]
async fn a_picture_is_made_anew_and_reaches_members_as_long_as_the_message_stands() {
    let server = TestServer::start().await;
    let (ana, leo, room) = kitchen(&server).await;
    let eve = server.person("eve").await;
    let (word, socket) = (Uuid::new_v4().to_string(), leo.listen(&room).await);
    let file = ana.upload(&room, "beach.jpg", &photograph(1200, 800, &word)).await;
    let said = post(&ana, &room, json!({"text": "", "files": [file]})).await.expect(201);
    let shown = said["files"][0].clone();
    assert_eq!((&shown["id"], &shown["name"]), (&json!(file), &json!("beach.jpg")));
    assert_eq!((&shown["width"], &shown["height"]), (&json!(800), &json!(1200)), "upright");
    assert_eq!(shown["media_type"], "image/jpeg");
    assert!(shown["blurhash"].as_str().is_some_and(|hash| hash.len() == 28), "{shown}");
    let heard = socket.event("message", |event| event["id"] == said["id"]).await;
    assert_eq!(heard["files"], said["files"]);
    assert_eq!(leo.history(&room).await[0]["files"], said["files"]);
    let (link, small) = (format!("/api/files/{file}"), format!("/api/files/{file}/thumbnail"));
    assert_eq!((&shown["link"], &shown["thumbnail"]), (&json!(link), &json!(small)));
    for (path, side) in [(&link, 1200), (&small, 960)] {
        let (status, headers, bytes) = fetch(&leo, path).await;
        assert_eq!((status, &headers["content-type"]), (200, &"image/jpeg".parse().unwrap()));
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(!has(&bytes, &word) && !has(&bytes, "Exif"), "{path} says where it was taken");
        let read = image::load_from_memory(&bytes).expect("a picture");
        assert_eq!(read.height(), side);
        eve.get(path).await.problem(404, "not_found");
    }
    ana.delete(&format!("/api/rooms/{room}/members/{}", leo.id().await)).await.expect(204);
    leo.get(&link).await.problem(404, "not_found");
    assert_eq!(ana.get(&link).await.status, 302);
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&said))).await.expect(204);
    ana.get(&link).await.problem(404, "not_found");
    ana.get(&small).await.problem(404, "not_found");
    assert_eq!(ana.history(&room).await[0].get("files"), None);
}

#[tokio::test]
async fn a_cut_upload_goes_on_where_it_ended_even_after_kill_9() {
    let mut server = TestServer::start().await;
    let (ana, leo, room) = kitchen(&server).await;
    let word = Uuid::new_v4().to_string();
    let bytes = word.repeat(20_000).into_bytes();
    let path =
        ana.begin_upload(&room, "notes.txt", bytes.len()).await.header("location").to_owned();
    let first = ana.send_part(&path, 0, &bytes[..300_000]).await;
    assert_eq!((first.status, first.header("upload-offset")), (204, "300000"));
    server.kill9();
    server.restart().await;
    let at = ana.tus("head", &path).await;
    assert_eq!((at.status, at.header("upload-offset")), (200, "300000"));
    assert_eq!(at.header("upload-length"), bytes.len().to_string());
    ana.send_part(&path, 299_999, &bytes[299_999..]).await.problem(409, "conflict");
    leo.send_part(&path, 300_000, &bytes[300_000..]).await.problem(404, "not_found");
    let file = path.rsplit('/').next().expect("an id");
    let early = post(&ana, &room, json!({"text": "too early", "files": [file]})).await;
    early.problem(422, "invalid");
    assert_eq!(find(server.data_dir(), &word), Vec::<String>::new(), "of a part in the clear");
    assert_eq!(ana.send_part(&path, 300_000, &bytes[300_000..]).await.status, 204);
    let said = post(&ana, &room, json!({"text": "here", "files": [file]})).await.expect(201);
    assert_eq!(said["files"][0]["media_type"], "text/plain");
    let (status, headers, got) = fetch(&leo, &format!("/api/files/{file}")).await;
    assert_eq!((status, got == bytes), (200, true));
    assert_eq!(headers["content-disposition"], "attachment; filename*=UTF-8''notes.txt");
    assert_eq!(find(server.data_dir(), &word), Vec::<String>::new(), "of a file in the clear");
}

#[tokio::test]
async fn what_is_no_picture_is_only_ever_a_download_whatever_it_is_called() {
    let server = TestServer::start().await;
    let (ana, leo, room) = kitchen(&server).await;
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let html = "<!DOCTYPE html><script>alert(1)</script>";
    let names = [
        ("../../cat.svg", svg, "cat.svg"),
        ("cat.png", html, "cat.png"),
        ("C:\\x\\\u{202e}gnp.html", html, "gnp.html"),
        ("\"><img src=x onerror=alert(1)>", svg, "\"><img src=x onerror=alert(1)>"),
    ];
    for (name, content, clean) in names {
        let file = ana.upload(&room, name, content.as_bytes()).await;
        let said = post(&ana, &room, json!({"text": "", "files": [file]})).await.expect(201);
        assert_eq!(said["files"][0]["name"], clean);
        assert_eq!(said["files"][0].get("thumbnail"), None);
        let (status, headers, bytes) = fetch(&leo, &format!("/api/files/{file}")).await;
        assert_eq!((status, bytes.as_slice()), (200, content.as_bytes()));
        assert_eq!(headers["content-type"], "application/octet-stream");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let disposition = headers["content-disposition"].to_str().expect("ASCII");
        assert!(disposition.starts_with("attachment; filename*=UTF-8''"), "{disposition}");
        assert!(!disposition.contains(['"', '<', '/']), "{disposition}");
        let policy = headers["content-security-policy"].to_str().expect("ASCII");
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
        leo.get(&format!("/api/files/{file}/thumbnail")).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn bombs_and_damaged_pictures_are_refused_and_leave_nothing() {
    let server = TestServer::start().await;
    let (ana, _, room) = kitchen(&server).await;
    let whole = picture(64, 64, ImageFormat::Png);
    let hostile = [
        boasting(20_000, 20_000),
        boasting(8_000, 8_000),
        boasting(17_000, 8),
        boasting_jpeg(60_000),
        picture(16_001, 1, ImageFormat::Png),
        whole[..whole.len() / 2].to_vec(),
        b"\x89PNG\r\n\x1a\n and nothing of the kind".to_vec(),
        b"GIF89a\xff\xff\xff\xff".to_vec(),
    ];
    let before_kib = peak_kib(server.pid());
    for bytes in hostile {
        let begun = ana.begin_upload(&room, "cat.png", bytes.len()).await;
        let path = begun.header("location").to_owned();
        ana.send_part(&path, 0, &bytes).await.problem(422, "invalid");
        assert_eq!(ana.tus("head", &path).await.status, 404, "it is gone");
    }
    let grown_kib = peak_kib(server.pid()) - before_kib;
    assert!(grown_kib < 100 * 1024, "refusing took {grown_kib} KiB");
    let kept = std::fs::read_dir(server.data_dir().join("uploads")).expect("the folder of parts");
    assert_eq!(kept.count(), 0);
}

#[tokio::test]
async fn what_is_small_and_would_become_large_stays_small() {
    let server = TestServer::start().await;
    let (ana, leo, room) = kitchen(&server).await;
    let side = 10_000;
    let swollen = bombs::swollen(side);
    ana.upload(&room, "cat.jpg", &bombs::progressive(64)).await;
    let before_kib = peak_kib(server.pid());
    for bytes in [swollen.clone(), bombs::understating_webp(), bombs::progressive(7_000)] {
        assert!(bytes.len() < 2_000_000, "{} bytes", bytes.len());
        let path = ana.begin_upload(&room, "cat", bytes.len()).await.header("location").to_owned();
        ana.send_part(&path, 0, &bytes).await.problem(422, "invalid");
        assert_eq!(ana.tus("head", &path).await.status, 404, "it is gone");
    }
    for bytes in [
        bombs::understating(side),
        bombs::with_profile(128 * 1024 * 1024),
        bombs::moving_gif(5_000),
        bombs::moving_webp(20_000),
    ] {
        let file = ana.upload(&room, "cat", &bytes).await;
        let (_, _, kept) = fetch(&ana, &format!("/api/files/{file}")).await;
        let read = image::load_from_memory(&kept).expect("a picture");
        assert_eq!((read.width(), read.height(), kept.len() < 1_000), (8, 8, true));
    }
    for bytes in [bombs::gzip(&swollen, side * side), bombs::zip(&swollen, side * side)] {
        let file = ana.upload(&room, "cat.svgz", &bytes).await;
        post(&ana, &room, json!({"text": "", "files": [file]})).await.expect(201);
        let (status, headers, kept) = fetch(&leo, &format!("/api/files/{file}")).await;
        assert_eq!((status, kept == bytes), (200, true));
        assert_eq!(headers["content-type"], "application/octet-stream");
        assert_eq!(headers.get("content-encoding"), None);
    }
    let grown_kib = peak_kib(server.pid()) - before_kib;
    assert!(grown_kib < 100 * 1024, "they took {grown_kib} KiB");
}

#[tokio::test]
async fn a_file_a_person_and_a_message_have_bounds() {
    let set = ["chat.files.bytes_max=1000", "chat.files.quota_bytes=2500"];
    let set = set.map(str::to_owned).to_vec();
    let server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let (ana, leo, room) = kitchen(&server).await;
    ana.begin_upload(&room, "x", 0).await.problem(422, "invalid");
    ana.begin_upload(&room, "x", 1001).await.problem(413, "too_large");
    let begun = ana.begin_upload(&room, "x", 1000).await;
    assert_eq!((begun.status, begun.header("tus-resumable")), (201, "1.0.0"));
    let path = begun.header("location").to_owned();
    ana.send_part(&path, 0, &[b'x'; 1001]).await.problem(413, "too_large");
    assert_eq!(ana.begin_upload(&room, "x", 1000).await.status, 201);
    ana.begin_upload(&room, "x", 1000).await.problem(413, "over_quota");
    assert_eq!(leo.begin_upload(&room, "x", 1000).await.status, 201, "each has their own");
    assert_eq!(leo.tus("delete", &path).await.status, 404, "of somebody else");
    assert_eq!(ana.tus("delete", &path).await.status, 204);
    assert_eq!(ana.tus("head", &path).await.status, 404);
    assert_eq!(ana.begin_upload(&room, "x", 1000).await.status, 201, "there is place again");
    let old = ana.request(method("head"), &path).header("tus-resumable", "0.2.2");
    assert_eq!(Answer::of(old).await.expect("an answer").status, 412);
    let many: Vec<Uuid> = (0..11).map(|_| Uuid::new_v4()).collect();
    post(&ana, &room, json!({"text": "x", "files": many})).await.problem(422, "invalid");
    post(&ana, &room, json!({"text": ""})).await.problem(422, "invalid");
    let eve = server.person("eve").await;
    eve.begin_upload(&room, "x", 10).await.problem(404, "not_found");
    let asked = server.request(method("options"), "/api/uploads/x");
    let told = Answer::of(asked).await.expect("an answer");
    assert_eq!(told.header("tus-extension"), "creation,expiration,termination");
    assert_eq!(told.header("tus-max-size"), "1000");
}

/// What a deleted message had is kept, and so it counts.
#[tokio::test]
async fn a_file_of_a_deleted_message_makes_no_place_for_another() {
    let set = vec!["chat.files.quota_bytes=1500".to_owned()];
    let server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let (ana, _, room) = kitchen(&server).await;
    let file = ana.upload(&room, "a.txt", &[b'x'; 1000]).await;
    let said = post(&ana, &room, json!({"text": "x", "files": [file]})).await.expect(201);
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&said))).await.expect(204);
    ana.begin_upload(&room, "b.txt", 1000).await.problem(413, "over_quota");
    assert_eq!(ana.begin_upload(&room, "b.txt", 500).await.status, 201);
}

#[tokio::test]
async fn a_message_takes_only_files_of_its_author_and_room_that_no_other_has() {
    let server = TestServer::start().await;
    let (ana, leo, room) = kitchen(&server).await;
    let other = ana.room("public", "Garden").await;
    let file = ana.upload(&room, "a.txt", b"hola").await;
    let unsent = format!("/api/files/{file}");
    assert_eq!(fetch(&ana, &unsent).await.2, b"hola", "one's own before it is sent");
    leo.get(&unsent).await.problem(404, "not_found");
    let body = json!({"text": "mine", "files": [file]});
    post(&leo, &room, body.clone()).await.problem(422, "invalid");
    post(&ana, &other, body.clone()).await.problem(422, "invalid");
    let twice = json!({"text": "x", "files": [file, file]});
    post(&ana, &room, twice).await.problem(422, "invalid");
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let said = ana.put(&path, body.clone()).await.expect(201);
    assert_eq!(ana.put(&path, body.clone()).await.expect(200), said, "again is the same");
    ana.put(&path, json!({"text": "mine"})).await.problem(409, "conflict");
    post(&ana, &room, body).await.problem(422, "invalid");
    assert_eq!(ana.tus("delete", &format!("/api/uploads/{file}")).await.status, 404, "sent");
    let name = base64::engine::general_purpose::STANDARD.encode("a.txt");
    let unread = ana.request(method("post"), &format!("/api/rooms/{room}/uploads"));
    let unread = unread.header("tus-resumable", "1.0.0").header("upload-length", "many");
    let unread = Answer::of(unread.header("upload-metadata", format!("filename {name}"))).await;
    unread.expect("an answer").problem(400, "malformed");
}

#[tokio::test]
async fn pixels_and_what_waits_have_bounds() {
    let set = vec!["chat.files.pixels_max=1000".to_owned()];
    let server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let (ana, _, room) = kitchen(&server).await;
    ana.upload(&room, "a.png", &picture(40, 25, ImageFormat::Png)).await;
    let large = picture(41, 25, ImageFormat::Png);
    let path = ana.begin_upload(&room, "b.png", large.len()).await.header("location").to_owned();
    ana.send_part(&path, 0, &large).await.problem(422, "invalid");
    for _ in 1..100 {
        assert_eq!(ana.begin_upload(&room, "x", 1).await.status, 201);
    }
    ana.begin_upload(&room, "x", 1).await.problem(409, "conflict");
}

#[tokio::test]
async fn a_picture_may_have_few_pixels_enough_and_still_need_too_much_memory() {
    let server = TestServer::start().await;
    let (ana, _, room) = kitchen(&server).await;
    for (bytes, why) in [
        (boasting_deep(6_500, 6_500), "a picture takes at most 335544320 bytes of memory"),
        (boasting_deep(6_400, 6_400), "this picture is damaged"),
        (boasting(6_500, 6_500), "this picture is damaged"),
    ] {
        let begun = ana.begin_upload(&room, "cat.png", bytes.len()).await;
        let sent = ana.send_part(begun.header("location"), 0, &bytes).await;
        sent.problem(422, "invalid");
        assert!(sent.text.contains(why), "{}", sent.text);
        assert_eq!(ana.tus("head", begun.header("location")).await.status, 404, "it is gone");
    }
}

/// A part of an upload whose bytes do not end until the sender is dropped.
fn lasting(person: &Person, path: &str) -> (Sender<String>, JoinHandle<u16>) {
    let (sender, bytes) = channel(1);
    let bytes = bytes.map(|part| Ok::<_, Infallible>(Frame::data(Bytes::from(part))));
    let request = person.request(method("patch"), path).header("tus-resumable", "1.0.0");
    let request = request
        .header("upload-offset", 0)
        .header("content-type", "application/offset+octet-stream")
        .body(reqwest::Body::wrap(StreamBody::new(bytes)));
    let sent = async move { Answer::of(request).await.expect("an answer").status };
    (sender, tokio::spawn(sent))
}

#[tokio::test]
async fn a_person_sends_six_files_at_once_and_another_when_one_of_them_is_whole() {
    let server = TestServer::with(Options::default().unlimited()).await;
    let (ana, leo, room) = kitchen(&server).await;
    let begin = async || ana.begin_upload(&room, "x", 4).await.header("location").to_owned();
    let mut running = Vec::new();
    for _ in 0..6 {
        let path = begin().await;
        running.push(lasting(&ana, &path));
        let parts = server.data_dir().join(path.trim_start_matches("/api/"));
        eventually("it is being received", async || parts.exists().then_some(())).await;
    }
    let path = begin().await;
    let refused = ana.send_part(&path, 0, b"hola").await;
    refused.problem(429, "rate_limited");
    let why = "6 uploads of yours are running; wait for one of them";
    assert_eq!(refused.body["detail"], why);
    leo.upload(&room, "x", b"hola").await;
    let (mut bytes, whole) = running.pop().expect("six");
    bytes.try_send("hola".to_owned()).expect("there is place");
    drop(bytes);
    assert_eq!(whole.await.expect("it does not panic"), 204);
    assert_eq!(ana.send_part(&path, 0, b"hola").await.status, 204);
}

#[tokio::test]
async fn how_far_an_upload_is_can_be_asked_while_it_is_being_sent() {
    let server = TestServer::with(Options::default().unlimited()).await;
    let (ana, leo, room) = kitchen(&server).await;
    let path = ana.begin_upload(&room, "x", 600_000).await.header("location").to_owned();
    let (mut bytes, whole) = lasting(&ana, &path);
    bytes.try_send("x".repeat(300_000)).expect("there is place");
    eventually("a part of it is kept", async || {
        let at = ana.tus("head", &path).await;
        assert_eq!((at.status, at.header("upload-length")), (200, "600000"));
        let kept: usize = at.header("upload-offset").parse().expect("a number");
        (kept > 0 && kept <= 300_000).then_some(())
    })
    .await;
    ana.send_part(&path, 300_000, b"x").await.problem(409, "conflict");
    assert_eq!(ana.tus("delete", &path).await.status, 409);
    assert_eq!(leo.tus("head", &path).await.status, 404);
    bytes.send("x".repeat(300_000)).await.expect("it is still being sent");
    drop(bytes);
    assert_eq!(whole.await.expect("it does not panic"), 204);
    assert_eq!(ana.tus("head", &path).await.header("upload-offset"), "600000");
}

/// A `POST` to an upload that says that it means another method, with a part from `offset`.
async fn post_as(person: &Person, meant: &str, path: &str, offset: usize) -> Answer {
    let request = person.request(method("post"), path).header("tus-resumable", "1.0.0");
    let request = request
        .header("x-http-method-override", meant)
        .header("upload-offset", offset)
        .header("content-type", "application/offset+octet-stream")
        .body("hola");
    Answer::of(request).await.expect("an answer")
}

#[tokio::test]
async fn who_can_only_post_says_which_method_it_means_and_may_no_more_by_it() {
    let server = TestServer::start().await;
    let (ana, leo, room) = kitchen(&server).await;
    let path = ana.begin_upload(&room, "notes.txt", 8).await.header("location").to_owned();
    for meant in ["PATCH", "HEAD", "DELETE"] {
        let answer = post_as(&leo, meant, &path, 0).await;
        answer.problem(404, "not_found");
        let nobody = server.request(method("post"), &path).header("x-http-method-override", meant);
        Answer::of(nobody).await.expect("an answer").problem(401, "unauthenticated");
    }
    let mut browser = Browser::new(&server);
    browser.sign_in("ana", PASSWORD).await;
    let from_elsewhere = browser.request(method("post"), &path);
    let from_elsewhere = from_elsewhere.header("x-http-method-override", "DELETE");
    Answer::of(from_elsewhere).await.expect("an answer").problem(403, "forbidden");
    assert_eq!(post_as(&ana, "PATCH", &path, 0).await.status, 204);
    post_as(&ana, "PATCH", &path, 0).await.problem(409, "conflict");
    let at = post_as(&ana, "head", &path, 0).await;
    assert_eq!((at.status, at.header("upload-offset"), at.text.as_str()), (200, "4", ""));
    for meant in ["GET", "PUT", "PATCH, DELETE", ""] {
        post_as(&ana, meant, &path, 4).await.problem(400, "malformed");
    }
    ana.post(&path, json!({})).await.problem(400, "malformed");
    let other = ana.request(method("patch"), &path).header("x-http-method-override", "DELETE");
    let other = Answer::of(other.header("tus-resumable", "1.0.0")).await.expect("an answer");
    other.problem(400, "malformed");
    assert_eq!(ana.tus("head", &path).await.header("upload-offset"), "4");
    assert_eq!(post_as(&ana, "Delete", &path, 0).await.status, 204);
    assert_eq!(ana.tus("head", &path).await.status, 404);
    // Elsewhere it means nothing.
    let rooms = ana.request(method("get"), "/api/rooms").header("x-http-method-override", "DELETE");
    assert_eq!(Answer::of(rooms).await.expect("an answer").status, 200);
}

#[tokio::test]
async fn an_upload_ends_with_the_membership() {
    let server = TestServer::start().await;
    let (ana, leo, room) = kitchen(&server).await;
    let path = leo.begin_upload(&room, "x", 10).await.header("location").to_owned();
    assert_eq!(leo.send_part(&path, 0, b"hola ").await.status, 204);
    ana.delete(&format!("/api/rooms/{room}/members/{}", leo.id().await)).await.expect(204);
    leo.send_part(&path, 5, b"mundo").await.problem(404, "not_found");
    assert_eq!(leo.tus("head", &path).await.status, 404);
}

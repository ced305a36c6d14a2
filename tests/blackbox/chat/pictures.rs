//! Pictures of people.

use blackbox::client::{Answer, method};
use blackbox::files::{boasting, fetched, has, photograph, picture};
use blackbox::{Person, TestServer};
use image::ImageFormat;
use serde_json::{Value, json};
use uuid::Uuid;

async fn show(person: &Person, bytes: Vec<u8>) -> Answer {
    let request = person.request(method("put"), "/api/me/picture");
    let request = request.header("content-type", "application/octet-stream").body(bytes);
    Answer::of(request).await.expect("an answer")
}

/// Where the picture in this person is, on a server without a CDN.
fn path(person: &Value) -> String {
    format!("/media/{}", person["picture"].as_str().expect("a picture"))
}

#[tokio::test]
async fn everyone_sees_a_person_s_picture_until_there_is_another() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let word = Uuid::new_v4().to_string();
    let shown = show(&ana, photograph(1200, 800, &word)).await.expect(200);
    let (status, headers, bytes) = fetched(server.request(method("get"), &path(&shown))).await;
    assert_eq!((status, &headers["content-type"]), (200, &"image/png".parse().unwrap()));
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(!has(&bytes, &word) && !has(&bytes, "Exif"), "it says where it was taken");
    let read = image::load_from_memory(&bytes).expect("a picture");
    assert_eq!((read.width(), read.height()), (256, 256));
    let me = ana.get("/api/me").await.expect(200);
    assert_eq!((&me["person"], &me["media_url"]), (&shown, &json!("/media")));
    ana.say(&room, "hola").await;
    assert_eq!(leo.history(&room).await[0]["sender"], shown);
    let found = leo.get("/api/people?query=ana").await.expect(200);
    assert_eq!(found["items"][0], shown);
    let members = leo.get(&format!("/api/rooms/{room}/members")).await.expect(200);
    let members = members["items"].as_array().expect("a list").clone();
    assert!(members.iter().any(|member| member["person"] == shown), "{members:?}");
    assert!(members.iter().any(|member| member["person"].get("picture").is_none()));
    let second = show(&ana, picture(40, 90, ImageFormat::Gif)).await.expect(200);
    assert_ne!(second, shown);
    let ask = async |person: &Value| fetched(server.request(method("get"), &path(person))).await.0;
    assert_eq!((ask(&shown).await, ask(&second).await), (404, 200));
    let none = ana.delete("/api/me/picture").await.expect(200);
    assert_eq!((none.get("picture"), ask(&second).await), (None, 404));
}

#[tokio::test]
async fn who_is_in_a_room_with_somebody_hears_of_their_new_picture_and_nobody_else_does() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let eve = server.person("eve").await;
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let other = eve.room("public", "Elsewhere").await;
    let (of_leo, of_eve) = (leo.listen(&room).await, eve.listen(&other).await);
    let desk = ana.socket().await;
    let shown = show(&ana, picture(40, 90, ImageFormat::Png)).await.expect(200);
    for socket in [&of_leo, &desk] {
        let told = socket.event("personChanged", |_| true).await;
        assert_eq!(told, json!({"person": shown}));
    }
    let none = ana.delete("/api/me/picture").await.expect(200);
    let told = of_leo.event("personChanged", |told| told["person"] == none).await;
    assert_eq!(told["person"].get("picture"), None);
    ana.delete("/api/me/picture").await.expect(200);
    let said = ana.say(&room, "hola").await;
    of_leo.event("message", |event| event["id"] == said["id"]).await;
    assert_eq!(of_leo.count("personChanged"), 2, "the same again is no news");
    let said = eve.say(&other, "nobody").await;
    of_eve.event("message", |event| event["id"] == said["id"]).await;
    assert_eq!(of_eve.count("personChanged"), 0);
}

#[tokio::test]
async fn a_picture_of_a_person_is_a_picture_within_bounds() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let whole = picture(64, 64, ImageFormat::Png);
    let hostile =
        [svg.to_vec(), Vec::new(), boasting(20_000, 20_000), whole[..whole.len() / 2].to_vec()];
    for bytes in hostile {
        show(&ana, bytes).await.problem(422, "invalid");
    }
    show(&ana, vec![0; 8 * 1024 * 1024 + 1]).await.problem(413, "too_large");
    let stranger = server.request(method("put"), "/api/me/picture").body(whole);
    Answer::of(stranger).await.expect("an answer").problem(401, "unauthenticated");
    assert_eq!(ana.get("/api/me").await.expect(200)["person"].get("picture"), None);
}

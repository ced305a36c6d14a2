//! Blobs in a bucket: the program with an S3 server, spoken to over a socket.

use std::path::{Path, PathBuf};

use blackbox::TestServer;
use blackbox::client::{Answer, method};
use blackbox::files::{fetched, find, photograph};
use blackbox::person::id;
use blackbox::server::Options;
use blackbox::speech::{hear, program};
use blackbox::wait::eventually;
use s3s::S3Result;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

const KEY_ID: &str = "test-key";
const SECRET: &str = "test-secret";
const BUCKET: &str = "blobs";

/// Whoever has the key may do everything, and a CDN may read what is public.
struct Policy;

#[async_trait::async_trait]
impl S3Access for Policy {
    async fn check(&self, asked: &mut S3AccessContext<'_>) -> S3Result<()> {
        let read = asked.s3_op().name() == "GetObject";
        let public = asked.s3_path().as_object().is_some_and(|(_, key)| key.starts_with("public/"));
        if asked.credentials().is_some() || (read && public) {
            return Ok(());
        }
        Err(s3s::s3_error!(AccessDenied))
    }
}

/// An S3 server whose buckets are folders, for as long as the test runs.
async fn serve(folder: &Path) -> u16 {
    std::fs::create_dir(folder.join(BUCKET)).expect("a bucket");
    let files = s3s_fs::FileSystem::new(folder).expect("a folder");
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    builder.set_access(Policy);
    let service = builder.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let stream = hyper_util::rt::TokioIo::new(stream);
            let http = hyper::server::conn::http1::Builder::new();
            tokio::spawn(http.serve_connection(stream, service.clone()));
        }
    });
    port
}

/// Options of a server whose blobs are in the bucket of the S3 server at that port.
fn beside(port: u16) -> Options {
    let mut options = Options::default().unlimited();
    options.set.extend([
        format!("blobs.s3.bucket={BUCKET}"),
        format!("blobs.s3.endpoint=http://127.0.0.1:{port}"),
        format!("blobs.s3.access_key_id={KEY_ID}"),
        format!("blobs.s3.secret_access_key={SECRET}"),
    ]);
    options
}

/// The objects whose names begin so, in a bucket that is a folder.
fn objects(folder: &Path, begin: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join(begin)).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { objects(&path, "") } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn clips_are_kept_in_a_bucket_sealed_unless_their_room_is_public() {
    let (bucket, voice) = (tempfile::tempdir(), tempfile::tempdir());
    let (bucket, voice) = (bucket.expect("a folder"), voice.expect("a folder"));
    let port = serve(bucket.path()).await;
    let mut options = beside(port);
    let speak = format!("functions.speak.program={}", program(voice.path(), "").display());
    options.set.push(speak);
    let server = TestServer::with(options).await;
    let ana = server.person("ana").await;
    let tone = std::fs::read(voice.path().join("tone.wav")).expect("the tone")[44..144].to_vec();
    let mut said = Vec::new();
    for (kind, begin, plain) in [("private", "sealed", false), ("public", "public", true)] {
        let room = ana.room(kind, kind).await;
        let message = ana.say(&room, "Nos vemos en la cocina").await;
        let clip = hear(&ana, &room, &message).await;
        let link = clip["url"].as_str().expect("a link").to_owned();
        let answer = server.client().get(link).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let heard = answer.bytes().await.expect("the clip");
        assert!(heard.windows(100).any(|part| part == tone), "what is heard is the tone");
        let kept = objects(&bucket.path().join(BUCKET), begin);
        assert_eq!(kept.len(), 1, "{kept:?}");
        let kept = std::fs::read(&kept[0]).expect("an object");
        assert_eq!(kept.windows(100).any(|part| part == tone), plain, "{kind}");
        said.push((room, message));
    }
    let (room, message) = &said[0];
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(message))).await.expect(204);
    eventually("the clip is gone from the bucket", async || {
        objects(&bucket.path().join(BUCKET), "sealed").is_empty().then_some(())
    })
    .await;
    assert!(!server.data_dir().join("blobs").exists(), "nothing is in the data folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_kept_in_a_bucket_sealed_unless_their_room_is_public() {
    let bucket = tempfile::tempdir().expect("a folder");
    let port = serve(bucket.path()).await;
    let mut server = TestServer::with(beside(port)).await;
    let ana = server.person("ana").await;
    let word = Uuid::new_v4().to_string();
    let text = format!("{word} ").repeat(9_000);
    let mut sent = Vec::new();
    for (kind, begin, plain) in [("private", "sealed", false), ("public", "public", true)] {
        let room = ana.room(kind, kind).await;
        let photo = ana.upload(&room, "a.jpg", &photograph(1200, 800, &word)).await;
        let notes = ana.upload(&room, "b.txt", text.as_bytes()).await;
        let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
        let said = json!({"text": "", "files": [photo, notes]});
        let said = ana.put(&path, said).await.expect(201);
        let led = ana.get(&format!("/api/files/{notes}")).await;
        let some = server.request(method("get"), led.header("location"));
        let (status, _, bytes) = fetched(some.header("range", "bytes=65000-70000")).await;
        assert_eq!((status, bytes == text.as_bytes()[65_000..=70_000]), (206, true), "{kind}");
        let led = ana.get(&format!("/api/files/{photo}/thumbnail")).await;
        let (status, headers, bytes) =
            fetched(server.request(method("get"), led.header("location"))).await;
        assert_eq!((status, &headers["content-type"]), (200, &"image/jpeg".parse().unwrap()));
        assert_eq!(image::load_from_memory(&bytes).expect("a picture").height(), 960);
        assert_eq!(objects(&bucket.path().join(BUCKET), begin).len(), 3, "{kind}");
        let read = find(&bucket.path().join(BUCKET).join(begin), &word);
        assert_eq!(read.len(), usize::from(plain), "the notes of a {kind} room: {read:?}");
        sent.push((room, said));
    }
    let (room, said) = &sent[1];
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(said))).await.expect(204);
    // What is cleared away from time to time is also cleared away at the start.
    server.kill9();
    server.restart().await;
    eventually("nothing is public", async || {
        objects(&bucket.path().join(BUCKET), "public").is_empty().then_some(())
    })
    .await;
    assert_eq!(objects(&bucket.path().join(BUCKET), "sealed").len(), 6);
    assert!(!server.data_dir().join("blobs").exists(), "nothing is in the data folder");
}

/// What a CDN gets at that address, which knows nothing but the bucket.
async fn of_cdn(server: &TestServer, address: &Value) -> (u16, [String; 3]) {
    let address = address.as_str().expect("an address");
    let (status, headers, _) = fetched(server.client().get(address)).await;
    let told = ["content-type", "content-disposition", "cache-control"].map(|name| {
        let value = headers.get(name).map(|value| value.to_str().expect("ASCII"));
        value.unwrap_or_default().to_owned()
    });
    (status, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cdn_that_reads_the_bucket_says_of_each_file_what_it_is_and_how_it_is_called() {
    let (bucket, voice) = (tempfile::tempdir(), tempfile::tempdir());
    let (bucket, voice) = (bucket.expect("a folder"), voice.expect("a folder"));
    let port = serve(bucket.path()).await;
    let cdn = format!("http://127.0.0.1:{port}/{BUCKET}");
    let mut options = beside(port);
    options.set.push(format!("chat.files.public_base_url={cdn}"));
    let speak = format!("functions.speak.program={}", program(voice.path(), "").display());
    options.set.push(speak);
    let server = TestServer::with(options).await;
    let ana = server.person("ana").await;
    let room = ana.room("public", "Garden").await;
    let photo = ana.upload(&room, "el año.webp", &photograph(1200, 800, "x")).await;
    let page = ana.upload(&room, "a\"b.html", b"<script>alert(1)</script>").await;
    let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
    let body = json!({"text": "Nos vemos en la cocina", "files": [photo, page]});
    let said = ana.put(&path, body).await.expect(201);
    let mine = ana.request(method("put"), "/api/me/picture").body(photograph(300, 300, "x"));
    let me = Answer::of(mine).await.expect("an answer").expect(200);
    let portrait = json!(format!("{cdn}/{}", me["picture"].as_str().expect("a picture")));
    let clip = hear(&ana, &room, &said).await["url"].clone();
    let (shown, download) = (&said["files"][0], &said["files"][1]["link"]);
    let named = "inline; filename*=UTF-8''el%20a%C3%B1o.jpg";
    for (address, kind, how) in [
        (&shown["link"], "image/jpeg", named),
        (&shown["thumbnail"], "image/jpeg", named),
        (download, "application/octet-stream", "attachment; filename*=UTF-8''a%22b.html"),
        (&portrait, "image/png", "inline"),
        (&clip, "audio/wav", "inline"),
    ] {
        assert!(address.as_str().is_some_and(|at| at.starts_with(&cdn)), "{address}");
        let forever = "public, max-age=31536000, immutable".to_owned();
        let told = [kind.to_owned(), how.to_owned(), forever];
        assert_eq!(of_cdn(&server, address).await, (200, told), "{address}");
    }
    let private = ana.room("private", "Kitchen").await;
    ana.upload(&private, "c.txt", b"hola").await;
    let sealed = objects(&bucket.path().join(BUCKET), "sealed").remove(0);
    let name = sealed.strip_prefix(bucket.path().join(BUCKET)).expect("a name");
    let address = json!(format!("{cdn}/{}", name.display()));
    assert_eq!(of_cdn(&server, &address).await.0, 403, "what is sealed is not for a CDN");
}

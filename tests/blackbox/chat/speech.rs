//! Speech: messages that are heard.

use std::path::Path;

use blackbox::client::Answer;
use blackbox::functions::{self, SECRET};
use blackbox::person::id;
use blackbox::server::Options;
use blackbox::speech::{Sound, espeak_is_installed, hear, press, program};
use blackbox::wait::eventually;
use blackbox::{Person, TestServer};
use serde_json::{Value, json};

/// A server that speaks with a script of ours, which does `before` first.
async fn speaking(folder: &Path, before: &str) -> TestServer {
    let script = program(folder, before);
    let mut options = Options::default().unlimited();
    options.set.push(format!("functions.speak.program={}", script.display()));
    TestServer::with(options).await
}

/// What is behind a link, asked for from a page of another origin and without any credentials.
async fn fetch(server: &TestServer, clip: &Value, range: Option<&str>) -> reqwest::Response {
    let url = clip["url"].as_str().unwrap_or_else(|| panic!("no link: {clip}"));
    let mut request = server.client().get(url).header("origin", "https://elsewhere.example");
    if let Some(range) = range {
        request = request.header("range", range);
    }
    request.send().await.expect("the server answers")
}

/// Two members of a room, and a message of the first.
async fn room_of_two(server: &TestServer, kind: &str) -> (Person, Person, String, Value) {
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room(kind, "Kitchen").await;
    ana.bring(&room, &leo).await;
    let message = ana.say(&room, "Nos vemos en la cocina").await;
    (ana, leo, room, message)
}

fn spoken_times(folder: &Path) -> usize {
    let counted = std::fs::read_to_string(folder.join("count")).unwrap_or_default();
    counted.lines().count()
}

#[tokio::test]
async fn what_is_heard_is_speech_in_the_language_of_the_text() {
    if !espeak_is_installed() {
        return;
    }
    let set = vec![format!("functions.secret={SECRET}")];
    let server = TestServer::with(Options { set, ..Options::default() }.unlimited()).await;
    let ana = server.person("ana").await;
    assert_eq!(ana.get("/api/speech").await.expect(200)["available"], true);
    let room = ana.room("private", "Kitchen").await;
    let said = [
        ("es", "en", "Buenos días a todas, nos vemos mañana a las diez en la cocina grande."),
        ("en", "es", "Good morning everybody, we will meet tomorrow at ten in the large kitchen."),
    ];
    for (language, other, text) in said {
        let message = ana.say(&room, text).await;
        let clip = hear(&ana, &room, &message).await;
        assert_eq!(clip["language"], language, "{clip}");
        let answer = fetch(&server, &clip, None).await;
        assert_eq!(answer.headers()["content-type"], "audio/wav");
        let heard = Sound::of(&answer.bytes().await.expect("the clip"));
        let told = clip["duration_ms"].as_f64().expect("a duration") / 1_000.0;
        assert!((heard.seconds() - told).abs() < 0.01, "{} {told}", heard.seconds());
        is_speech(&heard);
        assert_eq!(heard, spoken(&server, text, language).await, "the voice of its language");
        let foreign = spoken(&server, text, other).await;
        is_speech(&foreign);
        assert_ne!(heard, foreign, "the same words in the other voice sound otherwise");
    }
}

/// What the function makes of a text in a language.
async fn spoken(server: &TestServer, text: &str, language: &str) -> Sound {
    let body = json!({"text": text, "language": language}).to_string();
    let signature = functions::signature(SECRET, "speak", body.as_bytes());
    let request = server.request(reqwest::Method::POST, "/fn/speak").body(body);
    let answer = request.header("tertulia-signature", signature).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    Sound::of(&answer.bytes().await.expect("a sound"))
}

/// Speech of a sentence has loud parts and pauses; a tone or noise has not.
fn is_speech(sound: &Sound) {
    assert!((2.0..10.0).contains(&sound.seconds()), "{} s", sound.seconds());
    let loudness = sound.loudness();
    let count = |fits: fn(f64) -> bool| loudness.iter().filter(|part| fits(**part)).count();
    assert!(count(|rms| rms > 1_000.0) * 3 > loudness.len(), "{loudness:?}");
    assert!(count(|rms| rms < 200.0) > 0, "{loudness:?}");
}

#[tokio::test]
async fn fifty_who_press_at_once_and_the_same_text_again_make_one_clip() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let count = format!("echo x >> '{}'; sleep 0.3", folder.path().join("count").display());
    let server = speaking(folder.path(), &count).await;
    let (ana, leo, room, message) = room_of_two(&server, "public").await;
    let (of_ana, of_leo) = (ana.socket().await, leo.socket().await);
    let presses = (0..50).map(|at| press(if at % 2 == 0 { &ana } else { &leo }, &room, &message));
    for (status, clip) in futures::future::join_all(presses).await {
        assert!(status == 202 || status == 200, "{status} {clip}");
    }
    let ready = of_ana.event("clipChanged", |clip| clip["state"] == "ready").await;
    let other = of_leo.event("clipChanged", |clip| clip["state"] == "ready").await;
    assert_eq!(ready["message"], message["id"]);
    assert_eq!(ready["url"], other["url"], "in a public room it is the same for everyone");
    assert_eq!(spoken_times(folder.path()), 1);
    assert_eq!(press(&ana, &room, &message).await.0, 200);
    let again = ana.say(&room, "Nos vemos en la cocina").await;
    hear(&leo, &room, &again).await;
    assert_eq!(spoken_times(folder.path()), 1, "the same text is said once");
    at_the_same_moment_it_is_said_once(&ana, &room).await;
    assert_eq!(spoken_times(folder.path()), 2);
    let other = ana.say(&room, "Nos vemos en el jardín").await;
    hear(&leo, &room, &other).await;
    assert_eq!(spoken_times(folder.path()), 3);
    let revised = format!("/api/rooms/{room}/messages/{}", id(&other));
    ana.patch(&revised, json!({"text": "Nos vemos en la terraza"})).await.expect(200);
    assert_eq!(hear(&leo, &room, &other).await["revision"], 2);
    assert_eq!(spoken_times(folder.path()), 4, "another text is another clip");
}

/// Several messages of one text are asked for before any of them was said.
async fn at_the_same_moment_it_is_said_once(ana: &Person, room: &str) {
    let mut messages = Vec::new();
    for _ in 0..5 {
        messages.push(ana.say(room, "¿Quién trae el pan?").await);
    }
    let heard = messages.iter().map(|message| hear(ana, room, message));
    futures::future::join_all(heard).await;
}

#[tokio::test]
async fn a_program_is_given_the_voice_of_the_language_and_the_text_on_one_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let args = folder.path().join("args");
    let script = program(folder.path(), &format!("echo \"$@\" >> '{}'", args.display()));
    let mut options = Options::default().unlimited();
    options.set.extend([
        format!("functions.speak.program={}", script.display()),
        "functions.speak.args=[\"--model\", \"{voice}\", \"--output_file\", \"-\"]".to_owned(),
        "functions.speak.voices={es = \"/models/es.onnx\", en = \"/models/en.onnx\"}".to_owned(),
    ]);
    let server = TestServer::with(options).await;
    let (ana, _, room, _) = room_of_two(&server, "private").await;
    let spanish = ana.say(&room, "¡Buenos días a todas!\n\nNos vemos mañana\n\n- a las diez").await;
    hear(&ana, &room, &spanish).await;
    let told = std::fs::read_to_string(folder.path().join("text")).expect("a text");
    assert_eq!(told.trim_end(), "¡Buenos días a todas! Nos vemos mañana. a las diez");
    let english = ana.say(&room, "Good morning everybody, we will meet tomorrow.").await;
    hear(&ana, &room, &english).await;
    let given = std::fs::read_to_string(args).expect("the arguments");
    let given: Vec<_> = given.lines().collect();
    let with = |voice: &str| format!("--model /models/{voice}.onnx --output_file -");
    assert_eq!(given, [with("es"), with("en")]);
}

#[tokio::test]
async fn a_clip_is_fetched_from_another_origin_whole_and_in_parts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = speaking(folder.path(), "").await;
    let (ana, leo, room, message) = room_of_two(&server, "private").await;
    let clip = hear(&ana, &room, &message).await;
    assert_ne!(clip["url"], hear(&leo, &room, &message).await["url"], "a link is for one person");
    let whole = fetch(&server, &clip, None).await;
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, max-age=300"),
    ] {
        assert_eq!(whole.headers()[name], value, "{name}");
    }
    assert!(!whole.headers().contains_key("set-cookie"));
    let whole = whole.bytes().await.expect("the clip");
    let part = fetch(&server, &clip, Some("bytes=100-199")).await;
    assert_eq!(part.status(), 206);
    let place = format!("bytes 100-199/{}", whole.len());
    assert_eq!(part.headers()["content-range"], place.as_str());
    assert_eq!(part.bytes().await.expect("a part"), whole[100..200]);
    assert_eq!(fetch(&server, &clip, Some("bytes=9999999-")).await.status(), 416);
}

#[tokio::test]
async fn a_link_ends_with_the_membership_and_with_the_message() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = speaking(folder.path(), "").await;
    let (ana, leo, room, message) = room_of_two(&server, "private").await;
    let eve = server.person("eve").await;
    let path = format!("/api/rooms/{room}/messages/{}/speech", id(&message));
    eve.post(&path, json!({})).await.problem(404, "not_found");
    Answer::of(server.request(reqwest::Method::POST, &path))
        .await
        .expect("an answer")
        .problem(401, "unauthenticated");
    let (of_leo, of_ana) = (hear(&leo, &room, &message).await, hear(&ana, &room, &message).await);
    assert_eq!(fetch(&server, &of_leo, None).await.status(), 200);
    forged_links_are_refused(&server, &of_leo, &eve.id().await).await;
    let member = format!("/api/rooms/{room}/members/{}", leo.id().await);
    ana.delete(&member).await.expect(204);
    assert_eq!(fetch(&server, &of_leo, None).await.status(), 404);
    leo.post(&path, json!({})).await.problem(404, "not_found");
    assert_eq!(fetch(&server, &of_ana, None).await.status(), 200);
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&message))).await.expect(204);
    assert_eq!(fetch(&server, &of_ana, None).await.status(), 404);
    ana.post(&path, json!({})).await.problem(409, "conflict");
    eventually("the clip is gone from the disk", async || {
        blobs(&server.data_dir().join("blobs")).is_empty().then_some(())
    })
    .await;
}

/// A link with another word in it is nobody's.
async fn forged_links_are_refused(server: &TestServer, clip: &Value, other: &str) {
    let url: url::Url = clip["url"].as_str().expect("a link").parse().expect("a URL");
    for name in ["person", "expires", "signature"] {
        let mut forged = url.clone();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        forged.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(key, value)| {
            let value = match key.as_str() {
                "person" if key == name => other.to_owned(),
                "expires" if key == name => format!("{value}0"),
                "signature" if key == name => value.chars().rev().collect(),
                _ => value.clone(),
            };
            (key.as_str(), value)
        }));
        let answer = server.client().get(forged).send().await.expect("an answer");
        assert_eq!(answer.status(), 404, "{name}");
    }
    let other = url.as_str().replacen("/1?", "/2?", 1);
    assert_eq!(server.client().get(other).send().await.expect("an answer").status(), 404);
}

/// All files below a folder.
fn blobs(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { blobs(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn on_the_disk_a_private_room_s_clip_is_sealed_and_a_public_one_s_is_plain() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = speaking(folder.path(), "").await;
    let (ana, _, private, secret) = room_of_two(&server, "private").await;
    let public = ana.room("public", "Garden").await;
    let open = ana.say(&public, "Nos vemos en la cocina").await;
    hear(&ana, &private, &secret).await;
    hear(&ana, &public, &open).await;
    let files = |name: &str| blobs(&server.data_dir().join("blobs").join(name));
    let (sealed, plain) = (files("sealed"), files("public"));
    assert_eq!((sealed.len(), plain.len()), (1, 1));
    let read = |path: &Path| std::fs::read(path).expect("a blob");
    let tone = &read(&folder.path().join("tone.wav"))[44..144];
    let has_tone = |bytes: &[u8]| bytes.windows(100).any(|part| part == tone);
    assert!(has_tone(&read(&plain[0])));
    assert!(!has_tone(&read(&sealed[0])));
}

#[tokio::test]
async fn a_public_room_s_clip_is_for_a_cdn_until_the_room_is_closed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = speaking(folder.path(), "").await;
    let (ana, leo, room, message) = room_of_two(&server, "public").await;
    let clip = hear(&ana, &room, &message).await;
    assert_eq!(clip.get("expires_at"), None, "the link lasts: {clip}");
    let open = fetch(&server, &clip, None).await;
    assert_eq!(open.status(), 200);
    assert_eq!(open.headers()["content-type"], "audio/wav");
    assert_eq!(open.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(open.headers()["access-control-allow-origin"], "*");
    assert_eq!(fetch(&server, &clip, Some("bytes=0-9")).await.status(), 206);
    ana.patch(&format!("/api/rooms/{room}"), json!({"kind": "private"})).await.expect(200);
    assert_eq!(fetch(&server, &clip, None).await.status(), 404);
    eventually("nothing is kept as it is", async || {
        blobs(&server.data_dir().join("blobs/public")).is_empty().then_some(())
    })
    .await;
    let sealed = hear(&leo, &room, &message).await;
    assert!(sealed["expires_at"].is_string(), "{sealed}");
    assert_eq!(fetch(&server, &sealed, None).await.status(), 200);
    assert_eq!(blobs(&server.data_dir().join("blobs/sealed")).len(), 1);
}

#[tokio::test]
async fn what_has_nothing_to_say_or_too_much_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = speaking(folder.path(), "").await;
    let (ana, _, room, _) = room_of_two(&server, "private").await;
    let code = ana.say(&room, "```\nlet x = 1;\n```").await;
    let long = ana.say(&room, &"palabra ".repeat(700)).await;
    let path = |message: &Value| format!("/api/rooms/{room}/messages/{}/speech", id(message));
    ana.post(&path(&code), json!({})).await.problem(409, "conflict");
    ana.post(&path(&long), json!({})).await.problem(413, "too_large");
    let unknown = format!("/api/rooms/{room}/messages/{}/speech", uuid::Uuid::new_v4());
    ana.post(&unknown, json!({})).await.problem(404, "not_found");
}

#[tokio::test]
async fn without_a_program_nothing_is_offered() {
    let mut options = Options::default().unlimited();
    options.set.push("functions.speak.program=/nowhere/speak".to_owned());
    let server = TestServer::with(options).await;
    let (ana, _, room, message) = room_of_two(&server, "private").await;
    assert_eq!(ana.get("/api/speech").await.expect(200)["available"], false);
    let path = format!("/api/rooms/{room}/messages/{}/speech", id(&message));
    ana.post(&path, json!({})).await.problem(503, "unavailable");
}

#[tokio::test]
async fn kill_9_between_the_job_and_the_clip_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (begun, count) = (folder.path().join("begun"), folder.path().join("count"));
    // The first time it never comes to an end.
    let first = format!(
        "echo x >> '{}'; if [ ! -e '{begun}' ]; then touch '{begun}'; exec sleep 100; fi",
        count.display(),
        begun = begun.display()
    );
    let mut server = speaking(folder.path(), &first).await;
    let (ana, _, room, message) = room_of_two(&server, "private").await;
    assert_eq!(press(&ana, &room, &message).await.0, 202);
    eventually("it is being said", async || begun.exists().then_some(())).await;
    server.kill9();
    server.restart().await;
    // Nobody presses again.
    eventually("the clip is ready", async || {
        let rows = server.look("chat", "SELECT state FROM clips").await;
        (rows[0][0] == "ready").then_some(())
    })
    .await;
    assert_eq!(spoken_times(folder.path()), 2);
    eventually("no job is left", async || {
        server.look("chat", "SELECT id FROM jobs").await.is_empty().then_some(())
    })
    .await;
    assert_eq!(press(&ana, &room, &message).await.0, 200);
}

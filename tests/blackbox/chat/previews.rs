//! Link previews: what the server asks, once, for whom, and whom it never asks.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use blackbox::person::id;
use blackbox::server::Options;
use blackbox::{Person, TestServer};
use futures::StreamExt as _;
use serde_json::{Value, json};

const PAGE: &str = "<!doctype html><html><head><title>Bread</title>\
    <meta property='og:title' content='How we bake &amp; why'>\
    <meta name='description' content='Flour, water,\n salt.'>\
    <meta property='og:site_name' content='The Bakery'></head><body>…</body></html>";

/// A site on `address`, and how often it was asked.
async fn site(address: &str) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = async |State(asked): State<Arc<AtomicUsize>>| {
        asked.fetch_add(1, Ordering::SeqCst);
        Html(PAGE)
    };
    let listener = tokio::net::TcpListener::bind((address, 0)).await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let inside = format!("http://127.0.0.2:{port}/page");
    let router = Router::new()
        .route("/page", get(count))
        .route("/moved", get(|| async { Redirect::temporary("/page") }))
        .route("/round", get(|| async { Redirect::temporary("/round") }))
        .route("/inside", get(move || async move { Redirect::temporary(&inside) }))
        .route("/text", get(|| async { "<title>no page</title>" }))
        .route("/untitled", get(|| async { Html("<p>Hello") }))
        .route("/long", get(endless))
        .with_state(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}:{port}"), asked)
}

/// A page that says its title first and never ends.
async fn endless() -> Response {
    let title = "<title>Long</title>".to_owned();
    let more = futures::stream::repeat_with(|| Ok::<_, Infallible>("<p>more".repeat(1_000)));
    let page = futures::stream::iter([Ok(title)]).chain(more);
    Html(Body::from_stream(page)).into_response()
}

/// A server that asks pages on 127.0.0.1, and nowhere else within our network.
async fn server() -> TestServer {
    let mut options = Options::default().unlimited();
    options.set.push("chat.previews.enabled=true".to_owned());
    options.set.push("chat.egress.allow=[\"127.0.0.1\"]".to_owned());
    TestServer::with(options).await
}

fn path(room: &str, message: &Value) -> String {
    format!("/api/rooms/{room}/messages/{}/preview", id(message))
}

async fn nothing(person: &Person, room: &str, message: &Value) {
    person.get(&path(room, message)).await.expect(204);
}

#[tokio::test]
async fn members_see_what_is_behind_a_link_and_its_page_is_asked_once() {
    let ((site, asked), server) = (site("127.0.0.1").await, server().await);
    let (ana, leo, eva) =
        (server.person("ana").await, server.person("leo").await, server.person("eva").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    assert_eq!(ana.get("/api/previews").await.expect(200), json!({"enabled": true}));
    let link = format!("{site}/moved");
    let message = ana.say(&room, &format!("¿Viste ({link})? Y {site}/text")).await;
    let expected = json!({"url": link, "title": "How we bake & why",
        "description": "Flour, water, salt.", "site": "The Bakery"});
    let path = path(&room, &message);
    let all = futures::future::join_all((0..20).map(|at| {
        let person = if at % 2 == 0 { &ana } else { &leo };
        person.get(&path)
    }));
    for answer in all.await {
        assert_eq!(answer.expect(200), expected);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    eva.get(&path).await.problem(404, "not_found");
    let kept = server.look("chat", "SELECT preview FROM link_previews").await;
    let kept = kept[0][0].to_lowercase();
    let hex_of_bake = "62616b65"; // SQLite shows bytes in hexadecimal.
    assert!(!kept.contains(hex_of_bake) && !kept.contains("bake"), "sealed: {kept}");

    let change = json!({"text": "no link"});
    let at = format!("/api/rooms/{room}/messages/{}", id(&message));
    ana.patch(&at, change).await.expect(200);
    nothing(&leo, &room, &message).await;
    ana.patch(&at, json!({"text": format!("{site}/long")})).await.expect(200);
    assert_eq!(leo.get(&path).await.expect(200)["title"], "Long");
    ana.delete(&at).await.expect(204);
    nothing(&leo, &room, &message).await;
}

fn previews(messages: &[Value]) -> Vec<Option<&str>> {
    messages.iter().map(|message| message["preview"]["title"].as_str()).collect()
}

#[tokio::test]
async fn what_is_known_of_links_comes_with_the_history() {
    let ((site, asked), mut server) = (site("127.0.0.1").await, server().await);
    let (ana, leo, eva) =
        (server.person("ana").await, server.person("leo").await, server.person("eva").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let mut said = Vec::new();
    for text in ["page", "untitled", "page?2", "long"] {
        said.push(ana.say(&room, &format!("{site}/{text}")).await);
    }
    let thread = json!({"text": format!("{site}/page"), "thread": id(&said[0])});
    let put = format!("/api/rooms/{room}/messages/{}", uuid::Uuid::new_v4());
    let reply = ana.put(&put, thread).await.expect(201);
    assert_eq!(previews(&leo.history(&room).await), [None; 4]);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "a history asks no page");

    for message in [&said[0], &said[1], &said[2], &reply] {
        leo.get(&path(&room, message)).await;
    }
    let title = Some("How we bake & why");
    let history = leo.history(&room).await;
    assert_eq!(previews(&history), [title, None, title, None]);
    let card = leo.get(&path(&room, &said[2])).await.expect(200);
    assert_eq!(history[2]["preview"], card);
    let one = format!("/api/rooms/{room}/messages/{}", id(&said[0]));
    assert_eq!(leo.get(&one).await.expect(200), history[0]);
    let thread = leo.get(&format!("/api/rooms/{room}/threads/{}", id(&said[0]))).await.expect(200);
    assert_eq!(previews(&[thread["root"].clone(), thread["items"][0].clone()]), [title, title]);
    assert!(leo.events(&room, 0).await.iter().all(|event| event.get("preview").is_none()));
    eva.get(&format!("/api/rooms/{room}/messages")).await.problem(404, "not_found");
    eva.get(&one).await.problem(404, "not_found");
    assert_eq!(asked.load(Ordering::SeqCst), 3, "once for each message");

    let changed = json!({"text": format!("{site}/text")});
    ana.patch(&one, changed).await.expect(200);
    ana.delete(&format!("/api/rooms/{room}/messages/{}", id(&said[2]))).await.expect(204);
    assert_eq!(previews(&leo.history(&room).await), [None; 4]);
    ana.patch(&one, json!({"text": format!("{site}/page")})).await.expect(200);
    leo.get(&path(&room, &said[0])).await.expect(200);
    assert_eq!(previews(&leo.history(&room).await), [title, None, None, None]);
    server.kill9();
    server.restart_with("chat.previews.enabled=false").await;
    assert_eq!(previews(&leo.history(&room).await), [None; 4], "they are switched off");
}

#[tokio::test]
async fn what_is_no_page_or_inside_of_our_network_shows_nothing() {
    let ((site, _), (inside, canary)) = (site("127.0.0.1").await, self::site("127.0.0.2").await);
    let port = inside.rsplit(':').next().expect("a port");
    let server = server().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let links = [
        format!("{site}/text"),
        format!("{site}/untitled"),
        format!("{site}/nowhere"),
        format!("{site}/round"),
        format!("{inside}/page"),
        format!("http://2130706434:{port}/page"),
        format!("http://0x7f000002:{port}/page"),
        format!("http://[::ffff:127.0.0.2]:{port}/page"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://ana:secret@127.0.0.1/".to_owned(),
        format!("`{site}/page`"),
        "nothing".to_owned(),
    ];
    for link in links {
        let message = ana.say(&room, &link).await;
        nothing(&ana, &room, &message).await;
    }
    assert_eq!(canary.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_into_our_network_is_not_followed() {
    let (site, asked) = site("127.0.0.1").await;
    let port = site.rsplit(':').next().expect("a port");
    let address = format!("127.0.0.2:{port}");
    let listener = tokio::net::TcpListener::bind(&address).await.expect("the same port, inside");
    let server = server().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let message = ana.say(&room, &format!("{site}/inside")).await;
    nothing(&ana, &room, &message).await;
    let visit = tokio::time::timeout(std::time::Duration::from_millis(200), listener.accept());
    assert!(visit.await.is_err(), "somebody came");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn unless_the_operator_wants_it_no_page_is_asked() {
    let (site, asked) = site("127.0.0.1").await;
    let mut options = Options::default();
    options.set.push("chat.egress.allow=[\"127.0.0.1\"]".to_owned());
    let server = TestServer::with(options).await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    assert_eq!(ana.get("/api/previews").await.expect(200), json!({"enabled": false}));
    let message = ana.say(&room, &format!("{site}/page")).await;
    nothing(&ana, &room, &message).await;
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

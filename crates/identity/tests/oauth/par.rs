//! Requests that apps push (RFC 9126).

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::app_keys::{JWT_BEARER, Key};
use super::world::{App, Browser, PASSWORD, World};

/// Pushes a request; answers what the app is told.
async fn push(world: &World, app: &App, changes: &[(&str, &str)]) -> (StatusCode, Value) {
    let pairs = world.request(app, changes);
    let form: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (&**n, &**v)).collect();
    match &app.secret {
        Some(secret) => world.send("/oauth/par", Some((&app.id, secret)), &form).await,
        None => world.send("/oauth/par", None, &form).await,
    }
}

fn at(world: &World, client_id: &str, uri: &str) -> String {
    let pairs = [("client_id", client_id), ("request_uri", uri)];
    world.authorize_url(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_needs_nothing_in_the_address_bar() {
    let world = World::open().await;
    for app in [world.app(false).await, world.app(true).await] {
        let (status, pushed) = push(&world, &app, &[("state", "pushed")]).await;
        assert_eq!((status, &pushed["expires_in"]), (StatusCode::CREATED, &json!(60)), "{pushed}");
        let url = at(&world, &app.id, pushed["request_uri"].as_str().unwrap());
        let mut browser = Browser::default();
        browser.open(&world, &url).await;
        browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
        browser.submit(&world, &[("decision", "allow")]).await;
        let back = browser.answer();
        assert_eq!(back["state"], "pushed");
        let (status, tokens) = world.exchange(&app, &back["code"]).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        browser.open(&world, &url).await;
        assert_eq!(browser.status, 400, "used before: {}", browser.address);
        assert!(browser.address.starts_with(&world.issuer));
    }
}

#[tokio::test]
async fn what_is_in_the_address_bar_changes_nothing_of_a_pushed_request() {
    let world = World::open().await;
    let app = world.chat();
    let (_, pushed) = push(&world, &app, &[("scope", "openid"), ("state", "mine")]).await;
    let url = at(&world, &app.id, pushed["request_uri"].as_str().unwrap());
    let mut browser = Browser::default();
    let more = "&state=theirs&scope=openid+chat&redirect_uri=https%3A%2F%2Fevil.example%2Fcb";
    browser.open(&world, &format!("{url}{more}")).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    let back = browser.answer();
    assert_eq!(back["state"], "mine");
    let (_, tokens) = world.exchange(&app, &back["code"]).await;
    assert_eq!(tokens["scope"], "openid");
}

#[tokio::test]
async fn a_pushed_request_belongs_to_who_pushed_it() {
    let world = World::open().await;
    let (app, other) = (world.app(false).await, world.app(false).await);
    let (_, pushed) = push(&world, &app, &[]).await;
    let uri = pushed["request_uri"].as_str().unwrap();
    let mut browser = Browser::default();
    for url in [
        at(&world, &other.id, uri),
        at(&world, "nobody", uri),
        at(&world, &app.id, &format!("{uri}x")),
        format!("{}&client_id={}", at(&world, &app.id, uri), other.id),
    ] {
        browser.open(&world, &url).await;
        assert_eq!(browser.status, 400, "{url}");
    }
    browser.open(&world, &at(&world, &app.id, uri)).await;
    assert!(browser.address.contains("/login"), "none of them used it up");
}

#[tokio::test]
async fn errors_are_told_to_the_app_when_it_pushes() {
    let world = World::open().await;
    let app = world.app(false).await;
    for (changes, code) in [
        (("redirect_uri", "https://evil.example/cb"), "invalid_request"),
        (("redirect_uri", ""), "invalid_request"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        (("request", "e30.e30."), "request_not_supported"),
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("scope", "nothing"), "invalid_scope"),
        (("resource", "https://other.example/"), "invalid_target"),
        (("client_id", "chat"), "invalid_request"),
    ] {
        let (status, error) = push(&world, &app, &[changes]).await;
        assert_eq!(
            (status, &error["error"]),
            (StatusCode::BAD_REQUEST, &json!(code)),
            "{changes:?}"
        );
    }
    let wrong = App { secret: Some("wrong".to_owned()), ..app.clone() };
    let (status, error) = push(&world, &wrong, &[]).await;
    assert_eq!((status, &error["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    let url = format!("{}/oauth/par", world.issuer);
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 405);
    let (status, _) = push(&world, &app, &[("state", &"s".repeat(17_000))]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_app_that_must_push_cannot_ask_in_the_address_bar() {
    let world = World::open().await;
    let key = Key::new("one");
    let file = super::app_keys::key_file(&[&key]);
    let words = ["--auth-method", "private_key_jwt", "--jwks", &file, "--require-par"];
    let app = world.register(&words).await;
    let mut browser = Browser::default();
    let back = world.signed_in(&mut browser, &app, &[]).await;
    assert_eq!(back["error"], "invalid_request");
    let assertion = key.assertion(&app.id, &world.issuer);
    let pairs = [("client_assertion_type", JWT_BEARER), ("client_assertion", &*assertion)];
    let (status, pushed) = push(&world, &app, &pairs).await;
    assert_eq!(status, StatusCode::CREATED, "{pushed}");
    browser.open(&world, &at(&world, &app.id, pushed["request_uri"].as_str().unwrap())).await;
    assert!(browser.address.contains("/login"), "{}", browser.address);
}

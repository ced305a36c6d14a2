//! Signing in and out in a browser: the session is on the server, and its end is the end.

use std::time::{Duration, Instant};

use blackbox::server::PASSWORD;
use blackbox::{Browser, Socket, TestServer};
use serde_json::json;

async fn cookie_socket(server: &TestServer, browser: &Browser) -> Socket {
    let (cookie, origin) = (browser.cookie_header(), server.url(""));
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    Socket::connect_with(&origin, json!({}), &headers).await.expect("a session may connect")
}

#[tokio::test]
async fn a_person_signs_in_by_name_or_address_and_comes_back_to_the_page() {
    let server = TestServer::start().await;
    server.person("ana").await;
    for name in ["ana", "Ana@Example.org"] {
        let mut browser = Browser::new(&server);
        assert_eq!(browser.open("/auth/login?return_to=/rooms").await, 200);
        browser.submit(&[("username", name), ("password", PASSWORD)]).await;
        assert_eq!(browser.address, server.url("/rooms"));
        let me = browser.api("GET", "/api/me", None).await.expect(200);
        assert_eq!(me["email"], "ana@example.org");
    }
}

#[tokio::test]
async fn return_to_never_leads_to_another_site() {
    let server = TestServer::start().await;
    server.person("ana").await;
    for target in
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "/%5cevil.example"]
    {
        let mut browser = Browser::new(&server);
        browser.open(&format!("/auth/login?return_to={target}")).await;
        if browser.page.contains("name=\"password\"") {
            browser.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
        }
        assert!(browser.address.starts_with(&server.url("")), "{target}: {}", browser.address);
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_sockets_within_a_second() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let mut browser = Browser::new(&server);
    browser.sign_in("ana", PASSWORD).await;
    let mut other = Browser::new(&server);
    other.sign_in("ana", PASSWORD).await;
    let ending = cookie_socket(&server, &browser).await;
    let staying = cookie_socket(&server, &other).await;
    ending.call("join", json!({"room": room})).await;
    staying.call("join", json!({"room": room})).await;
    let start = Instant::now();
    let out = browser.api("POST", "/auth/logout", Some(&json!({}))).await.expect(200);
    ending.closed().await;
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1) || blackbox::environment::is_busy(), "{took:?}");
    assert_eq!(browser.api("GET", "/api/me", None).await.status, 401);
    let message = ana.say(&room, "after").await;
    staying.event("message", |event| event["id"] == message["id"]).await;
    assert_eq!(ending.count("message"), 0);
    let url = out["logout_url"].as_str().expect("where to go on");
    browser.open(url).await;
    browser.open("/auth/login?return_to=/").await;
    assert!(browser.page.contains("name=\"password\""), "signed out of identity too");
    assert_eq!(other.api("GET", "/api/me", None).await.status, 200, "another browser stays");
}

#[tokio::test]
async fn a_session_survives_kill_9() {
    let mut server = TestServer::start().await;
    server.person("ana").await;
    let mut browser = Browser::new(&server);
    browser.sign_in("ana", PASSWORD).await;
    server.kill9();
    server.restart().await;
    let me = browser.api("GET", "/api/me", None).await.expect(200);
    assert_eq!(me["person"]["username"], "ana");
    cookie_socket(&server, &browser).await;
}

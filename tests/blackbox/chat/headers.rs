//! Headers that protect, the rule against forged requests, and who may ask from elsewhere.

use blackbox::client::Answer;
use blackbox::{Browser, Socket, TestServer};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn every_answer_is_protected_and_names_its_instance() {
    let server = TestServer::start().await;
    for path in ["/", "/health", "/api/me", "/openapi.json", "/id/login", "/no/such/page", "/docs"]
    {
        let answer = server.get(path).await;
        assert!(!answer.header("x-instance").is_empty(), "{path} has no X-Instance");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let referrer = answer.header("referrer-policy");
        assert!(["no-referrer", "same-origin"].contains(&referrer), "{path}: {referrer:?}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        for hole in ["unsafe-inline", "unsafe-eval", "*", "data: script"] {
            let script = policy.split(';').find(|part| part.trim().starts_with("script-src"));
            let part = script.unwrap_or(policy);
            assert!(!part.contains(hole), "{path}: {hole} in {policy}");
        }
    }
}

#[tokio::test]
async fn a_private_answer_is_not_kept_by_caches() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    for path in ["/api/me", "/api/rooms", &format!("/api/rooms/{room}/messages")] {
        let answer = ana.get(path).await;
        assert!(answer.header("cache-control").contains("no-store"), "{path}");
    }
}

#[tokio::test]
async fn a_cookie_without_origin_and_header_changes_nothing() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut browser = Browser::new(&server);
    browser.sign_in("ana", blackbox::server::PASSWORD).await;
    let body = json!({"kind": "public", "name": "Forged"});
    let own = server.url("");
    let cases: [(Option<&str>, bool); 4] = [
        (None, true),
        (Some("https://evil.example"), true),
        (Some("null"), true),
        (Some(&own), false),
    ];
    for (origin, header) in cases {
        let mut request = browser.request(Method::POST, "/api/rooms").json(&body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if header {
            request = request.header("x-tertulia-csrf", "1");
        }
        let answer = Answer::of(request).await.expect("an answer");
        answer.problem(403, "forbidden");
    }
    let rooms = browser.api("GET", "/api/rooms", None).await.expect(200);
    assert_eq!(rooms["items"], json!([]));
    browser.api("POST", "/api/rooms", Some(&body)).await.expect(201);
}

#[tokio::test]
async fn a_cookie_socket_needs_the_same_origin() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut browser = Browser::new(&server);
    browser.sign_in("ana", blackbox::server::PASSWORD).await;
    let (cookie, own) = (browser.cookie_header(), server.url(""));
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let socket = Socket::connect_with(&own, json!({}), &headers).await;
        assert!(socket.is_err(), "{origin:?}");
    }
    let headers = [("cookie", cookie.as_str()), ("origin", own.as_str())];
    Socket::connect_with(&own, json!({}), &headers).await.expect("the web client may");
}

#[tokio::test]
async fn a_token_may_ask_from_any_origin_and_a_cookie_from_none() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let origin = "https://app.example";
    let request = ana.request(Method::GET, "/api/rooms").header("origin", origin);
    let answer = Answer::of(request).await.expect("an answer");
    let allowed = answer.header("access-control-allow-origin");
    assert!(["*", origin].contains(&allowed), "{allowed:?}");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let ask = server.request(Method::OPTIONS, "/api/rooms").header("origin", origin);
    let ask = ask.header("access-control-request-method", "POST");
    let ask = ask.header("access-control-request-headers", "authorization,content-type");
    let answer = Answer::of(ask).await.expect("an answer");
    assert!((200..300).contains(&answer.status), "{}", answer.status);
    let headers = answer.header("access-control-allow-headers").to_lowercase();
    for sent in ["authorization", "tus-resumable", "x-http-method-override"] {
        assert!(headers.contains(sent), "{headers}");
    }
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    for path in ["/auth/login", "/id/login", "/"] {
        let request = server.request(Method::GET, path).header("origin", origin);
        let answer = Answer::of(request).await.expect("an answer");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut browser = Browser::new(&server);
    browser.sign_in("ana", blackbox::server::PASSWORD).await;
    let port = server.port().to_string();
    let names = browser.cookie_names();
    assert!(
        names.iter().any(|name| name.contains("tertulia") && name.contains(&port)),
        "{names:?}"
    );
    assert!(names.iter().any(|name| name.contains("idsid") && name.contains(&port)), "{names:?}");
    let me = browser.api("GET", "/api/me", None).await.expect(200);
    assert_eq!(me["person"]["username"], "ana");
}

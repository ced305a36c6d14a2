//! Signing in and out in a browser: the session is on the server, and its end is the end.

use blackbox::server::PASSWORD;
use blackbox::{Browser, Person, Socket, TestServer};
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

/// Somebody's browsers with a socket each, all in one room, and somebody else who talks there.
struct Open {
    server: TestServer,
    leo: Person,
    room: String,
    browsers: Vec<Browser>,
    sockets: Vec<Socket>,
}

impl Open {
    async fn on(devices: usize) -> Self {
        let server = TestServer::start().await;
        let (ana, leo) = (server.person("ana").await, server.person("leo").await);
        let room = ana.room("private", "Kitchen").await;
        ana.bring(&room, &leo).await;
        let (mut browsers, mut sockets) = (Vec::new(), Vec::new());
        for _ in 0..devices {
            let mut browser = Browser::new(&server);
            browser.sign_in("ana", PASSWORD).await;
            let socket = cookie_socket(&server, &browser).await;
            socket.call("join", json!({"room": room})).await;
            browsers.push(browser);
            sockets.push(socket);
        }
        Self { server, leo, room, browsers, sockets }
    }

    /// Exactly these have ended: the server closed their sockets, long before any token's end,
    /// they hear nothing more, and their cookies open nothing; the others go on.
    async fn only_these_have_ended(&self, ended: &[usize]) {
        for at in ended {
            let why = self.sockets[*at].closed().await;
            assert!(why.contains("by the server"), "{why}");
            let me = self.browsers[*at].api("GET", "/api/me", None).await;
            assert_eq!(me.status, 401, "number {at}");
        }
        let his = json!({"token": self.leo.token});
        let witness = Socket::connect(&self.server.url(""), his).await.expect("his own sign-in");
        witness.call("join", json!({"room": self.room})).await;
        let message = self.leo.say(&self.room, "after").await;
        witness.event("message", |event| event["id"] == message["id"]).await;
        for (at, (browser, socket)) in self.browsers.iter().zip(&self.sockets).enumerate() {
            if ended.contains(&at) {
                assert_eq!(socket.count("message"), 0, "number {at}");
                let (cookie, origin) = (browser.cookie_header(), self.server.url(""));
                let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
                let again = Socket::connect_with(&origin, json!({}), &headers).await;
                assert!(again.is_err(), "number {at}");
            } else {
                socket.event("message", |event| event["id"] == message["id"]).await;
                assert_eq!(socket.has_closed(), None, "number {at}");
                browser.api("GET", "/api/me", None).await.expect(200);
            }
        }
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_sockets_and_no_others() {
    let mut open = Open::on(2).await;
    let out = open.browsers[0].api("POST", "/auth/logout", Some(&json!({}))).await.expect(200);
    open.only_these_have_ended(&[0]).await;
    let url = out["logout_url"].as_str().expect("where to go on");
    let browser = &mut open.browsers[0];
    browser.open(url).await;
    browser.open("/auth/login?return_to=/").await;
    assert!(browser.page.contains("name=\"password\""), "signed out of identity too");
    let other = open.browsers[1].api("GET", "/api/me", None).await;
    assert_eq!(other.status, 200, "another browser stays");
}

#[tokio::test]
async fn a_device_that_is_ended_from_another_one_loses_its_socket() {
    let mut open = Open::on(3).await;
    let browser = &mut open.browsers[0];
    assert_eq!(browser.open("/id/account/sessions").await, 200);
    // Its own comes first, then the newest: the third one to sign in.
    let ends = |rest: &&str| rest.split('"').next().is_some_and(|path| path.ends_with("/end"));
    let action = browser.page.split("action=\"").find(ends).expect("a button that ends a session");
    let action = action.split('"').next().unwrap_or_default().to_owned();
    assert_eq!(browser.press(&action).await, 200);
    assert!(browser.address.ends_with("/account/sessions?done=one"), "{}", browser.address);
    open.only_these_have_ended(&[2]).await;
}

#[tokio::test]
async fn ending_all_others_leaves_the_one_at_hand() {
    let mut open = Open::on(3).await;
    assert_eq!(open.browsers[1].open("/id/account/sessions").await, 200);
    assert_eq!(open.browsers[1].press("/id/account/sessions/others/end").await, 200);
    open.only_these_have_ended(&[0, 2]).await;
}

#[tokio::test]
async fn signing_out_everywhere_closes_every_socket_of_a_session_and_nobody_else_s() {
    let mut open = Open::on(3).await;
    let mut leo = Browser::new(&open.server);
    leo.sign_in("leo", PASSWORD).await;
    let his = cookie_socket(&open.server, &leo).await;
    assert_eq!(open.browsers[1].open("/id/account/sessions").await, 200);
    assert_eq!(open.browsers[1].press("/id/logout/everywhere").await, 200);
    open.only_these_have_ended(&[0, 1, 2]).await;
    leo.api("GET", "/api/me", None).await.expect(200);
    assert_eq!(his.has_closed(), None);
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

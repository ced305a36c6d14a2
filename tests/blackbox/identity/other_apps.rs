//! Apps of others: what they got for a sign-in is worth nothing at the chat when it is over.

use std::time::Duration;

use blackbox::client::Answer;
use blackbox::console::{CHALLENGE, VERIFIER};
use blackbox::server::PASSWORD;
use blackbox::{Browser, TestServer, eventually_for};
use serde_json::Value;

const CALLBACK: &str = "https://app.example/cb";

/// An app of others, as it knows itself.
struct OtherApp {
    id: String,
    secret: String,
}

impl OtherApp {
    async fn registered(server: &TestServer) -> Self {
        let words = ["client", "create", "--name", "Reloj", "--redirect-uri", CALLBACK];
        let made = server.operator(&words).await;
        let made: Value = serde_json::from_str(&made).expect("a registration is JSON");
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        Self { id: text("client_id"), secret: text("client_secret") }
    }

    /// Signs Ana in and answers an access token for the chat.
    async fn sign_in(&self, server: &TestServer, browser: &mut Browser) -> String {
        let pairs = [
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid chat"),
            ("resource", &server.url("/api")),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(pairs).finish();
        browser.open(&format!("/id/oauth/authorize?{query}")).await;
        browser.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
        if browser.address.contains("/consent") {
            browser.submit(&[("decision", "allow")]).await;
        }
        let address = url::Url::parse(&browser.address).expect("an address");
        let code = address.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.unwrap_or_else(|| panic!("no code: {address}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let request = server.client().post(server.url("/id/oauth/token"));
        let request = request.basic_auth(&self.id, Some(&self.secret)).form(&form);
        let tokens = Answer::of(request).await.expect("the server answers").expect(200);
        tokens["access_token"].as_str().expect("a token").to_owned()
    }
}

async fn me(server: &TestServer, token: &str) -> u16 {
    let request = server.client().get(server.url("/api/me")).bearer_auth(token);
    Answer::of(request).await.expect("the server answers").status
}

/// Ana never opens the chat in this browser.
#[tokio::test]
async fn who_signs_out_ends_what_an_app_of_others_may_do_in_the_chat() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let app = OtherApp::registered(&server).await;
    let mut browser = Browser::new(&server).stopping_at(CALLBACK);
    let token = app.sign_in(&server, &mut browser).await;
    assert_eq!(me(&server, &token).await, 200);
    let mut elsewhere = Browser::new(&server).stopping_at(CALLBACK);
    let other = app.sign_in(&server, &mut elsewhere).await;
    browser.open("/id/account").await;
    let page = browser.page.clone();
    let form = page.split("<form").find(|form| form.contains("action=\"/id/logout\""));
    browser.page = format!("<form{}", form.unwrap_or_else(|| panic!("no form: {page}")));
    browser.submit(&[]).await;
    eventually_for(Duration::from_secs(5), "the chat refuses its token", async || {
        (me(&server, &token).await == 401).then_some(())
    })
    .await;
    assert_eq!(me(&server, &other).await, 200, "another sign-in goes on");
}

//! Somebody who administers: an account with an authenticator app, and tokens for the admin API.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use totp_rs::{Builder, Secret, Totp};

use crate::browser::Browser;
use crate::client::{self, Answer};
use crate::server::{PASSWORD, TestServer};

/// The example of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The SHA-256 of it, as an app sends it.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SCOPE: &str = "openid offline_access admin admin.read moderate";

/// Somebody in the console.
#[derive(Debug)]
pub struct Console {
    client: reqwest::Client,
    issuer: String,
    secret: String,
    refresh_token: String,
    /// An access token for the admin API, good for five minutes.
    pub token: String,
}

impl Console {
    /// Signs `username` in with a second factor, which they add first.
    pub async fn sign_in(server: &TestServer, username: &str) -> Self {
        let callback = server.url("/admin/auth/callback");
        let mut browser = Browser::new(server).stopping_at(&callback);
        browser.sign_in(username, PASSWORD).await;
        let app = enrol(&mut browser).await;
        browser.open(&authorize(server, &callback)).await;
        assert!(browser.address.contains("/login/2fa/totp"), "{}", browser.address);
        browser.fill_in(&[("code", &code(&app, 0))]).await;
        let address = url::Url::parse(&browser.address).expect("an address");
        let code = address.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.unwrap_or_else(|| panic!("no code: {address}"));
        let path = server.data_dir().join("keys/console-client-secret");
        let secret = std::fs::read_to_string(path).expect("the console's secret");
        let mut console = Self {
            client: server.client().clone(),
            issuer: server.url("/id"),
            secret: secret.trim().to_owned(),
            refresh_token: String::new(),
            token: String::new(),
        };
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
        ];
        console.redeem(&form).await;
        console
    }

    /// Gets a fresh token for the same sign-in.
    pub async fn refresh(&mut self) {
        let token = self.refresh_token.clone();
        self.redeem(&[("grant_type", "refresh_token"), ("refresh_token", &token)]).await;
    }

    /// Calls the admin API.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let url = format!("{}/admin/api/v1{path}", self.issuer);
        let request = self.client.request(client::method(method), url).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        Answer::of(request).await.expect("the server answers")
    }

    /// What a GET of the admin API answers.
    pub async fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None).await.expect(200)
    }

    async fn redeem(&mut self, form: &[(&str, &str)]) {
        let request = self.client.post(format!("{}/oauth/token", self.issuer));
        let request = request.basic_auth("console", Some(&self.secret)).form(form);
        let tokens = Answer::of(request).await.expect("the server answers").expect(200);
        let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        (self.token, self.refresh_token) = (text("access_token"), text("refresh_token"));
    }
}

fn authorize(server: &TestServer, callback: &str) -> String {
    let resource = server.url("/id/admin/api");
    let pairs = [
        ("response_type", "code"),
        ("client_id", "console"),
        ("redirect_uri", callback),
        ("scope", SCOPE),
        ("resource", &resource),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("acr_values", "urn:tertulia:acr:mfa"),
        ("max_age", "900"),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/id/oauth/authorize?{query}")
}

/// Adds an authenticator app, early in a step of 30 s, so that its codes keep their order.
async fn enrol(browser: &mut Browser) -> Totp {
    while now_s() % 30 > 10 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    browser.open("/id/account/security/totp").await;
    let key = browser.page.split("class=\"key\">").nth(1).expect("a key on the page");
    let key = key.split('<').next().unwrap_or_default().replace(' ', "");
    let secret = Secret::try_from_base32(key).expect("base32");
    let app = Builder::new().with_secret(secret).with_account_name("console").build();
    let app = app.expect("an authenticator app");
    let fields = [("name", "Phone"), ("code", &*code(&app, -1))];
    let status = browser.fill_in(&fields).await;
    assert_eq!(status, 200, "{}", browser.page);
    app
}

/// The code so many steps of 30 s from now.
fn code(app: &Totp, steps: i64) -> String {
    app.generate(now_s().checked_add_signed(steps * 30).expect("a time")).to_string()
}

#[expect(clippy::disallowed_methods, reason = "these tests stand outside of the services")]
fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

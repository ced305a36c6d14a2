//! The admin API as a console calls it.

mod addresses;
mod audit;
mod clients;
mod console;
mod doors;
mod events;
mod invitations;
mod invited_again;
mod people;
mod rest;
mod roles;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::FirstParty;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use totp_rs::Totp;

use super::step_up::{code, enrol};
use super::world::{App, Browser, PASSWORD, World};

const MFA: &str = "urn:tertulia:acr:mfa";
const SECRET: &str = "console-secret";
const REDIRECT: &str = "https://app.example/cb-console";
const SCOPE: &str = "openid offline_access admin admin.read moderate";

/// The console of a world; registered if it is not yet.
async fn console(world: &World) -> App {
    let app = FirstParty {
        client_id: "console",
        name: "Tertulia Admin",
        secret: SECRET,
        redirect_uri: REDIRECT.to_owned(),
        post_logout_redirect_uri: "https://app.example/".to_owned(),
        backchannel_logout_uri: None,
        scope: FirstParty::CONSOLE,
    };
    world.identity.ensure_first_party(app).await.unwrap();
    App {
        id: "console".to_owned(),
        secret: Some(SECRET.to_owned()),
        redirect_uri: REDIRECT.to_owned(),
    }
}

fn resource(world: &World) -> String {
    format!("{}/admin/api", world.issuer)
}

/// Signs `name` in by password, for the chat.
async fn sign_in(world: &World, browser: &mut Browser, name: &str) {
    let url = world.authorize_url(&world.request(&world.chat(), &[]));
    browser.open(world, &url).await;
    browser.submit(world, &[("username", name), ("password", PASSWORD)]).await;
}

/// Asks for the console what a console asks for, with `changes`.
async fn ask(world: &World, browser: &mut Browser, changes: &[(&str, &str)]) {
    let app = console(world).await;
    let resource = resource(world);
    let mut all = vec![("scope", SCOPE), ("resource", resource.as_str())];
    all.extend_from_slice(changes);
    browser.open(world, &world.authorize_url(&world.request(&app, &all))).await;
}

/// The tokens that the console gets for the code in the browser's address.
async fn redeem(world: &World, browser: &Browser) -> Value {
    let answer: BTreeMap<String, String> = browser.answer();
    let code = answer.get("code").unwrap_or_else(|| panic!("no code in {answer:?}"));
    let (status, tokens) = world.exchange(&console(world).await, code).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

fn claims(tokens: &Value) -> Value {
    let token = tokens["access_token"].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// Somebody in the console.
pub(crate) struct Caller<'w> {
    world: &'w World,
    browser: Browser,
    phone: Option<Totp>,
    tokens: Value,
}

impl<'w> Caller<'w> {
    /// Signs `name` in with a second factor, which they add first.
    pub(crate) async fn strong(world: &'w World, name: &str) -> Self {
        let mut browser = Browser::default();
        sign_in(world, &mut browser, name).await;
        let phone = enrol(world, &mut browser).await;
        ask(world, &mut browser, &[("acr_values", MFA), ("max_age", "900")]).await;
        browser.submit(world, &[("code", &code(&phone, 0))]).await;
        let tokens = redeem(world, &browser).await;
        Self { world, browser, phone: Some(phone), tokens }
    }

    /// The same without any second factor.
    async fn weak(world: &'w World, name: &str) -> Self {
        let mut browser = Browser::default();
        sign_in(world, &mut browser, name).await;
        ask(world, &mut browser, &[]).await;
        let tokens = redeem(world, &browser).await;
        Self { world, browser, phone: None, tokens }
    }

    fn token(&self) -> &str {
        self.tokens["access_token"].as_str().unwrap()
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        call(self.world, Some(self.token()), method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call("get", path, None).await.expect(200)
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("put", path, Some(body)).await
    }

    async fn post(&self, path: &str, body: Option<Value>) -> Answer {
        self.call("post", path, body).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.call("delete", path, None).await
    }

    /// The id of somebody by their user name.
    async fn id(&self, name: &str) -> String {
        let found = self.get(&format!("/users?query={name}")).await;
        let user = found["items"].as_array().unwrap().iter().find(|u| u["username"] == name);
        user.unwrap()["id"].as_str().unwrap().to_owned()
    }
}

/// An answer of the admin API.
struct Answer {
    status: u16,
    challenge: String,
    body: Value,
}

impl Answer {
    #[track_caller]
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} {}", self.challenge, self.body);
        self.body
    }

    #[track_caller]
    fn problem(&self, status: u16, kind: &str) {
        assert_eq!((self.status, &self.body["kind"]), (status, &json!(kind)), "{}", self.body);
    }
}

/// Calls the admin API, or another path when it begins with the issuer.
async fn call(
    world: &World,
    token: Option<&str>,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Answer {
    let url = format!("{}/admin/api/v1{path}", world.issuer);
    let url = if path.starts_with("http") { path.to_owned() } else { url };
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let mut request = world.http.request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let challenge = answer.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map_or("", |value| value.to_str().unwrap()).to_owned();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, challenge, body }
}

/// Gives `name` a role by the operator's command.
async fn make(world: &World, name: &str, role: &str) {
    world.command(&["user", "role", name, role]).await;
}

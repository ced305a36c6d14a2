//! Signing in at a provider that does as the test wants.

mod bound;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use futures::future::join_all;
use http::{HeaderMap, StatusCode, header};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kit::clock::now_ms;
use reqwest::{Method, Response};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use url::Url;

use super::store;
use crate::{Chat, Config, Settings};

const ISSUER: &str = "http://localhost:8080/id";
const API: &str = "http://localhost:8080/api";

/// What the provider does next.
struct Script {
    /// Seconds that access tokens live; below zero they are over at once.
    life_s: i64,
    username: &'static str,
    scope: &'static str,
    nonce: Option<&'static str>,
    /// The refresh token that is good now, and its predecessor.
    refresh: (String, String),
    refreshes: u32,
    broken: bool,
    revoked: Vec<String>,
}

struct Provider {
    key: EncodingKey,
    jwk: Value,
    script: Mutex<Script>,
}

type Shared = State<Arc<Provider>>;
type Query<'q> = &'q [(&'q str, &'q str)];

impl Provider {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256",
            "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..])});
        let script = Script {
            life_s: 300,
            username: "Ana",
            scope: "openid profile email chat",
            nonce: None,
            refresh: ("rt0".to_owned(), String::new()),
            refreshes: 0,
            broken: false,
            revoked: Vec::new(),
        };
        let key = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { key, jwk, script: Mutex::new(script) }
    }

    fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    fn sign(&self, typ: &str, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        (header.typ, header.kid) = (Some(typ.to_owned()), Some("k".to_owned()));
        encode(&header, claims, &self.key).unwrap()
    }

    fn access(&self, sid: &str) -> String {
        self.sign("at+jwt", &self.access_claims(sid))
    }

    fn access_claims(&self, sid: &str) -> Value {
        let (now, script) = (now_ms() / 1000, self.script.lock().unwrap());
        json!({"iss": ISSUER, "sub": "sub-ana", "aud": API, "client_id": "chat", "iat": now,
            "exp": now + script.life_s, "jti": kit::clock::random_token(), "sid": sid,
            "scope": script.scope, "roles": ["owner"]})
    }

    fn logout_token(&self, who: &Value) -> String {
        let now = now_ms() / 1000;
        let event = "http://schemas.openid.net/event/backchannel-logout";
        let mut claims = json!({"iss": ISSUER, "aud": "chat", "iat": now, "exp": now + 60,
            "jti": kit::clock::random_token(), "events": {event: {}}});
        for (name, value) in who.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.sign("logout+jwt", &claims)
    }
}

/// The code is the nonce, then the name of the sign-in.
async fn token(
    State(provider): Shared,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let basic =
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("chat:secret"));
    assert_eq!(headers[header::AUTHORIZATION], basic);
    assert_eq!(form["resource"], API);
    if provider.script.lock().unwrap().broken {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({})));
    }
    let no = (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"})));
    let mut answer = json!({"token_type": "Bearer", "expires_in": 300});
    let sid = if form["grant_type"] == "refresh_token" {
        let mut script = provider.script.lock().unwrap();
        script.refreshes += 1;
        if form["refresh_token"] == script.refresh.0 {
            let next = format!("rt{}", script.refreshes);
            script.refresh = (next, script.refresh.0.clone());
        } else if form["refresh_token"] != script.refresh.1 {
            return no;
        }
        "sid-1".to_owned()
    } else {
        let Some((nonce, sid)) = form["code"].split_once('.') else { return no };
        let nonce = provider.script.lock().unwrap().nonce.unwrap_or(nonce).to_owned();
        let now = now_ms() / 1000;
        let claims = json!({"iss": ISSUER, "sub": "sub-ana", "aud": "chat", "iat": now,
            "exp": now + 300, "nonce": nonce, "sid": sid});
        answer["id_token"] = json!(provider.sign("JWT", &claims));
        sid.to_owned()
    };
    answer["access_token"] = json!(provider.access(&sid));
    answer["refresh_token"] = json!(provider.script.lock().unwrap().refresh.0);
    (StatusCode::OK, Json(answer))
}

async fn userinfo(State(provider): Shared) -> Json<Value> {
    let name = provider.script.lock().unwrap().username;
    Json(json!({"sub": "sub-ana", "preferred_username": name, "name": name, "email": "a@x.org"}))
}

/// For the API that a token is for, whichever key it is bound to.
async fn introspect(
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    assert!(headers[header::AUTHORIZATION].to_str().unwrap().starts_with("Basic "));
    let bytes = B64.decode(form["token"].split('.').nth(1).unwrap()).unwrap();
    let mut told: Value = serde_json::from_slice(&bytes).unwrap();
    (told["active"], told["preferred_username"]) = (json!(true), json!("Ana"));
    (StatusCode::OK, Json(told))
}

async fn revoke(State(provider): Shared, Form(form): Form<BTreeMap<String, String>>) {
    provider.set(|script| script.revoked.push(form["token"].clone()));
}

async fn provide() -> (Arc<Provider>, String) {
    let provider = Arc::new(Provider::new());
    let document = json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks"),
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/userinfo"),
        "revocation_endpoint": format!("{ISSUER}/revoke"),
        "introspection_endpoint": format!("{ISSUER}/introspect"),
        "end_session_endpoint": format!("{ISSUER}/logout")});
    let keys = json!({"keys": [provider.jwk.clone()]});
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(async move || Json(document)))
        .route("/jwks", get(async move || Json(keys)))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .route("/revoke", post(revoke))
        .route("/introspect", post(introspect))
        .with_state(Arc::clone(&provider));
    (provider, listen(router).await)
}

async fn listen(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Chat beside its provider, and a browser.
struct World {
    chat: Chat,
    provider: Arc<Provider>,
    url: String,
    http: reqwest::Client,
}

impl World {
    async fn open() -> Self {
        let (provider, identity_internal_url) = provide().await;
        let data_dir = std::env::temp_dir().join(format!("tertulia-{}", kit::clock::uuid_v7()));
        std::fs::create_dir_all(&data_dir).unwrap();
        let config = Config {
            public_url: Url::parse("http://localhost:8080").unwrap(),
            issuer: ISSUER.to_owned(),
            identity_internal_url,
            client_id: "chat".to_owned(),
            client_secret: "secret".to_owned(),
            resource: API.to_owned(),
            database_url: own_database().await,
            data_dir,
            blobs: kit::blobs::BlobsConfig::default(),
            functions: None,
            settings: Settings::default(),
        };
        let chat = crate::build(config).await.unwrap();
        let who = async |viewer: super::Viewer| viewer.person.to_string();
        let router = super::router().route("/who", get(who).post(who)).with_state(chat.clone());
        let url = listen(router).await;
        Self { chat, provider, url, http: kit::caller::http_client() }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Begins to sign in: the cookie, and what the provider is asked.
    async fn begin(&self, return_to: &str) -> (String, BTreeMap<String, String>) {
        let path = format!("/auth/login?return_to={return_to}");
        let answer = self.send(Method::GET, &path, &[]).await;
        assert_eq!(answer.status(), 303);
        let location = answer.headers()[header::LOCATION].to_str().unwrap();
        assert!(location.starts_with(&format!("{ISSUER}/authorize?")), "{location}");
        let asked = Url::parse(location).unwrap();
        let asked = asked.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        (cookies(&answer), asked)
    }

    /// Comes back with this query; the page and the session's cookie.
    async fn come_back(&self, cookie: &str, query: &[(&str, &str)]) -> (String, String) {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let path = format!("/auth/callback?{query}");
        let answer = self.send(Method::GET, &path, &[("cookie", cookie)]).await;
        let page = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        (page, cookies(&answer))
    }

    /// Signs in as the sign-in `sid`; the session's cookie.
    async fn sign_in(&self, sid: &str) -> String {
        let (cookie, asked) = self.begin("/rooms/1").await;
        let code = format!("{}.{sid}", asked["nonce"]);
        let query = [("code", code.as_str()), ("state", &asked["state"]), ("iss", ISSUER)];
        let (page, cookie) = self.come_back(&cookie, &query).await;
        assert_eq!(page, "/rooms/1");
        cookie
    }

    async fn who(&self, cookie: &str) -> u16 {
        self.send(Method::GET, "/who", &[("cookie", cookie)]).await.status().as_u16()
    }

    async fn who_by(&self, token: &str) -> u16 {
        let bearer = format!("Bearer {token}");
        self.send(Method::GET, "/who", &[("authorization", &bearer)]).await.status().as_u16()
    }

    async fn backchannel(&self, token: &str) -> u16 {
        let request = self.http.post(format!("{}/auth/backchannel-logout", self.url));
        request.form(&[("logout_token", token)]).send().await.unwrap().status().as_u16()
    }
}

fn cookies(answer: &Response) -> String {
    let set = answer.headers().get_all(header::SET_COOKIE).iter();
    let set = set.map(|line| line.to_str().unwrap()).filter(|line| !line.contains("Max-Age=0"));
    set.map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

async fn own_database() -> Option<String> {
    let server = kit::config::env("TERTULIA_TEST_POSTGRES")?;
    let name = format!("sign_in_{}", kit::clock::uuid_v4().simple());
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

#[tokio::test]
async fn a_sign_in_gives_a_cookie_and_no_token() {
    let world = World::open().await;
    let (_, asked) = world.begin("/").await;
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["resource"], API);
    assert_eq!(asked["redirect_uri"], "http://localhost:8080/auth/callback");
    let cookie = world.sign_in("sid-1").await;
    assert!(cookie.starts_with("tertulia-8080=") && !cookie.contains('.'), "{cookie}");
    assert_eq!(world.who(&cookie).await, 200);
    assert_eq!(world.who("tertulia-8080=x").await, 401);
    assert_eq!(world.who("").await, 401);
}

#[tokio::test]
async fn an_answer_that_is_not_the_one_asked_for_signs_nobody_in() {
    let world = World::open().await;
    let (cookie, asked) = world.begin("/").await;
    let code = format!("{}.sid-1", asked["nonce"]);
    let state = asked["state"].as_str();
    let good = [("code", code.as_str()), ("state", state), ("iss", ISSUER)];
    let (other, _) = world.begin("/").await;
    let cases: [(&str, Query<'_>, &str); 7] = [
        ("", &good, "/?sign_in=expired"),
        (&other, &good, "/?sign_in=expired"),
        (&cookie, &[good[0], ("state", "x"), good[2]], "/?sign_in=expired"),
        (&cookie, &[good[0], good[1]], "/?sign_in=failed"),
        (&cookie, &[good[0], good[1], ("iss", "https://evil.example")], "/?sign_in=failed"),
        (&cookie, &[good[0], good[0], good[1], good[2]], "/?sign_in=failed"),
        (&cookie, &[("error", "access_denied"), good[1], good[2]], "/?sign_in=denied"),
    ];
    for (cookie, query, expected) in cases {
        let (page, session) = world.come_back(cookie, query).await;
        assert_eq!((page.as_str(), session.as_str()), (expected, ""), "{query:?}");
    }
    world.provider.set(|script| script.nonce = Some("another"));
    let (page, session) = world.come_back(&cookie, &good).await;
    assert_eq!((page.as_str(), session.as_str()), ("/?sign_in=failed", ""), "a wrong nonce");
    world.provider.set(|script| script.nonce = None);
    assert_eq!(world.come_back(&cookie, &good).await.0, "/");
}

#[tokio::test]
async fn an_unsafe_request_with_the_cookie_comes_from_our_own_page() {
    let world = World::open().await;
    let cookie = world.sign_in("sid-1").await;
    let own = ("origin", "http://localhost:8080");
    let mark = ("x-tertulia-csrf", "1");
    let cases: [(&[(&str, &str)], u16); 6] = [
        (&[], 403),
        (&[own], 403),
        (&[mark], 403),
        (&[mark, ("origin", "http://evil.example")], 403),
        (&[mark, ("origin", "null")], 403),
        (&[mark, own], 200),
    ];
    for (headers, status) in cases {
        let mut headers = headers.to_vec();
        headers.push(("cookie", &cookie));
        let answer = world.send(Method::POST, "/who", &headers).await;
        assert_eq!(answer.status(), status, "{headers:?}");
    }
    let bearer = format!("Bearer {}", world.provider.access("sid-2"));
    let answer = world.send(Method::POST, "/who", &[("authorization", &bearer)]).await;
    assert_eq!(answer.status(), 200, "a token cannot be sent by another site");
}

#[tokio::test]
async fn a_socket_with_the_cookie_comes_from_our_own_page() {
    let world = World::open().await;
    let cookie = world.sign_in("sid-1").await;
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, cookie.parse().unwrap());
    let refused = super::authenticate_socket(&world.chat, None, &headers).await;
    assert!(matches!(refused, Err(super::SignInError::CrossSite)), "{refused:?}");
    headers.insert(header::ORIGIN, "http://localhost:8080".parse().unwrap());
    let viewer = super::authenticate_socket(&world.chat, None, &headers).await.unwrap();
    assert!(viewer.session.is_some() && viewer.expires_at.is_none());
    let token = world.provider.access("sid-2");
    let shown = super::Shown { token: &token, proof: None };
    let viewer = super::authenticate_socket(&world.chat, Some(shown), &headers).await.unwrap();
    assert!(viewer.session.is_none() && viewer.expires_at.is_some());
}

#[tokio::test]
async fn a_polling_handshake_of_our_own_page_has_no_origin_but_says_where_it_is_from() {
    let world = World::open().await;
    let cookie = world.sign_in("sid-1").await;
    let cases: [(&[(&str, &str)], bool); 5] = [
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")], false),
        (&[], false),
    ];
    for (fields, allowed) in cases {
        let mut headers = http::HeaderMap::new();
        headers.insert("cookie", cookie.parse().unwrap());
        for (name, value) in fields {
            headers.insert(*name, value.parse().unwrap());
        }
        let opened = super::authenticate_socket(&world.chat, None, &headers).await;
        assert_eq!(opened.is_ok(), allowed, "{fields:?}");
    }
}

#[tokio::test]
async fn leaving_ends_the_session_at_once_and_gives_the_refresh_token_back() {
    let world = World::open().await;
    let cookie = world.sign_in("sid-1").await;
    let headers = [
        ("cookie", cookie.as_str()),
        ("origin", "http://localhost:8080"),
        ("x-tertulia-csrf", "1"),
    ];
    let answer = world.send(Method::POST, "/auth/logout", &headers).await;
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    let url = Url::parse(body["logout_url"].as_str().unwrap()).unwrap();
    let asked: BTreeMap<_, _> = url.query_pairs().collect();
    assert_eq!(asked["post_logout_redirect_uri"], "http://localhost:8080/");
    assert!(asked["id_token_hint"].split('.').count() == 3);
    assert_eq!(world.who(&cookie).await, 401);
    let deadline = now_ms() + 5_000;
    while world.provider.script.lock().unwrap().revoked.is_empty() {
        assert!(now_ms() < deadline, "the refresh token is not given back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_provider_ends_a_sign_in_and_its_tokens() {
    let world = World::open().await;
    let (one, two) = (world.sign_in("sid-1").await, world.sign_in("sid-2").await);
    let token = world.provider.access("sid-1");
    assert_eq!(world.who_by(&token).await, 200);
    let logout = world.provider.logout_token(&json!({"sid": "sid-1", "sub": "sub-ana"}));
    assert_eq!(world.backchannel(&logout).await, 200);
    assert_eq!((world.who(&one).await, world.who(&two).await), (401, 200));
    assert_eq!(world.who_by(&token).await, 401);
    assert_eq!(world.who_by(&world.provider.access("sid-2")).await, 200);
    assert_eq!(world.backchannel(&logout).await, 400, "a logout token works once");

    let everywhere = world.provider.logout_token(&json!({"sub": "sub-ana"}));
    let before = world.provider.access("sid-3");
    assert_eq!(world.backchannel(&everywhere).await, 200);
    assert_eq!(world.who(&two).await, 401);
    assert_eq!(world.who_by(&before).await, 401);
    for forged in ["", "x", &token] {
        assert_eq!(world.backchannel(forged).await, 400);
    }
}

#[tokio::test]
async fn a_sign_in_that_ended_before_it_came_back_begins_no_session() {
    let world = World::open().await;
    let (cookie, asked) = world.begin("/").await;
    let logout = world.provider.logout_token(&json!({"sid": "sid-1"}));
    assert_eq!(world.backchannel(&logout).await, 200);
    let code = format!("{}.sid-1", asked["nonce"]);
    let query = [("code", code.as_str()), ("state", &asked["state"]), ("iss", ISSUER)];
    let (page, session) = world.come_back(&cookie, &query).await;
    assert_eq!((page.as_str(), session.as_str()), ("/?sign_in=failed", ""));
}

#[tokio::test]
async fn of_25_requests_that_find_an_old_token_one_refreshes_it() {
    let world = World::open().await;
    world.provider.set(|script| script.life_s = -30);
    let cookie = world.sign_in("sid-1").await;
    world.provider.set(|script| (script.life_s, script.username) = (300, "Ana Maria"));
    let answers = join_all((0..25).map(|_| world.who(&cookie))).await;
    assert_eq!(answers, [200; 25]);
    assert_eq!(world.provider.script.lock().unwrap().refreshes, 1);
    let row = crate::people::by_username(world.chat.db.reader(), "ana maria").await.unwrap();
    assert_eq!(row.unwrap().display_name, "Ana Maria", "the profile came along");
}

#[tokio::test]
async fn a_session_lasts_while_the_provider_is_away_and_ends_when_it_says_no() {
    let world = World::open().await;
    world.provider.set(|script| script.life_s = -30);
    let cookie = world.sign_in("sid-1").await;
    world.provider.set(|script| script.broken = true);
    assert_eq!(world.who(&cookie).await, 200);

    let other = world.sign_in_after(|script| {
        script.broken = false;
        script.refresh = ("rt-x".to_owned(), String::new());
    });
    let other = other.await;
    world.provider.set(|script| script.refresh = ("rt-y".to_owned(), String::new()));
    assert_eq!(world.who(&other).await, 401, "invalid_grant");
    assert_eq!(world.who(&other).await, 401);
}

#[tokio::test]
async fn a_refresh_that_a_crash_cut_short_is_taken_up() {
    let world = World::open().await;
    world.provider.set(|script| script.life_s = -30);
    let cookie = world.sign_in("sid-1").await;
    let hash = super::hash(cookie.split_once('=').unwrap().1);
    let now = now_ms();
    let session = store::live(world.chat.db.reader(), &hash, now).await.unwrap().unwrap().id;
    let leased = world.chat.db.write(async |tx| store::lease(tx, session, now).await).await;
    leased.unwrap().expect("nobody else refreshes");
    // The provider rotated the token, but its answer never came to the database.
    world.provider.set(|script| {
        script.refresh = ("rt1".to_owned(), "rt0".to_owned());
        (script.refreshes, script.life_s) = (1, 300);
    });
    super::release(&world.chat.db).await.unwrap();
    let resumed = tokio::spawn(super::resume(world.chat.clone()));
    let deadline = now_ms() + 5_000;
    while world.provider.script.lock().unwrap().refreshes < 2 {
        assert!(now_ms() < deadline, "the refresh is not taken up");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.who(&cookie).await, 200);
    resumed.abort();
}

#[tokio::test]
async fn an_app_that_speaks_for_itself_is_nobody_here() {
    let world = World::open().await;
    let now = now_ms() / 1000;
    let own = world.provider.sign(
        "at+jwt",
        &json!({"iss": ISSUER, "sub": "robot", "aud": API, "client_id": "robot", "iat": now,
            "exp": now + 300, "jti": kit::clock::random_token(), "scope": "chat"}),
    );
    let bearer = format!("Bearer {own}");
    let answer = world.send(Method::GET, "/who", &[("authorization", &bearer)]).await;
    assert_eq!(answer.status(), 403);
    let problem = answer.text().await.unwrap();
    assert!(problem.contains("an app's own"), "{problem}");
    assert!(crate::people::by_username(world.chat.db.reader(), "@robot").await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_needs_the_scope_and_tells_who_somebody_is() {
    let world = World::open().await;
    let answer = {
        let bearer = format!("Bearer {}", world.provider.access("sid-9"));
        world.send(Method::GET, "/who", &[("authorization", &bearer)]).await
    };
    assert_eq!(answer.status(), 200);
    let person = answer.text().await.unwrap();
    let row = crate::people::by_username(world.chat.db.reader(), "@ANA").await.unwrap().unwrap();
    assert_eq!((row.id.to_string(), row.role.as_str()), (person, "owner"));
    world.provider.set(|script| script.scope = "openid profile");
    assert_eq!(world.who_by(&world.provider.access("sid-9")).await, 403);
    assert_eq!(world.who_by("x").await, 401);
    let cookie = world.sign_in_after(|script| script.scope = "openid chat").await;
    let both = [("authorization", "Basic x"), ("cookie", cookie.as_str())];
    let answer = world.send(Method::GET, "/who", &both).await;
    assert_eq!(answer.status(), 401, "the header wins over the cookie");
}

impl World {
    async fn sign_in_after(&self, change: impl FnOnce(&mut Script)) -> String {
        self.provider.set(change);
        self.sign_in("sid-1").await
    }
}

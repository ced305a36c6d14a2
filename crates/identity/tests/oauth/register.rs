//! Apps that register themselves (RFC 7591) and change what they say about themselves (RFC 7592).

use std::time::{Duration, Instant};

use identity::Registration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{App, Browser, PASSWORD, REDIRECT, World};

/// A provider at which everybody may register an app.
async fn open_world() -> World {
    let open = |settings: &mut identity::Settings| {
        settings.apps.registration = Registration::Open;
        settings.apps.registrations_per_h = 1000;
    };
    World::with("https://app.example/backchannel", open).await
}

impl World {
    /// Asks for `path` with this token and body.
    async fn ask(
        &self,
        method: Method,
        url: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let url = if url.starts_with('/') { format!("{}{url}", self.issuer) } else { url.into() };
        let mut request = self.http.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let kept = response.headers().get("cache-control").cloned();
        assert_eq!(kept.unwrap(), "no-store", "{}", response.url());
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn registered(&self, token: Option<&str>, body: &Value) -> (StatusCode, Value) {
        self.ask(Method::POST, "/oauth/register", token, Some(body)).await
    }

    async fn token_of_the_operator(&self, uses: &str) -> String {
        let made = self.command(&["client", "registration-token", "--uses", uses]).await;
        made["registration_token"].as_str().unwrap().to_owned()
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// What the ID token is signed with.
fn alg_of(tokens: &Value) -> String {
    use base64::Engine as _;
    let header = text(tokens, "id_token").split('.').next().unwrap();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    text(&header, "alg").to_owned()
}

fn app_of(told: &Value) -> App {
    App {
        id: text(told, "client_id").to_owned(),
        secret: told["client_secret"].as_str().map(str::to_owned),
        redirect_uri: REDIRECT.to_owned(),
    }
}

fn metadata() -> Value {
    json!({
        "client_name": "Reloj", "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email offline_access chat",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut said = metadata();
    said[name] = value;
    said
}

#[tokio::test]
async fn an_operator_s_token_registers_as_many_apps_as_it_says_and_no_more() {
    let world = World::open().await;
    let (status, refused) = world.registered(None, &metadata()).await;
    assert_eq!((status, text(&refused, "error")), (StatusCode::UNAUTHORIZED, "invalid_token"));
    for wrong in ["it_wrong", "x"] {
        assert_eq!(world.registered(Some(wrong), &metadata()).await.0, StatusCode::UNAUTHORIZED);
    }
    let token = world.token_of_the_operator("2").await;
    let bad = with("redirect_uris", json!(["http://app.example/cb"]));
    let (status, _) = world.registered(Some(&token), &bad).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "and that cost nothing");
    for _ in 0..2 {
        let (status, told) = world.registered(Some(&token), &metadata()).await;
        assert_eq!(status, StatusCode::CREATED, "{told}");
    }
    assert_eq!(world.registered(Some(&token), &metadata()).await.0, StatusCode::UNAUTHORIZED);
    world.sql("UPDATE registration_tokens SET uses_left = 9, expires_at = 5").await;
    assert_eq!(world.registered(Some(&token), &metadata()).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn one_use_is_one_app_however_many_ask_at_once() {
    let world = World::open().await;
    let token = world.token_of_the_operator("3").await;
    let said = metadata();
    let all = (0..25).map(|_| world.registered(Some(&token), &said));
    let answers = futures::future::join_all(all).await;
    let made = answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
    assert_eq!(made, 3, "{answers:?}");
}

#[tokio::test]
async fn an_app_that_registered_itself_signs_people_in_and_is_shown_as_not_verified() {
    let world = open_world().await;
    let mut said = with("client_uri", json!("https://app.example/about"));
    said["policy_uri"] = json!("https://app.example/privacy");
    let (status, told) = world.registered(None, &said).await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    assert_eq!(told["client_secret_expires_at"], 0);
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert!(told["client_id_issued_at"].as_i64().unwrap() > 1_700_000_000);
    let app = app_of(&told);
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(browser.address.contains("/consent"), "{}", browser.address);
    assert!(browser.page.contains("Not verified"), "{}", browser.page);
    assert!(browser.page.contains("https://app.example/privacy"), "{}", browser.page);
    browser.submit(&world, &[("decision", "allow")]).await;
    let (status, tokens) = world.exchange(&app, &browser.answer()["code"]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(alg_of(&tokens), "RS256", "what Core says for who does not");
    let mut ours = Browser::default();
    ours.open(&world, &world.authorize_url(&world.request(&world.app(false).await, &[]))).await;
    ours.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(ours.address.contains("/consent") && !ours.page.contains("Not verified"));
}

#[tokio::test]
async fn an_app_that_said_what_it_wants_to_have_its_id_tokens_signed_with_gets_that() {
    let world = open_world().await;
    let said = with("id_token_signed_response_alg", json!("ES256"));
    let (_, told) = world.registered(None, &said).await;
    let app = app_of(&told);
    let tokens = world.tokens(&app).await;
    assert!(world.issuer().id_token(text(&tokens, "id_token"), &app.id, None).await.is_ok());
    assert_eq!(alg_of(&tokens), "ES256");
}

#[tokio::test]
async fn what_nothing_may_be_sent_to_cannot_be_registered() {
    let world = open_world().await;
    let uris = [
        "http://app.example/cb",
        "https://app.example/cb#fragment",
        "https://*.example/cb",
        "https://ana:secret@app.example/cb",
        "https://app.example\\@evil.example/cb",
        "https://203.0.113.7/cb",
        "https://10.0.0.1/cb",
        "javascript:alert(1)",
        "org.example.app:/cb",
        "/cb",
        "",
    ];
    for uri in uris {
        let (status, refused) = world.registered(None, &with("redirect_uris", json!([uri]))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{uri}");
        assert_eq!(text(&refused, "error"), "invalid_redirect_uri", "{uri}");
        let said = with("post_logout_redirect_uris", json!([uri]));
        assert_eq!(world.registered(None, &said).await.0, StatusCode::BAD_REQUEST, "{uri}");
    }
    for uris in [json!([]), json!(vec![REDIRECT; 21])] {
        let (status, _) = world.registered(None, &with("redirect_uris", uris)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
    let mut native = with("redirect_uris", json!(["http://127.0.0.1/cb", "org.example.app:/cb"]));
    native["application_type"] = json!("native");
    native["token_endpoint_auth_method"] = json!("none");
    let (status, told) = world.registered(None, &native).await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
    assert!(told.get("client_secret").is_none(), "{told}");
}

#[tokio::test]
async fn what_does_not_go_together_or_leads_into_our_network_is_refused() {
    let world = open_world().await;
    let inside = "https://10.0.0.1/";
    for (name, value) in [
        ("jwks_uri", json!(inside)),
        ("jwks_uri", json!("http://app.example/jwks")),
        ("jwks_uri", json!("https://169.254.169.254/latest/meta-data")),
        ("logo_uri", json!(inside)),
        ("logo_uri", json!("javascript:alert(1)")),
        ("backchannel_logout_uri", json!(inside)),
        ("backchannel_logout_uri", json!("http://app.example/out")),
        ("client_uri", json!("javascript:alert(1)")),
        ("policy_uri", json!("http://app.example/")),
        ("tos_uri", json!("data:text/html,x")),
        ("grant_types", json!(["authorization_code", "password"])),
        ("grant_types", json!(["client_credentials"])),
        ("response_types", json!(["token"])),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("id_token_signed_response_alg", json!("none")),
        ("subject_type", json!("pairwise")),
        ("scope", json!("chat.admin")),
        ("client_name", json!("")),
        ("client_name", json!("x".repeat(101))),
        ("client_name", json!("Tertulia\u{202e}")),
        ("jwks", json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]})),
    ] {
        let (status, refused) = world.registered(None, &with(name, value.clone())).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name} {value}");
        assert_eq!(text(&refused, "error"), "invalid_client_metadata", "{name} {value}");
    }
    let (_, told) = world.registered(None, &with("scope", json!("openid chat.admin"))).await;
    assert_eq!(told["scope"], "openid", "what only an operator gives is left out");
    assert!(told.get("first_party").is_none());
}

#[tokio::test]
async fn a_body_that_is_none_is_refused() {
    let world = open_world().await;
    let url = format!("{}/oauth/register", world.issuer);
    let form = world.http.post(&url).form(&[("redirect_uris", REDIRECT)]).send().await.unwrap();
    assert_eq!(form.status(), StatusCode::BAD_REQUEST);
    let json = |body: String| {
        world.http.post(&url).header("content-type", "application/json").body(body).send()
    };
    assert_eq!(json("{".to_owned()).await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(json("[]".to_owned()).await.unwrap().status(), StatusCode::BAD_REQUEST);
    let long = with("client_uri", json!("x".repeat(70_000))).to_string();
    assert_eq!(json(long).await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn only_its_own_token_reads_changes_and_removes_an_app() {
    let world = open_world().await;
    let (_, one) = world.registered(None, &metadata()).await;
    let (_, other) = world.registered(None, &metadata()).await;
    let own = text(&one, "registration_client_uri").to_owned();
    let key = text(&one, "registration_access_token").to_owned();
    let mut said = with("client_name", json!("Reloj 2"));
    said["client_id"] = one["client_id"].clone();
    let static_app = format!("/oauth/register/{}", world.app(false).await.id);
    let strangers = [
        None,
        Some("ra_wrong"),
        Some(text(&other, "registration_access_token")),
        one["client_secret"].as_str(),
    ];
    for stranger in strangers {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let body = (method == Method::PUT).then_some(&said);
            for url in [&own, &static_app, "/oauth/register/nobody", "/oauth/register/%00"] {
                let (status, told) = world.ask(method.clone(), url, stranger, body).await;
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {url} {told}");
            }
        }
    }
    let (status, read) = world.ask(Method::GET, &own, Some(&key), None).await;
    assert_eq!((status, &read["client_name"]), (StatusCode::OK, &json!("Reloj")));
    assert!(read.get("client_secret").is_none(), "told once: {read}");
    let (status, told) = world.ask(Method::PUT, &own, Some(&key), Some(&said)).await;
    assert_eq!((status, &told["client_name"]), (StatusCode::OK, &json!("Reloj 2")));
    assert!(told.get("client_secret").is_none(), "told once: {told}");
    let (status, read) = world.ask(Method::GET, &own, Some(&key), None).await;
    assert_eq!((status, &read), (StatusCode::OK, &told), "and that is what is kept");
    let tokens = world.tokens(&app_of(&one)).await;
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::OK, "its secret is still good");
    let (status, _) = world.ask(Method::DELETE, &own, Some(&key), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(world.ask(Method::GET, &own, Some(&key), None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED);
    let (status, refused) = world.refresh(&app_of(&one), text(&tokens, "refresh_token")).await;
    assert_eq!((status, text(&refused, "error")), (StatusCode::UNAUTHORIZED, "invalid_client"));
}

#[tokio::test]
async fn a_change_says_everything_anew_and_cannot_choose_what_is_ours() {
    let world = open_world().await;
    let said = with("policy_uri", json!("https://app.example/privacy"));
    let (_, one) = world.registered(None, &said).await;
    let own = text(&one, "registration_client_uri").to_owned();
    let key = text(&one, "registration_access_token").to_owned();
    let put = async |body: &Value| world.ask(Method::PUT, &own, Some(&key), Some(body)).await;
    let mut changed = metadata();
    changed["client_id"] = one["client_id"].clone();
    let (status, told) = put(&changed).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert!(told.get("policy_uri").is_none(), "what is left out is gone: {told}");
    let mut bad = changed.clone();
    bad["client_id"] = json!("chat");
    assert_eq!(put(&bad).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(put(&metadata()).await.0, StatusCode::BAD_REQUEST, "which app is not said");
    let mut chosen = changed.clone();
    chosen["client_secret"] = json!("cs_chosen");
    assert_eq!(put(&chosen).await.0, StatusCode::BAD_REQUEST);
    let mut http = changed.clone();
    http["redirect_uris"] = json!(["http://app.example/cb"]);
    let (status, refused) = put(&http).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(text(&refused, "error"), "invalid_redirect_uri");
    let mut public = changed.clone();
    public["token_endpoint_auth_method"] = json!("none");
    let (_, told) = put(&public).await;
    assert!(told.get("client_secret").is_none(), "{told}");
    let (_, told) = put(&changed).await;
    let again = text(&told, "client_secret");
    assert_ne!(again, text(&one, "client_secret"), "a new one, since it had none");
}

#[tokio::test]
async fn nothing_is_registered_where_that_is_off() {
    let off = |settings: &mut identity::Settings| settings.apps.registration = Registration::Off;
    let world = World::with("https://app.example/backchannel", off).await;
    let token = world.token_of_the_operator("1").await;
    for token in [None, Some(token.as_str())] {
        assert_eq!(world.registered(token, &metadata()).await.0, StatusCode::NOT_FOUND);
    }
    let url = format!("{}/.well-known/openid-configuration", world.issuer);
    let document: Value = world.http.get(url).send().await.unwrap().json().await.unwrap();
    assert!(document.get("registration_endpoint").is_none());
}

#[tokio::test]
async fn one_address_registers_only_so_many_apps_without_a_token() {
    let open = |settings: &mut identity::Settings| {
        settings.apps.registration = Registration::Open;
        settings.apps.registrations_per_h = 3;
    };
    let world = World::with("https://app.example/backchannel", open).await;
    for _ in 0..3 {
        assert_eq!(world.registered(None, &metadata()).await.0, StatusCode::CREATED);
    }
    assert_eq!(world.registered(None, &metadata()).await.0, StatusCode::TOO_MANY_REQUESTS);
    let token = world.token_of_the_operator("1").await;
    assert_eq!(world.registered(Some(&token), &metadata()).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn an_app_that_registered_itself_and_that_nobody_uses_is_removed() {
    let world = open_world().await;
    let (_, idle) = world.registered(None, &metadata()).await;
    let (_, used) = world.registered(None, &metadata()).await;
    let (_, young) = world.registered(None, &metadata()).await;
    world.tokens(&app_of(&used)).await;
    let id = |told: &Value| text(told, "client_id").to_owned();
    let kept = world.app(false).await.id;
    let old = 31 * 86_400_000_i64;
    for old_one in [id(&idle), id(&used), kept.clone()] {
        let sql =
            format!("UPDATE clients SET created_at = created_at - {old} WHERE id = '{old_one}'");
        world.sql(&sql).await;
    }
    // Every process looks when it starts.
    let again = identity::build(world.config.clone()).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let apps = World::command_of(&again, &["client", "list"]).await.unwrap();
        let has = |id: &str| apps["items"].as_array().unwrap().iter().any(|a| a["client_id"] == id);
        assert!(has(&id(&used)) && has(&id(&young)) && has(&kept), "{apps}");
        if !has(&id(&idle)) {
            break;
        }
        assert!(Instant::now() < deadline, "{apps}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_operator_removes_an_app_and_what_it_was_given() {
    let world = World::open().await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    assert_eq!(world.command(&["client", "delete", &app.id]).await, json!({"removed": true}));
    assert_eq!(world.command(&["client", "delete", &app.id]).await, json!({"removed": false}));
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED);
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    assert_eq!(browser.status, 400);
}

/// RFC 9700 section 4.11.2: who can register an app has an address of ours lead anywhere, unless
/// its person signs in first.
#[tokio::test]
async fn an_app_that_nobody_checked_is_not_told_before_somebody_signs_in() {
    let world = open_world().await;
    let app = app_of(&world.registered(None, &metadata()).await.1);
    let bad = world.authorize_url(&world.request(&app, &[("response_type", "token")]));
    let mut nobody = Browser::default();
    nobody.open(&world, &bad).await;
    assert_eq!(nobody.status, 400, "{}", nobody.address);
    assert!(nobody.address.starts_with(&world.issuer), "{}", nobody.address);
    let back = format!("href=\"{REDIRECT}?error=unsupported_response_type&");
    assert!(nobody.page.replace("&#38;", "&").contains(&back), "{}", nobody.page);
    assert!(nobody.page.contains("Reloj (app.example)"), "{}", nobody.page);

    let silent = world.authorize_url(&world.request(&app, &[("prompt", "none")]));
    nobody.open(&world, &silent).await;
    assert_eq!(nobody.answer()["error"], "login_required");
    let mut ana = Browser::default();
    world.code(&mut ana, &app).await;
    ana.open(&world, &bad).await;
    assert_eq!(ana.answer()["error"], "unsupported_response_type");
}

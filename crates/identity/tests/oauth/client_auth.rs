//! An app proves who it is the way it registered, and in no other.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::app_keys::{JWT_BEARER, Key, claims, key_file};
use super::world::{App, Browser, VERIFIER, World};

/// Exchanges a code with an assertion.
async fn exchange(world: &World, app: &App, code: &str, assertion: &str) -> (StatusCode, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &app.redirect_uri),
        ("code_verifier", VERIFIER),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    world.send("/oauth/token", None, &form).await
}

#[tokio::test]
async fn an_app_that_signs_gets_tokens() {
    let world = World::open().await;
    let key = Key::new("one");
    let app = world.signing_app(&key).await;
    assert_eq!(app.secret, None);
    let code = world.code(&mut Browser::default(), &app).await;
    let assertion = key.assertion(&app.id, &world.issuer);
    let (status, tokens) = exchange(&world, &app, &code, &assertion).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::OK);
    let code = world.code(&mut Browser::default(), &app).await;
    let (status, error) = exchange(&world, &app, &code, &assertion).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "an assertion is good once");
    assert_eq!(error["error"], "invalid_client");
}

#[tokio::test]
async fn an_assertion_is_for_this_issuer_of_this_app_and_of_now() {
    let world = World::open().await;
    let (key, other) = (Key::new("one"), Key::new("one"));
    let app = world.signing_app(&key).await;
    let code = world.code(&mut Browser::default(), &app).await;
    let good = claims(&app.id, &world.issuer);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        key.sign(&claims)
    };
    let now = good["iat"].as_i64().unwrap();
    let bad = [
        other.sign(&good),
        Key::new("two").sign(&good),
        with("aud", json!(format!("{}/oauth/token", world.issuer))),
        with("aud", json!([world.issuer])),
        with("iss", json!("chat")),
        with("exp", json!(now - 60)),
        with("exp", json!(now + 3600)),
        with("nbf", json!(now + 600)),
        with("jti", Value::Null),
        "x.y.z".to_owned(),
    ];
    for assertion in bad {
        let (status, error) = exchange(&world, &app, &code, &assertion).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{assertion}");
        assert_eq!(error["error"], "invalid_client", "{assertion}");
    }
    let (status, tokens) = exchange(&world, &app, &code, &key.sign(&good)).await;
    assert_eq!(status, StatusCode::OK, "none of them cost the code: {tokens}");
}

#[tokio::test]
async fn one_way_of_proof_does_not_stand_in_for_another() {
    let world = World::open().await;
    let key = Key::new("one");
    let signing = world.signing_app(&key).await;
    let basic = world.register(&["--auth-method", "client_secret_basic"]).await;
    let post = world.register(&["--auth-method", "client_secret_post"]).await;
    let either = world.app(false).await;
    let public = world.app(true).await;
    let by_header = async |app: &App, secret: &str| {
        let header = Some((app.id.as_str(), secret));
        world.send("/oauth/revoke", header, &[("token", "x")]).await.0
    };
    let by_body = async |app: &App, secret: &str| {
        let form = [("token", "x"), ("client_id", &*app.id), ("client_secret", secret)];
        world.send("/oauth/revoke", None, &form).await.0
    };
    let by_name = async |app: &App| {
        let form = [("token", "x"), ("client_id", &*app.id)];
        world.send("/oauth/revoke", None, &form).await.0
    };
    let (ok, no) = (StatusCode::OK, StatusCode::UNAUTHORIZED);
    let secret = |app: &App| app.secret.clone().unwrap();
    assert_eq!(by_header(&basic, &secret(&basic)).await, ok);
    assert_eq!(by_body(&basic, &secret(&basic)).await, no);
    assert_eq!(by_header(&post, &secret(&post)).await, no);
    assert_eq!(by_body(&post, &secret(&post)).await, ok);
    assert_eq!(by_header(&either, &secret(&either)).await, ok);
    assert_eq!(by_body(&either, &secret(&either)).await, ok);
    assert_eq!(by_header(&either, "wrong").await, no);
    assert_eq!(by_name(&public).await, ok);
    for app in [&signing, &basic, &post, &either] {
        assert_eq!(by_name(app).await, no);
    }
    for app in [&signing, &public] {
        assert_eq!(by_header(app, "").await, no);
        assert_eq!(by_body(app, "s").await, no);
    }
    let assertion = key.assertion(&basic.id, &world.issuer);
    let form = [("token", "x"), ("client_assertion_type", JWT_BEARER)];
    let both = [form[0], form[1], ("client_assertion", &*assertion)];
    assert_eq!(world.send("/oauth/revoke", None, &both).await.0, no);
    let header = Some((basic.id.as_str(), secret(&basic)));
    let header = header.as_ref().map(|(id, secret)| (*id, secret.as_str()));
    let (status, error) = world.send("/oauth/revoke", header, &both).await;
    assert_eq!((status, &error["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
}

#[tokio::test]
async fn operators_cannot_register_what_does_not_go_together() {
    let world = World::open().await;
    let file = key_file(&[&Key::new("one")]);
    let base = ["client", "create", "--name", "Reloj", "--redirect-uri", "https://app.example/cb"];
    let bad: [&[&str]; 7] = [
        &["--auth-method", "private_key_jwt"],
        &["--auth-method", "private_key_jwt", "--jwks", "/nowhere"],
        &["--auth-method", "magic"],
        &["--grant-type", "password"],
        &["--jwks", &file, "--jwks-uri", "https://app.example/jwks"],
        &["--jwks-uri", "https://10.0.0.1/jwks"],
        &["--jwks-uri", "http://app.example/jwks"],
    ];
    for more in bad {
        let words: Vec<&str> = base.iter().chain(more).copied().collect();
        assert!(world.try_command(&words).await.is_err(), "{more:?}");
    }
}

#[tokio::test]
async fn the_keys_of_an_app_may_be_at_a_place_of_its_own() {
    let world = World::open().await;
    let (key, other) = (Key::new("one"), Key::new("two"));
    let keys = json!({"keys": [key.jwk]}).to_string();
    let place = axum::Router::new().route("/jwks", axum::routing::get(|| async { keys }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/jwks", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, place).await });
    let app = world.register(&["--auth-method", "private_key_jwt", "--jwks-uri", &uri]).await;
    let code = world.code(&mut Browser::default(), &app).await;
    let assertion = other.assertion(&app.id, &world.issuer);
    let (status, _) = exchange(&world, &app, &code, &assertion).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let assertion = key.assertion(&app.id, &world.issuer);
    let (status, tokens) = exchange(&world, &app, &code, &assertion).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
}

#[tokio::test]
async fn an_app_that_another_process_removes_is_soon_nobody_here() {
    let world = World::open().await;
    let app = world.app(false).await;
    let form = [("token", "x")];
    assert_eq!(world.post("/oauth/introspect", &app, &form).await.status(), StatusCode::OK);
    let other = identity::build(world.config.clone()).await.unwrap();
    World::command_of(&other, &["client", "delete", &app.id]).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while world.post("/oauth/introspect", &app, &form).await.status() != StatusCode::UNAUTHORIZED {
        assert!(Instant::now() < deadline, "the app is still known");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

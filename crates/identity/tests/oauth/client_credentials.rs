//! Apps that speak for themselves (RFC 6749 section 4.4).

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::app_keys::{JWT_BEARER, Key, key_file};
use super::world::{App, World};

const ALONE: [&str; 2] = ["--grant-type", "client_credentials"];

async fn ask(world: &World, app: &App, more: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(more);
    world.token(app, &form).await
}

async fn introspect(world: &World, app: &App, token: &str) -> Value {
    let form = [("token", token)];
    world.post("/oauth/introspect", app, &form).await.json().await.unwrap()
}

#[tokio::test]
async fn an_app_gets_a_token_of_its_own() {
    let world = World::open().await;
    let app = world.register(&ALONE).await;
    let (status, tokens) = ask(&world, &app, &[("resource", &world.api)]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!((&tokens["token_type"], &tokens["scope"]), (&json!("Bearer"), &json!("chat")));
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let token = tokens["access_token"].as_str().unwrap();
    let caller = world.issuer().access(token, &world.api).await.unwrap();
    assert_eq!((&caller.sub, &caller.client_id), (&app.id, &app.id));
    assert!(caller.is_app() && caller.sid.is_none() && caller.roles.is_empty());
    let told = introspect(&world, &app, token).await;
    assert_eq!((&told["active"], &told["sub"]), (&json!(true), &json!(app.id)));
    assert!(told.get("acr").is_none() && told.get("auth_time").is_none(), "{told}");
}

#[tokio::test]
async fn a_token_of_an_app_tells_nothing_of_a_person_and_can_be_given_back() {
    let world = World::open().await;
    let app = world.register(&ALONE).await;
    let (_, tokens) = ask(&world, &app, &[]).await;
    let (status, _) = world.userinfo(&tokens).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let token = tokens["access_token"].as_str().unwrap();
    let told = introspect(&world, &app, token).await;
    assert_eq!((&told["active"], &told["aud"]), (&json!(true), &json!(world.issuer)));
    let other = world.register(&ALONE).await;
    assert_eq!(introspect(&world, &other, token).await, json!({"active": false}));
    world.post("/oauth/revoke", &other, &[("token", token)]).await;
    assert_eq!(introspect(&world, &app, token).await["active"], true, "not theirs to give back");
    world.post("/oauth/revoke", &app, &[("token", token)]).await;
    assert_eq!(introspect(&world, &app, token).await, json!({"active": false}));
}

#[tokio::test]
async fn an_app_gets_no_more_than_it_registered_for() {
    let world = World::open().await;
    let app = world.register(&[ALONE[0], ALONE[1], "--scope", "openid chat"]).await;
    for (more, code) in [
        (("scope", "chat openid"), "invalid_scope"),
        (("scope", "chat.admin"), "invalid_scope"),
        (("scope", "telepathy"), "invalid_scope"),
        (("resource", "https://other.example/api"), "invalid_target"),
    ] {
        let (status, error) = ask(&world, &app, &[more]).await;
        assert_eq!((status, &error["error"]), (StatusCode::BAD_REQUEST, &json!(code)), "{more:?}");
    }
    let both = [("resource", &*world.api), ("resource", &*world.issuer)];
    let (_, error) = ask(&world, &app, &both).await;
    assert_eq!(error["error"], "invalid_target");
    let code = world.token(&app, &[("grant_type", "authorization_code"), ("code", "x")]).await;
    assert_eq!(code.1["error"], "invalid_request");
    let back = world.signed_in(&mut super::world::Browser::default(), &app, &[]).await;
    assert_eq!(back["error"], "unauthorized_client", "it did not register for people");
}

#[tokio::test]
async fn only_an_app_that_registered_for_it_and_proves_who_it_is_gets_one() {
    let world = World::open().await;
    for app in [world.app(false).await, world.app(true).await, world.chat()] {
        let (status, error) = ask(&world, &app, &[]).await;
        let expected = (StatusCode::BAD_REQUEST, &json!("unauthorized_client"));
        assert_eq!((status, &error["error"]), expected, "{}", app.id);
    }
    let app = world.register(&ALONE).await;
    let wrong = App { secret: Some("wrong".to_owned()), ..app.clone() };
    let (status, error) = ask(&world, &wrong, &[]).await;
    assert_eq!((status, &error["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    let public = ["client", "create", "--name", "Reloj", "--public", ALONE[0], ALONE[1]];
    assert!(world.try_command(&public).await.is_err(), "an app without a secret is not known");
}

#[tokio::test]
async fn an_app_that_only_speaks_for_itself_needs_no_address_and_may_sign() {
    let world = World::open().await;
    let key = Key::new("one");
    let file = key_file(&[&key]);
    let words = ["client", "create", "--name", "Reloj", ALONE[0], ALONE[1]];
    let words = [&words[..], &["--auth-method", "private_key_jwt", "--jwks", &file]].concat();
    let made = world.command(&words).await;
    let assertion = key.assertion(made["client_id"].as_str().unwrap(), &world.issuer);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &*assertion),
    ];
    let (status, tokens) = world.send("/oauth/token", None, &form).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let (status, _) = world.send("/oauth/token", None, &form).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "an assertion is good once");
}

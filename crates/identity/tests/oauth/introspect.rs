//! Whether a token is good (RFC 7662), and who may know.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::world::{App, Browser, World};

async fn introspect(world: &World, app: &App, token: &Value) -> Value {
    let form = [("token", token.as_str().unwrap())];
    let response = world.post("/oauth/introspect", app, &form).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.json().await.unwrap()
}

#[tokio::test]
async fn an_app_learns_of_its_own_tokens_and_the_api_of_tokens_for_it() {
    let world = World::open().await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    for caller in [&app, &world.chat()] {
        let told = introspect(&world, caller, &tokens["access_token"]).await;
        assert_eq!(told["active"], true);
        assert_eq!(told["client_id"], json!(app.id));
        assert_eq!(told["aud"], json!(world.api));
        assert_eq!(told["token_type"], "Bearer");
        assert_eq!(told["acr"], "urn:tertulia:acr:pwd");
        for name in ["iss", "sub", "scope", "exp", "iat", "jti", "auth_time"] {
            assert!(!told[name].is_null(), "{name}: {told}");
        }
    }
    let told = introspect(&world, &app, &tokens["refresh_token"]).await;
    assert_eq!((&told["active"], &told["client_id"]), (&json!(true), &json!(app.id)));
    assert!(told["exp"].as_i64() > told["iat"].as_i64(), "{told}");
}

#[tokio::test]
async fn to_everybody_else_no_token_is_active() {
    let world = World::open().await;
    let (app, other) = (world.app(false).await, world.app(false).await);
    let tokens = world.tokens(&app).await;
    let inactive = json!({"active": false});
    for token in [&tokens["access_token"], &tokens["refresh_token"]] {
        assert_eq!(introspect(&world, &other, token).await, inactive);
    }
    let own = json!({"active": false});
    assert_eq!(introspect(&world, &world.chat(), &tokens["refresh_token"]).await, own);
    for token in ["x", "x.y.z", "rt_x", tokens["id_token"].as_str().unwrap()] {
        assert_eq!(introspect(&world, &app, &json!(token)).await, inactive, "{token}");
    }
}

#[tokio::test]
async fn a_token_that_ended_is_not_active() {
    let world = World::open().await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    let (status, next) = world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(introspect(&world, &app, &tokens["refresh_token"]).await["active"], false, "spent");
    assert_eq!(introspect(&world, &app, &next["refresh_token"]).await["active"], true);
    let form = [("token", next["refresh_token"].as_str().unwrap())];
    assert_eq!(world.post("/oauth/revoke", &app, &form).await.status(), StatusCode::OK);
    for token in [&tokens["access_token"], &next["access_token"], &next["refresh_token"]] {
        assert_eq!(introspect(&world, &app, token).await, json!({"active": false}));
    }
}

#[tokio::test]
async fn only_an_app_that_proved_who_it_is_may_ask() {
    let world = World::open().await;
    let public = world.app(true).await;
    let tokens = world.tokens(&public).await;
    let token = tokens["access_token"].as_str().unwrap();
    let form = [("token", token), ("client_id", &*public.id)];
    let (status, error) = world.send("/oauth/introspect", None, &form).await;
    assert_eq!((status, &error["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    let (status, _) = world.send("/oauth/introspect", None, &[("token", token)]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, _) = world.send("/oauth/introspect", Some(("chat", "x")), &form[..1]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let app = world.app(false).await;
    let secret = app.secret.as_deref().unwrap();
    let (status, error) = world.send("/oauth/introspect", Some((&app.id, secret)), &[]).await;
    assert_eq!((status, &error["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
}

/// That a signature was checked before must not make a token live longer, whatever ends it.
#[tokio::test]
async fn what_was_good_a_moment_ago_is_looked_at_again() {
    let world = World::open().await;
    world.another_owner().await;
    let app = world.chat();
    for end in ["given back", "reused", "signed out", "blocked", "compromised"] {
        let mut browser = Browser::default();
        let code = world.code(&mut browser, &app).await;
        let (_, tokens) = world.exchange(&app, &code).await;
        for _ in 0..2 {
            let told = introspect(&world, &app, &tokens["access_token"]).await;
            assert_eq!(told["active"], true, "{end}");
            assert_eq!(world.userinfo(&tokens).await.0, StatusCode::OK, "{end}");
        }
        match end {
            "given back" => {
                let form = [("token", tokens["access_token"].as_str().unwrap())];
                world.post("/oauth/revoke", &app, &form).await;
            }
            "reused" => {
                world.exchange(&app, &code).await;
            }
            "signed out" => {
                browser.open(&world, &format!("{}/oauth/logout", world.issuer)).await;
                browser.submit(&world, &[]).await;
            }
            "blocked" => {
                world.command(&["user", "block", "ana"]).await;
            }
            _ => {
                world.command(&["keys", "rotate", "--compromised"]).await;
            }
        }
        let told = introspect(&world, &app, &tokens["access_token"]).await;
        assert_eq!(told, json!({"active": false}), "{end}");
        assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED, "{end}");
        if end == "blocked" {
            world.command(&["user", "unblock", "ana"]).await;
        }
    }
}

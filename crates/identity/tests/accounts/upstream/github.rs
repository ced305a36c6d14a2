//! A provider without ID tokens, as GitHub is one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{CLIENT, SECRET, click, github_at};
use crate::world::World;

/// What it says about whoever comes, and the codes that wait.
#[derive(Clone)]
struct GitHub(Arc<Mutex<Said>>);

struct Said {
    user: Value,
    emails: Value,
    code: Option<HashMap<String, String>>,
    refuses: bool,
}

async fn open() -> (GitHub, String) {
    let said = Said {
        user: json!({"id": 583_231, "login": "octocat", "name": "The Octocat", "email": null}),
        emails: json!([{"email": "old@example.org", "primary": false, "verified": true},
            {"email": "octocat@example.org", "primary": true, "verified": true}]),
        code: None,
        refuses: false,
    };
    let github = GitHub(Arc::new(Mutex::new(said)));
    let router = Router::new()
        .route("/login/oauth/authorize", get(authorize))
        .route("/login/oauth/access_token", post(token))
        .route("/user", get(user))
        .route("/user/emails", get(emails))
        .with_state(github.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (github, url)
}

async fn authorize(
    State(github): State<GitHub>,
    Query(asked): Query<HashMap<String, String>>,
) -> Redirect {
    assert_eq!(
        (asked["client_id"].as_str(), asked["scope"].as_str()),
        (CLIENT, "read:user user:email")
    );
    assert!(!asked.contains_key("nonce") && !asked.contains_key("prompt"));
    let back = format!("{}?code=the-code&state={}", asked["redirect_uri"], asked["state"]);
    github.0.lock().unwrap().code = Some(asked);
    Redirect::to(&back)
}

/// It says "200" to everything, and errors are in the body.
async fn token(
    State(github): State<GitHub>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    assert_eq!(headers["accept"], "application/json", "or it would answer a form");
    let mut said = github.0.lock().unwrap();
    let asked = said.code.take().filter(|_| !said.refuses && form["code"] == "the-code");
    let ours = form["client_id"] == CLIENT && form["client_secret"] == SECRET;
    let proven = asked.is_some_and(|asked| {
        B64.encode(Sha256::digest(&form["code_verifier"])) == asked["code_challenge"]
    });
    if !ours || !proven {
        return Json(json!({"error": "bad_verification_code"})).into_response();
    }
    Json(json!({"access_token": "gho_1", "token_type": "bearer", "scope": "user:email"}))
        .into_response()
}

fn is_good(headers: &HeaderMap) -> bool {
    assert_eq!(headers["user-agent"], "Tertulia", "GitHub refuses programs without a name");
    headers["authorization"] == "Bearer gho_1"
}

async fn user(State(github): State<GitHub>, headers: HeaderMap) -> Response {
    if !is_good(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(github.0.lock().unwrap().user.clone()).into_response()
}

async fn emails(State(github): State<GitHub>, headers: HeaderMap) -> Response {
    if !is_good(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(github.0.lock().unwrap().emails.clone()).into_response()
}

#[tokio::test]
async fn people_come_in_by_a_provider_like_github() {
    let (github, url) = open().await;
    let world = World::with(|settings| settings.upstream = vec![github_at(&url)]).await;
    let mut ana = world.browser();
    ana.open("/id/signup").await;
    click(&mut ana, "Continue with GitHub").await;
    assert!(ana.page.contains("value=\"octocat\""), "{}", ana.page);
    assert!(ana.page.contains("value=\"The Octocat\""), "{}", ana.page);
    assert_eq!(ana.submit(&[("username", "octocat"), ("display_name", "Octo")]).await, 200);
    assert!(ana.is_in().await);
    assert_eq!(world.people().await[0]["email"], "octocat@example.org", "the primary one");
    github.0.lock().unwrap().user["login"] = json!("renamed");
    let mut again = world.browser();
    again.open("/id/login").await;
    click(&mut again, "Continue with GitHub").await;
    again.open("/id/account").await;
    assert!(again.page.contains("@octocat"), "{}", again.page);
    github.0.lock().unwrap().user["id"] = json!(1);
    let mut other = world.browser();
    other.open("/id/login").await;
    click(&mut other, "Continue with GitHub").await;
    assert!(other.page.contains("You already have an account"), "{}", other.page);
}

#[tokio::test]
async fn an_address_that_github_has_not_verified_is_confirmed_by_mail() {
    let (github, url) = open().await;
    let world = World::with(|settings| settings.upstream = vec![github_at(&url)]).await;
    github.0.lock().unwrap().emails =
        json!([{"email": "octocat@example.org", "primary": true, "verified": false}]);
    let mut ana = world.browser();
    ana.open("/id/login").await;
    click(&mut ana, "Continue with GitHub").await;
    let fields = [("username", "octo"), ("display_name", "Octo"), ("email", "octocat@example.org")];
    ana.submit(&fields).await;
    assert!(ana.page.contains("Check your mail"), "{}", ana.page);
    assert!(!ana.is_in().await);
}

#[tokio::test]
async fn an_error_that_is_called_200_is_an_error() {
    let (github, url) = open().await;
    let world = World::with(|settings| settings.upstream = vec![github_at(&url)]).await;
    github.0.lock().unwrap().refuses = true;
    let mut ana = world.browser();
    ana.open("/id/login").await;
    assert_eq!(click(&mut ana, "Continue with GitHub").await, 422, "{}", ana.page);
    github.0.lock().unwrap().refuses = false;
    for (user, why) in [(json!({"login": "octocat"}), "no id"), (json!([]), "nothing at all")] {
        github.0.lock().unwrap().user = user;
        assert_eq!(click(&mut ana, "Try again").await, 422, "{why}: {}", ana.page);
    }
}

#[tokio::test]
async fn where_a_sign_in_must_be_new_such_a_provider_is_not_offered() {
    let (_, url) = open().await;
    let world = World::with(|settings| settings.upstream = vec![github_at(&url)]).await;
    let mut ana = world.browser();
    ana.open("/id/login").await;
    click(&mut ana, "Continue with GitHub").await;
    ana.submit(&[("username", "octocat"), ("display_name", "Octo")]).await;
    let mut old = world.browser();
    old.open("/id/login").await;
    click(&mut old, "Continue with GitHub").await;
    assert!(old.is_in().await);
    old.open("/id/account/security/totp").await;
    assert!(old.address.contains("/id/login?ix="), "{}", old.address);
    assert!(!old.page.contains("Continue with GitHub"), "{}", old.page);
    let ix = old.address.split("ix=").nth(1).unwrap().to_owned();
    assert_eq!(old.open(&format!("/id/federation/github/start?ix={ix}")).await, 422);
    assert!(old.page.contains("did not confirm"), "{}", old.page);
}

//! A provider tells that somebody signed out there.

use std::sync::{Arc, Mutex};

use axum::Form;
use axum::routing::post;
use identity::FirstParty;
use serde_json::json;

use super::acme::{Acme, now_s, person};
use super::{acme_of, by_acme, until, world_with};
use crate::interactions::is_back_at_the_app;
use crate::races::while_a_session_is_held;
use crate::world::{Browser, PASSWORD, World};

/// Tells the service what `token` says, as the provider of this name.
async fn tell(world: &World, provider: &str, token: &str) -> u16 {
    let url = format!("{}/id/federation/{provider}/logout", world.origin);
    let request = reqwest::Client::new().post(url).form(&[("logout_token", token)]);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.status().as_u16()
}

/// Somebody with an account by acme, in a sign-in there that is called `sid`.
async fn came_by<'w>(world: &'w World, acme: &Acme, sid: &str) -> Browser<'w> {
    acme.tricks().claims = json!({"sid": sid});
    let mut browser = world.browser();
    by_acme(&mut browser).await;
    if browser.page.contains("Complete your account") {
        browser.submit(&[("username", "ana"), ("display_name", "Ana")]).await;
    }
    assert!(browser.is_in().await, "{}", browser.page);
    browser
}

#[tokio::test]
async fn who_signs_out_there_is_signed_out_here() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut first = came_by(&world, &acme, "one").await;
    let mut second = came_by(&world, &acme, "two").await;
    let token = acme.logout_token(&json!({"sid": "one", "sub": "7"}));
    assert_eq!(tell(&world, "acme", &token).await, 200);
    assert!(!first.is_in().await);
    assert!(second.is_in().await, "another sign-in there goes on");
    assert_eq!(tell(&world, "acme", &token).await, 400, "a token is good once");
    let all = acme.logout_token(&json!({"sub": "7"}));
    assert_eq!(tell(&world, "acme", &all).await, 200);
    assert!(!second.is_in().await, "all of a person's");
}

#[tokio::test]
async fn all_sessions_end_before_the_audit_is_written() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut first = came_by(&world, &acme, "one").await;
    let mut second = came_by(&world, &acme, "two").await;
    let token = acme.logout_token(&json!({"sub": "7"}));
    let told = while_a_session_is_held(&world, tell(&world, "acme", &token)).await;
    assert_eq!(told, 200);
    assert!(!first.is_in().await && !second.is_in().await);
}

#[tokio::test]
async fn apps_hear_of_it() {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&heard);
    let hear = async move |Form(form): Form<Vec<(String, String)>>| {
        told.lock().unwrap().push(form[0].1.clone());
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ear = format!("http://{}/out", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/out", post(hear));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let path = crate::interactions::authorize_path(&world, "").await;
    let app = FirstParty {
        client_id: "app",
        name: "Calendar",
        secret: "secret",
        redirect_uri: format!("{}/home", world.origin),
        post_logout_redirect_uri: format!("{}/home", world.origin),
        backchannel_logout_uri: Some(ear),
        scope: FirstParty::CHAT,
    };
    world.identity.ensure_first_party(app).await.unwrap();
    let mut ana = came_by(&world, &acme, "one").await;
    ana.open(&path).await;
    assert!(is_back_at_the_app(&ana), "{}", ana.address);
    let token = acme.logout_token(&json!({"sid": "one", "sub": "7"}));
    assert_eq!(tell(&world, "acme", &token).await, 200);
    assert!(until(|| heard.lock().unwrap().len() == 1).await);
    let issuer = kit::caller::Issuer::new(
        kit::caller::http_client(),
        format!("{}/id", world.origin),
        format!("{}/id", world.origin),
    );
    let token = heard.lock().unwrap()[0].clone();
    assert!(issuer.logout_token(&token, "app").await.unwrap().sid.is_some());
}

#[tokio::test]
async fn only_the_provider_can_sign_people_out_and_only_its_own() {
    let acme = Acme::open(person("7", "ana")).await;
    let evil = Acme::open(person("7", "eva")).await;
    let mut other = acme_of(&evil);
    (other.name, other.label) = ("evil".to_owned(), "Evil".to_owned());
    let mut own = acme_of(&acme);
    own.trust_email = true;
    let world = World::with(|settings| settings.upstream = vec![own, other]).await;
    let mut ana = came_by(&world, &acme, "one").await;
    let who = json!({"sid": "one", "sub": "7"});
    let with = |name: &str, value: serde_json::Value| {
        let mut changes = who.clone();
        changes[name] = value;
        acme.logout_token(&changes)
    };
    let refused = [
        ("evil", acme.logout_token(&who)),
        ("acme", evil.logout_token(&who)),
        ("acme", evil.logout_token(&json!({"sub": "7", "iss": acme.issuer}))),
        ("acme", with("aud", json!("another-client"))),
        ("acme", with("exp", json!(now_s() - 61))),
        ("acme", with("events", json!({}))),
        ("acme", with("nonce", json!("n"))),
        ("acme", with("jti", json!(null))),
        ("acme", acme.logout_token(&json!({}))),
        ("acme", acme.id_token(None, false)),
        ("acme", String::new()),
    ];
    for (provider, token) in &refused {
        assert_eq!(tell(&world, provider, token).await, 400, "{provider} {token}");
    }
    assert_eq!(tell(&world, "evil", &evil.logout_token(&who)).await, 200, "of nobody here");
    assert_eq!(tell(&world, "nobody", &acme.logout_token(&who)).await, 404);
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn a_session_that_was_proved_here_stays_and_a_half_done_one_does_not() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    let mut here = world.browser();
    here.sign_in("ana", PASSWORD).await;
    here.open("/id/federation/acme/start?link=1").await;
    assert_eq!(here.submit(&[]).await, 200);
    let mut there = came_by(&world, &acme, "one").await;
    there.open("/id/login").await;
    let (app, _) = crate::factors::enrol(&mut here).await;
    let mut half = world.browser();
    by_acme(&mut half).await;
    assert!(half.address.contains("/id/login/2fa/totp"), "{}", half.address);
    let token = acme.logout_token(&json!({"sid": "one", "sub": "7"}));
    assert_eq!(tell(&world, "acme", &token).await, 200);
    assert!(!there.is_in().await);
    assert!(here.is_in().await);
    half.submit(&[("code", &app.code(0))]).await;
    assert!(!half.is_in().await, "what was proved elsewhere counts no more: {}", half.page);
}

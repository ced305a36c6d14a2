//! What people let apps do, and taking it back.

use std::time::Duration;

use reqwest::StatusCode;

use super::backchannel::ear;
use super::world::{App, Browser, PASSWORD, World};

/// An app of others that hears of sign-outs at `uri`.
async fn app_that_hears(world: &World, uri: &str) -> App {
    world.register(&["--backchannel-logout-uri", uri]).await
}

async fn signed_in(world: &World, name: &str) -> Browser {
    let mut browser = Browser::default();
    browser.open(world, &format!("{}/account/apps", world.issuer)).await;
    browser.submit(world, &[("username", name), ("password", PASSWORD)]).await;
    assert!(browser.address.ends_with("/account/apps"), "{}", browser.address);
    browser
}

#[tokio::test]
async fn taking_back_an_app_s_leave_ends_its_tokens_and_tells_it_and_our_api() {
    let ((theirs, their_uri), (api, api_uri)) = (ear().await, ear().await);
    let world = World::with_backchannel(&api_uri).await;
    let app = app_that_hears(&world, &their_uri).await;
    let tokens = world.tokens(&app).await;
    let other = world.tokens(&world.app(false).await).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let who = world.issuer().id_token(id_token, &app.id, None).await.unwrap();
    let mut ana = signed_in(&world, "ana").await;
    assert!(ana.page.contains("Reloj") && ana.page.contains("read and write messages as you"));
    ana.submit_at(&world, &format!("/account/apps/{}/revoke", app.id), &[]).await;
    assert!(ana.address.ends_with("?done=revoked"), "{} {}", ana.address, ana.page);
    assert!(!ana.page.contains("Reloj") && ana.page.contains("Notas"), "{}", ana.page);
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED);
    let (status, refused) = world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!((status, &refused["error"]), (StatusCode::BAD_REQUEST, &"invalid_grant".into()));
    let told = theirs.hears(Duration::from_secs(1)).await;
    let told = world.issuer().logout_token(&told, &app.id).await.unwrap();
    assert_eq!((told.sid, &told.sub), (None, &Some(who.sub.clone())), "everywhere in this app");
    let told = api.hears(Duration::from_secs(1)).await;
    let told = world.issuer().logout_token(&told, "chat").await.unwrap();
    assert_eq!((told.sid, told.sub), (who.sid, Some(who.sub)), "the sign-in that its tokens name");
    assert_eq!(world.userinfo(&other).await.0, StatusCode::OK, "another app goes on");
}

#[tokio::test]
async fn an_app_whose_leave_was_taken_back_asks_anew() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut ana = Browser::default();
    let code = world.code(&mut ana, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let sid = sid_of(&world, &app, &tokens).await;
    ana.open(&world, &format!("{}/account/apps", world.issuer)).await;
    ana.submit_at(&world, &format!("/account/apps/{}/revoke", app.id), &[]).await;
    ana.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    assert!(ana.address.contains("/consent"), "{}", ana.address);
    ana.submit(&world, &[("decision", "allow")]).await;
    let (_, tokens) = world.exchange(&app, &ana.answer()["code"]).await;
    assert_ne!(sid_of(&world, &app, &tokens).await, sid, "it is another sign-in for the app");
}

async fn sid_of(world: &World, app: &App, tokens: &serde_json::Value) -> Option<String> {
    let token = tokens["id_token"].as_str().unwrap();
    world.issuer().id_token(token, &app.id, None).await.unwrap().sid
}

#[tokio::test]
async fn a_code_that_was_not_exchanged_ends_with_the_leave() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut ana = Browser::default();
    let code = world.code(&mut ana, &app).await;
    ana.open(&world, &format!("{}/account/apps", world.issuer)).await;
    ana.submit_at(&world, &format!("/account/apps/{}/revoke", app.id), &[]).await;
    assert_eq!(world.exchange(&app, &code).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nobody_takes_back_what_others_allowed() {
    let world = World::open().await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    world.person("leo").await;
    let mut leo = signed_in(&world, "leo").await;
    assert!(leo.page.contains("No app of others"), "{}", leo.page);
    leo.open(&world, &format!("{}/account", world.issuer)).await;
    let csrf = csrf_of(&leo);
    leo.page = revoke_form(&app.id, &csrf);
    leo.submit_at(&world, &format!("/account/apps/{}/revoke", app.id), &[]).await;
    assert_eq!(leo.status, 404, "{}", leo.page);
    for id in ["chat", "nobody", "%00"] {
        leo.page = revoke_form(id, &csrf);
        leo.submit_at(&world, &format!("/account/apps/{id}/revoke"), &[]).await;
        assert_eq!(leo.status, 404, "{id}");
    }
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::OK);
}

#[tokio::test]
async fn another_site_cannot_take_back_a_leave() {
    let world = World::open().await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    let ana = signed_in(&world, "ana").await;
    for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        assert_eq!(ana.send_from(&world, header, &[]).await, StatusCode::FORBIDDEN, "{header:?}");
    }
    let url = format!("{}/account/apps/{}/revoke", world.issuer, app.id);
    let nobody = world.http.post(url).form(&[("csrf", "")]).send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::FORBIDDEN);
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::OK);
}

#[tokio::test]
async fn our_own_apps_are_not_listed_since_nobody_agreed_to_them() {
    let world = World::open().await;
    world.tokens(&world.chat()).await;
    let ana = signed_in(&world, "ana").await;
    assert!(ana.page.contains("No app of others"), "{}", ana.page);
}

#[tokio::test]
async fn an_app_s_sign_in_that_was_misused_is_over_for_our_api_too() {
    let (api, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.app(false).await;
    let code = world.code(&mut Browser::default(), &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let sid = sid_of(&world, &app, &tokens).await;
    assert_eq!(world.exchange(&app, &code).await.0, StatusCode::BAD_REQUEST);
    let told = api.hears(Duration::from_secs(1)).await;
    assert_eq!(world.issuer().logout_token(&told, "chat").await.unwrap().sid, sid);
}

fn csrf_of(browser: &Browser) -> String {
    let (_, rest) = browser.page.split_once("name=\"csrf\" value=\"").unwrap_or(("", "\""));
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn revoke_form(id: &str, csrf: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/id/account/apps/{id}/revoke\">\
         <input type=\"hidden\" name=\"csrf\" value=\"{csrf}\"></form>"
    )
}

#[tokio::test]
async fn a_refresh_token_given_back_ends_the_app_s_sign_in_at_our_api() {
    let (api, api_uri) = ear().await;
    let world = World::with_backchannel(&api_uri).await;
    let app = world.app(false).await;
    let mut ana = Browser::default();
    let mut refresh_tokens = Vec::new();
    let mut sid = None;
    for _ in 0..2 {
        let code = world.code(&mut ana, &app).await;
        let (_, tokens) = world.exchange(&app, &code).await;
        sid = sid_of(&world, &app, &tokens).await;
        refresh_tokens.push(tokens["refresh_token"].as_str().unwrap().to_owned());
    }
    for token in &refresh_tokens {
        let answer = world.post("/oauth/revoke", &app, &[("token", token)]).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let told = api.hears(Duration::from_secs(1)).await;
    let told = world.issuer().logout_token(&told, "chat").await.unwrap();
    assert_eq!(told.sid, sid);
    assert_eq!(api.heard(), 0, "it went on by the other token until that was given back");
    let code = world.code(&mut ana, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    assert_ne!(sid_of(&world, &app, &tokens).await, sid, "another sign-in for the app");
}

/// Signs ana in to an app of others with her browser: the name of the sign-in, and its tokens.
async fn signed_in_to(
    world: &World,
    (ana, app): (&mut Browser, &App),
    scope: &str,
) -> (Option<String>, serde_json::Value) {
    let back = world.signed_in(ana, app, &[("scope", scope)]).await;
    let (_, tokens) = world.exchange(app, &back["code"]).await;
    (sid_of(world, app, &tokens).await, tokens)
}

async fn sign_out(world: &World, browser: &mut Browser) {
    browser.open(world, &format!("{}/account", world.issuer)).await;
    browser.submit_at(world, "/logout", &[]).await;
    assert!(browser.page.contains("signed out"), "{} {}", browser.address, browser.page);
}

#[tokio::test]
async fn who_signs_out_ends_an_app_s_access_to_our_api_though_nobody_opened_that() {
    let (api, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.app(false).await;
    let mut ana = Browser::default();
    let (sid, tokens) = signed_in_to(&world, (&mut ana, &app), "openid chat").await;
    sign_out(&world, &mut ana).await;
    let told = api.hears(Duration::from_secs(1)).await;
    assert_eq!(world.issuer().logout_token(&told, "chat").await.unwrap().sid, sid);
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_an_app_was_given_to_keep_goes_on_at_our_api_after_the_sign_out() {
    let (api, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let (keeps, ends) = (world.app(false).await, world.app(false).await);
    let (mut first, mut second) = (Browser::default(), Browser::default());
    let scope = "openid chat offline_access";
    let (_, tokens) = signed_in_to(&world, (&mut first, &keeps), scope).await;
    let (ended, _) = signed_in_to(&world, (&mut second, &ends), "openid chat").await;
    sign_out(&world, &mut first).await;
    // What is queued later leaves later.
    sign_out(&world, &mut second).await;
    let told = api.hears(Duration::from_secs(1)).await;
    assert_eq!(world.issuer().logout_token(&told, "chat").await.unwrap().sid, ended);
    assert_eq!(api.heard(), 0, "its next tokens name the sign-in that it was given in");
    let refreshed = world.refresh(&keeps, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refreshed.0, StatusCode::OK);
}

//! Apps that ask for a stronger or younger sign-in: only what is missing is asked of the person.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use super::world::{App, Browser, PASSWORD, World};

const PWD: &str = "urn:tertulia:acr:pwd";
const MFA: &str = "urn:tertulia:acr:mfa";

fn now_s() -> u64 {
    u64::try_from(kit::clock::now_ms() / 1000).unwrap()
}

/// The code of an authenticator app, so many steps of 30 s from now.
pub(crate) fn code(app: &Totp, steps: i64) -> String {
    app.generate(now_s().checked_add_signed(steps * 30).unwrap()).to_string()
}

/// Adds an authenticator app to who is signed in, early in a step so that codes keep their order.
pub(crate) async fn enrol(world: &World, browser: &mut Browser) -> Totp {
    while now_s() % 30 > 12 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    browser.open(world, &format!("{}/account/security/totp", world.issuer)).await;
    let key = browser.page.split("class=\"key\">").nth(1).expect("a key on the page");
    let key = key.split('<').next().unwrap().replace(' ', "");
    let secret = Secret::try_from_base32(key).unwrap();
    let app = Builder::new().with_secret(secret).with_account_name("ana").build().unwrap();
    browser.submit(world, &[("name", "Phone"), ("code", &code(&app, -1))]).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    app
}

/// Asks for a code with `changes` in a browser where somebody is signed in.
async fn ask(world: &World, browser: &mut Browser, changes: &[(&str, &str)]) {
    let url = world.authorize_url(&world.request(&world.chat(), changes));
    browser.open(world, &url).await;
}

/// What the ID token says that the code of this answer is good for.
async fn id_token(world: &World, app: &App, browser: &Browser) -> Value {
    let (_, tokens) = world.exchange(app, &browser.answer()["code"]).await;
    let token = tokens["id_token"].as_str().unwrap_or_else(|| panic!("no ID token in {tokens}"));
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

fn error(browser: &Browser) -> String {
    let answer = browser.answer();
    answer.get("error").unwrap_or_else(|| panic!("no error in {answer:?}")).clone()
}

#[tokio::test]
async fn a_stronger_sign_in_takes_only_the_step_that_is_missing() {
    let world = World::open().await;
    let chat = world.chat();
    let mut browser = Browser::default();
    world.signed_in(&mut browser, &chat, &[("acr_values", "gold silver")]).await;
    let first = id_token(&world, &chat, &browser).await;
    assert_eq!((&first["acr"], &first["amr"]), (&json!(PWD), &json!(["pwd"])), "unknown words");
    ask(&world, &mut browser, &[("acr_values", MFA)]).await;
    assert_eq!(error(&browser), "unmet_authentication_requirements");

    let phone = enrol(&world, &mut browser).await;
    ask(&world, &mut browser, &[("acr_values", MFA), ("prompt", "none")]).await;
    assert_eq!(error(&browser), "login_required");
    ask(&world, &mut browser, &[("acr_values", MFA)]).await;
    assert!(browser.address.contains("/login/2fa/totp?ix="), "{}", browser.address);
    assert!(!browser.page.contains("type=\"password\""), "the password was proved before");
    browser.submit(&world, &[("code", &code(&phone, 0))]).await;
    let raised = id_token(&world, &chat, &browser).await;
    assert_eq!((&raised["acr"], &raised["amr"]), (&json!(MFA), &json!(["pwd", "otp"])));
    assert!(raised["auth_time"].as_i64() >= first["auth_time"].as_i64());
    assert_eq!(raised["sub"], first["sub"]);

    ask(&world, &mut browser, &[("acr_values", MFA), ("prompt", "none")]).await;
    assert_eq!(id_token(&world, &chat, &browser).await["acr"], MFA, "nothing more is asked");
    ask(&world, &mut browser, &[("acr_values", "phr"), ("prompt", "none")]).await;
    assert_eq!(error(&browser), "unmet_authentication_requirements");
    ask(&world, &mut browser, &[("acr_values", &format!("phr {MFA}"))]).await;
    assert_eq!(id_token(&world, &chat, &browser).await["acr"], MFA, "the best that there is");
}

#[tokio::test]
async fn a_new_sign_in_asks_for_everything_at_once() {
    let world = World::open().await;
    let chat = world.chat();
    let mut browser = Browser::default();
    world.signed_in(&mut browser, &chat, &[]).await;
    let phone = enrol(&world, &mut browser).await;
    let claims = json!({"id_token": {"acr": {"essential": true, "values": [MFA]}}}).to_string();
    let changes = [("claims", claims.as_str()), ("prompt", "login")];
    ask(&world, &mut browser, &changes).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(browser.address.contains("/login/2fa/totp?ix="), "{}", browser.address);
    browser.submit(&world, &[("code", &code(&phone, 0))]).await;
    let token = id_token(&world, &chat, &browser).await;
    assert_eq!((&token["acr"], &token["amr"]), (&json!(MFA), &json!(["pwd", "otp"])));
}

#[tokio::test]
async fn an_essential_acr_is_one_of_those_named_or_an_error() {
    let world = World::open().await;
    let chat = world.chat();
    let mut browser = Browser::default();
    let acr = |essential: bool, value: &str| {
        json!({"id_token": {"acr": {"essential": essential, "value": value}}}).to_string()
    };
    world.signed_in(&mut browser, &chat, &[("claims", &acr(true, PWD))]).await;
    assert_eq!(id_token(&world, &chat, &browser).await["acr"], PWD);
    for value in [MFA, "phr", "gold"] {
        ask(&world, &mut browser, &[("claims", &acr(true, value))]).await;
        assert_eq!(error(&browser), "unmet_authentication_requirements", "{value}");
        ask(&world, &mut browser, &[("claims", &acr(false, value))]).await;
        assert_eq!(id_token(&world, &chat, &browser).await["acr"], PWD, "a wish: {value}");
    }
    ask(&world, &mut browser, &[("claims", "[]")]).await;
    assert_eq!(error(&browser), "invalid_request");
}

#[tokio::test]
async fn a_claim_that_nobody_has_is_no_error() {
    let world = World::open().await;
    let chat = world.chat();
    let mut browser = Browser::default();
    let wish = json!({"essential": true});
    let members = json!({"phone_number": wish, "birthdate": null, "vendor_x": {"value": 1}});
    let claims = json!({"userinfo": members, "id_token": members}).to_string();
    world.signed_in(&mut browser, &chat, &[("claims", &claims)]).await;
    let told = id_token(&world, &chat, &browser).await;
    for name in ["phone_number", "birthdate", "vendor_x"] {
        assert!(told.get(name).is_none(), "{told}");
    }
}

#[tokio::test]
async fn the_claim_sub_names_the_only_account_that_will_do() {
    let world = World::open().await;
    let chat = world.chat();
    let mut browser = Browser::default();
    world.signed_in(&mut browser, &chat, &[]).await;
    let ana = id_token(&world, &chat, &browser).await["sub"].clone();
    let sub = |value: &Value| json!({"id_token": {"sub": {"value": value}}}).to_string();
    ask(&world, &mut browser, &[("claims", &sub(&ana)), ("prompt", "none")]).await;
    assert_eq!(id_token(&world, &chat, &browser).await["sub"], ana);
    let other = sub(&json!("somebody"));
    ask(&world, &mut browser, &[("claims", &other), ("prompt", "none")]).await;
    assert_eq!(error(&browser), "login_required");
    ask(&world, &mut browser, &[("claims", &other)]).await;
    assert!(browser.address.contains("/login"), "another may sign in: {}", browser.address);
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert_eq!(error(&browser), "login_required");
}

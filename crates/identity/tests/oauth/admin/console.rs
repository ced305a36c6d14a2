//! The console and the chat have one sign-in; the console wants a second factor of today.

use super::*;

#[tokio::test]
async fn who_is_signed_in_to_the_chat_is_asked_for_the_second_factor_only() {
    let world = World::open().await;
    let mut browser = Browser::default();
    sign_in(&world, &mut browser, "ana").await;
    let phone = enrol(&world, &mut browser).await;

    // Single sign-on: nothing is asked, but the API wants more than a password.
    ask(&world, &mut browser, &[]).await;
    let weak = redeem(&world, &browser).await;
    let refused = call(&world, weak["access_token"].as_str(), "get", "/users", None).await;
    refused.problem(401, "unauthenticated");
    for part in [
        r#"Bearer error="insufficient_user_authentication""#,
        r#"acr_values="urn:tertulia:acr:mfa""#,
        r#"max_age="900""#,
    ] {
        assert!(refused.challenge.contains(part), "{}", refused.challenge);
    }

    // The console asks for what the challenge names.
    ask(&world, &mut browser, &[("acr_values", MFA), ("max_age", "900")]).await;
    assert!(browser.address.contains("/login/2fa/totp?ix="), "{}", browser.address);
    assert!(!browser.page.contains("type=\"password\""), "the password was proved before");
    browser.submit(&world, &[("code", &code(&phone, 0))]).await;
    let strong = redeem(&world, &browser).await;
    call(&world, strong["access_token"].as_str(), "get", "/users", None).await.expect(200);
    let claims = claims(&strong);
    assert_eq!((&claims["acr"], &claims["roles"]), (&json!(MFA), &json!(["owner"])));
    assert_eq!(claims["aud"], resource(&world).as_str());
}

#[tokio::test]
async fn a_second_factor_that_is_too_old_is_asked_for_again_and_nothing_else() {
    let world = World::open().await;
    let mut ana = Caller::strong(&world, "ana").await;
    world.sql("UPDATE sessions SET auth_time = auth_time - 1000000").await;
    ask(&world, &mut ana.browser, &[]).await;
    let old = redeem(&world, &ana.browser).await;
    assert_eq!(claims(&old)["acr"], MFA, "as strong as before, but too old");
    let refused = call(&world, old["access_token"].as_str(), "get", "/users", None).await;
    assert!(refused.challenge.contains("insufficient_user_authentication"));

    ask(&world, &mut ana.browser, &[("prompt", "none"), ("max_age", "900")]).await;
    assert_eq!(ana.browser.answer()["error"], "login_required");
    ask(&world, &mut ana.browser, &[("acr_values", MFA), ("max_age", "900")]).await;
    assert!(ana.browser.address.contains("/login/2fa/totp?ix="), "{}", ana.browser.address);
    let phone = ana.phone.as_ref().unwrap();
    ana.browser.submit(&world, &[("code", &code(phone, 1))]).await;
    let fresh = redeem(&world, &ana.browser).await;
    call(&world, fresh["access_token"].as_str(), "get", "/users", None).await.expect(200);
}

#[tokio::test]
async fn a_weaker_step_does_not_make_an_old_strong_one_young() {
    let world = World::open().await;
    let mut browser = Browser::default();
    sign_in(&world, &mut browser, "ana").await;
    let phone = enrol(&world, &mut browser).await;
    let codes = browser.page.split("<li><code>").nth(1).unwrap();
    let recovery = codes.split('<').next().unwrap().to_owned();
    ask(&world, &mut browser, &[("acr_values", MFA)]).await;
    browser.submit(&world, &[("code", &code(&phone, 0))]).await;
    world.sql("UPDATE sessions SET auth_time = auth_time - 1000000").await;
    ask(&world, &mut browser, &[("acr_values", MFA), ("max_age", "900")]).await;
    let page = browser.address.replace("/totp", "/recovery");
    browser.open(&world, &page).await;
    browser.submit(&world, &[("code", &recovery)]).await;
    assert!(!browser.address.starts_with(REDIRECT), "no code for it: {}", browser.address);
}

#[tokio::test]
async fn an_app_of_others_cannot_administer() {
    let world = World::open().await;
    let words = ["client", "create", "--name", "Notes", "--redirect-uri", "https://a.example/cb"];
    let refused = world.try_command(&[&words[..], &["--scope", "openid admin"]].concat()).await;
    assert!(refused.unwrap_err().contains("administer"));
    let app = world.app(false).await;
    let mut browser = Browser::default();
    let resource = resource(&world);
    let back = world.signed_in(&mut browser, &app, &[("resource", &resource)]).await;
    assert_eq!(back["error"], "invalid_target");
    let back = world.signed_in(&mut browser, &app, &[("scope", "openid admin")]).await;
    assert_eq!(back["error"], "invalid_scope");
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_from_the_next_token_and_from_this_one() {
    let world = World::open().await;
    world.person("leo").await;
    make(&world, "leo", "admin").await;
    let leo = Caller::strong(&world, "leo").await;
    leo.get("/users").await;
    make(&world, "leo", "member").await;
    leo.call("get", "/users", None).await.problem(403, "forbidden");
    let token = leo.tokens["refresh_token"].as_str().unwrap();
    let (status, next) = world.refresh(&console(&world).await, token).await;
    assert_eq!((status, &next["scope"]), (StatusCode::OK, &json!("openid offline_access")));
    assert_eq!(claims(&next)["roles"], json!(["member"]));
}

#[tokio::test]
async fn only_who_may_gets_the_scopes_of_the_console() {
    let world = World::open().await;
    for name in ["mia", "leo"] {
        world.person(name).await;
    }
    make(&world, "mia", "moderator").await;
    let scope = async |name: &str| Caller::weak(&world, name).await.tokens["scope"].clone();
    assert_eq!(scope("ana").await, SCOPE);
    assert_eq!(scope("mia").await, "openid offline_access moderate");
    assert_eq!(scope("leo").await, "openid offline_access");
    let mut browser = Browser::default();
    sign_in(&world, &mut browser, "leo").await;
    ask(&world, &mut browser, &[("scope", "admin")]).await;
    assert_eq!(browser.answer()["error"], "access_denied");
}

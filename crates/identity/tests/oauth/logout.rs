use crate::world::{AFTER, Browser, World};

fn logout_url(world: &World, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{}/oauth/logout?{query}", world.issuer)
}

#[tokio::test]
async fn an_app_that_shows_its_id_token_signs_its_person_out() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let pairs =
        [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", "bye now")];
    browser.open(&world, &logout_url(&world, &pairs)).await;
    assert_eq!(browser.address, format!("{AFTER}?state=bye+now"));
    let back = world.signed_in(&mut browser, &app, &[("prompt", "none")]).await;
    assert_eq!(back["error"], "login_required");
    let (status, _) = world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400, "what our own app got is over with the sign-in");
}

#[tokio::test]
async fn without_an_id_token_the_person_is_asked() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    world.code(&mut browser, &app).await;
    let pairs = [("client_id", "chat"), ("post_logout_redirect_uri", AFTER)];
    browser.open(&world, &logout_url(&world, &pairs)).await;
    assert_eq!(browser.status, 200);
    let back = world.signed_in(&mut Browser::default(), &app, &[]).await;
    assert!(back.contains_key("code"));
    browser.submit(&world, &[]).await;
    assert_eq!(browser.address, AFTER);
    let back = world.signed_in(&mut browser, &app, &[("prompt", "none")]).await;
    assert_eq!(back["error"], "login_required");
}

#[tokio::test]
async fn an_id_token_of_another_sign_in_does_not_end_this_one_unasked() {
    let world = World::open().await;
    let app = world.chat();
    let tokens = world.tokens(&app).await;
    let mut browser = Browser::default();
    world.code(&mut browser, &app).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER)];
    browser.open(&world, &logout_url(&world, &pairs)).await;
    assert_eq!(browser.status, 200, "a page that asks");
    let back = world.signed_in(&mut browser, &app, &[("prompt", "none")]).await;
    assert!(back.contains_key("code"), "still signed in");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_the_app_did_not_register() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let evil = "https://evil.example/";
    for pairs in [
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", evil)],
        vec![("post_logout_redirect_uri", AFTER)],
        vec![("client_id", "nobody"), ("post_logout_redirect_uri", AFTER)],
        vec![("id_token_hint", access), ("post_logout_redirect_uri", AFTER)],
        vec![
            ("client_id", "chat"),
            ("post_logout_redirect_uri", AFTER),
            ("post_logout_redirect_uri", AFTER),
        ],
    ] {
        browser.open(&world, &logout_url(&world, &pairs)).await;
        assert_eq!(browser.status, 400, "{pairs:?}");
    }
    let back = world.signed_in(&mut browser, &app, &[("prompt", "none")]).await;
    assert!(back.contains_key("code"), "still signed in");
}

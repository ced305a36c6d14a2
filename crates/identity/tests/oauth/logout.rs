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

/// Such a form brings no cookie (`SameSite=Lax`).
#[tokio::test]
async fn a_form_from_another_site_is_answered_with_the_cookie() {
    let world = World::open().await;
    let mut ana = Browser::default();
    world.code(&mut ana, &world.chat()).await;
    let post = async |path: &str, form: Vec<(String, String)>| {
        let url = format!("{}{path}", world.issuer);
        let answer = world.http.post(&url).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        assert!(to.starts_with(&format!("{url}?")), "{to}");
        assert!(!answer.headers().contains_key("set-cookie"));
        to
    };
    let silent = world.request(&world.chat(), &[("prompt", "none"), ("state", "a b&c=\u{e9}")]);
    let again = post("/oauth/authorize", silent).await;
    ana.open(&world, &again).await;
    let answer = ana.answer();
    assert!(answer.contains_key("code"), "{answer:?}");
    assert_eq!(answer["state"], "a b&c=\u{e9}");

    let leave = [("client_id", "chat"), ("post_logout_redirect_uri", AFTER)];
    let leave = leave.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let again = post("/oauth/logout", leave).await;
    ana.open(&world, &again).await;
    assert!(ana.page.contains("/oauth/logout/confirm"), "{}", ana.page);
    ana.submit(&world, &[]).await;
    assert_eq!(ana.address, AFTER);
}

use crate::world::{AFTER, App, Browser, REDIRECT, World};

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

/// A provider at which an app of whoever wants to has registered, and calls itself `name`.
async fn world_with_unchecked(name: &str) -> (World, App) {
    let open = |settings: &mut identity::Settings| {
        settings.apps.registration = identity::Registration::Open;
    };
    let world = World::with("https://app.example/backchannel", open).await;
    let said = serde_json::json!({
        "client_name": name, "redirect_uris": [REDIRECT], "post_logout_redirect_uris": [AFTER],
        "scope": "openid profile email offline_access chat",
    });
    let url = format!("{}/oauth/register", world.issuer);
    let told = world.http.post(url).json(&said).send().await.unwrap();
    let told: serde_json::Value = told.json().await.unwrap();
    let app = App {
        id: told["client_id"].as_str().unwrap().to_owned(),
        secret: told["client_secret"].as_str().map(str::to_owned),
        redirect_uri: REDIRECT.to_owned(),
    };
    (world, app)
}

fn offers_the_way_back(browser: &Browser, world: &World) {
    assert_eq!(browser.status, 200, "{}", browser.page);
    assert!(browser.address.starts_with(&world.issuer), "not sent to {}", browser.address);
    let page = &browser.page;
    assert!(page.contains(&format!("href=\"{AFTER}")), "{page}");
    assert!(page.contains("(app.example)") && page.contains("Nobody has checked"), "{page}");
}

#[tokio::test]
async fn nobody_is_sent_by_us_to_an_app_that_nobody_checked() {
    let (world, app) = world_with_unchecked("Reloj").await;
    let bare = [("client_id", app.id.as_str()), ("post_logout_redirect_uri", AFTER)];
    let mut browser = Browser::default();
    browser.open(&world, &logout_url(&world, &bare)).await;
    offers_the_way_back(&browser, &world);

    // Of somebody else's sign-in, whoever that is.
    let tokens = world.tokens(&app).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let hinted = [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER)];
    browser.open(&world, &logout_url(&world, &hinted)).await;
    offers_the_way_back(&browser, &world);

    world.code(&mut browser, &app).await;
    browser.open(&world, &logout_url(&world, &bare)).await;
    assert!(browser.page.contains("Not verified"), "who asks is shown: {}", browser.page);
    browser.submit(&world, &[]).await;
    offers_the_way_back(&browser, &world);
    let back = world.signed_in(&mut browser, &world.chat(), &[("prompt", "none")]).await;
    assert_eq!(back["error"], "login_required");
}

#[tokio::test]
async fn an_unchecked_app_that_shows_the_sign_in_of_this_browser_gets_its_person_back() {
    let (world, app) = world_with_unchecked("Reloj").await;
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let pairs = [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", "x")];
    browser.open(&world, &logout_url(&world, &pairs)).await;
    assert_eq!(browser.address, format!("{AFTER}?state=x"));
}

#[tokio::test]
async fn an_app_of_others_is_shown_as_such_even_if_it_calls_itself_like_us() {
    let (world, app) = world_with_unchecked("Tertulia").await;
    for prompt in ["login", "create"] {
        let mut browser = Browser::default();
        let pairs = world.request(&app, &[("prompt", prompt)]);
        browser.open(&world, &world.authorize_url(&pairs)).await;
        let page = &browser.page;
        assert!(page.contains("To continue to <b>Tertulia</b>"), "{prompt}: {page}");
        assert!(page.contains("not one of ours"), "{prompt}: {page}");
        let pairs = world.request(&world.chat(), &[("prompt", prompt)]);
        browser.open(&world, &world.authorize_url(&pairs)).await;
        let page = &browser.page;
        assert!(!page.contains("To continue to") && !page.contains("ours"), "{prompt}: {page}");
    }
    let mut browser = Browser::default();
    world.code(&mut browser, &app).await;
    let pairs = [("client_id", app.id.as_str()), ("post_logout_redirect_uri", AFTER)];
    browser.open(&world, &logout_url(&world, &pairs)).await;
    assert!(browser.page.contains("not one of ours"), "{}", browser.page);
}

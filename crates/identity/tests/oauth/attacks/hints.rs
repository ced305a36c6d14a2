//! An ID token as a hint: only one of ours, and only for whom it was made (Core 3.1.2.1,
//! RP-Initiated Logout section 2).

use super::jwt::forgeries;
use super::{Tries, authorize, raw_authorize, verdict};
use crate::world::{AFTER, Browser, PASSWORD, World};

#[tokio::test]
async fn a_forged_hint_is_no_hint() {
    let world = World::open().await;
    let app = world.chat();
    let tokens = world.tokens(&app).await;
    let token = tokens["id_token"].as_str().unwrap();
    let mut forged = forgeries(&world, token).await;
    forged.retain(|(_, text)| !text.is_empty() && text.len() < 8000);
    for name in ["access_token", "refresh_token"] {
        forged.push((name, tokens[name].as_str().unwrap().to_owned()));
    }
    let mut tries = Tries::new();
    for (name, hint) in forged {
        let pairs = world.request(&app, &[("id_token_hint", &hint)]);
        let told = authorize(&world, &pairs).await;
        tries.expect(&format!("{name}, signing in"), told, "invalid_request".to_owned());
        let url = logout(&world, &[("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER)]);
        let told = raw_authorize(&world, &url).await;
        tries.expect(&format!("{name}, signing out"), told, "page 400".to_owned());
    }
    tries.hold();
}

fn logout(world: &World, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{}/oauth/logout?{query}", world.issuer)
}

#[tokio::test]
async fn after_signing_out_nobody_is_sent_to_a_stranger() {
    let world = World::open().await;
    let app = world.chat();
    let other = world.app(false).await;
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let addresses = [
        ("another host", "https://evil.example/"),
        ("a longer host", "https://app.example.evil.example/bye"),
        ("the host as a user name", "https://app.example@evil.example/bye"),
        ("no TLS", "http://app.example/bye"),
        ("another port", "https://app.example:8443/bye"),
        ("a longer path", "https://app.example/bye/x"),
        ("a slash more", "https://app.example/bye/"),
        ("a query", "https://app.example/bye?to=https://evil.example"),
        ("a fragment", "https://app.example/bye#x"),
        ("capitals", "https://APP.example/bye"),
        ("no scheme", "//app.example/bye"),
        ("a script", "javascript:alert(1)"),
        ("where codes go", "https://app.example/cb"),
        ("a header", "https://app.example/bye\r\nset-cookie: a=b"),
    ];
    let mut tries = Tries::new();
    for (name, address) in addresses {
        let url = logout(&world, &[("id_token_hint", hint), ("post_logout_redirect_uri", address)]);
        tries.expect(name, raw_told(&world, &mut browser, &url).await, "page 400".to_owned());
    }
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("no app", &[("post_logout_redirect_uri", AFTER)]),
        (
            "an app that is not there",
            &[("client_id", "nobody"), ("post_logout_redirect_uri", AFTER)],
        ),
        (
            "another app's hint",
            &[
                ("client_id", &other.id),
                ("id_token_hint", hint),
                ("post_logout_redirect_uri", AFTER),
            ],
        ),
        (
            "two addresses",
            &[
                ("id_token_hint", hint),
                ("post_logout_redirect_uri", AFTER),
                ("post_logout_redirect_uri", AFTER),
            ],
        ),
        ("two hints", &[("id_token_hint", hint), ("id_token_hint", hint)]),
    ];
    for (name, pairs) in cases {
        let url = logout(&world, pairs);
        tries.expect(name, raw_told(&world, &mut browser, &url).await, "page 400".to_owned());
    }
    tries.hold();
    let back = world.signed_in(&mut browser, &app, &[("prompt", "none")]).await;
    assert!(back.contains_key("code"), "none of them signed her out");
}

async fn raw_told(world: &World, browser: &mut Browser, url: &str) -> String {
    browser.open(world, url).await;
    verdict(world, browser)
}

#[tokio::test]
async fn who_is_not_the_one_expected_cannot_agree_either() {
    let world = World::open().await;
    world.person("ben").await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    let hint = ("id_token_hint", tokens["id_token"].as_str().unwrap());
    let mut ben = Browser::default();
    ben.open(&world, &world.authorize_url(&world.request(&app, &[hint]))).await;
    let waiting = ben.address.clone();
    let mut elsewhere = ben.clone();
    elsewhere.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    elsewhere.submit(&world, &[("username", "ben"), ("password", PASSWORD)]).await;
    elsewhere.open(&world, &waiting.replace("/login?", "/consent?")).await;
    if elsewhere.address.contains("/consent") {
        elsewhere.submit(&world, &[("decision", "allow")]).await;
    }
    assert_eq!(verdict(&world, &elsewhere), "login_required", "{}", elsewhere.address);
}

//! Tokens that are too old, of another kind, or used by many at once.

use futures::future::join_all;

use super::{Tries, refusal, wrong};
use crate::world::{App, Browser, PASSWORD, VERIFIER, World};

#[tokio::test]
async fn a_token_of_one_kind_is_not_one_of_another() {
    let world = World::open().await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    let tokens = world.tokens(&app).await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let refresh = text("refresh_token");
    let kinds = [
        ("an access token", text("access_token")),
        ("an ID token", text("id_token")),
        ("a code", code.clone()),
        ("a refresh token with a letter more", format!("{refresh}x")),
        ("a refresh token with a letter less", refresh[..refresh.len() - 1].to_owned()),
        ("a refresh token without its prefix", refresh.trim_start_matches("rt_").to_owned()),
        ("nothing known", "rt_unknown".to_owned()),
    ];
    let mut tries = Tries::new();
    for (name, token) in kinds {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        let answer = world.post("/oauth/token", &app, &form).await;
        let name = format!("{name} as a refresh token");
        tries.expect(&name, refusal(answer).await, wrong(400, "invalid_grant"));
    }
    for (name, token) in [("a refresh token", &refresh), ("an ID token", &text("id_token"))] {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", token),
            ("redirect_uri", &app.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let answer = world.post("/oauth/token", &app, &form).await;
        let name = format!("{name} as a code");
        tries.expect(&name, refusal(answer).await, wrong(400, "invalid_grant"));
    }
    tries.hold();
    assert_eq!(world.exchange(&app, &code).await.0, 200);
    assert_eq!(world.refresh(&app, &refresh).await.0, 200);
}

#[tokio::test]
async fn a_refresh_token_gives_no_more_than_the_person_allowed() {
    let world = World::open().await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let cases = [
        ("a scope that is none", "scope", "telepathy", "invalid_scope"),
        ("a scope that was not granted", "scope", "openid chat.admin", "invalid_scope"),
        ("another API", "resource", "https://other.example/", "invalid_target"),
        ("the provider as an API", "resource", world.issuer.as_str(), "invalid_target"),
    ];
    let mut tries = Tries::new();
    for (name, parameter, value, error) in cases {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), (parameter, value)];
        let answer = world.post("/oauth/token", &app, &form).await;
        tries.expect(name, refusal(answer).await, wrong(400, error));
    }
    tries.hold();
    assert_eq!(world.refresh(&app, token).await.0, 200);
}

#[tokio::test]
async fn of_25_who_give_a_token_back_while_25_refresh_nobody_keeps_a_live_one() {
    let world = World::open().await;
    let app = world.chat();
    let tokens = world.tokens(&app).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let back = [("token", token)];
    let gone = join_all((0..25).map(|_| world.post("/oauth/revoke", &app, &back)));
    let tries = join_all((0..25).map(|_| world.refresh(&app, token)));
    let (gone, answers) = futures::future::join(gone, tries).await;
    assert!(gone.iter().all(|answer| answer.status() == 200));
    for (status, next) in answers {
        assert!(status == 200 || next["error"] == "invalid_grant", "{status} {next}");
        if status == 200 {
            let next = next["refresh_token"].as_str().unwrap();
            assert_eq!(world.refresh(&app, next).await.0, 400, "the grant was given back");
        }
    }
}

#[tokio::test]
async fn of_25_who_agree_at_once_no_more_codes_come_than_one_sign_in_is_worth() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    let mut browsers: Vec<_> = (0..25).map(|_| browser.clone()).collect();
    let fields = [("decision", "allow")];
    join_all(browsers.iter_mut().map(|one| one.submit(&world, &fields))).await;
    let codes: Vec<_> =
        browsers.iter().filter(|one| one.address.starts_with(&app.redirect_uri)).collect();
    assert_eq!(codes.len(), 1, "a form is good once");
    let (status, _) = world.exchange(&app, &codes[0].answer()["code"]).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn of_25_thieves_with_a_code_and_no_verifier_none_costs_its_owner_the_code() {
    let world = World::open().await;
    let app = world.app(true).await;
    let code = world.code(&mut Browser::default(), &app).await;
    let wrong = "w".repeat(43);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("code_verifier", wrong.as_str()),
    ];
    let answers = join_all((0..25).map(|_| world.token(&app, &form))).await;
    assert!(answers.iter().all(|(_, body)| body["error"] == "invalid_grant"));
    assert_eq!(world.exchange(&app, &code).await.0, 200);
}

#[tokio::test]
async fn a_blocked_person_s_tokens_are_of_no_use() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let tokens = world.tokens(&app).await;
    world.another_owner().await;
    world.command(&["user", "block", "ana"]).await;
    let mut tries = Tries::new();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let answer = world.post("/oauth/token", &app, &form).await;
    tries.expect("a code", refusal(answer).await, wrong(400, "invalid_grant"));
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let answer = world.post("/oauth/token", &app, &form).await;
    tries.expect("a refresh token", refusal(answer).await, wrong(400, "invalid_grant"));
    tries.expect("an access token", world.userinfo(&tokens).await.0.as_u16(), 401);
    let silent = world.authorize_url(&world.request(&app, &[("prompt", "none")]));
    browser.open(&world, &silent).await;
    tries.expect("a session", browser.answer()["error"].as_str(), "login_required");
    tries.hold();
}

#[tokio::test]
async fn guessing_secrets_of_one_client_does_not_shut_out_another() {
    let world = World::open().await;
    let wrong = App { secret: Some("wrong".to_owned()), ..world.chat() };
    for _ in 0..25 {
        world.refresh(&wrong, "rt_x").await;
    }
    let answer = world.post("/oauth/token", &wrong, &[("grant_type", "refresh_token")]).await;
    assert_eq!(answer.status(), 429);
    assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
    let other = world.app(false).await;
    assert!(world.tokens(&other).await["access_token"].is_string());
    assert!(world.tokens(&world.chat()).await["access_token"].is_string(), "who knows it goes on");
}

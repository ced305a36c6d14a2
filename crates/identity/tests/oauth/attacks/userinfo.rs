//! Who a person is, is told to holders of a true token only (OpenID Connect Core 5.3, RFC 6750).

use reqwest::{Method, RequestBuilder};

use super::Tries;
use super::jwt::forgeries;
use crate::world::{Browser, World};

/// Status, and the error of the challenge.
async fn told(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let challenge = answer.headers().get("www-authenticate");
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let error = challenge.split("error=\"").nth(1).and_then(|rest| rest.split('"').next());
    let error = match error {
        Some(error) => error.to_owned(),
        None if challenge.starts_with("Bearer") => "a challenge".to_owned(),
        None => challenge,
    };
    (answer.status().as_u16(), error)
}

fn refused(error: &str) -> (u16, String) {
    (401, error.to_owned())
}

#[tokio::test]
async fn a_forged_token_opens_nothing() {
    let world = World::open().await;
    let tokens = world.tokens(&world.chat()).await;
    let token = tokens["access_token"].as_str().unwrap();
    let url = format!("{}/oauth/userinfo", world.issuer);
    let mut tries = Tries::new();
    for (name, forged) in forgeries(&world, token).await {
        let error = if forged.is_empty() { "a challenge" } else { "invalid_token" };
        let answer = told(world.http.get(&url).bearer_auth(forged)).await;
        tries.expect(name, answer, refused(error));
    }
    for name in ["id_token", "refresh_token"] {
        let answer = told(world.http.get(&url).bearer_auth(tokens[name].as_str().unwrap())).await;
        tries.expect(name, answer, refused("invalid_token"));
    }
    tries.hold();
    assert_eq!(world.userinfo(&tokens).await.0, 200);
}

#[tokio::test]
async fn a_token_comes_in_the_header_and_nowhere_else() {
    let world = World::open().await;
    let app = world.chat();
    let tokens = world.tokens(&app).await;
    let token = tokens["access_token"].as_str().unwrap();
    let url = format!("{}/oauth/userinfo", world.issuer);
    let (get, post) = (|| world.http.get(&url), || world.http.post(&url));
    let mut browser = Browser::default();
    world.code(&mut browser, &app).await;
    let cases = [
        ("none", get()),
        ("in the URL", world.http.get(format!("{url}?access_token={token}"))),
        ("in a form", post().form(&[("access_token", token)])),
        ("as a password", get().basic_auth("x", Some(token))),
        ("of another scheme", get().header("authorization", format!("Token {token}"))),
        ("without a scheme", get().header("authorization", token)),
        ("a cookie alone", get().header("cookie", browser.cookie_header())),
    ];
    let mut tries = Tries::new();
    for (name, request) in cases {
        tries.expect(name, told(request).await, refused("a challenge"));
    }
    let put = world.http.request(Method::PUT, &url).bearer_auth(token).send().await.unwrap();
    tries.expect("another method", put.status().as_u16(), 405);
    tries.hold();
    assert_eq!(told(post().bearer_auth(token)).await.0, 200, "a post with the header will do");
}

#[tokio::test]
async fn a_token_that_is_over_or_says_too_little_is_refused() {
    let world = World::open().await;
    let url = format!("{}/oauth/userinfo", world.issuer);
    let short = world.command(&["token", "create", "--user", "ana", "--ttl", "1"]).await;
    let short = short.as_str().unwrap();
    assert_eq!(told(world.http.get(&url).bearer_auth(short)).await.0, 200, "while it is good");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while told(world.http.get(&url).bearer_auth(short)).await != refused("invalid_token") {
        assert!(std::time::Instant::now() < deadline, "it is good for a second");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let words = ["token", "create", "--user", "ana", "--scope", "chat"];
    let narrow = world.command(&words).await;
    let answer = told(world.http.get(&url).bearer_auth(narrow.as_str().unwrap())).await;
    assert_eq!(answer, (403, "insufficient_scope".to_owned()));
}

/// RFC 9700 section 2.3: a token says whom it is for, and userinfo listens.
#[tokio::test]
async fn a_token_for_an_api_that_is_none_of_ours_is_refused() {
    let world = World::open().await;
    let url = format!("{}/oauth/userinfo", world.issuer);
    let words = ["token", "create", "--user", "ana"];
    let mut config = world.config.clone();
    config.resources = vec!["https://elsewhere.example/api".to_owned()];
    // The same keys, accounts and grants: only the audience differs.
    let elsewhere = identity::open(config).await.unwrap();
    let foreign = World::command_of(&elsewhere, &words).await.unwrap();
    let foreign = foreign.as_str().unwrap();
    let answer = told(world.http.get(&url).bearer_auth(foreign)).await;
    assert_eq!(answer, refused("invalid_token"));
    let own = world.command(&words).await;
    assert_eq!(told(world.http.get(&url).bearer_auth(own.as_str().unwrap())).await.0, 200);
}

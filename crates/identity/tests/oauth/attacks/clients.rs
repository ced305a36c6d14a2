//! Whoever is not the client gets nothing (OAuth 2.1 section 2.4, RFC 9700 2.5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Response;

use super::{Tries, refusal, wrong};
use crate::world::{App, Browser, REDIRECT, VERIFIER, World};

const SECRET: &str = "first-party-secret";

/// Asks with a code, an `Authorization` header and more parameters.
async fn ask(
    world: &World,
    code: &str,
    authorization: Option<&str>,
    more: &[(&str, &str)],
) -> Response {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    form.extend(more);
    let mut request = world.http.post(format!("{}/oauth/token", world.issuer)).form(&form);
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    request.send().await.unwrap()
}

fn basic(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

/// A name, the header, more parameters, and the refusal.
type Case<'a> = (&'a str, Option<String>, Vec<(&'a str, &'a str)>, &'a (u16, String));

#[tokio::test]
async fn a_client_shows_who_it_is_in_one_way_and_truly() {
    let world = World::open().await;
    let code = world.code(&mut Browser::default(), &world.chat()).await;
    let other = world.app(false).await;
    let public = world.app(true).await;
    let of_other = format!("chat:{}", other.secret.as_deref().unwrap());
    let header = |text: &str| Some(basic(text));
    let good = format!("chat:{SECRET}");
    let (client, request) = (wrong(401, "invalid_client"), wrong(400, "invalid_request"));
    let cases: Vec<Case<'_>> = vec![
        ("nobody", None, vec![], &client),
        ("no secret", None, vec![("client_id", "chat")], &client),
        ("an empty secret", header("chat:"), vec![], &client),
        ("a wrong secret", header("chat:wrong"), vec![], &client),
        ("a secret with a letter more", header(&format!("{good}x")), vec![], &client),
        ("a secret with a letter less", header(&good[..good.len() - 1]), vec![], &client),
        ("another app's secret", header(&of_other), vec![], &client),
        ("an app that is not there", header("nobody:x"), vec![], &client),
        ("an app in capitals", header(&format!("CHAT:{SECRET}")), vec![], &client),
        ("an app with a null byte", header(&format!("chat\0:{SECRET}")), vec![], &client),
        ("no colon", header("chat"), vec![], &client),
        ("no base64", Some("Basic ###".to_owned()), vec![], &client),
        ("no text", Some(format!("Basic {}", STANDARD.encode([0xff, 0xfe]))), vec![], &client),
        ("another scheme", Some(format!("Bearer {SECRET}")), vec![], &client),
        ("a scheme alone", Some("Basic".to_owned()), vec![], &client),
        (
            "a wrong secret in the body",
            None,
            vec![("client_id", "chat"), ("client_secret", "wrong")],
            &client,
        ),
        ("a secret without a name", None, vec![("client_secret", SECRET)], &client),
        (
            "a secret of a client that has none",
            None,
            vec![("client_id", &public.id), ("client_secret", "x")],
            &client,
        ),
        ("two ways", header(&good), vec![("client_secret", SECRET)], &request),
        ("two ways, one wrong", header(&good), vec![("client_secret", "wrong")], &request),
        ("two names", header(&good), vec![("client_id", &other.id)], &request),
        (
            "two names in the body",
            None,
            vec![("client_id", "chat"), ("client_id", &other.id), ("client_secret", SECRET)],
            &request,
        ),
    ];
    let mut tries = Tries::new();
    for (name, authorization, more, expected) in cases {
        let answer = ask(&world, &code, authorization.as_deref(), &more).await;
        if authorization.is_some() && answer.status() == 401 {
            let scheme = answer.headers().get("www-authenticate").map(|v| v.to_str().unwrap());
            let named = scheme.is_some_and(|scheme| scheme.starts_with("Basic"));
            tries.expect(&format!("{name}: the scheme is named"), named, true);
        }
        tries.expect(name, refusal(answer).await, expected.clone());
    }
    tries.hold();
    assert_eq!(world.exchange(&world.chat(), &code).await.0, 200);
}

#[tokio::test]
async fn a_secret_in_the_url_is_not_read() {
    let world = World::open().await;
    let code = world.code(&mut Browser::default(), &world.chat()).await;
    let url = format!("{}/oauth/token?client_id=chat&client_secret={SECRET}", world.issuer);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let answer = world.http.post(url).form(&form).send().await.unwrap();
    assert_eq!(refusal(answer).await, wrong(401, "invalid_client"));
}

#[tokio::test]
async fn known_and_unknown_clients_are_refused_in_the_same_words() {
    let world = World::open().await;
    let mut bodies = Vec::new();
    for (id, secret) in [("chat", "wrong"), ("nobody", "wrong"), ("tertulia-cli", "wrong")] {
        let app = App {
            id: id.to_owned(),
            secret: Some(secret.to_owned()),
            redirect_uri: REDIRECT.to_owned(),
        };
        let answer = world.post("/oauth/token", &app, &[("grant_type", "refresh_token")]).await;
        bodies.push((answer.status(), answer.text().await.unwrap()));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn what_one_client_got_is_of_no_use_to_another() {
    let world = World::open().await;
    let (chat, other) = (world.chat(), world.app(false).await);
    let public = world.app(true).await;
    let code = world.code(&mut Browser::default(), &chat).await;
    let tokens = world.tokens(&chat).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let mut tries = Tries::new();
    let expected = wrong(400, "invalid_grant");
    for (name, thief) in [("a confidential client", &other), ("a public client", &public)] {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        let answer = world.post("/oauth/token", thief, &form).await;
        tries.expect(&format!("{name} with a code"), refusal(answer).await, expected.clone());
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let answer = world.post("/oauth/token", thief, &form).await;
        tries.expect(
            &format!("{name} with a refresh token"),
            refusal(answer).await,
            expected.clone(),
        );
        let answer = world.post("/oauth/revoke", thief, &[("token", refresh)]).await;
        tries.expect(&format!("{name} gives it back"), answer.status().as_u16(), 200);
    }
    tries.hold();
    assert_eq!(world.exchange(&chat, &code).await.0, 200, "its owner still has it");
    assert_eq!(world.refresh(&chat, refresh).await.0, 200, "and the refresh token");
}

#[tokio::test]
async fn nobody_gives_tokens_back_without_showing_who_they_are() {
    let world = World::open().await;
    let chat = world.chat();
    let tokens = world.tokens(&chat).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let none = App { secret: None, ..chat.clone() };
    let bad = App { secret: Some("wrong".to_owned()), ..chat.clone() };
    let mut tries = Tries::new();
    for (name, app) in [("no secret", &none), ("a wrong secret", &bad)] {
        let answer = world.post("/oauth/revoke", app, &[("token", token)]).await;
        tries.expect(name, refusal(answer).await, wrong(401, "invalid_client"));
    }
    let answer = world.post("/oauth/revoke", &chat, &[]).await;
    tries.expect("no token", refusal(answer).await, wrong(400, "invalid_request"));
    let twice = [("token", token), ("token", token)];
    let answer = world.post("/oauth/revoke", &chat, &twice).await;
    tries.expect("two tokens", refusal(answer).await, wrong(400, "invalid_request"));
    tries.hold();
    assert_eq!(world.refresh(&chat, token).await.0, 200);
}

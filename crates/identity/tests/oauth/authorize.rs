use serde_json::json;

use crate::world::{AFTER, Browser, PASSWORD, REDIRECT, World, challenge};

#[tokio::test]
async fn a_person_signs_in_by_the_form_and_the_app_gets_good_tokens() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    let back = world.signed_in(&mut browser, &app, &[]).await;
    assert_eq!(back.get("state").map(String::as_str), Some("st"));
    assert_eq!(back.get("iss"), Some(&world.issuer));
    let (status, tokens) = world.exchange(&app, &back["code"]).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 300);

    let issuer = world.issuer();
    let access = tokens["access_token"].as_str().unwrap();
    let caller = issuer.access(access, &world.api).await.unwrap();
    let id_token = tokens["id_token"].as_str().unwrap();
    let who = issuer.id_token(id_token, "chat", Some("no")).await.unwrap();
    assert_eq!((&caller.sub, &caller.sid), (&who.sub, &who.sid));
    assert!(caller.sid.is_some());
    assert_eq!(caller.roles, ["owner"]);
    assert!(issuer.access(id_token, "chat").await.is_err(), "an ID token opens no API");

    let (status, person) = world.userinfo(&tokens).await;
    assert_eq!(status, 200);
    assert_eq!(person["sub"], json!(who.sub));
    assert_eq!(person["preferred_username"], "ana");
    assert_eq!(person["email"], "ana@example.org");
    assert_eq!(person["email_verified"], true);
}

#[tokio::test]
async fn the_provider_says_where_everything_is() {
    let world = World::open().await;
    let origin = world.issuer.trim_end_matches("/id");
    for url in [
        format!("{}/.well-known/openid-configuration", world.issuer),
        format!("{}/.well-known/oauth-authorization-server", world.issuer),
        format!("{origin}/.well-known/oauth-authorization-server/id"),
    ] {
        let answer = world.http.get(&url).header("host", "evil.example").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        let document: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(document["issuer"], json!(world.issuer));
        assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    }
    let keys = world.http.get(format!("{}/oauth/jwks", world.issuer)).send().await.unwrap();
    let keys: serde_json::Value = keys.json().await.unwrap();
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    assert_eq!(keys["keys"][0].get("d"), None, "nothing private is published");
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_the_app_s() {
    let world = World::open().await;
    let app = world.chat();
    for changes in [
        [("redirect_uri", "https://evil.example/cb")],
        [("redirect_uri", "https://app.example/cb/../x")],
        [("redirect_uri", "")],
        [("client_id", "nobody")],
        [("client_id", "")],
    ] {
        let mut browser = Browser::default();
        browser.open(&world, &world.authorize_url(&world.request(&app, &changes))).await;
        assert_eq!(browser.status, 400, "{changes:?}");
        assert!(browser.address.starts_with(&world.issuer));
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_to_the_app() {
    let world = World::open().await;
    let app = world.chat();
    let plain = challenge();
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "plain"), ("code_challenge", &plain)], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("scope", "telepathy")], "invalid_scope"),
        (&[("resource", "https://other.example/")], "invalid_target"),
        (&[("prompt", "none")], "login_required"),
        (&[("max_age", "x")], "invalid_request"),
    ];
    for (changes, error) in cases {
        let back = world.signed_in(&mut Browser::default(), &app, changes).await;
        assert_eq!(back.get("error").map(String::as_str), Some(error), "{changes:?}");
        assert_eq!(back.get("state").map(String::as_str), Some("st"));
        assert_eq!(back.get("iss"), Some(&world.issuer));
        assert!(!back.contains_key("code"));
    }
}

#[tokio::test]
async fn a_parameter_given_twice_is_an_error() {
    let world = World::open().await;
    let app = world.chat();
    for name in ["scope", "state", "nonce", "code_challenge", "response_type"] {
        let mut pairs = world.request(&app, &[]);
        let again = pairs.iter().find(|(found, _)| found == name).unwrap().clone();
        pairs.push(again);
        let mut browser = Browser::default();
        browser.open(&world, &world.authorize_url(&pairs)).await;
        assert_eq!(browser.answer()["error"], "invalid_request", "{name}");
    }
    for name in ["client_id", "redirect_uri"] {
        let mut pairs = world.request(&app, &[]);
        let again = pairs.iter().find(|(found, _)| found == name).unwrap().clone();
        pairs.push(again);
        let mut browser = Browser::default();
        browser.open(&world, &world.authorize_url(&pairs)).await;
        assert_eq!(browser.status, 400, "{name}");
    }
}

#[tokio::test]
async fn who_is_signed_in_is_not_asked_again_unless_the_app_wants_it() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    let first = world.code(&mut browser, &app).await;
    let back = world.signed_in(&mut browser, &app, &[("prompt", "none")]).await;
    assert_ne!(back["code"], first);
    for changes in [[("prompt", "login")], [("prompt", "select_account")], [("max_age", "0")]] {
        browser.open(&world, &world.authorize_url(&world.request(&app, &changes))).await;
        assert!(browser.address.contains("/login"), "{changes:?}: {}", browser.address);
        browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
        assert!(browser.answer().contains_key("code"), "{changes:?}");
    }
    let changes = [("prompt", "create")];
    browser.open(&world, &world.authorize_url(&world.request(&app, &changes))).await;
    assert!(browser.address.contains("/signup"), "{}", browser.address);
}

#[tokio::test]
async fn an_app_can_say_whom_it_expects() {
    let world = World::open().await;
    world.person("ben").await;
    let app = world.chat();
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let hint = ("id_token_hint", tokens["id_token"].as_str().unwrap());
    let back = world.signed_in(&mut browser, &app, &[hint, ("prompt", "none")]).await;
    assert!(back.contains_key("code"), "{back:?}");

    let mut other = Browser::default();
    other.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    other.submit(&world, &[("username", "ben"), ("password", PASSWORD)]).await;
    assert!(other.answer().contains_key("code"));
    let back = world.signed_in(&mut other, &app, &[hint, ("prompt", "none")]).await;
    assert_eq!(back["error"], "login_required");
    other.open(&world, &world.authorize_url(&world.request(&app, &[hint]))).await;
    assert!(other.address.contains("/login"), "{}", other.address);
    other.submit(&world, &[("username", "ben"), ("password", PASSWORD)]).await;
    assert_eq!(other.answer()["error"], "login_required", "still somebody else");
    let back = world.signed_in(&mut other, &app, &[("id_token_hint", "x.y.z")]).await;
    assert_eq!(back["error"], "invalid_request");
}

#[tokio::test]
async fn an_app_of_others_needs_the_person_s_consent_once_per_scope() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut browser = Browser::default();
    let narrow = [("scope", "openid profile")];
    browser.open(&world, &world.authorize_url(&world.request(&app, &narrow))).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(browser.address.contains("/consent"), "{}", browser.address);
    assert!(browser.page.contains("app.example"), "the host is shown");
    assert!(!browser.page.contains("Notas <b>"), "the app's name is escaped");
    let policy = browser.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("form-action 'self' https://app.example"), "{policy}");
    browser.submit(&world, &[("decision", "allow")]).await;
    assert!(browser.answer().contains_key("code"));

    browser.open(&world, &world.authorize_url(&world.request(&app, &narrow))).await;
    assert!(browser.answer().contains_key("code"), "not asked again");
    let silent = [("prompt", "none")];
    browser.open(&world, &world.authorize_url(&world.request(&app, &silent))).await;
    assert_eq!(browser.answer()["error"], "consent_required", "more scopes");
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    browser.submit(&world, &[("decision", "deny")]).await;
    assert_eq!(browser.answer()["error"], "access_denied");
}

#[tokio::test]
async fn a_consent_needs_the_form_s_token() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    browser.page = browser.page.replace("name=\"csrf\"", "name=\"other\"");
    browser.submit(&world, &[("decision", "allow"), ("csrf", "forged")]).await;
    assert!(!browser.address.starts_with(REDIRECT), "{}", browser.address);
    assert!(browser.status >= 400);
}

#[tokio::test]
async fn an_interaction_is_of_one_browser() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    let (_, ix) = browser.address.split_once("ix=").unwrap();
    let ix = ix.split('&').next().unwrap();
    let mut thief = Browser::default();
    let url = format!("{}/oauth/authorize/continue?ix={ix}", world.issuer);
    thief.open(&world, &url).await;
    assert_eq!(thief.status, 400);
}

#[tokio::test]
async fn an_answer_can_come_as_a_form() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    world.code(&mut browser, &app).await;
    let form = [("response_mode", "form_post"), ("state", "\"><script>")];
    browser.open(&world, &world.authorize_url(&world.request(&app, &form))).await;
    assert_eq!(browser.status, 200);
    assert!(browser.page.contains(&format!("action=\"{REDIRECT}\"")), "{}", browser.page);
    assert!(browser.page.contains("name=\"code\""));
    assert!(!browser.page.contains("\"><script>"), "what the app says is escaped");
    let policy = browser.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action https://app.example"), "{policy}");
    assert!(!policy.contains(AFTER));
}

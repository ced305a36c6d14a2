//! What the specifications want of every provider, where no attack is needed to see it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::world::{Browser, PASSWORD, REDIRECT, VERIFIER, World};

fn decoded(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_not_known_or_has_no_value_is_ignored() {
    let world = World::open().await;
    let app = world.chat();
    let mut pairs = world.request(&app, &[("vendor_x", "1"), ("display", "popup")]);
    for name in ["prompt", "max_age", "login_hint", "response_mode", "request", "id_token_hint"] {
        pairs.push((name.to_owned(), String::new()));
    }
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&pairs)).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    let code = browser.answer()["code"].clone();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("vendor_x", "1"),
        ("scope", ""),
        ("resource", ""),
    ];
    let (status, tokens) = world.token(&app, &form).await;
    assert_eq!(status, 200, "{tokens}");
}

#[tokio::test]
async fn wishes_that_we_do_not_know_do_no_harm() {
    let world = World::open().await;
    for (name, value) in [
        ("display", "touch"),
        ("display", "x"),
        ("ui_locales", "xx-YY tlh"),
        ("claims_locales", "fr de"),
        ("login_hint", "somebody else"),
    ] {
        let mut browser = Browser::default();
        let pairs = world.request(&world.chat(), &[(name, value)]);
        browser.open(&world, &world.authorize_url(&pairs)).await;
        assert!(browser.address.contains("/login"), "{name}={value}: {}", browser.address);
        assert_eq!(browser.status, 200, "{name}={value}");
    }
}

#[tokio::test]
async fn errors_are_told_in_characters_that_may_be_in_them() {
    let world = World::open().await;
    let app = world.chat();
    let good = |text: &str| {
        text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    let odd = "a\"b\\c\u{1f600}\n";
    let mut told = Vec::new();
    for changes in [
        vec![(odd, "1"), (odd, "2")],
        vec![("scope", odd)],
        vec![("response_type", odd)],
        vec![("prompt", odd)],
        vec![("max_age", odd)],
        vec![("resource", odd)],
        vec![("response_mode", odd)],
    ] {
        let mut pairs = world.request(&app, &[]);
        pairs.retain(|(name, _)| changes.iter().all(|(changed, _)| name != changed));
        pairs.extend(changes.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let mut browser = Browser::default();
        browser.open(&world, &world.authorize_url(&pairs)).await;
        told.push(browser.answer()["error_description"].clone());
    }
    for form in [vec![("grant_type", odd)], vec![(odd, "1"), (odd, "2")]] {
        let (_, error) = world.token(&app, &form).await;
        told.push(error["error_description"].as_str().unwrap().to_owned());
    }
    for text in told {
        assert!(good(&text) && !text.is_empty(), "{text:?}");
    }
}

#[tokio::test]
async fn the_authorization_endpoint_takes_a_query_and_a_form() {
    let world = World::open().await;
    let app = world.chat();
    let url = format!("{}/oauth/authorize", world.issuer);
    let pairs = world.request(&app, &[]);
    for request in [world.http.get(&url).query(&pairs), world.http.post(&url).form(&pairs)] {
        let mut answer = request.send().await.unwrap();
        // A form brings no cookie from another site, and comes again with it.
        if answer.headers()["location"].to_str().unwrap().starts_with(&url) {
            let again = answer.headers()["location"].to_str().unwrap();
            answer = world.http.get(again).send().await.unwrap();
        }
        let to = answer.headers()["location"].to_str().unwrap();
        assert_eq!(answer.status(), 303);
        assert!(to.starts_with(&format!("{}/login?ix=", world.issuer)), "{to}");
    }
}

#[tokio::test]
async fn the_registered_query_is_kept_and_state_comes_back_as_it_was() {
    let world = World::open().await;
    let uri = "https://app.example/cb?tenant=a%20b&x=1";
    let words = ["client", "create", "--name", "Notes", "--redirect-uri", uri];
    let made = world.command(&words).await;
    let id = made["client_id"].as_str().unwrap();
    let state = "a b+c&d=e#f%20\"<é>";
    let changes = [("client_id", id), ("redirect_uri", uri), ("state", state), ("prompt", "none")];
    let mut browser = Browser::default();
    let pairs = world.request(&world.chat(), &changes);
    browser.open(&world, &world.authorize_url(&pairs)).await;
    assert!(browser.address.starts_with(&format!("{uri}&")), "{}", browser.address);
    let answer = browser.answer();
    assert_eq!(answer["state"], state);
    assert_eq!((answer["tenant"].as_str(), answer["x"].as_str()), ("a b", "1"));
    assert_eq!(url::Url::parse(&browser.address).unwrap().fragment(), None);
}

#[tokio::test]
async fn an_id_token_says_what_it_must() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    let nonce = "n-0S6_WzA2Mj é";
    let changes = [("nonce", nonce), ("max_age", "3600")];
    let back = world.signed_in(&mut browser, &app, &changes).await;
    let (_, tokens) = world.exchange(&app, &back["code"]).await;
    let token = tokens["id_token"].as_str().unwrap();
    let (header, claims) = (decoded(token, 0), decoded(token, 1));
    let keys = world.http.get(format!("{}/oauth/jwks", world.issuer)).send().await.unwrap();
    let keys: Value = keys.json().await.unwrap();
    let kids: Vec<&Value> = keys["keys"].as_array().unwrap().iter().map(|k| &k["kid"]).collect();
    assert!(kids.contains(&&header["kid"]), "{header}");
    assert_ne!(header["alg"], "none");
    assert_eq!(claims["iss"], world.issuer.as_str());
    assert_eq!(claims["aud"], app.id.as_str());
    assert_eq!(claims["nonce"], nonce);
    let sub = claims["sub"].as_str().unwrap();
    assert!(sub.is_ascii() && (1..=255).contains(&sub.len()), "{sub}");
    let seconds = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name}: {claims}"));
    let now = kit::clock::now_ms() / 1000;
    assert!(seconds("auth_time") <= seconds("iat") && seconds("iat") <= now);
    assert!(seconds("exp") > now && seconds("exp") <= now + 3600);
    let access = Sha256::digest(tokens["access_token"].as_str().unwrap());
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&access[..16]));
    assert!(claims["acr"].is_string() && claims["amr"].is_array(), "{claims}");
    assert_eq!(claims.get("email"), None, "with an access token, claims are at the userinfo");
}

#[tokio::test]
async fn an_access_token_says_for_whom_and_for_how_long() {
    let world = World::open().await;
    let app = world.chat();
    let tokens = world.tokens(&app).await;
    let token = tokens["access_token"].as_str().unwrap();
    let (header, claims) = (decoded(token, 0), decoded(token, 1));
    assert_eq!(header["typ"], "at+jwt", "RFC 9068 section 2.1");
    assert_eq!((&claims["aud"], &claims["client_id"]), (&world.api.into(), &app.id.into()));
    for name in ["iss", "sub", "exp", "iat", "jti", "scope"] {
        assert!(!claims[name].is_null(), "{name}: {claims}");
    }
    let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(Some(life), tokens["expires_in"].as_i64());
    assert!(life <= 600, "short-lived");
    for name in ["name", "email", "preferred_username", "phone_number"] {
        assert_eq!(claims.get(name), None, "an API learns no more than it needs");
    }
}

#[tokio::test]
async fn an_answer_with_tokens_is_never_kept() {
    let world = World::open().await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let answer = world.post("/oauth/token", &app, &form).await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["pragma"], "no-cache");
    assert_eq!(answer.headers()["content-type"], "application/json");
    let tokens: Value = answer.json().await.unwrap();
    assert_eq!(tokens["token_type"], "Bearer");
    assert!(tokens["scope"].is_string() && tokens["expires_in"].is_i64());
}

#[tokio::test]
async fn a_person_has_one_name_for_all_apps_and_it_is_not_the_account_s() {
    let world = World::open().await;
    let mut names = Vec::new();
    for app in [world.chat(), world.app(false).await, world.app(true).await] {
        let tokens = world.tokens(&app).await;
        names.push(decoded(tokens["id_token"].as_str().unwrap(), 1)["sub"].clone());
        let (status, person) = world.userinfo(&tokens).await;
        assert_eq!((status.as_u16(), &person["sub"]), (200, &names[0]));
    }
    names.dedup();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_ne!(names[0], "ana");
}

#[tokio::test]
async fn userinfo_answers_get_and_post_with_json() {
    let world = World::open().await;
    let tokens = world.tokens(&world.chat()).await;
    let token = tokens["access_token"].as_str().unwrap();
    let url = format!("{}/oauth/userinfo", world.issuer);
    for request in [world.http.get(&url), world.http.post(&url)] {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let request = request.try_clone().unwrap();
            let request = request.header("authorization", format!("{scheme} {token}"));
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200, "{scheme}");
            assert_eq!(answer.headers()["content-type"], "application/json");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let person: Value = answer.json().await.unwrap();
            assert!(person["sub"].is_string());
        }
    }
}

#[tokio::test]
async fn an_app_can_have_the_person_asked_again() {
    let world = World::open().await;
    let app = world.app(false).await;
    let narrow = ("scope", "openid profile");
    let mut browser = Browser::default();
    world.signed_in(&mut browser, &app, &[narrow]).await;
    let pairs = world.request(&app, &[narrow, ("prompt", "consent")]);
    browser.open(&world, &world.authorize_url(&pairs)).await;
    assert!(browser.address.contains("/consent"), "{}", browser.address);
    browser.submit(&world, &[("decision", "deny")]).await;
    let answer = browser.answer();
    assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("access_denied", "st"));
    assert!(!answer.contains_key("code"));
}

#[tokio::test]
async fn who_may_stay_signed_in_is_asked_for_it() {
    let world = World::open().await;
    let app = world.app(true).await;
    let mut browser = Browser::default();
    for time in ["the first time", "again, since this app cannot prove who it is"] {
        browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
        if browser.address.contains("/login") {
            browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
        }
        assert!(browser.address.contains("/consent"), "{time}: {}", browser.address);
        assert!(browser.page.contains("stay signed in while you are away"), "{time}");
        browser.submit(&world, &[("decision", "allow")]).await;
        let (status, tokens) = world.exchange(&app, &browser.answer()["code"]).await;
        assert_eq!(status, 200, "{tokens}");
        assert!(tokens["refresh_token"].is_string());
    }
}

#[tokio::test]
async fn codes_and_tokens_cannot_be_guessed() {
    let world = World::open().await;
    let app = world.chat();
    let mut browser = Browser::default();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let code = world.code(&mut browser, &app).await;
        let (_, tokens) = world.exchange(&app, &code).await;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        for secret in [code.trim_start_matches("ac_"), refresh.trim_start_matches("rt_")] {
            let bytes = URL_SAFE_NO_PAD.decode(secret).unwrap();
            assert!(bytes.len() >= 32, "256 bits: {secret}");
            let set = bytes.iter().map(|byte| byte.count_ones()).sum::<u32>();
            assert!((64..=192).contains(&set), "{set} of {} bits", bytes.len() * 8);
            assert!(seen.insert(bytes), "none comes twice");
        }
    }
}

#[tokio::test]
async fn without_openid_it_is_plain_oauth() {
    let world = World::open().await;
    let app = world.app(false).await;
    let back = world.signed_in(&mut Browser::default(), &app, &[("scope", "chat")]).await;
    let (status, tokens) = world.exchange(&app, &back["code"]).await;
    assert_eq!((status.as_u16(), tokens.get("id_token")), (200, None), "{tokens}");
    assert_eq!(world.userinfo(&tokens).await.0, 403, "who it is was not asked for");
}

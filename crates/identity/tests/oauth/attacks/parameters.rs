//! Requests that say too much, too little, twice, or what we do not do.

use super::{Tries, authorize, raw_authorize, refusal, wrong};
use crate::world::{App, Browser, REDIRECT, VERIFIER, World};

/// A name, what is changed in a good request, and the error.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[tokio::test]
async fn what_the_authorization_endpoint_does_not_do_is_told_to_the_app() {
    let world = World::open().await;
    let (long_state, long_nonce) = ("s".repeat(2049), "n".repeat(513));
    let long_hint = "h".repeat(321);
    let big = "9".repeat(30);
    let invalid = "invalid_request";
    let cases: &[Case<'_>] = &[
        ("implicit flow", &[("response_type", "token")], "unsupported_response_type"),
        ("ID token", &[("response_type", "id_token")], "unsupported_response_type"),
        ("hybrid flow", &[("response_type", "code id_token")], "unsupported_response_type"),
        ("hybrid with token", &[("response_type", "code token")], "unsupported_response_type"),
        ("nothing back", &[("response_type", "none")], "unsupported_response_type"),
        ("in capitals", &[("response_type", "CODE")], "unsupported_response_type"),
        ("code twice", &[("response_type", "code code")], "unsupported_response_type"),
        ("fragment", &[("response_mode", "fragment")], invalid),
        ("JWT", &[("response_mode", "jwt")], invalid),
        ("web message", &[("response_mode", "web_message")], invalid),
        ("a mode that is none", &[("response_mode", "x")], invalid),
        ("a request object", &[("request", "a.b.c")], "request_not_supported"),
        ("silent and loud", &[("prompt", "none login")], invalid),
        ("silent and consent", &[("prompt", "none consent")], invalid),
        ("a prompt that is none", &[("prompt", "sing")], invalid),
        ("a negative age", &[("max_age", "-1")], invalid),
        ("an age with a sign", &[("max_age", "+1")], invalid),
        ("half a second", &[("max_age", "0.5")], invalid),
        ("an age in hexadecimal", &[("max_age", "0x10")], invalid),
        ("an age beyond numbers", &[("max_age", &big)], invalid),
        ("no scope", &[("scope", "")], "invalid_scope"),
        ("a scope that is none", &[("scope", "telepathy")], "invalid_scope"),
        ("a scope that the app may not have", &[("scope", "openid chat.admin")], "invalid_scope"),
        ("a resource that is none", &[("resource", "https://other.example/")], "invalid_target"),
        (
            "a resource with a fragment",
            &[("resource", "https://other.example/#x")],
            "invalid_target",
        ),
        ("a long state", &[("state", &long_state)], invalid),
        ("a long nonce", &[("nonce", &long_nonce)], invalid),
        ("a long hint", &[("login_hint", &long_hint)], invalid),
        ("a silent stranger", &[("prompt", "none")], "login_required"),
    ];
    let app = world.app(false).await;
    let mut tries = Tries::new();
    for (name, changes, error) in cases {
        let pairs = world.request(&app, changes);
        tries.expect(name, authorize(&world, &pairs).await, (*error).to_owned());
    }
    tries.hold();
}

#[tokio::test]
async fn nothing_is_said_twice() {
    let world = World::open().await;
    let names = [
        "response_type",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "prompt",
        "max_age",
        "login_hint",
        "id_token_hint",
        "ui_locales",
        "unknown",
    ];
    let mut tries = Tries::new();
    for name in names {
        let mut pairs = world.request(&world.chat(), &[]);
        pairs.retain(|(found, _)| found != name);
        for value in ["code", "code"] {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        tries.expect(name, authorize(&world, &pairs).await, "invalid_request".to_owned());
    }
    let mut pairs = world.request(&world.chat(), &[]);
    pairs.push(("resource".to_owned(), format!("{}/other", world.api)));
    tries.expect("two resources", authorize(&world, &pairs).await, "invalid_target".to_owned());
    let mut pairs = world.request(&world.chat(), &[]);
    pairs.push(("state".to_owned(), String::new()));
    let empty = authorize(&world, &pairs).await;
    tries.expect("once with and once without a value", empty, "invalid_request".to_owned());
    tries.hold();
}

#[tokio::test]
async fn a_request_that_cannot_be_read_goes_nowhere() {
    let world = World::open().await;
    let base = world.authorize_url(&world.request(&world.chat(), &[]));
    let many = (0..70).fold(String::new(), |text, n| text + &format!("&x{n}=1"));
    let cases = [
        ("no parameters", format!("{}/oauth/authorize", world.issuer)),
        ("too many bytes", format!("{base}&x={}", "x".repeat(17_000))),
        ("too many parameters", format!("{base}{many}")),
        ("no text", format!("{base}&x=%ff%fe")),
        ("no text in a name", format!("{base}&%ff=x")),
    ];
    let mut tries = Tries::new();
    for (name, url) in cases {
        tries.expect(name, raw_authorize(&world, &url).await, "page 400".to_owned());
    }
    tries.hold();
}

/// The good form for `code`, with one parameter changed; an empty value takes it out.
fn form<'a>(code: &'a str, name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    form.retain(|(found, _)| *found != name);
    if !value.is_empty() {
        form.push((name, value));
    }
    form
}

#[tokio::test]
async fn the_token_endpoint_wants_every_part_once() {
    let world = World::open().await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    let long = "c".repeat(20_000);
    let invalid = "invalid_request";
    let cases = [
        ("no grant", "grant_type", "", invalid),
        ("a password", "grant_type", "password", "unsupported_grant_type"),
        ("implicit", "grant_type", "implicit", "unsupported_grant_type"),
        ("a grant in capitals", "grant_type", "AUTHORIZATION_CODE", "unsupported_grant_type"),
        ("a grant of an extension", "grant_type", "urn:example:x", "unsupported_grant_type"),
        ("no code", "code", "", invalid),
        ("another code", "code", "ac_unknown", "invalid_grant"),
        ("a refresh token as code", "code", "rt_unknown", "invalid_grant"),
        ("a long code", "code", &long, invalid),
        ("no address", "redirect_uri", "", invalid),
        ("another address", "redirect_uri", "https://app.example/other", "invalid_grant"),
        ("an address in capitals", "redirect_uri", "HTTPS://app.example/cb", "invalid_grant"),
        ("another resource", "resource", "https://other.example/", "invalid_target"),
    ];
    let mut tries = Tries::new();
    for (name, changed, value, error) in cases {
        let answer = world.post("/oauth/token", &app, &form(&code, changed, value)).await;
        tries.expect(name, refusal(answer).await, wrong(400, error));
    }
    for name in ["grant_type", "code", "redirect_uri", "code_verifier", "unknown"] {
        let mut twice = form(&code, "", "");
        let value = twice.iter().find(|(found, _)| *found == name).map_or("x", |pair| pair.1);
        if name == "unknown" {
            twice.push((name, value));
        }
        twice.push((name, value));
        let answer = world.post("/oauth/token", &app, &twice).await;
        tries.expect(&format!("{name} twice"), refusal(answer).await, wrong(400, invalid));
    }
    tries.hold();
    assert_eq!(world.exchange(&app, &code).await.0, 200, "none of them cost its owner the code");
}

#[tokio::test]
async fn the_token_endpoint_reads_one_kind_of_body_from_one_method() {
    let world = World::open().await;
    let url = format!("{}/oauth/token", world.issuer);
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    let text = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form(&code, "", ""))
        .finish();
    let mut tries = Tries::new();
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x", ""] {
        let request = world.http.post(&url).header("content-type", kind).body(text.clone());
        let answer = request.basic_auth(&app.id, app.secret.as_ref()).send().await.unwrap();
        let told = refusal(answer).await;
        tries.expect(&format!("body {kind:?}"), told, wrong(400, "invalid_request"));
    }
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = world.http.request(method.clone(), format!("{url}?{text}"));
        let answer = request.basic_auth(&app.id, app.secret.as_ref()).send().await.unwrap();
        tries.expect(method.as_str(), answer.status().as_u16(), 405);
    }
    let request = world.http.post(format!("{url}?{text}"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.basic_auth(&app.id, app.secret.as_ref()).send().await.unwrap();
    tries.expect("the grant in the URL", refusal(answer).await, wrong(400, "invalid_request"));
    tries.hold();
    assert_eq!(world.exchange(&app, &code).await.0, 200);
}

#[tokio::test]
async fn a_scope_that_is_not_granted_is_never_in_a_token() {
    let world = World::open().await;
    let app: App = world.chat();
    let mut browser = Browser::default();
    let back = world.signed_in(&mut browser, &app, &[("scope", "openid profile")]).await;
    let mut form = form(&back["code"], "", "").clone();
    form.push(("scope", "openid profile email chat"));
    let (status, tokens) = world.token(&app, &form).await;
    assert_eq!((status.as_u16(), tokens["scope"].as_str()), (200, Some("openid profile")));
    let (_, person) = world.userinfo(&tokens).await;
    assert_eq!(person.get("email"), None, "{person}");
    assert_eq!(tokens.get("refresh_token"), None, "offline_access was not asked for");
}

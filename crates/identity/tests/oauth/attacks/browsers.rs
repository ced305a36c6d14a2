//! What other sites make a browser do: frames, forms, redirects, scripts.

use reqwest::{Method, StatusCode, header};

use super::{Tries, verdict};
use crate::world::{Browser, PASSWORD, World};

#[tokio::test]
async fn no_page_can_be_framed_kept_or_told_apart_by_others() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut browser = Browser::default();
    let mut pages = Vec::new();
    let keep = |name: &'static str, browser: &Browser| (name, browser.headers.clone());
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    pages.push(keep("signing in", &browser));
    browser.submit(&world, &[("username", "ana"), ("password", "wrong")]).await;
    pages.push(keep("a wrong password", &browser));
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(browser.address.contains("/consent"), "{}", browser.address);
    pages.push(keep("consent", &browser));
    browser.submit(&world, &[("decision", "allow")]).await;
    for (name, path) in [
        ("signing up", "/signup"),
        ("recovery", "/recover"),
        ("an account", "/account"),
        ("its factors", "/account/security"),
        ("signing out", "/oauth/logout"),
        ("an error", "/oauth/authorize?client_id=nobody"),
        ("a page that is not there", "/nowhere"),
        ("a reset link", "/reset/unknown"),
    ] {
        browser.open(&world, &format!("{}{path}", world.issuer)).await;
        pages.push(keep(name, &browser));
    }
    let form = [("response_mode", "form_post")];
    browser.open(&world, &world.authorize_url(&world.request(&app, &form))).await;
    pages.push(keep("an answer as a form", &browser));
    let mut tries = Tries::new();
    for (name, headers) in pages {
        let text = |name: &str| {
            headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default().to_owned()
        };
        let policy = text("content-security-policy");
        let has = |part: &str| policy.contains(part);
        tries.expect(&format!("{name}: frames"), has("frame-ancestors 'none'"), true);
        tries.expect(&format!("{name}: the rest"), has("default-src 'none'"), true);
        tries.expect(&format!("{name}: base"), has("base-uri 'none'"), true);
        tries.expect(&format!("{name}: no inline code"), has("unsafe"), false);
        tries.expect(&format!("{name}: kept"), text("cache-control"), "no-store".to_owned());
        tries.expect(
            &format!("{name}: referrer"),
            text("referrer-policy"),
            "no-referrer".to_owned(),
        );
        tries.expect(
            &format!("{name}: type"),
            text("x-content-type-options"),
            "nosniff".to_owned(),
        );
        let opener = text("cross-origin-opener-policy");
        tries.expect(&format!("{name}: opener"), opener, "same-origin".to_owned());
        let shared = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none();
        tries.expect(&format!("{name}: not for scripts of others"), shared, true);
    }
    tries.hold();
}

#[tokio::test]
async fn signing_in_leads_to_our_own_pages_only() {
    let world = World::open().await;
    let origin = world.issuer.trim_end_matches("/id");
    let targets = [
        ("another host", "https://evil.example/"),
        ("no scheme", "//evil.example/"),
        ("three slashes", "///evil.example/"),
        ("backslashes", "\\\\evil.example/"),
        ("a slash and a backslash", "/\\evil.example/"),
        ("a tab", "/\t/evil.example/"),
        ("a line end", "/\n/evil.example/"),
        ("an encoded slash", "%2f%2fevil.example/"),
        ("an encoded backslash", "/%5cevil.example/"),
        ("a user name", "@evil.example/"),
        ("a host after ours", ".evil.example/"),
        ("a port", ":80@evil.example/"),
        ("a script", "javascript:alert(1)"),
        ("a document", "data:text/html,x"),
        ("upwards", "account/../../../evil"),
        ("upwards, encoded", "account/%2e%2e/%2e%2e/evil"),
        ("a header", "account\r\nlocation: https://evil.example"),
        ("a query", "account?x=https://evil.example"),
        ("a page of the protocol", "oauth/authorize?client_id=x"),
    ];
    let mut tries = Tries::new();
    for (name, to) in targets {
        let query: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let mut browser = Browser::default();
        browser.open(&world, &format!("{}/login?to={query}", world.issuer)).await;
        browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
        let stays = browser.address.starts_with(&format!("{origin}/")) || browser.address == origin;
        tries.expect(&format!("{name}, signing in: {}", browser.address), stays, true);
        let elsewhere = ["/oauth/", "/evil"].iter().any(|path| browser.address.contains(path));
        tries.expect(&format!("{name}, not asked for: {}", browser.address), elsewhere, false);
        browser.open(&world, &format!("{}/login?to={query}", world.issuer)).await;
        let stays = browser.address.starts_with(&format!("{origin}/")) || browser.address == origin;
        tries.expect(&format!("{name}, signed in already: {}", browser.address), stays, true);
        browser.open(&world, &format!("{}/language?to=es&back={query}", world.issuer)).await;
        let stays = browser.address.starts_with(&format!("{origin}/"));
        tries.expect(&format!("{name}, changing the language: {}", browser.address), stays, true);
    }
    tries.hold();
}

/// Headers that tell of another site, each with the way a browser says it.
const FROM_ELSEWHERE: &[(&str, &str, &str)] = &[
    ("another site", "sec-fetch-site", "cross-site"),
    ("a neighbour of the domain", "sec-fetch-site", "same-site"),
    ("another origin", "origin", "https://evil.example"),
    ("the app's origin", "origin", "https://app.example"),
    ("no origin at all", "origin", "null"),
    ("our host without our scheme", "origin", "https://localhost"),
];

#[tokio::test]
async fn no_form_is_sent_from_elsewhere() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    let mut tries = Tries::new();
    for (name, header, value) in FROM_ELSEWHERE {
        let fields = [("username", "ana"), ("password", PASSWORD)];
        let status = browser.send_from(&world, (header, value), &fields).await;
        tries.expect(&format!("{name}: signing in"), status, StatusCode::FORBIDDEN);
    }
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(browser.address.contains("/consent"), "{}", browser.address);
    for (name, header, value) in FROM_ELSEWHERE {
        let status = browser.send_from(&world, (header, value), &[("decision", "allow")]).await;
        tries.expect(&format!("{name}: consent"), status, StatusCode::FORBIDDEN);
    }
    let consent = browser.clone();
    browser.open(&world, &format!("{}/oauth/logout", world.issuer)).await;
    for (name, header, value) in FROM_ELSEWHERE {
        let status = browser.send_from(&world, (header, value), &[]).await;
        tries.expect(&format!("{name}: signing out"), status, StatusCode::FORBIDDEN);
    }
    tries.hold();
    let mut browser = consent;
    browser.submit(&world, &[("decision", "allow")]).await;
    assert_eq!(verdict(&world, &browser), "a code at app.example", "still signed in");
}

#[tokio::test]
async fn a_form_is_of_the_browser_that_got_it() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut ana = Browser::default();
    ana.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    ana.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(ana.address.contains("/consent"), "{}", ana.address);
    let ix = ana.address.split("ix=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let mut thief = Browser::default();
    thief.open(&world, &format!("{}/login", world.issuer)).await;
    let mut tries = Tries::new();
    for path in ["/consent", "/oauth/authorize/continue"] {
        thief.open(&world, &format!("{}{path}?ix={ix}", world.issuer)).await;
        tries.expect(path, verdict(&world, &thief), "page 400".to_owned());
    }
    thief.address.clone_from(&ana.address);
    thief.page.clone_from(&ana.page);
    thief.submit(&world, &[("decision", "allow")]).await;
    tries.expect("her form in another browser", thief.status, 403);
    for ix in ["", "x", "00000000-0000-7000-8000-000000000000"] {
        thief.open(&world, &format!("{}/consent?ix={ix}", world.issuer)).await;
        tries.expect(&format!("interaction {ix:?}"), thief.status, 400);
    }
    tries.hold();
}

#[tokio::test]
async fn no_redirect_repeats_a_password() {
    let world = World::open().await;
    let app = world.app(false).await;
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    let fields = [("username", "ana"), ("password", PASSWORD)];
    let site = ("sec-fetch-site", "same-origin");
    assert_eq!(browser.send_from(&world, site, &fields).await, StatusCode::SEE_OTHER);
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    browser.submit(&world, &fields).await;
    let status = browser.send_from(&world, site, &[("decision", "allow")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "never 307 (RFC 9700 section 4.12)");
}

#[tokio::test]
async fn scripts_of_other_origins_read_what_is_for_apps_and_never_with_cookies() {
    let world = World::open().await;
    let mut tries = Tries::new();
    for (path, open) in [
        ("/oauth/token", true),
        ("/oauth/userinfo", true),
        ("/oauth/revoke", true),
        ("/oauth/jwks", true),
        ("/.well-known/openid-configuration", true),
        ("/oauth/authorize", false),
        ("/oauth/logout", false),
        ("/login", false),
        ("/consent", false),
        ("/account", false),
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let request = world.http.request(method.clone(), format!("{}{path}", world.issuer));
            let request = request.header("origin", "https://evil.example");
            let request = request.header("access-control-request-method", "POST");
            let answer = request.send().await.unwrap();
            let name = format!("{method} {path}");
            let origin = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            let expected = open.then(|| header::HeaderValue::from_static("*"));
            tries.expect(&name, origin.cloned(), expected);
            let cookies = answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
            tries.expect(&format!("{name} with cookies"), cookies, false);
        }
    }
    tries.hold();
}

#[tokio::test]
async fn odd_characters_in_a_field_break_nothing() {
    let world = World::open().await;
    let forms: [(&str, &[&str]); 3] = [
        ("/login", &["username", "password", "ix", "to"]),
        ("/signup", &["email", "username", "display_name", "password", "ix"]),
        ("/recover", &["email", "ix"]),
    ];
    let mut tries = Tries::new();
    for (path, fields) in forms {
        for field in fields {
            for odd in ["\0", "ana\0", "a\u{202e}b", "\u{feff}", "'; DROP TABLE users; --", "%00"] {
                let mut browser = Browser::default();
                browser.open(&world, &format!("{}{path}", world.issuer)).await;
                browser.submit(&world, &[(field, odd)]).await;
                let broken = browser.status >= 500;
                tries.expect(&format!("{odd:?} as {field} of {path}"), broken, false);
            }
        }
    }
    for path in ["/verify/a%00", "/reset/a%00", "/login?ix=%00", "/consent?ix=%00"] {
        let mut browser = Browser::default();
        browser.open(&world, &format!("{}{path}", world.issuer)).await;
        tries.expect(path, browser.status >= 500, false);
    }
    tries.hold();
}

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let world = World::open().await;
    world.person("ana").await;
    let cases = [
        vec![("origin", "https://evil.example".to_owned())],
        vec![("origin", "null".to_owned())],
        vec![("sec-fetch-site", "cross-site".to_owned())],
        vec![("sec-fetch-site", "same-site".to_owned())],
    ];
    for headers in cases {
        let mut browser = world.browser();
        browser.open("/id/login").await;
        browser.headers = headers.clone();
        let status = browser.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
        assert_eq!(status, 403, "{headers:?}");
        browser.headers.clear();
        assert!(!browser.is_in().await, "{headers:?}");
    }
}

#[tokio::test]
async fn a_form_without_its_token_or_with_another_browser_s_is_refused() {
    let world = World::open().await;
    world.person("ana").await;
    let mut stranger = world.browser();
    stranger.open("/id/login").await;
    let (_, stolen) = stranger.form().unwrap();
    for token in ["", "nonsense", &stolen["csrf"]] {
        let mut browser = world.browser();
        browser.open("/id/login").await;
        let fields = [("csrf", token), ("username", "ana"), ("password", PASSWORD)];
        assert_eq!(browser.submit(&fields).await, 403, "{token}");
        assert!(browser.page.contains("This form expired"), "{}", browser.page);
    }
    let mut without_cookie = world.browser();
    without_cookie.open("/id/login").await;
    without_cookie.cookies.clear();
    let fields = [("username", "ana"), ("password", PASSWORD)];
    assert_eq!(without_cookie.submit(&fields).await, 403);
}

#[tokio::test]
async fn every_form_of_every_page_wants_the_token() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    let paths = [
        "/id/login",
        "/id/signup",
        "/id/recover",
        "/id/reset/x",
        "/id/verify/x",
        "/id/account/profile",
        "/id/account/password",
        "/id/logout",
        "/id/logout/everywhere",
    ];
    for path in paths {
        let form = [("csrf".to_owned(), "wrong".to_owned())].into();
        let status = ana.go(reqwest::Method::POST, path, Some(form)).await;
        assert_eq!(status, 403, "{path}");
    }
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_are_not_kept() {
    let world = World::open().await;
    let mut browser = world.browser();
    for path in ["/id/login", "/id/signup", "/id/recover", "/id/reset/x", "/id/nowhere"] {
        browser.open(path).await;
        let policy = browser.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(policy.contains("form-action 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(browser.header("cache-control"), "no-store", "{path}");
        assert_eq!(browser.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(browser.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(browser.header("cross-origin-opener-policy"), "same-origin", "{path}");
        let scripts = |kind: &str| browser.page.matches(kind).count();
        assert_eq!(scripts("<script"), scripts("<script src=\"/id/assets/"), "{path}");
        assert!(!browser.page.contains("style="), "{path}");
    }
    assert_eq!(browser.open("/id/assets/identity.css").await, 200);
    assert!(browser.header("content-type").starts_with("text/css"));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_in_one_s_language() {
    let world = World::open().await;
    let mut browser = world.browser();
    assert_eq!(browser.open("/id/nowhere").await, 404);
    assert!(browser.page.contains("There is nothing here"));
    browser.open("/id/language?to=es&back=%2Flogin").await;
    assert_eq!(browser.address, format!("{}/id/login", world.origin));
    assert!(browser.page.contains("<html lang=\"es\">"));
    for back in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        browser.open(&format!("/id/language?to=es&back={back}")).await;
        assert!(browser.address.starts_with(&world.origin), "{back}: {}", browser.address);
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    let world = World::open().await;
    let mut browser = world.browser();
    browser.open("/id/signup").await;
    let long = "x".repeat(20_000);
    assert_eq!(browser.submit(&[("email", &long)]).await, 400);
}

#[tokio::test]
async fn the_well_known_address_leads_to_the_password_form() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    ana.open("/.well-known/change-password").await;
    assert!(ana.page.contains("name=\"current_password\""), "{}", ana.page);
}

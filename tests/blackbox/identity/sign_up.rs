//! Signing up, confirming the mail, forgetting the password: pages without script.

use blackbox::{Browser, TestServer, mail};

const PASSPHRASE: &str = "nine yellow boats at dawn";

async fn sign_up(browser: &mut Browser, name: &str) -> u16 {
    assert_eq!(browser.open("/auth/login?return_to=/&hint=signup").await, 200);
    if !browser.page.contains("display_name") {
        assert_eq!(browser.open("/id/signup").await, 200, "{}", browser.page);
    }
    let email = format!("{name}@example.org");
    let fields = [
        ("email", email.as_str()),
        ("username", name),
        ("display_name", name),
        ("password", PASSPHRASE),
    ];
    browser.submit(&fields).await
}

#[tokio::test]
async fn the_first_person_signs_up_confirms_the_mail_and_owns_the_house() {
    let server = TestServer::start().await;
    let mut browser = Browser::new(&server);
    let status = sign_up(&mut browser, "ana").await;
    assert_eq!(status, 200, "{}", browser.page);
    let link = mail::link(server.data_dir(), "ana@example.org", "/verify/").await;
    assert!(browser.page.contains(&link) || server.log().contains(&link), "shown in development");
    assert_eq!(browser.open(&link).await, 200, "{}", browser.page);
    confirm(&mut browser).await;
    if browser.api("GET", "/api/me", None).await.status != 200 {
        browser.sign_in("ana", PASSPHRASE).await;
    }
    let me = browser.api("GET", "/api/me", None).await.expect(200);
    assert_eq!(me["person"]["username"], "ana");
    assert_eq!(me["role"], "owner", "{me}");
    let mut other = Browser::new(&server);
    sign_up(&mut other, "leo").await;
    let link = mail::link(server.data_dir(), "leo@example.org", "/verify/").await;
    other.open(&link).await;
    confirm(&mut other).await;
    if other.api("GET", "/api/me", None).await.status != 200 {
        other.sign_in("leo", PASSPHRASE).await;
    }
    let me = other.api("GET", "/api/me", None).await.expect(200);
    assert_eq!(me["role"], "member", "{me}");
}

/// Presses the button of the page behind the mailed link, if it has one: links are fetched by
/// mail scanners too.
async fn confirm(browser: &mut Browser) {
    if browser.page.contains("method=\"post\"") && browser.address.contains("/verify/") {
        assert_eq!(browser.submit(&[]).await, 200, "{}", browser.page);
    }
}

#[tokio::test]
async fn a_name_or_address_that_is_taken_is_not_taken_again() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut browser = Browser::new(&server);
    sign_up(&mut browser, "ANA").await;
    let accounts = server.operator(&["user", "list"]).await;
    assert_eq!(accounts.to_lowercase().matches("ana@example.org").count(), 1, "{accounts}");
}

#[tokio::test]
async fn a_weak_password_is_refused_on_the_page() {
    let server = TestServer::start().await;
    let mut browser = Browser::new(&server);
    assert_eq!(browser.open("/id/signup").await, 200);
    let fields = [("email", "ana@example.org"), ("username", "ana"), ("display_name", "Ana")];
    for password in ["short", "password1", "ana@example.org"] {
        let status = browser.submit(&[&fields[..], &[("password", password)]].concat()).await;
        assert!([200, 400, 422].contains(&status), "{status}");
        assert!(browser.page.contains("password"), "the form again: {}", browser.page);
    }
    assert!(!server.operator(&["user", "list"]).await.contains("ana@example.org"));
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail_and_ends_all_sessions() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut old = Browser::new(&server);
    old.sign_in("ana", blackbox::server::PASSWORD).await;
    let mut browser = Browser::new(&server);
    assert_eq!(browser.open("/id/recover").await, 200);
    browser.submit(&[("email", "ana@example.org")]).await;
    let link = mail::link(server.data_dir(), "ana@example.org", "/reset/").await;
    assert_eq!(browser.open(&link).await, 200, "{}", browser.page);
    let status = browser.submit(&[("password", PASSPHRASE)]).await;
    assert_eq!(status, 200, "{}", browser.page);
    blackbox::eventually("the old session ends", async || {
        (old.api("GET", "/api/me", None).await.status == 401).then_some(())
    })
    .await;
    let mut again = Browser::new(&server);
    again.sign_in("ana", PASSPHRASE).await;
    let mut reused = Browser::new(&server);
    reused.open(&link).await;
    assert!(!reused.page.contains("name=\"password\""), "a link works once: {}", reused.page);
}

#[tokio::test]
async fn recovery_tells_nobody_who_has_an_account() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut pages = Vec::new();
    for address in ["ana@example.org", "eva@example.org"] {
        let mut browser = Browser::new(&server);
        browser.open("/id/recover").await;
        let status = browser.submit(&[("email", address)]).await;
        let page = browser.page.replace(address, "ADDRESS");
        let page = page.split("csrf").next().unwrap_or_default().to_owned();
        pages.push((status, page.split("<main").nth(1).map(ToOwned::to_owned).is_some()));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn a_wrong_password_signs_nobody_in_and_says_not_which_field_was_wrong() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let mut shown = Vec::new();
    for name in ["ana", "nobody"] {
        let mut browser = Browser::new(&server);
        browser.open("/auth/login?return_to=/").await;
        browser.submit(&[("username", name), ("password", "not the passphrase")]).await;
        assert_eq!(browser.api("GET", "/api/me", None).await.status, 401);
        let alert = browser.page.split("role=\"alert\"").nth(1).unwrap_or_default();
        let alert = alert.split("</").next().unwrap_or_default().to_owned();
        assert!(!alert.is_empty(), "an alert: {}", browser.page);
        shown.push(alert);
    }
    assert_eq!(shown[0], shown[1]);
}

//! What changes how an account is opened: it wants the strongest step that the account has, or a
//! recovery code, and a session that still goes on.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::factors::{App, TOTP, early_in_a_step, enrol};
use crate::sent::{MAIL, PHONE, with_file};
use crate::world::{Browser, PASSWORD, World};

const SECURITY: &str = "/id/account/security";
const PASSKEY: &str = "/id/account/security/passkeys";
const EMAIL: &str = "/id/account/email";

/// Somebody with an app, recovery codes and codes by mail, in a session of two factors.
async fn with_both<'w>(world: &'w World, name: &str) -> (Browser<'w>, App, Vec<String>) {
    let mut browser = world.signed_in(name).await;
    let (app, codes) = enrol(&mut browser).await;
    browser.open(MAIL).await;
    assert!(browser.address.contains("/login/2fa/totp"), "{}", browser.address);
    assert_eq!(browser.submit(&[("code", &app.code(0))]).await, 200, "{}", browser.page);
    assert_eq!(browser.submit(&[]).await, 200, "{}", browser.page);
    let code = world.mailed_code(name, 1).await;
    assert_eq!(browser.submit(&[("code", &code), ("name", "Mail")]).await, 200);
    (browser, app, codes)
}

/// Signed in by the password and this other second step.
async fn half_in<'w>(world: &'w World, kind: &str) -> Browser<'w> {
    let mut browser = world.half_in("ana", "totp").await;
    let page = browser.address.replace("/totp", kind);
    assert_eq!(browser.open(&page).await, 200, "{}", browser.page);
    browser
}

/// Somebody whose second step is a code by mail, and another browser that has come in so.
pub(crate) async fn by_mail_twice<'w>(world: &'w World, name: &str) -> [Browser<'w>; 2] {
    let first = world.by_mail(name).await;
    let mut second = world.half_in(name, "mail").await;
    let code = world.mailed_code(name, 2).await;
    assert_eq!(second.submit(&[("code", &code)]).await, 200, "{}", second.page);
    [first, second]
}

/// Adds an app to an account of [`by_mail_twice`].
pub(crate) async fn add_app(browser: &mut Browser<'_>, name: &str) -> App {
    early_in_a_step().await;
    browser.open(TOTP).await;
    browser.raise(name, 3).await;
    let app = App::of(&browser.page);
    assert_eq!(browser.submit(&[("name", "App"), ("code", &app.code(0))]).await, 200);
    assert!(browser.address.ends_with(SECURITY), "{}", browser.page);
    app
}

#[tokio::test]
async fn who_reads_the_mail_of_an_account_with_an_app_changes_nothing_that_guards_it() {
    let world = World::configured(with_file).await;
    let (_ana, app, _) = with_both(&world, "ana").await;
    let mut thief = half_in(&world, "/mail").await;
    thief.raise("ana", 2).await;
    assert!(thief.is_in().await, "a code by mail is enough to come in");
    for page in [TOTP, PASSKEY, PHONE, MAIL, EMAIL] {
        thief.open(page).await;
        assert!(thief.address.contains("/login/2fa/totp?ix="), "{page}: {}", thief.address);
        assert!(!thief.page.contains("/login/2fa/mail?ix="), "{page}: {}", thief.page);
        assert!(thief.page.contains("/login/2fa/recovery?ix="), "{page}: {}", thief.page);
    }
    let by_mail = thief.address.replace("/totp", "/mail");
    thief.open(&by_mail).await;
    thief.raise("ana", 3).await;
    assert!(thief.address.contains("/login/2fa/totp?ix="), "not by mail: {}", thief.address);
    thief.open(SECURITY).await;
    for form in ["/rename", "/remove", "/prefer", "security/recovery"] {
        thief.open(SECURITY).await;
        thief.press(form).await;
        assert!(thief.address.contains("/login/2fa/totp?ix="), "{form}: {}", thief.address);
    }
    thief.open(TOTP).await;
    let next = app.code(1);
    assert_eq!(thief.submit(&[("code", &next)]).await, 200, "{}", thief.page);
    assert!(thief.address.ends_with(TOTP), "the app opens it: {}", thief.address);
}

#[tokio::test]
async fn who_sends_the_forms_without_their_pages_changes_nothing_that_guards_it() {
    let world = World::configured(with_file).await;
    let (_ana, ..) = with_both(&world, "ana").await;
    let mut thief = half_in(&world, "/mail").await;
    thief.raise("ana", 2).await;
    thief.open(SECURITY).await;
    let csrf = thief.csrf();
    let own = [("csrf", csrf.as_str()), ("name", "Mine"), ("email", "eve@example.org")];
    let phone = [("country", "ES"), ("number", "600111222")];
    let fields = || own.into_iter().chain(phone).map(|(k, v)| (k.to_owned(), v.to_owned()));
    let strongest = "/id/account/security/strongest";
    let sent = world.audited("otp.sent", "").await;
    for path in [TOTP, PASSKEY, PHONE, MAIL, EMAIL, strongest] {
        thief.go(Method::POST, path, Some(fields().collect())).await;
        assert!(thief.address.contains("/login/2fa/totp?ix="), "{path}: {}", thief.address);
    }
    assert_eq!(world.audited("otp.sent", "").await, sent, "no code leaves for a new step");
    let told = thief.post_json(&format!("{PASSKEY}/options"), &json!({"csrf": csrf})).await;
    assert_eq!(told["status"], 401, "{told}");
}

#[tokio::test]
async fn a_code_for_a_phone_that_was_asked_for_before_there_was_an_app_waits_for_the_app() {
    let world = World::configured(with_file).await;
    let [mut ana, mut thief] = by_mail_twice(&world, "ana").await;
    assert_eq!(thief.open(PHONE).await, 200, "the strongest that there is: {}", thief.page);
    assert_eq!(thief.submit(&[("country", "ES"), ("number", "600111222")]).await, 200);
    let (confirm, csrf) = (thief.address.clone(), thief.csrf());
    let code = world.texted_code(1).await;
    let app = add_app(&mut ana, "ana").await;
    world.pause_is_over().await;
    let again = confirm.replace("/code?", "/code/send?");
    assert_eq!(thief.open(&confirm).await, 200);
    assert!(thief.address.contains("/login/2fa/totp?ix="), "{}", thief.address);
    let pairs = [("csrf", &*csrf), ("code", &*code), ("name", "Mine")];
    let fields = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for path in [&confirm, &again] {
        thief.go(Method::POST, path, Some(fields.clone().into())).await;
        assert!(thief.address.contains("/login/2fa/totp?ix="), "{path}: {}", thief.address);
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM {phones}", &["phones"]).await, 0);
    assert_eq!(world.audited("otp.sent", "\"sms\"").await, 1, "and no other code left");
    thief.open(&confirm).await;
    assert_eq!(thief.submit(&[("code", &app.code(1))]).await, 200, "{}", thief.page);
    assert_eq!(thief.address, confirm, "who has the app goes on");
    assert_eq!(thief.submit(&[("code", &code), ("name", "Mine")]).await, 200, "{}", thief.page);
    assert_eq!(world.count("SELECT COUNT(*) FROM {phones}", &["phones"]).await, 1);
}

#[tokio::test]
async fn a_recovery_code_takes_the_place_of_the_app_once() {
    let world = World::open().await;
    let (_ana, _, codes) = with_both(&world, "ana").await;
    let mut ana = half_in(&world, "/recovery").await;
    assert_eq!(ana.submit(&[("code", &codes[0])]).await, 200, "{}", ana.page);
    assert_eq!(ana.open(TOTP).await, 200);
    assert!(ana.address.ends_with(TOTP), "who lost the app adds another: {}", ana.address);

    let old = "UPDATE {sessions} SET auth_time = auth_time - 400000";
    world.sql(old, &["sessions"]).await;
    ana.open(TOTP).await;
    assert!(ana.address.contains("/login/2fa/totp?ix="), "{}", ana.address);
    let by_mail = ana.address.replace("/totp", "/mail");
    ana.open(&by_mail).await;
    ana.raise("ana", 2).await;
    ana.open(TOTP).await;
    assert!(ana.address.contains("/login/2fa/totp?ix="), "the code was of then: {}", ana.address);
    let again = ana.address.replace("/totp", "/recovery");
    ana.open(&again).await;
    assert_eq!(ana.submit(&[("code", &codes[1])]).await, 200, "{}", ana.page);
    assert!(ana.address.ends_with(TOTP), "{}", ana.address);
}

#[tokio::test]
async fn changing_the_password_wants_the_second_step_and_ends_links_that_replace_it() {
    const NEW: &str = "nine green doors in a row";
    let world = World::open().await;
    let mut ana = world.signed_in("ana").await;
    let (app, _) = enrol(&mut ana).await;
    let mut other = world.browser();
    other.open("/id/recover").await;
    assert_eq!(other.submit(&[("email", "ana@example.org")]).await, 200, "{}", other.page);
    let link = world.link("ana@example.org", "/reset/").await;
    assert_eq!(other.open(&link).await, 200);

    ana.open("/id/account").await;
    let csrf = ana.csrf();
    let form = || {
        let fields = [("csrf", csrf.as_str()), ("current_password", PASSWORD), ("password", NEW)];
        Some(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    };
    let path = "/id/account/password";
    ana.go(Method::POST, path, form()).await;
    assert!(ana.address.contains("/login/2fa/totp?ix="), "{}", ana.address);
    assert_eq!(ana.submit(&[("code", &app.code(0))]).await, 200, "{}", ana.page);
    assert!(ana.address.ends_with("/id/account"), "{}", ana.address);
    assert_eq!(other.open(&link).await, 200, "nothing was changed yet");
    assert_eq!(ana.go(Method::POST, path, form()).await, 200, "{}", ana.page);
    assert!(ana.page.contains("Your password is changed"), "{}", ana.page);
    assert_eq!(other.open(&link).await, 410, "who has an old mail has nothing");
    early_in_a_step().await;
    assert_eq!(world.browser().sign_in("ana", NEW).await, 200);
}

#[tokio::test]
async fn a_session_that_is_ended_meanwhile_changes_nothing() {
    let world = World::open().await;
    let (mut ana, ..) = with_both(&world, "ana").await;
    ana.open(SECURITY).await;
    let (rename, mut fields) = ana.form().unwrap();
    assert!(rename.ends_with("/rename"), "{rename}");
    fields.insert("name".to_owned(), "Another".to_owned());
    let mut copies: Vec<Browser<'_>> = Vec::new();
    for _ in 0..24 {
        let mut copy = world.browser();
        copy.cookies = ana.cookies.clone();
        copies.push(copy);
    }
    let end = ana.go(Method::POST, "/id/logout/everywhere", Some(fields.clone()));
    let tries = copies.iter_mut().map(|copy| copy.go(Method::POST, &rename, Some(fields.clone())));
    let (ended, renamed) = tokio::join!(end, join_all(tries));
    assert_eq!(ended, 200, "{}", ana.page);
    assert!(renamed.iter().all(|status| [200, 401].contains(status)), "{renamed:?}");
    let late = "SELECT COUNT(*) FROM {audit} WHERE event = 'factor.renamed' AND seq > \
                (SELECT MAX(seq) FROM {audit} WHERE event = 'logout.everywhere')";
    assert_eq!(world.count(late, &["audit"]).await, 0);
    let over = copies.iter().find(|copy| copy.status == 401);
    if let Some(over) = over {
        assert!(over.page.contains("Your session has ended"), "{}", over.page);
    }
}

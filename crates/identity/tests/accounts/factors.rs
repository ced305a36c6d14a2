use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use totp_rs::{Builder, Secret};

use crate::world::{Browser, PASSWORD, World, alert};

pub(crate) const TOTP: &str = "/id/account/security/totp";

fn now_s() -> u64 {
    u64::try_from(kit::clock::now_ms() / 1000).unwrap()
}

/// Waits until a step of 30 s has begun or is not about to end, so that codes keep their order.
pub(crate) async fn early_in_a_step() {
    while now_s() % 30 > 15 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// An authenticator app.
pub(crate) struct App(totp_rs::Totp);

impl App {
    /// Scans the page.
    pub(crate) fn of(page: &str) -> Self {
        let key = page.split("class=\"key\">").nth(1).unwrap().split('<').next().unwrap();
        let secret = Secret::try_from_base32(key.replace(' ', "")).unwrap();
        Self(Builder::new().with_secret(secret).with_account_name("ana").build().unwrap())
    }

    /// The code so many steps from now.
    pub(crate) fn code(&self, steps: i64) -> String {
        let at = now_s().checked_add_signed(steps * 30).unwrap();
        self.0.generate(at).to_string()
    }
}

/// Adds an app to the account that is signed in; answers it and the recovery codes.
pub(crate) async fn enrol(browser: &mut Browser<'_>) -> (App, Vec<String>) {
    early_in_a_step().await;
    assert_eq!(browser.open(TOTP).await, 200, "{}", browser.page);
    let app = App::of(&browser.page);
    let status = browser.submit(&[("name", "Phone"), ("code", &app.code(-1))]).await;
    assert_eq!(status, 200, "{}", browser.page);
    let codes = browser.page.split("<li><code>").skip(1);
    let codes: Vec<String> = codes.map(|c| c.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10, "{}", browser.page);
    (app, codes)
}

/// The password, and then the page of the second step.
pub(crate) async fn half_in<'w>(world: &'w World, name: &str) -> Browser<'w> {
    let mut browser = world.browser();
    assert_eq!(browser.sign_in(name, PASSWORD).await, 200);
    assert!(browser.address.contains("/id/login/2fa/totp?ix="), "{}", browser.address);
    browser
}

#[tokio::test]
async fn an_authenticator_app_becomes_the_second_step() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    first.open(TOTP).await;
    let app = App::of(&first.page);
    assert_eq!(first.submit(&[("name", "Phone"), ("code", "000000")]).await, 422);
    assert_eq!(App::of(&first.page).code(0), app.code(0), "the picture need not be scanned again");
    let (app, _) = enrol(&mut first).await;
    let told = "Added to your account: Authenticator app";
    assert!(until(|| world.mails("ana@example.org").iter().any(|mail| mail.contains(told))).await);

    let mut second = half_in(&world, "ana").await;
    let page = second.address.clone();
    assert!(!second.is_in().await, "the password alone opens nothing");
    second.open(&page).await;
    assert_eq!(second.submit(&[("code", &app.code(-1))]).await, 422, "its step was used");
    assert!(alert(&second.page).contains("not right"), "{}", second.page);
    let code = app.code(0);
    assert_eq!(second.submit(&[("code", &code)]).await, 200, "{}", second.page);
    assert!(second.is_in().await);

    let mut third = half_in(&world, "ana").await;
    assert_eq!(third.submit(&[("code", &code)]).await, 422, "a code works once");
    assert_eq!(third.submit(&[("code", &app.code(1))]).await, 200);
    assert!(third.is_in().await);
}

#[tokio::test]
async fn a_half_done_sign_in_is_of_use_in_its_browser_only() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (app, _) = enrol(&mut first).await;
    let half = half_in(&world, "ana").await;
    let mut thief = world.browser();
    thief.open(&half.address).await;
    assert!(thief.address.ends_with("/id/login"), "{}", thief.address);
    let (_, hidden) = thief.form().unwrap();
    let csrf = hidden["csrf"].clone();
    let fields = [("csrf".to_owned(), csrf), ("code".to_owned(), app.code(0))].into();
    thief.go(reqwest::Method::POST, &half.address, Some(fields)).await;
    assert!(!thief.is_in().await);
}

#[tokio::test]
async fn five_wrong_codes_are_enough_for_a_while() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (app, codes) = enrol(&mut first).await;
    let mut browser = half_in(&world, "ana").await;
    let mut refusals = 0;
    while browser.submit(&[("code", "000000")]).await == 422 {
        refusals += 1;
        assert!(refusals < 12, "a new count begins at most once while this runs");
    }
    assert_eq!(browser.status, 429, "{}", browser.page);
    assert!(browser.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(browser.submit(&[("code", &app.code(0))]).await, 429, "not even the right one");
    let page = browser.address.replace("/totp", "/recovery");
    browser.open(&page).await;
    assert_eq!(browser.submit(&[("code", &codes[0])]).await, 429, "nor of another kind");
    assert!(!browser.is_in().await);
}

async fn execute(world: &World, sql: &str) {
    world.connection().await.execute_unprepared(sql).await.unwrap();
}

/// A wrong code, whatever the clock says about the last ones.
async fn wrong_code(world: &World, browser: &mut Browser<'_>) {
    execute(world, &format!("DELETE FROM {}", world.table("throttle"))).await;
    assert_eq!(browser.submit(&[("code", "000000")]).await, 422, "{}", browser.page);
}

/// All who have missed so far have missed so often.
async fn have_missed(world: &World, misses: u32) {
    let table = world.table("second_misses");
    execute(world, &format!("UPDATE {table} SET misses = {misses}")).await;
}

#[tokio::test]
async fn a_person_hears_of_ten_wrong_codes_in_a_row_and_after_a_hundred_only_more_is_of_use() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (app, codes) = enrol(&mut first).await;
    let told = || {
        let mails = world.mails("ana@example.org");
        mails.into_iter().filter(|mail| mail.contains("wrong codes")).count()
    };
    let mut stranger = half_in(&world, "ana").await;
    for _ in 0..10 {
        assert_eq!(told(), 0);
        wrong_code(&world, &mut stranger).await;
    }
    world.told("ana@example.org", "ten wrong codes").await;
    have_missed(&world, 99).await;
    wrong_code(&world, &mut stranger).await;
    world.told("ana@example.org", "a hundred wrong codes").await;
    assert_eq!(told(), 2);

    let mut ana = half_in(&world, "ana").await;
    assert_eq!(ana.submit(&[("code", &app.code(0))]).await, 429, "not even the right one");
    assert!(alert(&ana.page).contains("recovery code"), "{}", ana.page);
    ana.open(&ana.address.replace("/totp", "/recovery")).await;
    assert_eq!(ana.submit(&[("code", &codes[0])]).await, 200, "{}", ana.page);
    assert!(ana.is_in().await);
    let mut again = half_in(&world, "ana").await;
    assert_eq!(again.submit(&[("code", &app.code(0))]).await, 200, "the count began anew");
}

#[tokio::test]
async fn a_right_code_forgets_the_wrong_ones_and_neither_time_nor_a_reset_does() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (app, _) = enrol(&mut first).await;
    let mut ana = half_in(&world, "ana").await;
    wrong_code(&world, &mut ana).await;
    have_missed(&world, 98).await;
    wrong_code(&world, &mut ana).await;
    assert_eq!(ana.submit(&[("code", &app.code(0))]).await, 200, "the hundredth is right");
    let mut again = half_in(&world, "ana").await;
    for _ in 0..3 {
        wrong_code(&world, &mut again).await;
    }
    have_missed(&world, 100).await;
    let mut owner = world.browser();
    owner.open("/id/recover").await;
    owner.submit(&[("email", "ana@example.org")]).await;
    owner.open(&world.link("ana@example.org", "/reset/").await).await;
    let new = "four quiet lamps by the quay";
    assert_eq!(owner.submit(&[("password", new)]).await, 200, "{}", owner.page);
    owner.sign_in("ana", new).await;
    assert_eq!(owner.submit(&[("code", &app.code(1))]).await, 429, "a mailbox is no second step");
    world.command(&["user", "remove-factors", "ana"]).await.unwrap();
    assert_eq!(world.browser().sign_in("ana", new).await, 200);
}

#[tokio::test]
async fn a_recovery_code_opens_the_account_once() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (_, codes) = enrol(&mut first).await;
    let mut browsers = Vec::new();
    for _ in 0..5 {
        let mut browser = half_in(&world, "ana").await;
        let page = browser.address.replace("/totp", "/recovery");
        assert_eq!(browser.open(&page).await, 200);
        browsers.push(browser);
    }
    let typed = codes[0].to_lowercase();
    let fields = [("code", typed.as_str())];
    let all = futures::future::join_all(browsers.iter_mut().map(|one| one.submit(&fields))).await;
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1, "{all:?}");
    let told = "A recovery code was used";
    assert!(until(|| world.mails("ana@example.org").iter().any(|mail| mail.contains(told))).await);
}

#[tokio::test]
async fn new_recovery_codes_replace_the_old_ones_and_are_told_of() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (app, old) = enrol(&mut first).await;
    first.open("/id/account/security").await;
    let (_, hidden) = first.form().unwrap();
    let csrf = || Some([("csrf".to_owned(), hidden["csrf"].clone())].into());
    let path = "/id/account/security/recovery";
    first.go(reqwest::Method::POST, path, csrf()).await;
    assert!(first.address.contains("/id/login/2fa/totp"), "the app first: {}", first.address);
    assert_eq!(first.submit(&[("code", &app.code(0))]).await, 200, "{}", first.page);
    assert_eq!(first.go(reqwest::Method::POST, path, csrf()).await, 200, "{}", first.page);
    assert_eq!(first.page.matches("<li><code>").count(), 10, "{}", first.page);
    assert!(!first.page.contains(&old[0]), "they are others");
    world.told("ana@example.org", "Added to your account: Recovery codes").await;
    let mut second = half_in(&world, "ana").await;
    let page = second.address.replace("/totp", "/recovery");
    second.open(&page).await;
    assert_eq!(second.submit(&[("code", &old[0])]).await, 422, "the old ones are gone");
}

#[tokio::test]
async fn taking_the_factor_away_needs_the_factor_and_ends_other_sessions() {
    let world = World::open().await;
    world.person("ana").await;
    world.person("leo").await;
    let (mut ana, mut other) = (world.browser(), world.browser());
    ana.sign_in("ana", PASSWORD).await;
    other.sign_in("ana", PASSWORD).await;
    let (app, _) = enrol(&mut ana).await;
    ana.open("/id/account/security").await;
    let (rename, hidden) = ana.form().unwrap();
    assert!(rename.ends_with("/rename"), "{rename}");
    let remove = rename.replace("/rename", "/remove");

    let mut leo = world.browser();
    leo.sign_in("leo", PASSWORD).await;
    leo.open("/id/account").await;
    let (_, own) = leo.form().unwrap();
    for (path, name) in [(&remove, ""), (&rename, "Mine")] {
        let csrf = ("csrf".to_owned(), own["csrf"].clone());
        let fields = [csrf, ("name".to_owned(), name.to_owned())].into();
        assert_eq!(leo.go(reqwest::Method::POST, path, Some(fields)).await, 404, "{path}");
    }

    let fields = [("csrf".to_owned(), hidden["csrf"].clone())];
    ana.go(reqwest::Method::POST, &remove, Some(fields.clone().into())).await;
    assert!(ana.address.contains("/id/login/2fa/totp"), "a session of one step: {}", ana.address);
    assert_eq!(ana.submit(&[("code", &app.code(0))]).await, 200, "{}", ana.page);
    assert!(ana.address.ends_with("/id/account/security"), "{}", ana.address);
    let (_, hidden) = ana.form().unwrap();
    let fields = [("csrf".to_owned(), hidden["csrf"].clone())];
    assert!(other.is_in().await);
    ana.go(reqwest::Method::POST, &remove, Some(fields.into())).await;
    assert!(ana.address.ends_with("/id/account/security?done=removed"), "{}", ana.address);
    assert!(!other.is_in().await, "other sessions have ended");
    let mut again = world.browser();
    again.sign_in("ana", PASSWORD).await;
    assert!(again.is_in().await, "one step is enough again");
}

#[tokio::test]
async fn an_operator_helps_somebody_who_has_lost_everything() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    enrol(&mut ana).await;
    let said = world.command(&["user", "remove-factors", "ana"]).await.unwrap();
    assert_eq!(said["removed"], 2, "{said}");
    assert!(!ana.is_in().await, "all sessions have ended");
    ana.sign_in("ana", PASSWORD).await;
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn a_half_done_sign_in_does_not_outlive_the_end_of_all_sessions() {
    let world = World::open().await;
    world.person("the-owner").await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (app, _) = enrol(&mut first).await;
    let mut half = half_in(&world, "ana").await;
    world.command(&["user", "block", "ana", "--reason", "lost laptop"]).await.unwrap();
    world.command(&["user", "unblock", "ana"]).await.unwrap();
    half.submit(&[("code", &app.code(0))]).await;
    assert!(!half.is_in().await, "the password is to be shown again");
}

async fn until(mut done: impl FnMut() -> bool) -> bool {
    for _ in 0..500 {
        if done() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

//! What is done 25 times at once: what works once works once, and what has ended has ended.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement, TransactionTrait as _};

use crate::factors::{enrol, half_in};
use crate::interactions::authorize_path;
use crate::world::{Browser, PASSWORD, World};

const AT_ONCE: usize = 25;

/// Browsers that have shown the password and wait for the second step of this kind.
async fn half_way<'w>(world: &'w World, kind: &str) -> Vec<Browser<'w>> {
    let mut browsers = Vec::new();
    for _ in 0..AT_ONCE {
        let mut browser = half_in(world, "ana").await;
        let page = browser.address.replace("/totp", kind);
        assert_eq!(browser.open(&page).await, 200, "{}", browser.page);
        browsers.push(browser);
    }
    browsers
}

/// How many of them a code lets in; the others are refused, or told to wait.
async fn let_in(browsers: &mut [Browser<'_>], code: &str) -> usize {
    let fields = [("code", code)];
    let statuses = join_all(browsers.iter_mut().map(|browser| browser.submit(&fields))).await;
    assert!(statuses.iter().all(|status| [200, 422, 429].contains(status)), "{statuses:?}");
    let mut inside = 0;
    for browser in browsers {
        inside += usize::from(browser.is_in().await);
    }
    inside
}

#[tokio::test]
async fn of_25_who_show_the_same_code_of_an_app_one_is_in() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (app, _) = enrol(&mut first).await;
    let mut browsers = half_way(&world, "/totp").await;
    assert_eq!(let_in(&mut browsers, &app.code(0)).await, 1);
}

#[tokio::test]
async fn of_25_who_show_the_same_recovery_code_one_is_in() {
    let world = World::open().await;
    world.person("ana").await;
    let mut first = world.browser();
    first.sign_in("ana", PASSWORD).await;
    let (_, codes) = enrol(&mut first).await;
    let mut browsers = half_way(&world, "/recovery").await;
    assert_eq!(let_in(&mut browsers, &codes[0]).await, 1);
}

/// Browsers that `ana` has signed in with before, on the page for signing in.
async fn known_browsers(world: &World) -> Vec<Browser<'_>> {
    let mut browsers = Vec::new();
    for _ in 0..AT_ONCE {
        let mut browser = world.browser();
        assert_eq!(browser.sign_in("ana", PASSWORD).await, 200);
        browser.cookies.retain(|name, _| !name.starts_with("idsid"));
        assert_eq!(browser.open("/id/login").await, 200);
        browsers.push(browser);
    }
    browsers
}

#[tokio::test]
async fn of_25_who_wait_with_the_old_password_none_is_in_after_a_reset() {
    // One hash after the other, so that most of them wait while the password is replaced.
    let world = World::with(|settings| {
        settings.passwords.parallel = 1;
        settings.passwords.memory_kib = 32 * 1024;
    })
    .await;
    world.person("ana").await;
    let mut browsers = known_browsers(&world).await;
    let mut owner = world.browser();
    owner.open("/id/recover").await;
    owner.submit(&[("email", "ana@example.org")]).await;
    owner.open(&world.link("ana@example.org", "/reset/").await).await;
    let old = [("username", "ana"), ("password", PASSWORD)];
    let new = [("password", "four quiet lamps by the quay")];
    let (before, after) = browsers.split_at_mut(AT_ONCE / 5);
    let (_, status, _) = tokio::join!(
        join_all(before.iter_mut().map(|browser| browser.submit(&old))),
        owner.submit(&new),
        join_all(after.iter_mut().map(|browser| browser.submit(&old))),
    );
    assert_eq!(status, 200, "{}", owner.page);
    for browser in &mut browsers {
        assert!(!browser.is_in().await, "{}", browser.page);
    }
}

#[tokio::test]
async fn of_25_who_ask_for_a_code_while_everything_ends_none_keeps_one() {
    let world = World::open().await;
    world.person("ana").await;
    let path = authorize_path(&world, "").await;
    for _ in 0..4 {
        let mut ana = world.browser();
        ana.sign_in("ana", PASSWORD).await;
        ana.open("/id/account").await;
        let end = [("csrf".to_owned(), ana.csrf())].into();
        let mut tabs: Vec<_> = (0..AT_ONCE).map(|_| world.browser()).collect();
        for tab in &mut tabs {
            tab.cookies.clone_from(&ana.cookies);
        }
        let (before, after) = tabs.split_at_mut(AT_ONCE / 2);
        tokio::join!(
            join_all(before.iter_mut().map(|tab| tab.open(&path))),
            ana.go(Method::POST, "/id/logout/everywhere", Some(end)),
            join_all(after.iter_mut().map(|tab| tab.open(&path))),
        );
        assert_eq!(outliving(&world).await, 0, "a grant without a session");
    }
}

/// Grants that go on although their session has ended.
async fn outliving(world: &World) -> i64 {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM {} g JOIN {} s ON s.id = g.session_id \
         WHERE s.ended_at IS NOT NULL AND g.revoked_at IS NULL",
        world.table("grants"),
        world.table("sessions"),
    );
    let connection = world.connection().await;
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

/// Lets `change` run into the newest session, which somebody else holds, and writes to the audit
/// in that one's name while it waits: of two who wait for each other, PostgreSQL ends one. SQLite
/// has one writer.
pub(crate) async fn while_a_session_is_held<T>(
    world: &World,
    change: impl Future<Output = T>,
) -> T {
    let connection = world.connection().await;
    if world.config.database_url.is_none() {
        return change.await;
    }
    let held = connection.begin().await.unwrap();
    let sql = "UPDATE identity.sessions SET last_seen_at = last_seen_at \
               WHERE id = (SELECT id FROM identity.sessions ORDER BY id DESC LIMIT 1)";
    held.execute_unprepared(sql).await.unwrap();
    let mut change = pin!(change);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !somebody_waits(&connection).await {
        assert!(Instant::now() < deadline, "nobody waits for the session");
        tokio::select! {
            _ = &mut change => panic!("it does not wait for the session"),
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
    }
    held.execute_unprepared("SELECT pg_advisory_xact_lock(727370)").await.unwrap();
    held.commit().await.unwrap();
    change.await
}

async fn somebody_waits(connection: &DatabaseConnection) -> bool {
    let sql = "SELECT COUNT(*) AS n FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
               WHERE NOT l.granted AND a.datname = current_database()";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get::<i64>("", "n").unwrap() > 0
}

#[tokio::test]
async fn who_takes_over_a_browser_waits_for_its_session_before_the_audit() {
    let world = World::open().await;
    world.person("ana").await;
    world.person("leo").await;
    let mut browser = world.browser();
    browser.open("/id/login").await;
    let form = browser.page.clone();
    assert_eq!(browser.sign_in("ana", PASSWORD).await, 200);
    browser.page = form;
    let leo = [("username", "leo"), ("password", PASSWORD)];
    let status = while_a_session_is_held(&world, browser.submit(&leo)).await;
    assert_eq!(status, 200, "{}", browser.page);
    browser.open("/id/account").await;
    assert!(browser.page.contains("leo@example.org"), "{}", browser.page);
}

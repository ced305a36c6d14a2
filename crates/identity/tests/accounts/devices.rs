//! The page of sessions, and the mail about a new device.

use std::time::Duration;

use reqwest::Method;

use crate::world::{Browser, PASSWORD, World};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1";

async fn signed_in<'w>(world: &'w World, agent: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.headers.push(("user-agent", agent.to_owned()));
    assert_eq!(browser.sign_in("ana", PASSWORD).await, 200);
    browser
}

/// Where the form of the other session leads.
fn end_of(page: &str) -> String {
    let actions = page.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut ends = actions.filter(|action| action.ends_with("/end") && !action.contains("others"));
    ends.next().unwrap_or_else(|| panic!("no other session: {page}")).to_owned()
}

async fn post(browser: &mut Browser<'_>, path: &str) -> u16 {
    browser.open("/id/account").await;
    let (_, hidden) = browser.form().unwrap();
    let fields = [("csrf".to_owned(), hidden["csrf"].clone())].into();
    browser.go(Method::POST, path, Some(fields)).await
}

/// As if these sign-ins were some minutes old.
async fn grow_old(world: &World) {
    use sea_orm::ConnectionTrait as _;
    let table = world.table("sessions");
    let sql = format!("UPDATE {table} SET auth_time = auth_time - 600000");
    world.connection().await.execute_unprepared(&sql).await.unwrap();
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

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_and_ends_one() {
    let world = World::open().await;
    world.person("ana").await;
    let mut here = signed_in(&world, FIREFOX).await;
    let mut there = signed_in(&world, IPHONE).await;
    assert_eq!(here.open("/id/account/sessions").await, 200);
    for text in ["Firefox on Linux", "Safari on iPhone", "This machine", "This session"] {
        assert!(here.page.contains(text), "{text}: {}", here.page);
    }
    assert_eq!(here.page.matches("This session").count(), 1);
    let end = end_of(&here.page);
    assert_eq!(post(&mut here, &end).await, 200);
    assert!(here.address.ends_with("/account/sessions?done=one"), "{}", here.address);
    assert!(here.page.contains("The session was ended."), "{}", here.page);
    assert!(!here.page.contains("Safari on iPhone"));
    assert!(!there.is_in().await);
    assert!(here.is_in().await);
    assert_eq!(post(&mut here, &end).await, 404, "it is not there twice");
}

#[tokio::test]
async fn nobody_ends_somebody_else_s_session() {
    let world = World::open().await;
    world.person("ana").await;
    world.person("leo").await;
    let mut here = signed_in(&world, FIREFOX).await;
    let mut there = signed_in(&world, IPHONE).await;
    here.open("/id/account/sessions").await;
    let end = end_of(&here.page);
    let mut leo = world.browser();
    leo.sign_in("leo", PASSWORD).await;
    assert_eq!(post(&mut leo, &end).await, 404);
    assert!(there.is_in().await && here.is_in().await);
    leo.open("/id/account/sessions").await;
    assert!(!leo.page.contains("iPhone"), "{}", leo.page);
    let mut nobody = world.browser();
    nobody.open("/id/account/sessions").await;
    assert!(nobody.address.ends_with("/id/login?to=account/sessions"), "{}", nobody.address);
}

#[tokio::test]
async fn all_others_end_at_once_after_a_fresh_sign_in_only() {
    let world = World::open().await;
    world.person("ana").await;
    let mut here = signed_in(&world, FIREFOX).await;
    let mut others = [signed_in(&world, IPHONE).await, signed_in(&world, "curl/8").await];
    grow_old(&world).await;
    for path in ["/id/account/sessions/others/end", "/id/logout/everywhere"] {
        post(&mut here, path).await;
        assert!(here.address.contains("/id/login?ix="), "{path}: {}", here.address);
        assert!(others[0].is_in().await && others[1].is_in().await, "{path}");
    }
    assert_eq!(here.submit(&[("username", "ana"), ("password", PASSWORD)]).await, 200);
    assert!(here.address.ends_with("/id/account/sessions"), "{}", here.address);
    post(&mut here, "/id/account/sessions/others/end").await;
    assert!(here.page.contains("All other sessions were ended."), "{}", here.page);
    for other in &mut others {
        assert!(!other.is_in().await);
    }
    assert!(here.is_in().await);
    post(&mut here, "/id/logout/everywhere").await;
    assert!(!here.is_in().await);
}

#[tokio::test]
async fn who_is_asked_once_more_is_told_why_and_stays_as_long_as_they_chose() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.open("/id/login").await;
    assert!(!ana.page.contains("checked") && ana.page.contains("/id/signup"), "{}", ana.page);
    assert_eq!(
        ana.submit(&[("username", "ana"), ("password", PASSWORD), ("keep", "1")]).await,
        200
    );
    grow_old(&world).await;

    ana.open("/id/account/security/passkeys").await;
    let asks_once_more = |page: &str| {
        let told = page.contains("Confirm that it is you") && page.contains("value=\"ana\"");
        told && page.contains(" checked") && !page.contains("/id/signup")
    };
    assert!(asks_once_more(&ana.page), "{}", ana.page);
    let wrong = [("username", "ana"), ("password", "wrong"), ("keep", "1")];
    assert_eq!(ana.submit(&wrong).await, 422);
    assert!(asks_once_more(&ana.page), "{}", ana.page);
    assert_eq!(ana.submit(&[("username", "ana"), ("password", PASSWORD)]).await, 200);
    assert!(ana.address.ends_with("/id/account/security/passkeys"), "{}", ana.address);
}

#[tokio::test]
async fn a_sign_in_from_a_new_device_is_told_by_mail_and_one_from_a_known_device_is_not() {
    let world = World::open().await;
    world.person("ana").await;
    let told = || {
        let mails = world.mails("ana@example.org");
        mails.into_iter().filter(|mail| mail.contains("from a new device:")).collect::<Vec<_>>()
    };
    let mut browser = signed_in(&world, FIREFOX).await;
    assert!(until(|| told().len() == 1).await);
    let mail = told().remove(0);
    for text in ["Firefox on Linux", "This machine", "/id/account/sessions"] {
        assert!(mail.contains(text), "{text}: {mail}");
    }
    assert!(!mail.contains("do nothing.\n\nTertulia"), "no advice that contradicts: {mail}");
    browser.cookies.retain(|name, _| !name.starts_with("idsid-"));
    assert_eq!(browser.sign_in("ana", PASSWORD).await, 200);
    // What comes later would be sent later: a second new device's mail is the second one.
    signed_in(&world, IPHONE).await;
    assert!(until(|| told().iter().any(|mail| mail.contains("Safari on iPhone"))).await);
    assert_eq!(told().len(), 2);
}

#[tokio::test]
async fn the_list_shows_where_the_last_sign_in_came_from_and_not_the_first() {
    let world = World::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".to_owned()];
    })
    .await;
    world.person("ana").await;
    let mut browser = signed_in(&world, FIREFOX).await;
    grow_old(&world).await;
    browser.headers =
        vec![("user-agent", IPHONE.to_owned()), ("x-forwarded-for", "192.0.2.7".to_owned())];
    post(&mut browser, "/id/account/sessions/others/end").await;
    assert_eq!(browser.submit(&[("username", "ana"), ("password", PASSWORD)]).await, 200);
    assert!(browser.address.ends_with("/id/account/sessions"), "{}", browser.address);
    assert!(browser.page.contains("Safari on iPhone"), "{}", browser.page);
    assert!(browser.page.contains("192.0.2.…"), "{}", browser.page);
    assert!(!browser.page.contains("Firefox on Linux"), "{}", browser.page);
}

#[tokio::test]
async fn the_page_speaks_spanish() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = signed_in(&world, FIREFOX).await;
    ana.language = "es";
    ana.open("/id/account/sessions").await;
    assert!(ana.page.contains("Firefox en Linux") && ana.page.contains("Esta sesión"));
}

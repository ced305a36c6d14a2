//! Accounts elsewhere that are linked to accounts here, and unlinked.

use reqwest::Method;
use serde_json::json;

use super::acme::{Acme, person};
use super::{by_acme, click, events, until, world_with};
use crate::world::{Browser, PASSWORD, World, alert};

const PAGE: &str = "/id/account/providers";

/// Links acme's account to the one that is signed in.
async fn link(browser: &mut Browser<'_>) -> u16 {
    assert_eq!(browser.open(PAGE).await, 200);
    click(browser, "Link Acme").await;
    browser.submit(&[]).await
}

async fn signed_in<'w>(world: &'w World, name: &str) -> Browser<'w> {
    let mut browser = world.browser();
    assert_eq!(browser.sign_in(name, PASSWORD).await, 200);
    browser
}

/// Makes the last sign-in of everybody older than pages allow on which accounts are guarded.
async fn an_hour_later(world: &World) {
    let sessions = world.table("sessions");
    let sql = format!("UPDATE {sessions} SET auth_time = auth_time - 3600000");
    let connection = world.connection().await;
    sea_orm::ConnectionTrait::execute_unprepared(&connection, &sql).await.unwrap();
}

#[tokio::test]
async fn an_account_with_the_proven_address_is_signed_in_to_before_it_is_linked() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    assert!(ana.page.contains("You already have an account"), "{}", ana.page);
    assert!(ana.page.contains("ana@example.org"), "{}", ana.page);
    click(&mut ana, "Sign in and link").await;
    assert!(ana.address.contains("/id/login"), "an address signs nobody in: {}", ana.address);
    ana.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(ana.page.contains("Link with Acme"), "{}", ana.page);
    assert_eq!(ana.submit(&[]).await, 200);
    assert!(ana.page.contains("Linked."), "{}", ana.page);
    let told = "Acme (ana) opens your account";
    assert!(until(|| world.mails("ana@example.org").iter().any(|mail| mail.contains(told))).await);
    assert_eq!(events(&world, "idp.linked").await.len(), 1);
    let mut again = world.browser();
    by_acme(&mut again).await;
    assert!(again.is_in().await);
    assert_eq!(world.people().await.len(), 1);
}

#[tokio::test]
async fn linking_needs_a_sign_in_that_is_minutes_old() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    let mut ana = signed_in(&world, "ana").await;
    an_hour_later(&world).await;
    ana.open(PAGE).await;
    click(&mut ana, "Link Acme").await;
    assert!(ana.address.contains("/id/login?ix="), "{}", ana.address);
    ana.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
    click(&mut ana, "Link Acme").await;
    assert!(ana.page.contains("octocat"), "it names both: {}", ana.page);
    an_hour_later(&world).await;
    ana.submit(&[]).await;
    assert!(ana.address.contains("/id/login?ix="), "{}", ana.address);
    assert!(events(&world, "idp.linked").await.is_empty());
    ana.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
    assert_eq!(ana.submit(&[]).await, 200);
    assert_eq!(events(&world, "idp.linked").await.len(), 1);
}

#[tokio::test]
async fn one_account_there_opens_one_account_here() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    world.person("leo").await;
    let mut ana = signed_in(&world, "ana").await;
    let mut leo = signed_in(&world, "leo").await;
    leo.open(PAGE).await;
    click(&mut leo, "Link Acme").await;
    assert_eq!(link(&mut ana).await, 200);
    assert_eq!(leo.submit(&[]).await, 409, "ana was faster: {}", leo.page);
    leo.open(PAGE).await;
    assert_eq!(click(&mut leo, "Link Acme").await, 409);
    ana.open(PAGE).await;
    assert!(!ana.page.contains("Link Acme"), "{}", ana.page);
    ana.open("/id/federation/acme/start?link=1").await;
    assert!(ana.page.contains("linked already"), "{}", ana.page);
    assert_eq!(events(&world, "idp.linked").await.len(), 1);
}

#[tokio::test]
async fn unlinking_closes_the_way_and_the_other_sessions() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    let mut ana = signed_in(&world, "ana").await;
    link(&mut ana).await;
    let mut elsewhere = world.browser();
    by_acme(&mut elsewhere).await;
    assert!(elsewhere.is_in().await);
    ana.open(PAGE).await;
    assert_eq!(ana.submit(&[]).await, 200, "{}", ana.page);
    assert!(ana.page.contains("Unlinked."), "{}", ana.page);
    assert!(!elsewhere.is_in().await);
    by_acme(&mut elsewhere).await;
    assert!(!elsewhere.is_in().await, "{}", elsewhere.page);
    let told = "Acme (octocat) no longer opens your account";
    assert!(until(|| world.mails("ana@example.org").iter().any(|mail| mail.contains(told))).await);
    assert_eq!(events(&world, "idp.unlinked").await.len(), 1);
}

#[tokio::test]
async fn the_old_address_unlinks_what_was_linked_since() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    let mut thief = signed_in(&world, "ana").await;
    thief.open("/id/account/email").await;
    assert_eq!(thief.submit(&[("email", "thief@third.example")]).await, 200, "{}", thief.page);
    let undo = world.link("ana@example.org", "/address/undo/").await;
    assert_eq!(link(&mut thief).await, 200);
    let mut again = world.browser();
    by_acme(&mut again).await;
    assert!(again.is_in().await, "it opens the account");
    let mut ana = world.browser();
    ana.open(&undo).await;
    assert_eq!(ana.submit(&[]).await, 200, "{}", ana.page);
    by_acme(&mut again).await;
    assert!(!again.is_in().await, "{}", again.page);
    world.told("ana@example.org", "no longer opens your account").await;
    assert_eq!(events(&world, "idp.unlinked").await.len(), 1);
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let acme = Acme::open(person("7", "ana")).await;
    acme.tricks().claims = json!({"auth_time": super::acme::now_s()});
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    ana.submit(&[("username", "ana"), ("display_name", "Ana")]).await;
    ana.open(PAGE).await;
    assert_eq!(ana.submit(&[]).await, 409);
    assert!(alert(&ana.page).contains("only way in"), "{}", ana.page);
    ana.open("/id/recover").await;
    ana.submit(&[("email", "ana@example.org")]).await;
    ana.open(&world.link("ana@example.org", "/reset/").await).await;
    assert_eq!(ana.submit(&[("password", PASSWORD)]).await, 200, "{}", ana.page);
    assert_eq!(ana.sign_in("ana", PASSWORD).await, 200);
    ana.open(PAGE).await;
    assert_eq!(ana.submit(&[]).await, 200, "{}", ana.page);
    assert!(ana.page.contains("Unlinked."), "{}", ana.page);
}

#[tokio::test]
async fn nobody_unlinks_what_is_another_person_s() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    world.person("eva").await;
    let mut ana = signed_in(&world, "ana").await;
    link(&mut ana).await;
    ana.open(PAGE).await;
    let (action, _) = ana.form().unwrap();
    let mut eva = signed_in(&world, "eva").await;
    eva.open("/id/account").await;
    let fields = |csrf: String| Some([("csrf".to_owned(), csrf)].into());
    let csrf = eva.csrf();
    assert_eq!(eva.go(Method::POST, &action, fields(csrf)).await, 404);
    assert_eq!(eva.go(Method::POST, &action, fields("forged".to_owned())).await, 403);
    by_acme(&mut world.browser()).await;
    assert!(events(&world, "idp.unlinked").await.is_empty());
}

#[tokio::test]
async fn a_provider_can_be_asked_to_make_its_person_prove_it_anew() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    ana.submit(&[("username", "ana"), ("display_name", "Ana")]).await;
    by_acme(&mut world.browser()).await;
    let mut old = world.browser();
    by_acme(&mut old).await;
    old.open("/id/account/security/totp").await;
    assert!(old.address.contains("/id/login?ix="), "a sign-in there may be old: {}", old.address);
    let page = old.page.clone();
    acme.tricks().claims = json!({"auth_time": null});
    assert_eq!(click(&mut old, "Continue with Acme").await, 422, "{}", old.page);
    assert!(old.page.contains("did not confirm"), "{}", old.page);
    acme.tricks().claims = json!({"auth_time": 1_000});
    old.page.clone_from(&page);
    assert_eq!(click(&mut old, "Continue with Acme").await, 422);
    acme.tricks().claims = json!({});
    old.page = page;
    assert_eq!(click(&mut old, "Continue with Acme").await, 200, "{}", old.page);
    assert!(old.address.ends_with("/id/account/security/totp"), "{}", old.address);
    assert_eq!(acme.tricks().asked["prompt"], "login");
}

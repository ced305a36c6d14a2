//! Accounts elsewhere open an account, too: linking and unlinking them wants the strongest step
//! that it has.

use reqwest::Method;

use super::acme::{Acme, person};
use super::{click, events, world_with};
use crate::guard::{add_app, by_mail_twice};

const PAGE: &str = "/id/account/providers";
const APP: &str = "/login/2fa/totp?ix=";

#[tokio::test]
async fn who_reads_the_mail_of_an_account_with_an_app_links_and_unlinks_nothing() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    let [mut ana, mut thief] = by_mail_twice(&world, "ana").await;
    let app = add_app(&mut ana, "ana").await;
    thief.open(PAGE).await;
    click(&mut thief, "Link Acme").await;
    assert!(thief.address.contains(APP), "not even to the provider: {}", thief.address);

    ana.open(PAGE).await;
    click(&mut ana, "Link Acme").await;
    assert!(ana.address.contains(APP), "she came in by mail, too: {}", ana.address);
    assert_eq!(ana.submit(&[("code", &app.code(1))]).await, 200, "{}", ana.page);
    click(&mut ana, "Link Acme").await;
    assert_eq!(ana.submit(&[]).await, 200, "{}", ana.page);
    assert_eq!(events(&world, "idp.linked").await.len(), 1);
    thief.open(PAGE).await;
    thief.submit(&[]).await;
    assert!(thief.address.contains(APP), "{}", thief.address);
    assert!(events(&world, "idp.unlinked").await.is_empty());
}

#[tokio::test]
async fn an_account_elsewhere_that_arrived_before_there_was_an_app_waits_for_the_app() {
    let acme = Acme::open(person("7", "octocat")).await;
    let world = world_with(&acme, |_| ()).await;
    let [mut ana, mut thief] = by_mail_twice(&world, "ana").await;
    thief.open(PAGE).await;
    assert_eq!(click(&mut thief, "Link Acme").await, 200);
    assert!(thief.page.contains("octocat"), "the strongest that there is: {}", thief.page);
    let (arrived, form) = (thief.address.clone(), thief.form());
    let (action, fields) = form.unwrap();
    let app = add_app(&mut ana, "ana").await;
    thief.open(&arrived).await;
    assert!(thief.address.contains(APP), "{}", thief.address);
    assert!(!thief.page.contains("octocat"), "{}", thief.page);
    thief.go(Method::POST, &action, Some(fields)).await;
    assert!(thief.address.contains(APP), "{}", thief.address);
    assert!(events(&world, "idp.linked").await.is_empty());
    assert_eq!(thief.submit(&[("code", &app.code(1))]).await, 200, "{}", thief.page);
    assert_eq!(thief.address, arrived, "who has the app goes on");
    assert_eq!(thief.submit(&[]).await, 200, "{}", thief.page);
    assert_eq!(events(&world, "idp.linked").await.len(), 1);
}

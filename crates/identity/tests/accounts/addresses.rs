//! Moving an account to another e-mail address, and taking it back.

use futures::future::join_all;
use sea_orm::ConnectionTrait as _;

use crate::factors::enrol;
use crate::passkeys;
use crate::world::{Browser, PASSWORD, World};

const OLD: &str = "ana@example.org";
const NEW: &str = "ana@new.example";
const CHOSEN: &str = "four quiet lamps by the quay";

/// Somebody new, who asked for another address.
async fn asked<'w>(world: &'w World, name: &str, new: &str) -> Browser<'w> {
    world.person(name).await;
    let mut browser = world.browser();
    assert_eq!(browser.sign_in(name, PASSWORD).await, 200);
    ask(&mut browser, new).await;
    browser
}

async fn ask(browser: &mut Browser<'_>, new: &str) {
    assert_eq!(browser.open("/id/account/email").await, 200, "{}", browser.page);
    assert_eq!(browser.submit(&[("email", new)]).await, 200, "{}", browser.page);
    assert!(browser.page.contains("We sent a mail"), "{}", browser.page);
}

async fn change_table(world: &World, set: &str) {
    let sql = format!("UPDATE {} SET {set}", world.table("address_changes"));
    world.connection().await.execute_unprepared(&sql).await.unwrap();
}

async fn address_of(world: &World, name: &str) -> (String, bool) {
    let people = world.people().await;
    let person = people.iter().find(|person| person["username"] == name).unwrap();
    (person["email"].as_str().unwrap().to_owned(), person["email_verified"].as_bool().unwrap())
}

/// Waits for the mail with the link that confirms, and answers it.
async fn confirm_link(world: &World, to: &str) -> String {
    world.link(to, "/address/").await
}

#[tokio::test]
async fn an_account_moves_when_the_new_address_confirms_and_both_are_told() {
    let world = World::open().await;
    let mut ana = asked(&world, "ana", NEW).await;
    world.told(OLD, "asked to move it to ana@new.example").await;
    let link = confirm_link(&world, NEW).await;
    assert!(!ana.page.contains(&link), "the page is the same for everybody");
    assert_eq!(ana.open(&link).await, 200, "{}", ana.page);
    assert_eq!(world.browser().open(&link).await, 200, "a scanner of mail opens it, too");
    assert_eq!(address_of(&world, "ana").await.0, OLD, "opening the link changes nothing");
    assert_eq!(ana.submit(&[]).await, 200, "{}", ana.page);
    assert_eq!(address_of(&world, "ana").await, (NEW.to_owned(), true));
    world.told(OLD, "Your account now uses ana@new.example").await;
    assert!(!ana.is_in().await, "all sign in again, so that apps hear of it");
    assert_eq!(world.browser().sign_in(OLD, PASSWORD).await, 422);
    assert_eq!(world.browser().sign_in(NEW, PASSWORD).await, 200);
    assert_eq!(ana.open(&link).await, 410, "a link works once");
}

#[tokio::test]
async fn only_who_has_just_signed_in_asks() {
    let world = World::open().await;
    let mut nobody = world.browser();
    nobody.open("/id/account/email").await;
    assert!(nobody.address.contains("/login"), "{}", nobody.address);
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    assert_eq!(ana.open("/id/account/email").await, 200);
    let form = ana.form().unwrap();
    assert_eq!(ana.submit(&[("email", "nonsense")]).await, 422);
    assert_eq!(ana.submit(&[("email", "ANA@example.org")]).await, 422, "it is the same");
    let sql = format!("UPDATE {} SET auth_time = auth_time - 600000", world.table("sessions"));
    world.connection().await.execute_unprepared(&sql).await.unwrap();
    let (action, mut fields) = form;
    fields.insert("email".to_owned(), NEW.to_owned());
    ana.go(reqwest::Method::POST, &action, Some(fields)).await;
    assert!(ana.address.contains("/login"), "the password is asked for: {}", ana.address);
    assert!(world.mails(NEW).is_empty());
    assert!(world.mails(OLD).iter().all(|mail| !mail.contains("/address/")));
    ana.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(ana.address.ends_with("/account/email"), "{}", ana.address);
}

#[tokio::test]
async fn who_reads_the_new_mail_elsewhere_shows_the_password() {
    let world = World::open().await;
    asked(&world, "ana", NEW).await;
    let link = confirm_link(&world, NEW).await;
    world.person("eva").await;
    let mut eva = world.browser();
    eva.sign_in("eva", PASSWORD).await;
    assert_eq!(eva.open(&link).await, 200);
    assert_eq!(eva.submit(&[("password", "something else entirely")]).await, 422);
    eva.open(&link).await;
    assert_eq!(eva.submit(&[]).await, 422, "another's session is no password");
    assert_eq!(address_of(&world, "ana").await.0, OLD);
    eva.open(&link).await;
    assert_eq!(eva.submit(&[("password", PASSWORD)]).await, 200, "{}", eva.page);
    assert_eq!(address_of(&world, "ana").await.0, NEW);
    assert!(eva.is_in().await, "whoever is signed in here stays so");
}

#[tokio::test]
async fn a_link_that_is_too_old_replaced_or_made_up_moves_nothing() {
    let world = World::open().await;
    let mut ana = asked(&world, "ana", NEW).await;
    let first = confirm_link(&world, NEW).await;
    ask(&mut ana, "ana@third.example").await;
    let second = confirm_link(&world, "ana@third.example").await;
    assert_eq!(ana.open(&first).await, 410, "another change ends the one before");
    assert_eq!(ana.open(&second).await, 200);
    change_table(&world, "expires_at = 1").await;
    assert_eq!(ana.submit(&[]).await, 410);
    assert_eq!(ana.open("/id/address/nonsense").await, 410);
    assert_eq!(ana.open("/id/address/undo/nonsense").await, 410);
    assert_eq!(address_of(&world, "ana").await.0, OLD);
}

#[tokio::test]
async fn what_ends_sessions_ends_a_change_that_waits() {
    let world = World::open().await;
    asked(&world, "ana", NEW).await;
    let mut forgetful = world.browser();
    forgetful.open("/id/recover").await;
    forgetful.submit(&[("email", OLD)]).await;
    forgetful.open(&world.link(OLD, "/reset/").await).await;
    assert_eq!(forgetful.submit(&[("password", CHOSEN)]).await, 200);
    assert_eq!(forgetful.open(&confirm_link(&world, NEW).await).await, 410, "a reset");

    asked(&world, "leo", "leo@new.example").await;
    world.command(&["user", "block", "leo"]).await.unwrap();
    world.command(&["user", "unblock", "leo"]).await.unwrap();
    let link = confirm_link(&world, "leo@new.example").await;
    assert_eq!(world.browser().open(&link).await, 410, "a block");
}

#[tokio::test]
async fn the_page_does_not_tell_whether_somebody_has_the_address() {
    let world = World::open().await;
    world.person("eva").await;
    let mut ana = asked(&world, "ana", "nobody@example.org").await;
    let free = ana.page.clone();
    ask(&mut ana, "eva@example.org").await;
    assert_eq!(ana.page.replace("eva@", "nobody@"), free);
    world.told("eva@example.org", "which is your").await;
    let mails = world.mails("eva@example.org");
    assert!(mails.iter().all(|mail| !mail.contains("/address/")), "{mails:?}");
    world.told(OLD, "asked to move it to eva@example.org").await;
}

#[tokio::test]
async fn the_old_address_takes_the_account_back() {
    let world = World::open().await;
    let mut thief = asked(&world, "ana", NEW).await;
    let undo = world.link(OLD, "/address/undo/").await;
    thief.open(&confirm_link(&world, NEW).await).await;
    assert_eq!(thief.submit(&[]).await, 200);
    assert_eq!(thief.sign_in(NEW, PASSWORD).await, 200);
    ask(&mut thief, "thief@third.example").await;
    thief.open(&confirm_link(&world, "thief@third.example").await).await;
    assert_eq!(thief.submit(&[]).await, 200);
    thief.sign_in("ana", PASSWORD).await;
    assert!(thief.is_in().await);

    let mut ana = world.browser();
    assert_eq!(ana.open(&undo).await, 200, "{}", ana.page);
    assert!(thief.is_in().await, "opening the link changes nothing");
    assert_eq!(ana.submit(&[]).await, 200, "{}", ana.page);
    assert!(ana.address.contains("/reset/"), "{}", ana.address);
    assert_eq!(address_of(&world, "ana").await, (OLD.to_owned(), true));
    assert!(!thief.is_in().await);
    assert_eq!(thief.sign_in("ana", PASSWORD).await, 422, "the old password is gone");
    assert_eq!(ana.submit(&[("password", CHOSEN)]).await, 200, "{}", ana.page);
    assert_eq!(ana.sign_in(OLD, CHOSEN).await, 200);
    assert_eq!(ana.open(&undo).await, 410, "once");
    let other = world.link(NEW, "/address/undo/").await;
    assert_eq!(thief.open(&other).await, 410, "what came after it ended with it");
}

#[tokio::test]
async fn the_old_address_takes_away_what_opens_the_account_since() {
    let world = World::open().await;
    let mut thief = world.signed_in("ana").await;
    let (app, _) = enrol(&mut thief).await;
    thief.open("/id/account/email").await;
    assert_eq!(thief.submit(&[("code", &app.code(0))]).await, 200, "{}", thief.page);
    ask(&mut thief, NEW).await;
    let undo = world.link(OLD, "/address/undo/").await;
    thief.open(&confirm_link(&world, NEW).await).await;
    assert_eq!(thief.submit(&[]).await, 200);
    assert_eq!(thief.sign_in(NEW, PASSWORD).await, 200);
    assert_eq!(thief.submit(&[("code", &app.code(1))]).await, 200, "{}", thief.page);
    let mut passkey = passkeys::add(&mut thief).await;
    let mut again = world.browser();
    passkeys::sign_in(&mut again, &mut passkey).await;
    assert!(again.is_in().await, "it opens the account alone");

    let mut ana = world.browser();
    ana.open(&undo).await;
    assert_eq!(ana.submit(&[]).await, 200, "{}", ana.page);
    assert_eq!(ana.submit(&[("password", CHOSEN)]).await, 200, "{}", ana.page);
    let said = passkeys::sign_in(&mut thief, &mut passkey).await;
    assert_eq!(said["status"], 422, "{said}");
    assert!(!thief.is_in().await);
    world.told(OLD, "Removed from your account: Passkey").await;
    assert_eq!(ana.sign_in(OLD, CHOSEN).await, 200);
    assert!(ana.address.contains("/login/2fa/totp"), "what was there before stays: {}", ana.page);
    assert!(!ana.page.contains("/login/2fa/passkey"), "{}", ana.page);
}

#[tokio::test]
async fn a_change_that_waits_is_stopped_and_after_a_week_it_stays() {
    let world = World::open().await;
    let mut ana = asked(&world, "ana", NEW).await;
    let link = confirm_link(&world, NEW).await;
    let mut old = world.browser();
    old.open(&world.link(OLD, "/address/undo/").await).await;
    assert_eq!(old.submit(&[]).await, 200);
    assert_eq!(ana.open(&link).await, 410);
    assert!(!ana.is_in().await);

    let mut leo = asked(&world, "leo", "leo@new.example").await;
    let undo = world.link("leo@example.org", "/address/undo/").await;
    leo.open(&confirm_link(&world, "leo@new.example").await).await;
    assert_eq!(leo.submit(&[]).await, 200);
    change_table(&world, "confirmed_at = confirmed_at - 7 * 86400000").await;
    assert_eq!(leo.open(&undo).await, 410);
}

#[tokio::test]
async fn of_25_who_press_one_link_at_once_one_moves_the_account() {
    let world = World::with(|settings| settings.passwords.queue_max = 200).await;
    let mut ana = asked(&world, "ana", NEW).await;
    ana.open(&confirm_link(&world, NEW).await).await;
    let mut copies: Vec<_> = (0..25).map(|_| world.browser()).collect();
    for copy in &mut copies {
        copy.cookies.clone_from(&ana.cookies);
        copy.page.clone_from(&ana.page);
    }
    let presses = copies.iter_mut().map(async |copy| copy.submit(&[]).await);
    let statuses = join_all(presses).await;
    // Who comes when the session has ended already is asked for the password, or told to wait.
    assert!(statuses.iter().all(|status| [200, 410, 422, 429].contains(status)), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(address_of(&world, "ana").await.0, NEW);
}

#[tokio::test]
async fn of_two_accounts_that_confirm_one_address_at_once_one_gets_it() {
    let world = World::with(|settings| settings.limits.mails_per_receiver_h = 100).await;
    let mut browsers = Vec::new();
    for name in ["ana", "eva"] {
        let before = world.mails("both@new.example").len();
        let mut browser = asked(&world, name, "both@new.example").await;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while world.mails("both@new.example").len() == before {
            assert!(std::time::Instant::now() < deadline, "no mail for {name}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        browser.open(&confirm_link(&world, "both@new.example").await).await;
        browsers.push(browser);
    }
    let presses = browsers.iter_mut().map(async |browser| browser.submit(&[]).await);
    let mut statuses = join_all(presses).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let loser = browsers.iter().find(|browser| browser.status == 409).unwrap();
    assert!(loser.page.contains("Another account uses this address"), "{}", loser.page);
    let has = async |name| address_of(&world, name).await.0 == "both@new.example";
    assert_eq!([has("ana").await, has("eva").await].iter().filter(|has| **has).count(), 1);
}

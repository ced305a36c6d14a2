use futures::future::join_all;

use crate::world::{PASSWORD, World, alert};

#[tokio::test]
async fn a_person_signs_in_by_name_or_address_in_any_capitals() {
    let world = World::open().await;
    world.person("ana").await;
    for name in ["ana", "ANA", "@ana", " ana ", "ana@example.org", "Ana@EXAMPLE.org"] {
        let mut browser = world.browser();
        assert_eq!(browser.sign_in(name, PASSWORD).await, 200, "{name}: {}", browser.page);
        assert_eq!(browser.address, format!("{}/home", world.origin), "{name}");
        assert!(browser.is_in().await, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_page() {
    let world = World::open().await;
    world.person("ana").await;
    let blocked = world.person("leo").await;
    assert_eq!(blocked["username"], "leo");
    world.command(&["user", "block", "leo"]).await.unwrap();
    let mut pages = Vec::new();
    for name in ["ana", "eva", "leo"] {
        let mut browser = world.browser();
        let status = browser.sign_in(name, "not the right phrase").await;
        let (_, hidden) = browser.form().unwrap();
        let page = browser.page.replace(&hidden["csrf"], "TOKEN").replace(name, "NAME");
        pages.push((status, page));
        assert!(!browser.is_in().await);
    }
    assert_eq!(pages[0].0, 422);
    assert!(alert(&pages[0].1).contains("The user name or the password is not right"));
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2], "that an account is blocked is only told after its password");
}

#[tokio::test]
async fn after_five_misses_even_the_right_password_waits() {
    let world = World::open().await;
    world.person("ana").await;
    for name in ["ana", "nobody"] {
        let mut stranger = world.browser();
        for _ in 0..5 {
            assert_eq!(stranger.sign_in(name, "not the right phrase").await, 422);
        }
        assert_eq!(stranger.sign_in(name, PASSWORD).await, 429, "{name}");
        let wait: u64 = stranger.header("retry-after").parse().unwrap();
        assert!((1..=2).contains(&wait), "{wait}");
        assert!(alert(&stranger.page).contains("Too many attempts"), "{}", stranger.page);
    }
}

#[tokio::test]
async fn a_hundred_guesses_at_once_are_five_guesses() {
    let world = World::with(|settings| settings.passwords.queue_max = 200).await;
    world.person("ana").await;
    let mut browsers: Vec<_> = (0..40).map(|_| world.browser()).collect();
    join_all(browsers.iter_mut().map(async |browser| browser.open("/id/login").await)).await;
    let fields = [("username", "ana"), ("password", "not the right phrase")];
    let guesses = browsers.iter_mut().map(async |browser| browser.submit(&fields).await);
    let statuses = join_all(guesses).await;
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 35, "{statuses:?}");
}

#[tokio::test]
async fn strangers_do_not_lock_a_person_out_of_their_own_browser() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    ana.open("/id/account").await;
    ana.cookies.retain(|name, _| !name.starts_with("idsid"));
    let mut stranger = world.browser();
    for _ in 0..6 {
        stranger.sign_in("ana", "not the right phrase").await;
    }
    assert_eq!(stranger.status, 429);
    assert_eq!(ana.sign_in("ana", PASSWORD).await, 200, "{}", ana.page);
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn a_network_that_tries_too_often_waits() {
    let world = World::with(|settings| settings.limits.sign_ins_per_min = 1).await;
    let mut browser = world.browser();
    for number in 0..10 {
        let name = format!("person{number}");
        assert_eq!(browser.sign_in(&name, "not the right phrase").await, 422);
    }
    assert_eq!(browser.sign_in("another", "not the right phrase").await, 429);
    assert!(!browser.header("retry-after").is_empty());
}

#[tokio::test]
async fn more_sign_ins_than_the_queue_holds_are_told_to_come_again() {
    let change = |settings: &mut identity::Settings| {
        settings.passwords.queue_max = 1;
        settings.passwords.parallel = 1;
        settings.passwords.memory_kib = 32 * 1024;
    };
    let world = World::with(change).await;
    let mut browsers: Vec<_> = (0..12).map(|_| world.browser()).collect();
    join_all(browsers.iter_mut().map(async |browser| browser.open("/id/login").await)).await;
    let tries = browsers.iter_mut().enumerate().map(async |(number, browser)| {
        let name = format!("person{number}");
        browser.submit(&[("username", &name), ("password", PASSWORD)]).await
    });
    let statuses = join_all(tries).await;
    assert!(statuses.contains(&503) && statuses.contains(&422), "{statuses:?}");
    let busy = browsers.iter().find(|browser| browser.status == 503).unwrap();
    assert!(!busy.header("retry-after").is_empty());
}

#[tokio::test]
async fn who_has_not_confirmed_is_told_after_the_right_password_and_gets_the_link_again() {
    let world = World::open().await;
    world.browser().sign_up("ana").await;
    let first = world.link("ana@example.org", "/verify/").await;
    let mut ana = world.browser();
    assert_eq!(ana.sign_in("ana", PASSWORD).await, 403);
    assert!(alert(&ana.page).contains("Confirm your e-mail address"), "{}", ana.page);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while world.mails("ana@example.org").len() < 2 {
        assert!(std::time::Instant::now() < deadline, "no second mail");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let again = world.link("ana@example.org", "/verify/").await;
    assert_ne!(first, again);
    ana.open(&again).await;
    ana.submit(&[]).await;
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn a_blocked_person_is_out_and_told_so_after_the_right_password() {
    let world = World::open().await;
    world.person("the-owner").await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    assert!(ana.is_in().await);
    let done = world.command(&["user", "block", "ana", "--reason", "spam"]).await.unwrap();
    assert_eq!(done["blocked"], true);
    assert!(!ana.is_in().await, "her session ended");
    assert_eq!(ana.sign_in("ana", PASSWORD).await, 403);
    assert!(alert(&ana.page).contains("blocked"), "{}", ana.page);
    world.command(&["user", "unblock", "ana@example.org"]).await.unwrap();
    assert_eq!(ana.sign_in("ana", PASSWORD).await, 200);
}

use futures::future::join_all;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::world::{PASSWORD, World, alert};

const NEW: &str = "four quiet lamps by the quay";

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail_and_ends_all_sessions() {
    let world = World::open().await;
    world.person("ana").await;
    let mut old = world.browser();
    old.sign_in("ana", PASSWORD).await;
    let mut ana = world.browser();
    ana.open("/id/recover").await;
    assert_eq!(ana.submit(&[("email", "Ana@Example.org")]).await, 200);
    let link = world.link("ana@example.org", "/reset/").await;
    assert!(!ana.page.contains(&link), "the page is the same for everybody");
    assert_eq!(ana.open(&link).await, 200, "{}", ana.page);
    assert_eq!(ana.submit(&[("password", "short")]).await, 422);
    assert!(old.is_in().await, "nothing happened yet");
    assert_eq!(ana.submit(&[("password", NEW)]).await, 200, "{}", ana.page);
    assert!(!old.is_in().await);
    assert_eq!(world.browser().sign_in("ana", PASSWORD).await, 422);
    assert_eq!(ana.sign_in("ana", NEW).await, 200);
    assert_eq!(world.browser().open(&link).await, 410, "a link works once");
    let mails = world.link("ana@example.org", "/recover").await;
    assert!(mails.starts_with(&world.origin), "a mail tells that the password was changed");
}

#[tokio::test]
async fn a_reset_link_pressed_25_times_at_once_works_once() {
    let world = World::with(|settings| settings.passwords.queue_max = 200).await;
    world.person("ana").await;
    let mut first = world.browser();
    first.open("/id/recover").await;
    first.submit(&[("email", "ana@example.org")]).await;
    first.open(&world.link("ana@example.org", "/reset/").await).await;
    let mut copies: Vec<_> = (0..25).map(|_| world.browser()).collect();
    for copy in &mut copies {
        copy.cookies.clone_from(&first.cookies);
        copy.page.clone_from(&first.page);
    }
    let phrases: Vec<_> = (0..25).map(|number| format!("{NEW} {number}")).collect();
    let resets = copies.iter_mut().zip(&phrases);
    let resets = resets.map(async |(copy, phrase)| copy.submit(&[("password", phrase)]).await);
    let statuses = join_all(resets).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    let winner = statuses.iter().position(|status| *status == 200).unwrap();
    assert_eq!(world.browser().sign_in("ana", &phrases[winner]).await, 200);
}

#[tokio::test]
async fn recovery_says_the_same_for_every_address() {
    let world = World::open().await;
    world.person("ana").await;
    world.person("leo").await;
    world.command(&["user", "block", "leo"]).await.unwrap();
    let mut pages = Vec::new();
    for address in ["ana@example.org", "eva@example.org", "leo@example.org"] {
        let mut browser = world.browser();
        browser.open("/id/recover").await;
        let status = browser.submit(&[("email", address)]).await;
        let (_, hidden) = browser.form().unwrap();
        let page = browser.page.replace(address, "ADDRESS").replace(&hidden["csrf"], "TOKEN");
        pages.push((status, page));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
    world.link("ana@example.org", "/reset/").await;
    assert!(world.mails("eva@example.org").is_empty());
    assert!(world.mails("leo@example.org").is_empty());
}

#[tokio::test]
async fn changing_the_password_needs_the_present_one_and_ends_the_other_sessions() {
    let world = World::open().await;
    world.person("ana").await;
    let (mut ana, mut other) = (world.browser(), world.browser());
    ana.sign_in("ana", PASSWORD).await;
    other.sign_in("ana", PASSWORD).await;
    ana.open("/id/account").await;
    let (_, hidden) = ana.form().unwrap();
    let form = |current: &str, new: &str| {
        let pairs = [
            ("csrf".to_owned(), hidden["csrf"].clone()),
            ("current_password".to_owned(), current.to_owned()),
            ("password".to_owned(), new.to_owned()),
        ];
        Some(pairs.into())
    };
    let path = "/id/account/password";
    let post = reqwest::Method::POST;
    assert_eq!(ana.go(post.clone(), path, form("wrong", NEW)).await, 422);
    assert!(ana.page.contains("current_password-error"), "{}", ana.page);
    assert_eq!(world.audited("login.fail", "").await, 1);
    world.sql("UPDATE {throttle} SET misses = 49", &["throttle"]).await;
    assert_eq!(ana.go(post.clone(), path, form("wrong", NEW)).await, 422);
    assert_eq!(world.audited("password.disabled", "").await, 1, "it was the fiftieth");
    assert_eq!(ana.go(post.clone(), path, form(PASSWORD, NEW)).await, 429);
    assert_eq!(world.audited("login.throttled", "").await, 1);
    let of_nobody = "SELECT COUNT(*) FROM {audit} WHERE user_id IS NULL AND event IN \
                     ('login.fail', 'login.throttled', 'password.disabled')";
    assert_eq!(world.count(of_nobody, &["audit"]).await, 0, "all say whose password it was");
    world.sql("DELETE FROM {throttle}", &["throttle"]).await;
    assert_eq!(ana.go(post.clone(), path, form(PASSWORD, "short")).await, 422);
    assert!(other.is_in().await);
    assert_eq!(ana.go(post, path, form(PASSWORD, NEW)).await, 200, "{}", ana.page);
    assert!(ana.is_in().await);
    assert!(!other.is_in().await);
    assert_eq!(world.browser().sign_in("ana", NEW).await, 200);
    world.told("ana@example.org", "The password of your account was just changed").await;
}

#[tokio::test]
async fn a_hash_is_made_anew_when_costs_change() {
    let world = World::open().await;
    world.person("ana").await;
    assert!(stored_hash(&world).await.contains("m=64,"));
    let dearer = world.reopen(|settings| settings.passwords.memory_kib = 128).await;
    assert_eq!(dearer.browser().sign_in("ana", PASSWORD).await, 200);
    let hash = stored_hash(&dearer).await;
    assert!(hash.contains("m=128,"), "{hash}");
    assert_eq!(dearer.browser().sign_in("ana", PASSWORD).await, 200);
}

async fn stored_hash(world: &World) -> String {
    let connection = world.connection().await;
    let sql = format!("SELECT phc FROM {}", world.table("passwords"));
    let backend = connection.get_database_backend();
    let row = connection.query_one_raw(Statement::from_string(backend, sql)).await;
    row.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn no_password_and_no_address_is_readable_on_disk() {
    let world = World::open().await;
    let mut ana = world.browser();
    ana.join("ana").await;
    assert!(alert(&ana.page).is_empty());
    assert!(stored_hash(&world).await.starts_with("$argon2id$v=19$"));
    for file in std::fs::read_dir(world.data_dir()).unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("ana@example.org"), "{}", path.display());
        assert!(!text.contains(PASSWORD), "{}", path.display());
    }
}

//! Guessing: what it costs the one who guesses, and that it costs nobody else anything.

use futures::future::join_all;
use sea_orm::ConnectionTrait as _;

use crate::world::{Browser, PASSWORD, World, alert};

const NEW: &str = "four quiet lamps by the quay";
const WRONG: &str = "not the right phrase";

/// All waits are over.
async fn let_time_pass(world: &World) {
    change(world, "next_try_at = 0").await;
}

async fn change(world: &World, what: &str) {
    let sql = format!("UPDATE {} SET {what}", world.table("throttle"));
    world.connection().await.execute_unprepared(&sql).await.unwrap();
}

/// Every name that was missed so far was missed 49 times.
async fn forty_nine_misses(world: &World) {
    change(world, "misses = 49, next_try_at = 0").await;
}

/// A browser in which `ana` has signed in before.
async fn known_device(world: &World) -> Browser<'_> {
    let mut device = world.browser();
    assert_eq!(device.sign_in("ana", PASSWORD).await, 200);
    device.cookies.retain(|name, _| !name.starts_with("idsid"));
    device
}

async fn reset_by_mail(world: &World) {
    let mut browser = world.browser();
    browser.open("/id/recover").await;
    browser.submit(&[("email", "ana@example.org")]).await;
    browser.open(&world.link("ana@example.org", "/reset/").await).await;
    assert_eq!(browser.submit(&[("password", NEW)]).await, 200, "{}", browser.page);
}

#[tokio::test]
async fn the_wait_doubles_with_every_miss_up_to_a_quarter_of_an_hour() {
    let world = World::open().await;
    world.person("ana").await;
    for name in ["ana", "nobody"] {
        let mut stranger = world.browser();
        for _ in 0..4 {
            assert_eq!(stranger.sign_in(name, WRONG).await, 422, "{name}");
        }
        for wait_s in [2_u64, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(stranger.sign_in(name, WRONG).await, 422, "{name}, before {wait_s} s");
            assert_eq!(stranger.sign_in(name, PASSWORD).await, 429, "{name}, {wait_s} s");
            let told: u64 = stranger.header("retry-after").parse().unwrap();
            // Some of it may be over by now.
            assert!(told <= wait_s && told + 30 > wait_s && told > 0, "{name}: {told}, {wait_s}");
            let_time_pass(&world).await;
        }
    }
}

#[tokio::test]
async fn after_fifty_misses_at_a_name_only_a_reset_by_mail_opens_it() {
    let world = World::open().await;
    world.person("ana").await;
    let mut pages = Vec::new();
    for (name, told) in [("ana", 1), ("nobody", 2)] {
        let mut stranger = world.browser();
        stranger.sign_in(name, WRONG).await;
        forty_nine_misses(&world).await;
        assert_eq!(stranger.sign_in(name, WRONG).await, 422, "{name}: the fiftieth");
        let_time_pass(&world).await;
        assert_eq!(stranger.sign_in(name, PASSWORD).await, 429, "{name}: not even the right one");
        assert!(stranger.header("retry-after").is_empty(), "waiting does not help");
        assert_eq!(world.audited("login.throttled", "").await, told, "{name}");
        let csrf = stranger.csrf();
        pages.push(stranger.page.replace(&csrf, "TOKEN").replace(name, "NAME"));
        change(&world, "misses = 0, next_try_at = 0").await;
    }
    assert_eq!(pages[0], pages[1], "a name that nobody has is locked just the same");
    assert!(alert(&pages[0]).contains("mail"), "{}", alert(&pages[0]));

    world.browser().sign_in("ana@example.org", WRONG).await;
    change(&world, "misses = 50").await;
    for name in ["ana", "ana@example.org"] {
        assert_eq!(world.browser().sign_in(name, PASSWORD).await, 429, "{name}");
    }
    reset_by_mail(&world).await;
    for name in ["ana", "ana@example.org"] {
        assert_eq!(world.browser().sign_in(name, NEW).await, 200, "{name}");
    }
}

#[tokio::test]
async fn every_way_to_write_a_name_has_one_count_whether_anybody_has_it_or_not() {
    let world = World::open().await;
    world.person("ana").await;
    let names = [
        ["ana", "@ana", " ANA "],
        ["ghost", "@ghost", " GHOST "],
        ["ana@example.org", "Ana@EXAMPLE.org", "ana@example。org"],
        ["ghost@example.org", "Ghost@EXAMPLE.org", "ghost@example。org"],
    ];
    for [name, others @ ..] in names {
        for _ in 0..5 {
            assert_eq!(world.browser().sign_in(name, WRONG).await, 422, "{name}");
        }
        for other in others {
            assert_eq!(world.browser().sign_in(other, WRONG).await, 429, "{other}");
        }
    }
}

#[tokio::test]
async fn misses_at_a_user_name_do_not_tell_whose_an_address_is() {
    let world = World::open().await;
    world.person("ana").await;
    for _ in 0..5 {
        assert_eq!(world.browser().sign_in("ana", WRONG).await, 422);
    }
    for address in ["ana@example.org", "nobody@example.org"] {
        assert_eq!(world.browser().sign_in(address, WRONG).await, 422, "{address}");
    }
    let mut ana = world.browser();
    assert_eq!(ana.sign_in("ana@example.org", PASSWORD).await, 200, "{}", ana.page);
    assert_eq!(world.browser().sign_in("ana", WRONG).await, 429, "nor does her signing in");
}

#[tokio::test]
async fn a_stranger_s_fifty_misses_do_not_concern_a_known_device() {
    let world = World::open().await;
    world.person("ana").await;
    let mut device = known_device(&world).await;
    let mut stranger = world.browser();
    stranger.sign_in("ana", WRONG).await;
    change(&world, "misses = 50").await;
    assert_eq!(stranger.sign_in("ana", PASSWORD).await, 429);
    assert_eq!(device.sign_in("ana", PASSWORD).await, 200, "{}", device.page);
    assert!(device.is_in().await);
    assert_eq!(stranger.sign_in("ana", PASSWORD).await, 429, "and open nothing to the stranger");
}

#[tokio::test]
async fn a_known_device_is_no_way_to_guess_without_end() {
    let world = World::open().await;
    world.person("ana").await;
    world.person("leo").await;
    let mut stolen = known_device(&world).await;
    for _ in 0..5 {
        assert_eq!(stolen.sign_in("ana", WRONG).await, 422);
    }
    assert_eq!(stolen.sign_in("ana", PASSWORD).await, 429, "it has a count of its own");
    assert_eq!(world.browser().sign_in("ana", PASSWORD).await, 200, "which is not the account's");
    let mut other = known_device(&world).await;
    for _ in 0..5 {
        assert_eq!(other.sign_in("leo", WRONG).await, 422);
    }
    assert_eq!(world.browser().sign_in("leo", PASSWORD).await, 429, "nor known to anybody else");
}

#[tokio::test]
async fn a_reset_by_mail_forgets_the_misses_of_every_device() {
    let world = World::open().await;
    world.person("ana").await;
    let mut device = known_device(&world).await;
    device.sign_in("ana", WRONG).await;
    change(&world, "misses = 50").await;
    assert_eq!(device.sign_in("ana", PASSWORD).await, 429);
    reset_by_mail(&world).await;
    assert_eq!(device.sign_in("ana", NEW).await, 200, "{}", device.page);
}

#[tokio::test]
async fn who_is_turned_away_by_a_full_queue_has_not_missed() {
    let change = |settings: &mut identity::Settings| {
        settings.passwords.queue_max = 1;
        settings.passwords.parallel = 1;
        settings.passwords.memory_kib = 64 * 1024;
    };
    let world = World::with(change).await;
    world.person("ana").await;
    let mut browsers: Vec<_> = (0..12).map(|_| world.browser()).collect();
    join_all(browsers.iter_mut().map(async |browser| browser.open("/id/login").await)).await;
    let fields = [("username", "ana"), ("password", WRONG)];
    let tries = browsers.iter_mut().map(async |browser| browser.submit(&fields).await);
    let statuses = join_all(tries).await;
    let counted = statuses.iter().filter(|status| **status == 422).count();
    assert!(statuses.contains(&503), "{statuses:?}");
    // Where the machine is busy the tries come one after the other, and some are told to wait.
    assert!(statuses.iter().all(|status| [422, 429, 503].contains(status)), "{statuses:?}");
    let misses = world.count("SELECT SUM(misses) FROM {throttle}", &["throttle"]).await;
    assert_eq!(usize::try_from(misses).unwrap(), counted, "{statuses:?}");
    let_time_pass(&world).await;
    assert_eq!(world.browser().sign_in("ana", PASSWORD).await, 200, "after {counted} misses");
}

/// A service behind a proxy on this machine, which says where a request comes from.
async fn behind_a_proxy(per_min: u32, per_h: u32) -> World {
    World::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".to_owned()];
        settings.limits.sign_ins_per_min = per_min;
        settings.limits.sign_ins_per_h = per_h;
    })
    .await
}

async fn sign_in_from<'w>(world: &'w World, address: &str, name: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.headers = vec![("x-forwarded-for", address.to_owned())];
    browser.sign_in(name, WRONG).await;
    browser
}

#[tokio::test]
async fn addresses_of_one_ipv6_network_share_a_budget_and_others_do_not() {
    let world = behind_a_proxy(1, 10_000).await;
    for number in 0..10 {
        let address = format!("2001:db8:1:2:{number:x}::{number:x}");
        let browser = sign_in_from(&world, &address, &format!("person{number}")).await;
        assert_eq!(browser.status, 422, "{address}");
    }
    let browser = sign_in_from(&world, "2001:db8:1:2:ffff::1", "another").await;
    assert_eq!(browser.status, 429, "the same /64");
    assert!(browser.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(alert(&browser.page).contains("Too many attempts"), "{}", browser.page);
    for address in ["2001:db8:1:3::1", "192.0.2.1", "::ffff:192.0.2.2"] {
        assert_eq!(sign_in_from(&world, address, "another").await.status, 422, "{address}");
    }
    for number in 1..10 {
        sign_in_from(&world, "192.0.2.1", &format!("somebody{number}")).await;
    }
    assert_eq!(
        sign_in_from(&world, "::ffff:192.0.2.1", "else").await.status,
        429,
        "it is 192.0.2.1"
    );
}

#[tokio::test]
async fn an_hour_has_a_budget_besides_the_minute_s() {
    let world = behind_a_proxy(10_000, 1).await;
    for number in 0..10 {
        let browser = sign_in_from(&world, "192.0.2.1", &format!("person{number}")).await;
        assert_eq!(browser.status, 422);
    }
    let browser = sign_in_from(&world, "192.0.2.1", "another").await;
    assert_eq!(browser.status, 429);
    assert!(browser.header("retry-after").parse::<u64>().unwrap() > 60);
}

#[tokio::test]
async fn nobody_gets_another_budget_by_saying_that_they_come_from_elsewhere() {
    let world = World::with(|settings| settings.limits.sign_ins_per_min = 1).await;
    for number in 0..10 {
        let address = format!("192.0.2.{number}");
        sign_in_from(&world, &address, &format!("person{number}")).await;
    }
    assert_eq!(sign_in_from(&world, "192.0.2.99", "another").await.status, 429);
}

#[tokio::test]
async fn nobody_reads_the_list_of_names_by_trying_to_sign_up() {
    let world = World::with(|settings| settings.limits.sign_ins_per_min = 1).await;
    world.person("ana").await;
    let mut browser = world.browser();
    browser.open("/id/signup").await;
    let fields = [
        ("email", "other@example.org"),
        ("username", "ana"),
        ("display_name", "Ana"),
        ("password", PASSWORD),
    ];
    for _ in 0..10 {
        assert_eq!(browser.submit(&fields).await, 422);
        browser.open("/id/signup").await;
    }
    assert_eq!(browser.submit(&fields).await, 429);
    assert!(!browser.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_link_is_sent_again_within_the_budget_and_the_page_is_the_same_without() {
    let world = World::with(|settings| settings.limits.mails_per_receiver_h = 2).await;
    world.browser().sign_up("ana").await;
    world.link("ana@example.org", "/verify/").await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        let mut ana = world.browser();
        assert_eq!(ana.sign_in("ana", PASSWORD).await, 403);
        let csrf = ana.csrf();
        pages.push(ana.page.replace(&csrf, "TOKEN"));
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    // Another mail, so that those of before are through the outbox.
    world.browser().sign_up("leo").await;
    world.link("leo@example.org", "/verify/").await;
    assert_eq!(world.mails("ana@example.org").len(), 2, "the first, and one of three");
}

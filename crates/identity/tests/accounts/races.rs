//! Second steps taken 25 times at once: what works once works once.

use futures::future::join_all;

use crate::factors::{enrol, half_in};
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

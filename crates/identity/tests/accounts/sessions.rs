use crate::world::{PASSWORD, World};

fn session_of(browser: &crate::world::Browser<'_>) -> Option<String> {
    let mut cookies = browser.cookies.iter().filter(|(name, _)| name.starts_with("idsid-"));
    cookies.next().map(|(_, value)| value.clone())
}

#[tokio::test]
async fn every_sign_in_has_a_new_token_and_the_old_one_is_dead() {
    let world = World::open().await;
    world.person("ana").await;
    world.person("leo").await;
    let mut browser = world.browser();
    browser.sign_in("ana", PASSWORD).await;
    let first = browser.cookies.clone();
    browser.cookies.retain(|name, _| !name.starts_with("idsid-"));
    browser.open("/id/login").await;
    browser.cookies.clone_from(&first);
    browser.submit(&[("username", "leo"), ("password", PASSWORD)]).await;
    assert!(browser.is_in().await);
    assert!(browser.page.contains("@leo"), "{}", browser.page);
    let mut old = world.browser();
    old.cookies = first;
    assert!(!old.is_in().await, "the session that leo's sign-in replaced has ended");
    assert_ne!(session_of(&browser), session_of(&old));
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    let kept = ana.cookies.clone();
    ana.open("/id/account").await;
    let (_, hidden) = ana.form().unwrap();
    let fields = [("csrf".to_owned(), hidden["csrf"].clone())].into();
    assert_eq!(ana.go(reqwest::Method::POST, "/id/logout", Some(fields)).await, 200);
    assert!(session_of(&ana).is_none());
    let mut thief = world.browser();
    thief.cookies = kept;
    assert!(!thief.is_in().await);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_sessions() {
    let world = World::open().await;
    world.person("ana").await;
    let (mut one, mut two) = (world.browser(), world.browser());
    one.sign_in("ana", PASSWORD).await;
    two.sign_in("ana", PASSWORD).await;
    one.open("/id/account").await;
    let (_, hidden) = one.form().unwrap();
    let fields = [("csrf".to_owned(), hidden["csrf"].clone())].into();
    assert_eq!(one.go(reqwest::Method::POST, "/id/logout/everywhere", Some(fields)).await, 200);
    assert!(!one.is_in().await);
    assert!(!two.is_in().await);
}

#[tokio::test]
async fn an_idle_session_ends_unless_it_was_to_be_kept() {
    let world = World::with(|settings| settings.sessions.idle_s = 0).await;
    world.person("ana").await;
    let mut brief = world.browser();
    brief.sign_in("ana", PASSWORD).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    assert!(!brief.is_in().await);
    let mut kept = world.browser();
    kept.open("/id/login").await;
    kept.submit(&[("username", "ana"), ("password", PASSWORD), ("keep", "1")]).await;
    assert!(kept.is_in().await);
}

#[tokio::test]
async fn a_person_changes_their_name() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    ana.open("/id/account").await;
    assert_eq!(ana.submit(&[("display_name", "")]).await, 422);
    assert_eq!(ana.submit(&[("display_name", " Ana <b>Torres</b> ")]).await, 200);
    assert_eq!(world.people().await[0]["display_name"], "Ana <b>Torres</b>");
    assert!(!ana.page.contains("<b>Torres"), "text, not markup: {}", ana.page);
}

//! What waits for somebody who was invited stays for them, whoever else writes their address.

use std::time::{Duration, Instant};

use super::*;

pub(super) const ZOE: &str = "zoe@example.org";

pub(super) async fn invite(ana: &Caller<'_>, email: &str) -> String {
    let new = json!({"username": "zoe", "email": email, "display_name": "Zoé",
        "role": "moderator"});
    ana.post("/users", Some(new)).await.expect(201);
    ana.id("zoe").await
}

/// The links to choose a password in the mails to an address, once there are so many.
pub(super) async fn invitations(world: &World, address: &str, count: usize) -> Vec<String> {
    links(world, (address, "reset"), count).await
}

pub(super) async fn links(
    world: &World,
    (address, part): (&str, &str),
    count: usize,
) -> Vec<String> {
    let before = format!("/id/{part}/");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mails = world.mails();
        let to = mails.iter().filter(|mail| mail.contains(&format!("To: {address}")));
        let links = to.filter_map(|mail| {
            let rest = mail.split(&before).nth(1)?;
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
            Some(format!("{}/{part}/{}", world.issuer, &rest[..end.unwrap_or(rest.len())]))
        });
        let links: Vec<String> = links.collect();
        if links.len() >= count {
            return links;
        }
        assert!(Instant::now() < deadline, "{} of {count} to {address}: {mails:?}", links.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Signs up; answers the page without what differs from one address to the other.
async fn sign_up(world: &World, username: &str, email: &str) -> (u16, String) {
    let mut browser = Browser::default();
    browser.open(world, &format!("{}/signup", world.issuer)).await;
    fill_in(world, &mut browser, (username, email)).await;
    let title = browser.page.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
    (browser.status, title.unwrap_or_default().to_owned())
}

/// Sends the form of a sign-up.
async fn fill_in(world: &World, browser: &mut Browser, (username, email): (&str, &str)) {
    let fields = [
        ("email", email),
        ("username", username),
        ("display_name", "Somebody"),
        ("password", PASSWORD),
    ];
    browser.submit(world, &fields).await;
}

/// Signs up where an app has sent its person.
pub(super) async fn sign_up_from_app(world: &World, browser: &mut Browser) {
    let request = world.request(&world.chat(), &[("prompt", "create")]);
    browser.open(world, &world.authorize_url(&request)).await;
    assert!(browser.address.contains("/signup?ix="), "{}", browser.address);
    fill_in(world, browser, ("zoe", ZOE)).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
}

/// Chooses a password, in a browser in which nothing waits.
pub(super) async fn choose(world: &World, link: &str) -> Browser {
    let mut zoe = Browser::default();
    choose_in(world, &mut zoe, link).await;
    assert_eq!(
        (zoe.status, zoe.address.as_str()),
        (303, world.config.home_url.as_str()),
        "{}",
        zoe.page
    );
    zoe
}

async fn choose_in(world: &World, zoe: &mut Browser, link: &str) {
    zoe.open(world, link).await;
    zoe.submit(world, &[("password", "seven quiet boats at dawn")]).await;
}

pub(super) fn policy(browser: &Browser) -> &str {
    browser.headers["content-security-policy"].to_str().unwrap()
}

#[tokio::test]
async fn who_was_invited_and_signs_up_from_an_app_comes_back_to_it() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    let first = invitations(&world, ZOE, 1).await.remove(0);
    let mut zoe = Browser::default();
    sign_up_from_app(&world, &mut zoe).await;
    let links = invitations(&world, ZOE, 2).await;
    let fresh = links.iter().find(|link| **link != first).unwrap();

    zoe.open(&world, fresh).await;
    assert!(policy(&zoe).contains("https://app.example"), "{}", policy(&zoe));
    zoe.submit(&world, &[("password", "short")]).await;
    assert_eq!(zoe.status, 422, "{}", zoe.page);
    assert!(policy(&zoe).contains("https://app.example"), "{}", policy(&zoe));
    zoe.submit(&world, &[("password", "seven quiet boats at dawn")]).await;
    let answer = zoe.answer();
    assert_eq!(answer["state"], "st");
    let (status, tokens) = world.exchange(&world.chat(), &answer["code"]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(world.userinfo(&tokens).await.1["email"], ZOE);
    assert_eq!(ana.get(&format!("/users/{id}")).await["role"], "moderator");
}

#[tokio::test]
async fn an_operator_who_makes_an_account_at_an_address_leaves_the_invitation_that_waits_there() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    let link = invitations(&world, ZOE, 1).await.remove(0);
    // As old as a sign-up whose name is free again.
    world.sql("UPDATE users SET created_at = created_at - 90000000 WHERE username = 'zoe'").await;
    let create = async |name: &str, email: &str| {
        let words = ["user", "create", "--username", name, "--email", email, "--verified"];
        world.try_command(&[&words[..], &["--password", PASSWORD]].concat()).await
    };
    let refused = create("zoe2", "Zoe@Example.org").await.unwrap_err();
    assert!(refused.contains("an invitation waits"), "{refused}");
    let refused = create("zoe", "another@example.org").await.unwrap_err();
    assert!(refused.contains("name is taken"), "{refused}");
    choose(&world, &link).await;
    let zoe = ana.get(&format!("/users/{id}")).await;
    assert_eq!((&zoe["status"], &zoe["role"]), (&json!("active"), &json!("moderator")));
}

#[tokio::test]
async fn an_invitation_that_somebody_elses_app_asked_for_leads_home() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    invite(&ana, ZOE).await;
    let first = invitations(&world, ZOE, 1).await.remove(0);
    sign_up_from_app(&world, &mut Browser::default()).await;
    let links = invitations(&world, ZOE, 2).await;
    let fresh = links.iter().find(|link| **link != first).unwrap();

    let mut zoe = Browser::default();
    zoe.open(&world, fresh).await;
    assert!(!policy(&zoe).contains("https://app.example"), "{}", policy(&zoe));
    choose(&world, fresh).await;
}

#[tokio::test]
async fn signing_up_with_an_invited_address_sends_the_invitation_again() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    let first = invitations(&world, ZOE, 1).await;
    let nobodys = sign_up(&world, "kim", "kim@example.org").await;
    assert_eq!(sign_up(&world, "zoe", ZOE).await, nobodys, "as if the address were nobody's");
    let links = invitations(&world, ZOE, 2).await;
    assert_eq!(sign_up(&world, "mallory", ZOE).await, nobodys);
    invitations(&world, ZOE, 3).await;
    let fresh = links.iter().find(|link| **link != first[0]).unwrap();
    choose(&world, fresh).await;
    let zoe = ana.get(&format!("/users/{id}")).await;
    assert_eq!((&zoe["status"], &zoe["role"]), (&json!("active"), &json!("moderator")));
    assert_eq!((&zoe["username"], &zoe["display_name"]), (&json!("zoe"), &json!("Zoé")));
}

#[tokio::test]
async fn the_name_of_who_was_invited_is_theirs_while_the_invitation_waits() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    // Two days later.
    world.sql("UPDATE users SET created_at = created_at - 172800000 WHERE username = 'zoe'").await;
    let (status, _) = sign_up(&world, "zoe", "mallory@example.org").await;
    assert_eq!(status, 422);
    assert_eq!(ana.get(&format!("/users/{id}")).await["role"], "moderator");
}

#[tokio::test]
async fn nobody_moves_to_an_invited_address() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let mut leo = Browser::default();
    sign_in(&world, &mut leo, "leo").await;
    let page = format!("{}/account/email", world.issuer);
    leo.open(&world, &page).await;
    leo.submit_at(&world, "/account/email", &[("email", ZOE)]).await;
    let link = links(&world, (ZOE, "address"), 1).await.remove(0);

    // Invited while that link waits.
    let id = invite(&ana, ZOE).await;
    leo.open(&world, &link).await;
    leo.submit(&world, &[]).await;
    assert_eq!(leo.status, 409, "{}", leo.page);
    invitations(&world, ZOE, 1).await;

    leo.open(&world, &page).await;
    leo.submit_at(&world, "/account/email", &[("email", ZOE)]).await;
    assert!(leo.page.contains("We sent a mail"), "{}", leo.page);
    let links = invitations(&world, ZOE, 2).await;
    choose(&world, &links[1]).await;
    let zoe = ana.get(&format!("/users/{id}")).await;
    assert_eq!((&zoe["status"], &zoe["role"]), (&json!("active"), &json!("moderator")));
}

//! Whoever is invited again keeps the invitation that waits.

use super::invitations::{ZOE, choose, invitations, invite, policy, sign_up_from_app};
use super::*;

fn again(changes: &Value) -> Value {
    let mut body = json!({"username": "zoe", "email": ZOE});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

/// The newest of the links in `count` mails to Zoé.
async fn newest(world: &World, count: usize, before: &[String]) -> String {
    let links = invitations(world, ZOE, count).await;
    links.into_iter().find(|link| !before.contains(link)).unwrap()
}

async fn is_over(world: &World, link: &str) -> bool {
    let mut browser = Browser::default();
    browser.open(world, link).await;
    browser.status == 410
}

#[tokio::test]
async fn inviting_an_address_again_sends_what_waits_with_another_link() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    let first = invitations(&world, ZOE, 1).await;
    let sent = ana.post("/users", Some(again(&json!({})))).await.expect(200);
    assert_eq!((&sent["id"], &sent["role"]), (&json!(id), &json!("moderator")));
    assert_eq!((&sent["status"], &sent["display_name"]), (&json!("pending"), &json!("Zoé")));
    let second = newest(&world, 2, &first).await;
    assert!(is_over(&world, &first[0]).await, "the link before works on");
    let me = ana.id("ana").await;
    let told = ana.get("/audit?event=signup.invited_again").await;
    assert_eq!((&told["items"][0]["user"], &told["items"][0]["actor"]), (&json!(id), &json!(me)));
    assert_eq!(told["items"][0]["detail"]["changed"], json!([]));
    choose(&world, &second).await;
    let zoe = ana.get(&format!("/users/{id}")).await;
    assert_eq!((&zoe["status"], &zoe["role"]), (&json!("active"), &json!("moderator")));
    ana.post("/users", Some(again(&json!({})))).await.problem(409, "conflict");
}

#[tokio::test]
async fn what_an_invitation_says_the_second_time_is_changed() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    let said = json!({"username": "zoraida", "role": "admin", "locale": "es"});
    let sent = ana.post("/users", Some(again(&said))).await.expect(200);
    assert_eq!((&sent["id"], &sent["username"]), (&json!(id), &json!("zoraida")));
    assert_eq!((&sent["role"], &sent["locale"]), (&json!("admin"), &json!("es")));
    assert_eq!(sent["display_name"], "Zoé");
    let told = ana.get(&format!("/audit?user={id}&event=user.role_changed")).await;
    let detail = &told["items"][0]["detail"];
    assert_eq!((&detail["from"], &detail["to"]), (&json!("moderator"), &json!("admin")));
    let told = ana.get("/audit?event=signup.invited_again").await;
    assert_eq!(told["items"][0]["detail"]["changed"], json!(["username", "locale"]));
    let taken = again(&json!({"username": "ana"}));
    ana.post("/users", Some(taken)).await.problem(409, "conflict");
    assert_eq!(ana.get(&format!("/users/{id}")).await["username"], "zoraida");
}

#[tokio::test]
async fn an_invitation_waits_on_when_somebody_invites_again_who_may_not() {
    let world = World::open().await;
    world.person("leo").await;
    make(&world, "leo", "admin").await;
    let ana = Caller::strong(&world, "ana").await;
    let leo = Caller::strong(&world, "leo").await;
    let admin = again(&json!({"role": "admin"}));
    let made = ana.post("/users", Some(admin.clone())).await.expect(201);
    let link = invitations(&world, ZOE, 1).await.remove(0);
    for body in [again(&json!({})), again(&json!({"role": "member"})), admin] {
        leo.post("/users", Some(body)).await.problem(403, "forbidden");
    }
    choose(&world, &link).await;
    let zoe = ana.get(&format!("/users/{}", made["id"].as_str().unwrap())).await;
    assert_eq!((&zoe["status"], &zoe["role"]), (&json!("active"), &json!("admin")));
}

#[tokio::test]
async fn an_invitation_is_not_in_the_way_of_a_later_one_of_the_same_name() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    // Two days later.
    world.sql("UPDATE users SET created_at = created_at - 172800000 WHERE username = 'zoe'").await;
    let other = json!({"username": "zoe", "email": "other@example.org"});
    ana.post("/users", Some(other)).await.problem(409, "conflict");
    assert_eq!(ana.get(&format!("/users/{id}")).await["status"], "pending");
}

#[tokio::test]
async fn who_is_signing_up_from_an_app_when_they_are_invited_comes_back_to_it() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let mut zoe = Browser::default();
    sign_up_from_app(&world, &mut zoe).await;
    let sign_up = super::people::link(&world, ZOE, "verify").await;
    // Invited in the meantime, twice.
    let id = invite(&ana, ZOE).await;
    let first = invitations(&world, ZOE, 1).await;
    ana.post("/users", Some(again(&json!({})))).await.expect(200);
    let second = newest(&world, 2, &first).await;
    assert!(is_over(&world, &sign_up).await, "nobody knows who typed that password");
    zoe.open(&world, &second).await;
    assert!(policy(&zoe).contains("https://app.example"), "{}", policy(&zoe));
    zoe.submit(&world, &[("password", "seven quiet boats at dawn")]).await;
    assert_eq!(zoe.answer()["state"], "st");
    assert_eq!(ana.get(&format!("/users/{id}")).await["role"], "moderator");
}

#[tokio::test]
async fn a_password_reset_sends_an_invitation_again() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let id = invite(&ana, ZOE).await;
    let first = invitations(&world, ZOE, 1).await;
    ana.post(&format!("/users/{id}/password-reset"), None).await.expect(204);
    let second = newest(&world, 2, &first).await;
    assert!(is_over(&world, &first[0]).await);
    choose(&world, &second).await;
    assert_eq!(ana.get(&format!("/users/{id}")).await["role"], "moderator");
}

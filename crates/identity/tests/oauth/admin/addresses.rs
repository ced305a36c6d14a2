//! An administrator asks for another address of somebody's account.

use super::invitations::{ZOE, choose, invitations, invite, links};
use super::*;

const NEW: &str = "leo@work.example";
const OLD: &str = "leo@example.org";

async fn patch(by: &Caller<'_>, user: &str, email: &str) -> Answer {
    by.call("patch", &format!("/users/{user}"), Some(json!({"email": email}))).await
}

/// The address of an account, and the one that waits.
async fn addresses(ana: &Caller<'_>, user: &str) -> (Value, Value) {
    let found = ana.get(&format!("/users/{user}")).await;
    (found["email"].clone(), found["email_change"]["email"].clone())
}

/// The link by which a new address confirms.
async fn confirmation(world: &World) -> String {
    links(world, (NEW, "address"), 1).await.remove(0)
}

#[tokio::test]
async fn an_address_that_is_asked_for_waits_until_its_person_confirms_it() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let leo = ana.id("leo").await;
    let asked = patch(&ana, &leo, NEW).await.expect(200);
    assert_eq!((&asked["email"], &asked["email_verified"]), (&json!(OLD), &json!(true)));
    assert_eq!(asked["email_change"]["email"], NEW);
    assert!(asked["email_change"]["expires_at"].is_string(), "{asked}");
    assert_eq!(addresses(&ana, &leo).await, (json!(OLD), json!(NEW)));
    let told = ana.get(&format!("/audit?user={leo}&event=address.change_asked")).await;
    assert_eq!(told["items"][0]["actor"], json!(ana.id("ana").await));
    links(&world, (OLD, "address/undo"), 1).await;
    let notice = world.mails().into_iter().find(|mail| mail.contains(&format!("To: {OLD}")));
    let notice = notice.unwrap();
    assert!(notice.contains("An administrator") && notice.contains(NEW), "{notice}");

    let mut person = Browser::default();
    person.open(&world, &confirmation(&world).await).await;
    person.submit(&world, &[("password", "not the right phrase")]).await;
    assert_eq!(addresses(&ana, &leo).await, (json!(OLD), json!(NEW)), "a stranger's mailbox");
    person.submit(&world, &[("password", PASSWORD)]).await;
    assert_eq!(person.status, 200, "{}", person.page);
    assert_eq!(addresses(&ana, &leo).await, (json!(NEW), Value::Null));
}

#[tokio::test]
async fn the_old_address_stops_what_an_administrator_asked_for() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let leo = ana.id("leo").await;
    patch(&ana, &leo, NEW).await.expect(200);
    let undo = links(&world, (OLD, "address/undo"), 1).await.remove(0);
    let confirm = confirmation(&world).await;
    let mut person = Browser::default();
    person.open(&world, &undo).await;
    person.submit(&world, &[]).await;
    assert_eq!(addresses(&ana, &leo).await, (json!(OLD), Value::Null));
    person.open(&world, &confirm).await;
    assert_eq!(person.status, 410, "{}", person.page);
}

#[tokio::test]
async fn the_present_address_withdraws_one_that_waits() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let leo = ana.id("leo").await;
    patch(&ana, &leo, NEW).await.expect(200);
    let withdrawn = patch(&ana, &leo, "Leo@Example.org").await.expect(200);
    assert_eq!(withdrawn["email_change"], Value::Null);
    let told = ana.get("/audit?event=address.change_withdrawn").await;
    assert_eq!(told["items"][0]["user"], json!(leo));
    let mut person = Browser::default();
    person.open(&world, &confirmation(&world).await).await;
    assert_eq!(person.status, 410, "{}", person.page);
}

#[tokio::test]
async fn no_address_is_asked_for_by_who_may_not_or_that_is_somebody_elses() {
    let world = World::open().await;
    for name in ["leo", "tom", "eva"] {
        world.person(name).await;
    }
    make(&world, "eva", "admin").await;
    make(&world, "tom", "moderator").await;
    let ana = Caller::strong(&world, "ana").await;
    let (me, leo) = (ana.id("ana").await, ana.id("leo").await);
    let (eva, tom) = (Caller::strong(&world, "eva").await, Caller::strong(&world, "tom").await);
    patch(&eva, &me, NEW).await.problem(403, "forbidden");
    patch(&tom, &leo, NEW).await.problem(403, "forbidden");
    assert_eq!(addresses(&ana, &me).await.1, Value::Null);
    patch(&ana, &leo, "tom@example.org").await.problem(409, "conflict");
    patch(&ana, &leo, "nonsense").await.problem(422, "invalid");
    invite(&ana, ZOE).await;
    patch(&ana, &leo, ZOE).await.problem(409, "conflict");
    assert_eq!(addresses(&ana, &leo).await, (json!(OLD), Value::Null));

    patch(&eva, &leo, NEW).await.expect(200);
    let seen = tom.get(&format!("/users/{leo}")).await;
    assert!(!seen.to_string().contains(NEW), "no address for who may not read them: {seen}");
    ana.put(&format!("/users/{leo}/block"), json!({})).await.expect(200);
    patch(&ana, &leo, "leo@other.example").await.problem(409, "conflict");
}

#[tokio::test]
async fn an_invitation_goes_to_its_other_address_at_once() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let zoe = invite(&ana, ZOE).await;
    let wrong = invitations(&world, ZOE, 1).await.remove(0);
    patch(&ana, &zoe, OLD).await.problem(409, "conflict");
    let moved = patch(&ana, &zoe, NEW).await.expect(200);
    assert_eq!((&moved["email"], &moved["email_verified"]), (&json!(NEW), &json!(false)));
    assert_eq!((&moved["status"], &moved["role"]), (&json!("pending"), &json!("moderator")));
    let mut stranger = Browser::default();
    stranger.open(&world, &wrong).await;
    assert_eq!(stranger.status, 410, "{}", stranger.page);
    let link = invitations(&world, NEW, 1).await.remove(0);
    choose(&world, &link).await;
    let found = ana.get(&format!("/users/{zoe}")).await;
    assert_eq!((&found["status"], &found["email_verified"]), (&json!("active"), &json!(true)));
}

//! Accounts by the admin API.

use super::*;

/// The link to choose a password that was mailed to an address.
pub(super) async fn reset_link(world: &World, address: &str) -> String {
    link(world, address, "reset").await
}

/// A link that was mailed to an address.
pub(super) async fn link(world: &World, address: &str, part: &str) -> String {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let before = format!("/id/{part}/");
    loop {
        let mails = world.mails();
        let to = |mail: &&String| mail.contains(address) && mail.contains(&before);
        if let Some(mail) = mails.iter().rev().find(to) {
            let rest = mail.split(&before).nth(1).unwrap();
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
            let token = &rest[..end.unwrap_or(rest.len())];
            return format!("{}/{part}/{token}", world.issuer);
        }
        assert!(std::time::Instant::now() < deadline, "no mail to {address}: {mails:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn signs_in(world: &World, name: &str, password: &str) -> bool {
    let mut browser = Browser::default();
    browser.open(world, &format!("{}/login", world.issuer)).await;
    browser.submit(world, &[("username", name), ("password", password)]).await;
    !browser.page.contains("role=\"alert\"")
}

#[tokio::test]
async fn people_are_found_by_part_of_a_name_or_by_address_page_by_page() {
    let world = World::open().await;
    for name in ["leo", "leonora", "eva", "a_b"] {
        world.person(name).await;
    }
    let ana = Caller::strong(&world, "ana").await;
    let found = async |query: &str| {
        let page = ana.get(&format!("/users?{query}")).await;
        let names = page["items"].as_array().unwrap().iter();
        names.map(|user| user["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("query=LEO").await, ["leo", "leonora"]);
    assert_eq!(found("query=Eva@Example.org").await, ["eva"]);
    assert_eq!(found("query=example.org").await, Vec::<String>::new(), "addresses are sealed");
    assert_eq!(found("query=_").await, ["a_b"], "nothing in it is special");
    assert_eq!(found("query=%25").await, Vec::<String>::new());
    assert_eq!(found("role=owner").await, ["ana"]);
    assert_eq!(found("status=blocked").await, Vec::<String>::new());
    let mut seen = Vec::new();
    let mut path = "/users?limit=2".to_owned();
    loop {
        let page = ana.get(&path).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|u| u["username"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/users?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["ana", "leo", "leonora", "eva", "a_b"]);
}

#[tokio::test]
async fn somebody_who_is_invited_chooses_a_password_by_mail() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let new = json!({"username": "zoe", "email": "zoe@example.org", "display_name": "Zoé",
        "role": "moderator", "locale": "es"});
    let made = ana.post("/users", Some(new.clone())).await.expect(201);
    assert_eq!((&made["status"], &made["email_verified"]), (&json!("pending"), &json!(false)));
    let mut other = new;
    other["email"] = json!("other@example.org");
    ana.post("/users", Some(other)).await.problem(409, "conflict");
    let taken = json!({"username": "ana2", "email": "ana@example.org"});
    ana.post("/users", Some(taken)).await.problem(409, "conflict");
    let id = ana.id("zoe").await;

    let link = reset_link(&world, "zoe@example.org").await;
    let mut browser = Browser::default();
    browser.open(&world, &link).await;
    let chosen = "seven quiet boats at dawn";
    browser.submit(&world, &[("password", chosen)]).await;
    assert_eq!(browser.status, 303, "{}", browser.page);
    browser.open(&world, &format!("{}/account", world.issuer)).await;
    assert!(browser.page.contains("zoe@example.org"), "and is in: {}", browser.page);
    assert!(signs_in(&world, "zoe", chosen).await);
    let zoe = ana.get(&format!("/users/{id}")).await;
    assert_eq!((&zoe["status"], &zoe["role"]), (&json!("active"), &json!("moderator")));
    assert_eq!((&zoe["email_verified"], &zoe["locale"]), (&json!(true), &json!("es")));
}

#[tokio::test]
async fn a_forced_reset_takes_the_password_and_mails_a_link() {
    let world = World::open().await;
    world.person("leo").await;
    let mut browser = Browser::default();
    sign_in(&world, &mut browser, "leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let leo = ana.id("leo").await;
    ana.post(&format!("/users/{leo}/password-reset"), None).await.expect(204);
    assert!(!signs_in(&world, "leo", PASSWORD).await, "the old password is gone");
    browser.open(&world, &format!("{}/account", world.issuer)).await;
    assert!(browser.address.contains("/login"), "and so is the session");
    let link = reset_link(&world, "leo@example.org").await;
    browser.open(&world, &link).await;
    let chosen = "seven quiet boats at dawn";
    browser.submit(&world, &[("password", chosen)]).await;
    assert!(signs_in(&world, "leo", chosen).await);
    ana.put(&format!("/users/{leo}/block"), json!({})).await.expect(200);
    ana.post(&format!("/users/{leo}/password-reset"), None).await.problem(409, "conflict");
}

#[tokio::test]
async fn an_account_is_edited_blocked_and_opened_again() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let path = format!("/users/{}", ana.id("leo").await);
    let edit = json!({"username": "leonardo", "display_name": "Leo S.", "locale": "es"});
    let edited = ana.call("patch", &path, Some(edit)).await.expect(200);
    assert_eq!((&edited["username"], &edited["locale"]), (&json!("leonardo"), &json!("es")));
    let taken = Some(json!({"username": "Ana"}));
    ana.call("patch", &path, taken).await.problem(409, "conflict");
    let own = Some(json!({"username": "Leonardo"}));
    assert_eq!(ana.call("patch", &path, own).await.expect(200)["username"], "Leonardo");
    let bad = Some(json!({"display_name": "a\u{202e}b"}));
    ana.call("patch", &path, bad).await.problem(422, "invalid");
    ana.call("patch", &path, Some(json!({"role": "owner"}))).await.problem(400, "malformed");

    let block = format!("{path}/block");
    let long = json!({"reason": "x".repeat(501)});
    ana.put(&block, long).await.problem(422, "invalid");
    let blocked = ana.put(&block, json!({"reason": "spam"})).await.expect(200);
    assert_eq!(
        (&blocked["status"], &blocked["blocked_reason"]),
        (&json!("blocked"), &json!("spam"))
    );
    assert_eq!(ana.put(&block, json!({"reason": "x"})).await.expect(200)["blocked_reason"], "spam");
    assert!(!signs_in(&world, "leonardo", PASSWORD).await);
    assert_eq!(ana.delete(&block).await.expect(200)["status"], "active");
    assert_eq!(ana.delete(&block).await.expect(200)["status"], "active", "again is the same");
    assert!(signs_in(&world, "leonardo", PASSWORD).await);
    let nobody = kit::clock::uuid_v7();
    ana.put(&format!("/users/{nobody}/block"), json!({})).await.problem(404, "not_found");
}

#[tokio::test]
async fn factors_are_taken_from_who_lost_them_and_their_person_is_told() {
    let world = World::open().await;
    world.person("leo").await;
    let leo = Caller::strong(&world, "leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let path = format!("/users/{}", ana.id("leo").await);
    let factors = ana.get(&path).await["factors"].clone();
    assert_eq!(factors.as_array().unwrap().len(), 2, "the app and its recovery codes: {factors}");
    assert_eq!((&factors[0]["kind"], &factors[0]["name"]), (&json!("totp"), &json!("Phone")));
    let removed = ana.delete(&format!("{path}/factors")).await.expect(200);
    assert_eq!(removed, json!({"removed": 2}));
    assert_eq!(ana.delete(&format!("{path}/factors")).await.expect(200)["removed"], 0);
    assert_eq!(ana.get(&path).await["factors"], json!([]));
    let token = leo.tokens["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh(&console(&world).await, token).await.0, StatusCode::BAD_REQUEST);
    let told = async || {
        world
            .mails()
            .iter()
            .any(|mail| mail.contains("leo@example.org") && mail.contains("all second steps"))
    };
    for _ in 0..200 {
        if told().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no mail: {:?}", world.mails());
}

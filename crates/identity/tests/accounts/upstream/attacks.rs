//! What attackers try with sign-ins by other providers.

use reqwest::Method;
use serde_json::{Value, json};

use super::acme::{Acme, Forged, Iss, now_s, person};
use super::{acme_of, by_acme, click, column, events, world_with};
use crate::world::{Browser, PASSWORD, World};

/// Sends a browser off to acme, and answers where acme would send it back to.
async fn answer_of(browser: &mut Browser<'_>) -> String {
    browser.open("/id/login").await;
    let start = super::link_of(&browser.page, "Continue with Acme").unwrap();
    let off = browser.step(&start).await;
    browser.step(&off).await
}

/// Nobody came in, nobody was made, and the page says why not.
async fn is_refused(world: &World, browser: &mut Browser<'_>, status: u16, why: &str) {
    assert_eq!(browser.status, status, "{why}: {}", browser.page);
    assert!(!browser.is_in().await, "{why}");
    let linked = world.table("federated_identities");
    assert!(column(world, &format!("SELECT sub FROM {linked}")).await.is_empty(), "{why}");
}

#[tokio::test]
async fn an_answer_is_good_once_and_in_the_browser_that_asked() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    let answer = answer_of(&mut ana).await;
    let mut eva = world.browser();
    eva.open("/id/login").await;
    eva.open(&answer).await;
    is_refused(&world, &mut eva, 410, "another browser").await;
    let spoilt = answer.replace("state=", "state=0");
    eva.open(&spoilt).await;
    is_refused(&world, &mut eva, 410, "no such state").await;
    assert_eq!(acme.tricks().redeemed, 0, "nothing was asked for them");
    assert_eq!(ana.open(&answer).await, 200, "{}", ana.page);
    assert!(ana.page.contains("Complete your account"), "{}", ana.page);
    let arrived = ana.address.clone();
    ana.open(&answer).await;
    is_refused(&world, &mut ana, 410, "a second time").await;
    assert_eq!(acme.tricks().redeemed, 1);
    eva.open(&arrived).await;
    is_refused(&world, &mut eva, 410, "what waits for ana").await;
}

#[tokio::test]
async fn a_state_with_another_secret_is_another_state() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    let answer = answer_of(&mut ana).await;
    let state = answer.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let (id, _) = state.split_once('.').unwrap();
    for wrong in [format!("{id}."), format!("{id}.x"), id.to_owned(), "x".repeat(2_000)] {
        ana.open(&answer.replace(state, &wrong)).await;
        is_refused(&world, &mut ana, 410, &wrong).await;
    }
    assert_eq!(ana.open(&answer).await, 200, "the right one was not spent");
}

#[tokio::test]
async fn a_token_that_is_not_of_this_provider_for_us_and_this_sign_in_is_refused() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let now = now_s();
    let claims = [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"iss": "https://elsewhere.example"}),
        json!({"iss": format!("{}/", acme.issuer)}),
        json!({"aud": "another-client"}),
        json!({"aud": ["tertulia", "another-client"]}),
        json!({"azp": "another-client"}),
        json!({"exp": now - 61}),
        json!({"exp": null}),
        json!({"iat": now + 3_600, "exp": now + 7_200}),
        json!({"sub": null}),
        json!({"sub": ""}),
    ];
    for lie in claims {
        acme.tricks().claims = lie.clone();
        let mut eva = world.browser();
        by_acme(&mut eva).await;
        is_refused(&world, &mut eva, 422, &lie.to_string()).await;
    }
    acme.tricks().claims = json!({});
    let forgeries = [
        Forged::Unsigned,
        Forged::Shared,
        Forged::Foreign,
        Forged::Brought,
        Forged::Spoilt,
        Forged::Typed("at+jwt"),
        Forged::Typed("logout+jwt"),
    ];
    for forged in forgeries {
        acme.tricks().forged = Some(forged);
        let mut eva = world.browser();
        by_acme(&mut eva).await;
        is_refused(&world, &mut eva, 422, &format!("{forged:?}")).await;
    }
    acme.tricks().forged = None;
    let mut ana = world.browser();
    assert_eq!(by_acme(&mut ana).await, 200);
    assert!(ana.page.contains("Complete your account"), "the truth passes: {}", ana.page);
}

#[tokio::test]
async fn userinfo_about_somebody_else_is_not_believed() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    for lie in [person("8", "eva"), json!({"email": "eva@example.org", "email_verified": true})] {
        acme.tricks().userinfo = Some(lie.clone());
        let mut eva = world.browser();
        by_acme(&mut eva).await;
        is_refused(&world, &mut eva, 422, &lie.to_string()).await;
    }
}

#[tokio::test]
async fn providers_cannot_answer_for_each_other() {
    let acme = Acme::open(person("7", "ana")).await;
    let evil = Acme::open(person("7", "ana")).await;
    let mut other = acme_of(&evil);
    other.name = "evil".to_owned();
    other.label = "Evil".to_owned();
    let told = vec![acme_of(&acme), other];
    let world = World::with(|settings| settings.upstream = told).await;
    let mut ana = world.browser();
    let answer = answer_of(&mut ana).await;
    ana.open(&answer.replace("/federation/acme/", "/federation/evil/")).await;
    is_refused(&world, &mut ana, 410, "the state is acme's").await;
    acme.tricks().iss = Iss::Another(evil.issuer.clone());
    by_acme(&mut ana).await;
    is_refused(&world, &mut ana, 422, "the answer is evil's (RFC 9207)").await;
    acme.tricks().iss = Iss::Hidden;
    by_acme(&mut ana).await;
    is_refused(&world, &mut ana, 422, "an answer that hides whose it is").await;
    assert_eq!(acme.tricks().redeemed + evil.tricks().redeemed, 0, "no code was shown to anybody");
    // The same id at another issuer is another person.
    acme.tricks().iss = Iss::Own;
    by_acme(&mut ana).await;
    let address = [("username", "ana"), ("display_name", "Ana"), ("email", "ana@example.org")];
    ana.submit(&address).await;
    ana.open(&world.link("ana@example.org", "/verify/").await).await;
    ana.submit(&[]).await;
    assert!(ana.is_in().await);
    let mut eva = world.browser();
    eva.open("/id/login").await;
    click(&mut eva, "Continue with Evil").await;
    assert!(!eva.is_in().await);
}

#[tokio::test]
async fn a_provider_whose_document_is_another_s_is_not_used() {
    let acme = Acme::open(person("7", "ana")).await;
    for lie in [
        json!({"issuer": "https://elsewhere.example"}),
        json!({"authorization_endpoint": "http://elsewhere.example/authorize"}),
        json!({"authorization_endpoint": "javascript:alert(1)"}),
        json!({"token_endpoint": null}),
    ] {
        acme.tricks().document = lie.clone();
        let world = world_with(&acme, |_| ()).await;
        let mut ana = world.browser();
        by_acme(&mut ana).await;
        assert!(ana.is_home(), "{lie}");
        is_refused(&world, &mut ana, 503, &lie.to_string()).await;
    }
    // Where the document leads us to, the guard looks at.
    acme.tricks().document = json!({"token_endpoint": "http://169.254.169.254/latest/meta-data"});
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    is_refused(&world, &mut ana, 503, "an address of our own network").await;
}

#[tokio::test]
async fn an_address_that_the_provider_did_not_prove_takes_over_nothing_and_tells_nothing() {
    let acme = Acme::open(person("666", "ana")).await;
    let world = world_with(&acme, |told| told.trust_email = false).await;
    world.person("ana").await;
    let mut pages: Vec<(String, String)> = Vec::new();
    for (address, name) in [("ana@example.org", "eva"), ("nobody@example.org", "ivy")] {
        acme.tricks().person["email"] = json!(address);
        let mut eva = world.browser();
        by_acme(&mut eva).await;
        let first = eva.page.replace(address, "ADDRESS");
        let fields = [("username", name), ("display_name", "Eva"), ("email", address)];
        assert_eq!(eva.submit(&fields).await, 200, "{}", eva.page);
        let sent = eva.page.replace(address, "ADDRESS");
        assert!(!eva.is_in().await);
        by_acme(&mut eva).await;
        let again = eva.page.replace(address, "ADDRESS");
        let fields = [("username", name), ("display_name", "Eva"), ("email", "e@example.org")];
        assert_eq!(eva.submit(&fields).await, 422, "the name of {address} is reserved");
        pages.push((same(&first) + &same(&again), same(&sent)));
    }
    assert_eq!(pages[0], pages[1], "a known and an unknown address");
    let linked = world.table("federated_identities");
    let users = world.table("users");
    let sql = format!(
        "SELECT u.username FROM {linked} f JOIN {users} u ON u.id = f.user_id \
         WHERE u.status = 'active'"
    );
    assert!(column(&world, &sql).await.is_empty());
    // A provider whose word counts says that it has not made sure of the address.
    acme.tricks().person = json!({"sub": "667", "email": "ana@example.org",
                                  "email_verified": false});
    let trusted = world_with(&acme, |_| ()).await;
    trusted.person("ana").await;
    let mut eva = trusted.browser();
    by_acme(&mut eva).await;
    assert!(eva.page.contains("Complete your account"), "{}", eva.page);
    eva.open(&eva.address.replace("/new", "/known")).await;
    assert_eq!(eva.status, 404, "that page is for whose address is proven");
}

/// A page without what is random in it.
fn same(page: &str) -> String {
    let mut text = page.to_owned();
    for mark in ["name=\"csrf\" value=\"", "/arrival/", "/account/providers/", "/verify/"] {
        let parts: Vec<String> = text
            .split(mark)
            .enumerate()
            .map(|(n, part)| match n {
                0 => part.to_owned(),
                _ => part
                    .trim_start_matches(|c: char| c.is_alphanumeric() || c == '-' || c == '_')
                    .to_owned(),
            })
            .collect();
        text = parts.join(mark);
    }
    let encoded: Vec<&str> = text.split("%2Farrival%2F").collect();
    encoded.iter().enumerate().map(|(n, part)| if n == 0 { part } else { &part[36..] }).collect()
}

#[tokio::test]
async fn a_blocked_account_stays_out() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("the_owner").await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    ana.submit(&[("username", "ana"), ("display_name", "Ana")]).await;
    assert!(ana.is_in().await);
    world.command(&["user", "block", "ana"]).await.unwrap();
    assert!(!ana.is_in().await);
    assert_eq!(by_acme(&mut ana).await, 403);
    assert!(ana.page.contains("blocked"), "{}", ana.page);
    assert!(!ana.is_in().await);
    world.command(&["user", "unblock", "ana"]).await.unwrap();
    by_acme(&mut ana).await;
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn no_sign_in_leads_out_of_here() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    ana.submit(&[("username", "ana"), ("display_name", "Ana")]).await;
    let outside = [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "account/../../evil",
        "account?next=https://evil.example",
    ];
    for to in outside {
        let query: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let mut browser = world.browser();
        assert_eq!(browser.open(&format!("/id/federation/acme/start?to={query}")).await, 200);
        assert_eq!(browser.address, format!("{}/home", world.origin), "{to}");
    }
}

#[tokio::test]
async fn nobody_is_made_to_link_what_a_stranger_signed_them_in_to() {
    let acme = Acme::open(person("666", "eva")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    // A link somewhere starts it, and acme knows the browser as eva's: there is still a question.
    ana.open("/id/federation/acme/start?link=1").await;
    assert!(ana.page.contains("Link with Acme"), "{}", ana.page);
    assert!(events(&world, "idp.linked").await.is_empty());
    let page = ana.address.clone();
    let (action, hidden) = ana.form().unwrap();
    let forged = |csrf: &str| Some([("csrf".to_owned(), csrf.to_owned())].into());
    assert_eq!(ana.go(Method::POST, &action, forged("")).await, 403);
    ana.headers = vec![("origin", "https://evil.example".to_owned())];
    assert_eq!(ana.go(Method::POST, &action, forged(&hidden["csrf"])).await, 403);
    ana.headers = vec![("sec-fetch-site", "cross-site".to_owned())];
    assert_eq!(ana.go(Method::POST, &action, forged(&hidden["csrf"])).await, 403);
    ana.headers.clear();
    let mut leo = world.browser();
    leo.sign_up("leo").await;
    leo.open(&page).await;
    assert_eq!(leo.status, 410, "it waits in ana's browser only");
    assert!(events(&world, "idp.linked").await.is_empty());
    ana.open(&page).await;
    assert_eq!(ana.submit(&[]).await, 200, "her own click does it");
    let replayed = ana.go(Method::POST, &action, forged(&hidden["csrf"])).await;
    assert_eq!(replayed, 410, "once");
}

#[tokio::test]
async fn of_many_clicks_at_once_one_makes_the_account() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    let (action, hidden) = ana.form().unwrap();
    let click = async |number: usize| {
        let mut browser = world.browser();
        browser.cookies.clone_from(&ana.cookies);
        let fields = [
            ("csrf", hidden["csrf"].clone()),
            ("username", format!("ana{number}")),
            ("display_name", "Ana".to_owned()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value)).into();
        browser.go(Method::POST, &action, Some(fields)).await;
        browser.is_in().await
    };
    let all = futures::future::join_all((0..25).map(click)).await;
    assert_eq!(all.iter().filter(|is_in| **is_in).count(), 1);
    assert_eq!(world.people().await.len(), 1);
}

#[tokio::test]
async fn what_a_provider_says_about_a_person_is_text_and_bounded() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    acme.tricks().person = json!({"sub": "7", "preferred_username": "<script>alert(1)</script>",
        "name": format!("<b>{}", "x".repeat(10_000)), "email": "a@b\"><script>"});
    let mut ana = world.browser();
    assert_eq!(by_acme(&mut ana).await, 200);
    assert!(!ana.page.contains("<script>") && !ana.page.contains("<b>x"), "{}", ana.page);
    assert!(ana.page.len() < 20_000);
    acme.tricks().claims = json!({"junk": "x".repeat(20_000)});
    assert_eq!(by_acme(&mut ana).await, 422, "a token has an end");
    acme.tricks().claims = json!({});
    acme.tricks().userinfo = Some(Value::String("x".repeat(200_000)));
    assert_eq!(by_acme(&mut ana).await, 503, "and so has a description");
}

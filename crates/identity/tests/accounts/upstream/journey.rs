//! People who come by a provider.

use reqwest::Method;
use serde_json::json;

use super::acme::{Acme, person};
use super::{by_acme, click, column, events, world_with};
use crate::factors;
use crate::interactions::{authorize_path, is_back_at_the_app};
use crate::world::{PASSWORD, World, alert};

/// Fills in the form for a new account as it is proposed.
async fn join_as_proposed(browser: &mut crate::world::Browser<'_>) -> u16 {
    assert!(browser.page.contains("Complete your account"), "{}", browser.page);
    let value = |id: &str| {
        let input = browser.page.split(&format!("id=\"{id}\"")).nth(1).unwrap();
        let input = input.split('>').next().unwrap();
        input.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (username, name, email) = (value("username"), value("display_name"), value("email"));
    browser.submit(&[("username", &username), ("display_name", &name), ("email", &email)]).await
}

#[tokio::test]
async fn without_a_provider_nothing_is_offered() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.open("/id/login").await;
    assert!(!ana.page.contains("Continue with"), "{}", ana.page);
    for path in ["start", "callback?state=a.b&code=c"] {
        assert_eq!(ana.open(&format!("/id/federation/acme/{path}")).await, 404);
    }
    ana.sign_in("ana", PASSWORD).await;
    ana.open("/id/account").await;
    assert!(!ana.page.contains("Linked accounts"), "{}", ana.page);
}

#[tokio::test]
async fn a_new_person_makes_an_account_and_comes_back_to_the_app() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    ana.open(&authorize_path(&world, "").await).await;
    click(&mut ana, "Continue with Acme").await;
    assert!(ana.page.contains("value=\"ana of Acme\""), "the name is proposed: {}", ana.page);
    assert!(ana.page.contains("Verified by Acme"), "{}", ana.page);
    assert_eq!(ana.submit(&[("username", "."), ("display_name", "Ana")]).await, 422);
    assert!(ana.page.contains("value=\"ana@example.org\""), "{}", ana.page);
    ana.submit(&[("username", "anita"), ("display_name", "Ana"), ("email", "eva@example.org")])
        .await;
    assert!(is_back_at_the_app(&ana), "{} {}", ana.address, ana.page);
    assert!(ana.is_in().await);
    assert!(ana.page.contains("no password"), "{}", ana.page);
    let people = world.people().await;
    assert_eq!(people[0]["username"], "anita");
    assert_eq!(people[0]["email"], "ana@example.org", "and no other: it is the proven one");
    assert_eq!(people[0]["role"], "owner", "the first with a confirmed address");
    assert!(world.mails("ana@example.org").is_empty(), "nothing is left to confirm");
    assert_eq!(events(&world, "idp.linked").await.len(), 1);
}

#[tokio::test]
async fn a_linked_person_comes_back_whatever_they_are_called_there_meanwhile() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut first = world.browser();
    by_acme(&mut first).await;
    assert_eq!(join_as_proposed(&mut first).await, 200, "{}", first.page);
    acme.tricks().person = person("7", "renamed");
    let mut second = world.browser();
    second.open("/id/login?to=account/sessions").await;
    click(&mut second, "Continue with Acme").await;
    assert!(second.address.ends_with("/id/account/sessions"), "{}", second.address);
    assert_eq!(world.people().await.len(), 1);
    assert_eq!(world.people().await[0]["email"], "ana@example.org");
    acme.tricks().person = person("8", "ana");
    let mut other = world.browser();
    by_acme(&mut other).await;
    assert!(!other.is_in().await, "another id there is another person, with whatever address");
}

#[tokio::test]
async fn a_name_that_is_taken_is_not_proposed_and_not_given() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    world.person("ana2").await;
    let mut other = world.browser();
    other.sign_up("ana").await;
    acme.tricks().person["email"] = json!("another@example.org");
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    assert!(ana.page.contains("value=\"ana3\""), "{}", ana.page);
    let taken = [("username", "ANA2"), ("display_name", "Ana")];
    assert_eq!(ana.submit(&taken).await, 422);
    assert!(ana.page.contains("taken"), "{}", ana.page);
    assert_eq!(join_as_proposed(&mut ana).await, 422, "it shows what was typed");
    assert_eq!(ana.submit(&[("username", "ana3"), ("display_name", "Ana")]).await, 200);
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn an_address_that_is_not_proven_is_confirmed_by_mail_first() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |told| told.trust_email = false).await;
    let mut ana = world.browser();
    ana.open(&authorize_path(&world, "create").await).await;
    click(&mut ana, "Continue with Acme").await;
    assert_eq!(join_as_proposed(&mut ana).await, 200);
    assert!(ana.page.contains("Check your mail"), "{}", ana.page);
    assert!(!ana.is_in().await);
    by_acme(&mut ana).await;
    assert!(!ana.is_in().await, "not before the address is confirmed");
    let link = world.link("ana@example.org", "/verify/").await;
    let mut other = world.browser();
    other.open(&link).await;
    assert!(alert(&other.page).contains("only there"), "{}", other.page);
    other.open("/id/login").await;
    let fields = [("csrf".to_owned(), other.csrf())].into();
    assert_eq!(other.go(Method::POST, &link, Some(fields)).await, 403, "nor without the button");
    assert_eq!(world.people().await[0]["status"], "pending");
    ana.open(&link).await;
    assert!(ana.page.contains("acme · ana"), "it says who will be able to come in: {}", ana.page);
    ana.submit(&[]).await;
    assert!(is_back_at_the_app(&ana), "{}", ana.address);
    let mut again = world.browser();
    by_acme(&mut again).await;
    assert!(again.is_in().await);
    assert_eq!(
        column(&world, &format!("SELECT amr FROM {}", world.table("sessions"))).await,
        ["", ""]
    );
}

#[tokio::test]
async fn the_second_step_of_the_account_is_asked_for_whatever_the_provider_says() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |told| {
        told.acr.insert("strong".to_owned(), identity::Level::Mfa);
    })
    .await;
    acme.tricks().claims = json!({"acr": "strong"});
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    join_as_proposed(&mut ana).await;
    let sessions = world.table("sessions");
    let acr = format!("SELECT acr FROM {sessions} ORDER BY id DESC");
    assert_eq!(column(&world, &acr).await, ["urn:tertulia:acr:mfa"], "as the operator wrote");
    let (app, _) = factors::enrol(&mut ana).await;
    let mut second = world.browser();
    by_acme(&mut second).await;
    assert!(second.address.contains("/id/login/2fa/totp?ix="), "{}", second.address);
    let page = second.address.clone();
    assert!(!second.is_in().await);
    second.open(&page).await;
    assert_eq!(second.submit(&[("code", &app.code(0))]).await, 200, "{}", second.page);
    assert!(second.is_in().await);
}

#[tokio::test]
async fn a_level_that_nobody_wrote_down_is_a_password_s() {
    let acme = Acme::open(person("7", "ana")).await;
    acme.tricks().claims = json!({"acr": "phr", "amr": ["hwk", "mfa"]});
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    by_acme(&mut ana).await;
    join_as_proposed(&mut ana).await;
    let acr = format!("SELECT acr FROM {}", world.table("sessions"));
    assert_eq!(column(&world, &acr).await, ["urn:tertulia:acr:pwd"]);
}

#[tokio::test]
async fn only_addresses_of_allowed_domains_come_in() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |told| told.allowed_domains = vec!["Acme.example".into()]).await;
    let mut ana = world.browser();
    assert_eq!(by_acme(&mut ana).await, 403);
    acme.tricks().person["email"] = json!("ana@notacme.example");
    assert_eq!(by_acme(&mut ana).await, 403);
    acme.tricks().person["email"] = json!("ana@acme.example");
    acme.tricks().person["email_verified"] = json!(false);
    assert_eq!(by_acme(&mut ana).await, 403, "the provider has not made sure of it");
    acme.tricks().person["email_verified"] = json!(true);
    assert_eq!(by_acme(&mut ana).await, 200);
    assert_eq!(join_as_proposed(&mut ana).await, 200);
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn where_no_accounts_are_made_only_those_that_exist_are_linked() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |told| {
        told.create_accounts = false;
        told.trust_email = false;
    })
    .await;
    world.person("leo").await;
    let mut browser = world.browser();
    by_acme(&mut browser).await;
    assert!(browser.page.contains("not linked yet"), "{}", browser.page);
    let form = browser.address.replace("/closed", "/new");
    browser.open("/id/signup").await;
    let fields = [
        ("csrf", browser.csrf()),
        ("username", "ana".to_owned()),
        ("display_name", "Ana".to_owned()),
        ("email", "ana@example.org".to_owned()),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value)).into();
    browser.go(reqwest::Method::POST, &form, Some(fields)).await;
    assert!(browser.page.contains("not linked yet"), "not by the back door: {}", browser.page);
    assert_eq!(world.people().await.len(), 1);
    click(&mut browser, "Sign in and link").await;
    browser.submit(&[("username", "leo"), ("password", PASSWORD)]).await;
    assert!(browser.page.contains("Link with Acme"), "{}", browser.page);
    assert_eq!(browser.submit(&[]).await, 200);
    let mut again = world.browser();
    by_acme(&mut again).await;
    again.open("/id/account").await;
    assert!(again.page.contains("@leo"), "{}", again.page);
}

#[tokio::test]
async fn a_provider_that_is_away_is_a_page_with_a_way_to_try_again() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    ana.open(&authorize_path(&world, "").await).await;
    let login = ana.page.clone();
    acme.tricks().down = vec!["token"];
    assert_eq!(click(&mut ana, "Continue with Acme").await, 503);
    assert!(ana.page.contains("Acme does not answer"), "{}", ana.page);
    assert_eq!(ana.header("retry-after"), "5");
    assert!(super::link_of(&ana.page, "Sign in another way").unwrap().contains("/login?ix="));
    acme.tricks().down = vec!["userinfo"];
    assert_eq!(click(&mut ana, "Try again").await, 503);
    acme.tricks().down = vec![];
    assert_eq!(click(&mut ana, "Try again").await, 200);
    join_as_proposed(&mut ana).await;
    assert!(is_back_at_the_app(&ana), "the app was not forgotten: {}", ana.address);
    assert!(!login.is_empty());
}

#[tokio::test]
async fn a_provider_that_was_never_there_is_said_to_be_away() {
    let acme = Acme::open(person("7", "ana")).await;
    acme.tricks().down = vec!["document"];
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    assert_eq!(by_acme(&mut ana).await, 503);
    assert!(ana.is_home(), "{}", ana.address);
    acme.tricks().down = vec![];
    let found = async {
        while click(&mut ana, "Try again").await == 503 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), found).await.unwrap();
    assert!(ana.page.contains("Complete your account"), "{}", ana.page);
}

#[tokio::test]
async fn who_says_no_there_has_changed_nothing_here() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    acme.tricks().error = Some("access_denied");
    assert_eq!(by_acme(&mut ana).await, 422);
    assert!(ana.page.contains("Nothing was changed"), "{}", ana.page);
    assert!(!ana.is_in().await);
    assert_eq!(acme.tricks().redeemed, 0);
    assert!(events(&world, "login.fail").await[0].contains("declined"));
}

#[tokio::test]
async fn pages_speak_spanish_too() {
    let acme = Acme::open(person("7", "ana")).await;
    let world = world_with(&acme, |_| ()).await;
    let mut ana = world.browser();
    ana.language = "es";
    ana.open("/id/signup").await;
    click(&mut ana, "Continuar con Acme").await;
    assert!(ana.page.contains("Completa tu cuenta"), "{}", ana.page);
}

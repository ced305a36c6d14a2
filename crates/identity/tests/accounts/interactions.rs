use identity::FirstParty;

use crate::world::{Browser, PASSWORD, World, alert};

/// An application of ours whose redirect address is a page of the test's own server.
pub(crate) async fn authorize_path(world: &World, prompt: &str) -> String {
    let app = FirstParty {
        client_id: "app",
        name: "Calendar",
        secret: "secret",
        redirect_uri: format!("{}/home", world.origin),
        post_logout_redirect_uri: format!("{}/home", world.origin),
        backchannel_logout_uri: None,
        scope: FirstParty::CHAT,
    };
    world.identity.ensure_first_party(app).await.unwrap();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", "app")
        .append_pair("redirect_uri", &format!("{}/home", world.origin))
        .append_pair("scope", "openid profile")
        .append_pair("state", "the-state")
        .append_pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        .append_pair("code_challenge_method", "S256")
        .append_pair("prompt", prompt)
        .finish();
    format!("/id/oauth/authorize?{query}")
}

/// The same for an app of others, which needs the person's consent.
pub(crate) async fn consent_path(world: &World) -> String {
    let redirect = format!("{}/home", world.origin);
    let words = ["client", "create", "--name", "Notes", "--redirect-uri", &redirect];
    let client = world.command(&words).await.unwrap();
    let path = authorize_path(world, "").await;
    path.replace("client_id=app", &format!("client_id={}", client["client_id"].as_str().unwrap()))
}

pub(crate) fn is_back_at_the_app(browser: &Browser<'_>) -> bool {
    browser.address.contains("/home?")
        && browser.address.contains("code=")
        && browser.address.contains("state=the-state")
}

#[tokio::test]
async fn a_new_person_is_carried_from_sign_up_through_the_mail_back_to_the_app() {
    let world = World::open().await;
    let path = authorize_path(&world, "create").await;
    let mut ana = world.browser();
    ana.open(&path).await;
    assert!(ana.address.contains("/id/signup?ix="), "{}", ana.address);
    assert!(ana.page.contains("Calendar"), "the page says for whom: {}", ana.page);
    let fields = [
        ("email", "ana@example.org"),
        ("username", "ana"),
        ("display_name", "Ana"),
        ("password", PASSWORD),
    ];
    assert_eq!(ana.submit(&fields).await, 200, "{}", ana.page);
    ana.open(&world.link("ana@example.org", "/verify/").await).await;
    ana.submit(&[]).await;
    assert!(is_back_at_the_app(&ana), "{}", ana.address);
}

#[tokio::test]
async fn neither_a_wrong_password_nor_another_language_loses_the_app() {
    let world = World::open().await;
    world.person("ana").await;
    let path = authorize_path(&world, "login").await;
    let mut ana = world.browser();
    ana.open(&path).await;
    assert_eq!(ana.submit(&[("username", "ana"), ("password", "not it at all")]).await, 422);
    let language = ana.page.split("href=\"").find(|rest| rest.contains("/language?")).unwrap();
    let language = language.split('"').next().unwrap().replace("&#38;", "&");
    ana.open(&language).await;
    assert!(ana.page.contains("<html lang=\"es\">"), "{}", ana.page);
    ana.submit(&[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(is_back_at_the_app(&ana), "{}", ana.address);
}

#[tokio::test]
async fn a_network_cannot_begin_sign_ins_without_end() {
    let world = World::with(|settings| settings.limits.begun_per_min = 1).await;
    let path = authorize_path(&world, "login").await;
    let mut browser = world.browser();
    for _ in 0..10 {
        assert_eq!(browser.open(&path).await, 200);
    }
    assert_eq!(browser.open(&path).await, 429);
    assert!(!browser.header("retry-after").is_empty());
}

#[tokio::test]
async fn another_browser_cannot_go_on_with_somebody_s_sign_in() {
    let world = World::open().await;
    world.person("eva").await;
    let path = authorize_path(&world, "login").await;
    let mut ana = world.browser();
    ana.open(&path).await;
    let page = ana.address.clone();
    let mut eva = world.browser();
    eva.open(&page).await;
    assert!(alert(&eva.page).contains("waited too long"), "{}", eva.page);
    eva.submit(&[("username", "eva"), ("password", PASSWORD)]).await;
    assert_eq!(eva.address, format!("{}/home", world.origin), "not at ana's app");
    eva.open(&page.replace("/login", "/oauth/authorize/continue")).await;
    assert!(!is_back_at_the_app(&eva), "{}", eva.address);
}

//! The page on which people register apps of their own.

use std::time::{Duration, Instant};

use identity::Developers;
use reqwest::StatusCode;

use super::world::{App, Browser, PASSWORD, REDIRECT, World};

const PATH: &str = "/account/developer";

/// A browser in which somebody has just signed in, at a page below the issuer.
async fn at(world: &World, name: &str, path: &str) -> Browser {
    let mut browser = Browser::default();
    browser.open(world, &format!("{}{path}", world.issuer)).await;
    browser.submit(world, &[("username", name), ("password", PASSWORD)]).await;
    assert!(browser.address.ends_with(path), "{} {}", browser.address, browser.page);
    browser
}

/// What a form says about an app, with `changes`.
fn filled<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("name", "Calendario"),
        ("kind", "server"),
        ("redirect_uris", REDIRECT),
        ("profile", "1"),
        ("email", "1"),
        ("offline_access", "1"),
        ("chat", "1"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    fields
}

/// Registers an app by the form; what its page shows.
async fn registered(world: &World, browser: &mut Browser, changes: &[(&str, &str)]) -> App {
    browser.open(world, &format!("{}{PATH}/new", world.issuer)).await;
    browser.submit_at(world, "/new", &filled(changes)).await;
    assert_eq!(browser.status, 200, "{}", browser.page);
    App {
        id: between(&browser.page, "<code>", "</code>").unwrap(),
        secret: secret_of(browser),
        redirect_uri: REDIRECT.to_owned(),
    }
}

fn secret_of(browser: &Browser) -> Option<String> {
    let found = browser.page.find("cs_").map(|at| &browser.page[at..]);
    found.and_then(|rest| rest.split('<').next()).map(str::to_owned)
}

fn between(page: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = page.split_once(before)?;
    Some(rest.split_once(after)?.0.to_owned())
}

async fn open(world: &World, browser: &mut Browser, app: &App, rest: &str) {
    browser.open(world, &format!("{}{PATH}/{}{rest}", world.issuer, app.id)).await;
}

/// Whether the app gets past the proof of who it is.
async fn is_known(world: &World, app: &App, secret: &str) -> bool {
    let header = Some((app.id.as_str(), secret));
    world.send("/oauth/revoke", header, &[("token", "x")]).await.0 == StatusCode::OK
}

#[tokio::test]
async fn a_person_registers_an_app_and_its_secret_is_shown_once() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let app = registered(&world, &mut ana, &[("client_uri", "https://app.example/")]).await;
    let secret = app.secret.clone().unwrap();
    open(&world, &mut ana, &app, "").await;
    assert!(ana.page.contains(&app.id) && !ana.page.contains("cs_"), "{}", ana.page);
    for page in ["", "/edit", "/delete"] {
        open(&world, &mut ana, &app, page).await;
        assert_eq!(ana.status, 200);
        assert!(!ana.page.contains(&secret), "{page} {}", ana.page);
    }
    let mut leo = Browser::default();
    leo.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    leo.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(leo.page.contains("Calendario") && leo.page.contains("Not verified"), "{}", leo.page);
    leo.submit(&world, &[("decision", "allow")]).await;
    let (status, tokens) = world.exchange(&app, &leo.answer()["code"]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    ana.open(&world, &format!("{}{PATH}", world.issuer)).await;
    assert!(ana.page.contains("Calendario"), "{}", ana.page);
}

#[tokio::test]
async fn the_page_of_an_app_tells_how_it_is_used_and_what_failed() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let app = registered(&world, &mut ana, &[]).await;
    let number = |browser: &Browser, name: &str| {
        between(&browser.page, &format!("<dt>{name}</dt><dd>"), "</dd>").unwrap()
    };
    assert_eq!(number(&ana, "Sign-ins"), "0");
    assert_eq!(number(&ana, "Last used"), "Never");
    let code = world.code(&mut Browser::default(), &app).await;
    world.exchange(&app, &code).await;
    assert!(!is_known(&world, &app, "cs_wrong").await);
    open(&world, &mut ana, &app, "").await;
    assert_eq!(number(&ana, "Sign-ins"), "1");
    assert_eq!(number(&ana, "People"), "1");
    assert_eq!(number(&ana, "Live grants"), "1");
    assert_eq!(number(&ana, "Failures"), "1");
    assert!(ana.page.contains("Wrong secret or proof"), "{}", ana.page);
    assert_ne!(number(&ana, "Last used"), "Never");
    let (status, _) = world.exchange(&app, &code).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    open(&world, &mut ana, &app, "").await;
    assert_eq!(number(&ana, "Live grants"), "0", "a code that came twice ends its grant");
    assert!(ana.page.contains("A code used twice"), "{}", ana.page);
}

#[tokio::test]
async fn a_replaced_secret_is_good_for_as_long_as_was_chosen() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let app = registered(&world, &mut ana, &[]).await;
    let first = app.secret.clone().unwrap();
    ana.submit_at(&world, "/secret", &[("keep", "24")]).await;
    let second = secret_of(&ana).unwrap();
    assert_ne!(first, second);
    assert!(is_known(&world, &app, &first).await && is_known(&world, &app, &second).await);
    open(&world, &mut ana, &app, "").await;
    assert!(ana.page.contains("good until") && !ana.page.contains("cs_"), "{}", ana.page);
    ana.submit_at(&world, "/old-secret", &[]).await;
    assert!(!is_known(&world, &app, &first).await && is_known(&world, &app, &second).await);
    ana.submit_at(&world, "/secret", &[("keep", "1")]).await;
    let third = secret_of(&ana).unwrap();
    assert!(is_known(&world, &app, &second).await && is_known(&world, &app, &third).await);
    world.sql("UPDATE clients SET old_secret_until = 5").await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while is_known(&world, &app, &second).await {
        assert!(Instant::now() < deadline, "its time is over");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    ana.submit_at(&world, "/secret", &[("keep", "0")]).await;
    assert!(!is_known(&world, &app, &third).await, "at once");
    assert!(is_known(&world, &app, &secret_of(&ana).unwrap()).await);
    for keep in ["", "-1", "999999", "x"] {
        ana.submit_at(&world, "/secret", &[("keep", keep)]).await;
        assert_eq!(ana.status, 400, "{keep}");
        open(&world, &mut ana, &app, "").await;
    }
}

#[tokio::test]
async fn an_app_is_edited_and_the_old_address_is_of_no_use_any_more() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let app = registered(&world, &mut ana, &[]).await;
    open(&world, &mut ana, &app, "/edit").await;
    assert!(ana.page.contains(REDIRECT), "{}", ana.page);
    let moved = "https://new.example/cb";
    let changes = [("redirect_uris", moved), ("email", ""), ("kind", "")];
    ana.submit_at(&world, "/edit", &filled(&changes)).await;
    assert!(ana.address.ends_with("?done=changed"), "{} {}", ana.address, ana.page);
    assert!(ana.page.contains(moved) && !ana.page.contains(REDIRECT), "{}", ana.page);
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    assert_eq!(browser.status, 400, "{}", browser.page);
    let secret = app.secret.clone().unwrap();
    assert!(is_known(&world, &app, &secret).await, "its secret stays");
    open(&world, &mut ana, &app, "/edit").await;
    ana.submit_at(&world, "/edit", &filled(&[("jwks_uri", "https://app.example/jwks")])).await;
    assert!(!is_known(&world, &app, &secret).await, "keys instead of a secret");
    open(&world, &mut ana, &app, "/edit").await;
    ana.submit_at(&world, "/edit", &filled(&[])).await;
    assert!(is_known(&world, &app, &secret_of(&ana).unwrap()).await, "a new secret, shown once");
}

#[tokio::test]
async fn a_deleted_app_and_what_it_was_given_are_gone() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let app = registered(&world, &mut ana, &[]).await;
    let tokens = world.tokens(&app).await;
    open(&world, &mut ana, &app, "/delete").await;
    ana.submit_at(&world, "/delete", &[]).await;
    assert!(ana.address.ends_with("/developer?done=deleted"), "{}", ana.address);
    assert!(!ana.page.contains("Calendario"), "{}", ana.page);
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED);
    let (status, _) = world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    open(&world, &mut ana, &app, "").await;
    assert_eq!(ana.status, 404);
}

#[tokio::test]
async fn what_is_wrong_with_an_app_is_said_beside_its_field() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let native = "http://127.0.0.1/cb\norg.example.calendario:/cb";
    for (field, value, said) in [
        ("name", "", "Write a name"),
        ("kind", "toaster", "Choose one"),
        ("redirect_uris", "", "at least one"),
        ("redirect_uris", "https://app.example/cb\nhttp://app.example/cb", "must be https"),
        ("redirect_uris", "https://*.example/cb", "cannot have"),
        ("redirect_uris", "https://app.example/cb#x", "cannot have"),
        ("redirect_uris", "https://203.0.113.7/cb", "needs a name"),
        ("redirect_uris", "org.example.calendario:/cb", "only for an app on a computer"),
        ("post_logout_uris", "ftp://app.example/", "must be https"),
        ("backchannel_uri", "https://10.0.0.1/out", "with a public name"),
        ("jwks_uri", "https://169.254.169.254/", "with a public name"),
        ("client_uri", "javascript:alert(1)", "complete https address"),
        ("policy_uri", "http://app.example/", "complete https address"),
    ] {
        ana.open(&world, &format!("{}{PATH}/new", world.issuer)).await;
        ana.submit_at(&world, "/new", &filled(&[(field, value)])).await;
        assert_eq!(ana.status, 422, "{field} {value}");
        let shown = format!("id=\"{field}-error\"");
        assert!(ana.page.contains(&shown) && ana.page.contains(said), "{field} {}", ana.page);
    }
    let made = registered(&world, &mut ana, &[("kind", "native"), ("redirect_uris", native)]).await;
    assert_eq!(made.secret, None, "an app on a device keeps no secret");
    ana.open(&world, &format!("{}{PATH}/new", world.issuer)).await;
    let many = "https://app.example/cb?n=".to_owned();
    let many: Vec<String> = (0..21).map(|n| format!("{many}{n}")).collect();
    ana.submit_at(&world, "/new", &filled(&[("redirect_uris", &many.join("\n"))])).await;
    assert_eq!(ana.status, 422);
    let tricky = [("name", "Tertulia\u{202e}")];
    ana.submit_at(&world, "/new", &filled(&tricky)).await;
    assert_eq!(ana.status, 422, "a name that turns the text around");
    assert!(ana.page.contains("none of which turns the text around"), "{}", ana.page);
}

#[tokio::test]
async fn an_app_on_a_device_may_sign_people_in_by_a_short_code() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let native = [("kind", "native"), ("redirect_uris", "http://127.0.0.1/cb")];
    for (kind, allowed) in [(&native[..], true), (&[], false)] {
        let app = registered(&world, &mut ana, kind).await;
        let header = app.secret.as_deref().map(|secret| (app.id.as_str(), secret));
        let form = [("client_id", app.id.as_str()), ("scope", "openid")];
        let (status, told) = world.send("/oauth/device", header, &form).await;
        assert_eq!(status == StatusCode::OK, allowed, "{told}");
    }
}

#[tokio::test]
async fn somebody_else_s_app_is_not_there() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let app = registered(&world, &mut ana, &[]).await;
    world.person("leo").await;
    let mut leo = at(&world, "leo", "/account/developer/new").await;
    let csrf = between(&leo.page, "name=\"csrf\" value=\"", "\"").unwrap();
    let operators = world.app(false).await;
    for id in [app.id.as_str(), "chat", &operators.id, "nobody", "%00"] {
        for page in ["", "/edit", "/delete"] {
            leo.open(&world, &format!("{}{PATH}/{id}{page}", world.issuer)).await;
            assert_eq!(leo.status, 404, "{id}{page}");
        }
        for form in ["edit", "secret", "old-secret", "delete"] {
            leo.address = format!("{}{PATH}/{id}", world.issuer);
            leo.page = format!(
                "<form method=\"post\" action=\"/id{PATH}/{id}/{form}\"><input type=\"hidden\" \
                 name=\"csrf\" value=\"{csrf}\"></form>"
            );
            let fields = filled(&[("keep", "0")]);
            leo.submit_at(&world, form, &fields).await;
            assert_eq!(leo.status, 404, "{id} {form} {}", leo.page);
        }
    }
    assert!(is_known(&world, &app, &app.secret.clone().unwrap()).await);
    let mut nobody = Browser::default();
    open(&world, &mut nobody, &app, "").await;
    assert!(nobody.address.contains("/login"), "{}", nobody.address);
}

#[tokio::test]
async fn another_site_can_do_nothing_here() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let status = ana.send_from(&world, header, &filled(&[])).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{header:?}");
    }
    let app = registered(&world, &mut ana, &[]).await;
    for form in ["new", "secret", "old-secret", "edit", "delete"] {
        let id = if form == "new" { String::new() } else { format!("/{}", app.id) };
        let url = format!("{}{PATH}{id}/{form}", world.issuer);
        let request = world.http.post(&url).header("cookie", ana.cookie_header());
        let fields = filled(&[("csrf", "forged"), ("keep", "0")]);
        let answer = request.form(&fields).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{form}");
    }
    assert!(is_known(&world, &app, &app.secret.clone().unwrap()).await);
}

#[tokio::test]
async fn where_only_administrators_may_a_member_finds_nothing() {
    let admins = |settings: &mut identity::Settings| settings.apps.developers = Developers::Admins;
    let world = World::with("https://app.example/backchannel", admins).await;
    world.person("leo").await;
    let mut leo = at(&world, "leo", "/account/apps").await;
    assert!(!leo.page.contains(PATH), "{}", leo.page);
    for page in ["", "/new"] {
        leo.open(&world, &format!("{}{PATH}{page}", world.issuer)).await;
        assert_eq!(leo.status, 404, "{page}");
    }
    leo.open(&world, &format!("{}/account", world.issuer)).await;
    let csrf = between(&leo.page, "name=\"csrf\" value=\"", "\"").unwrap();
    leo.page = format!(
        "<form method=\"post\" action=\"/id{PATH}/new\"><input type=\"hidden\" name=\"csrf\" \
         value=\"{csrf}\"></form>"
    );
    leo.submit_at(&world, "/new", &filled(&[])).await;
    assert_eq!(leo.status, 404, "{}", leo.page);
    // The first account is the owner.
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    registered(&world, &mut ana, &[]).await;
    let none = |settings: &mut identity::Settings| settings.apps.developers = Developers::Nobody;
    let world = World::with("https://app.example/backchannel", none).await;
    let mut ana = at(&world, "ana", "/account/apps").await;
    ana.open(&world, &format!("{}{PATH}/new", world.issuer)).await;
    assert_eq!(ana.status, 404);
}

#[tokio::test]
async fn one_person_has_only_so_many_apps() {
    let two = |settings: &mut identity::Settings| settings.apps.per_person_max = 2;
    let world = World::with("https://app.example/backchannel", two).await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    registered(&world, &mut ana, &[]).await;
    ana.open(&world, &format!("{}{PATH}/new", world.issuer)).await;
    let late = ana.page.clone();
    registered(&world, &mut ana, &[]).await;
    ana.page = late;
    ana.submit_at(&world, "/new", &filled(&[])).await;
    assert_eq!(ana.status, 422, "{}", ana.page);
    assert!(ana.page.contains("as many applications as you may"), "{}", ana.page);
    let apps = world.command(&["client", "list"]).await;
    let own = apps["items"].as_array().unwrap().iter().filter(|app| app["kind"] == "developer");
    assert_eq!(own.count(), 2, "{apps}");
}

#[tokio::test]
async fn many_forms_at_once_register_no_more_apps_than_one_person_may_have() {
    let two = |settings: &mut identity::Settings| settings.apps.per_person_max = 2;
    let world = World::with("https://app.example/backchannel", two).await;
    let ana = at(&world, "ana", "/account/developer/new").await;
    let form = filled(&[]);
    let mut browsers = vec![ana; 8];
    let all = browsers.iter_mut().map(|browser| browser.submit_at(&world, "/new", &form));
    futures::future::join_all(all).await;
    assert_eq!(browsers.iter().filter(|browser| browser.status == 200).count(), 2);
    let apps = world.command(&["client", "list"]).await;
    let own = apps["items"].as_array().unwrap().iter().filter(|app| app["kind"] == "developer");
    assert_eq!(own.count(), 2, "{apps}");
}

#[tokio::test]
async fn what_guards_an_app_wants_a_fresh_sign_in() {
    let world = World::open().await;
    let mut ana = at(&world, "ana", "/account/developer/new").await;
    let app = registered(&world, &mut ana, &[]).await;
    let shown = ana.page.clone();
    world.sql("UPDATE sessions SET auth_time = auth_time - 400000").await;
    for (path, fields) in [("/secret", vec![("keep", "0")]), ("/old-secret", vec![])] {
        ana.page.clone_from(&shown);
        ana.address = format!("{}{PATH}/{}", world.issuer, app.id);
        if path == "/old-secret" {
            ana.page = shown.replace("/secret\"", "/old-secret\"");
        }
        ana.submit_at(&world, path, &fields).await;
        assert!(ana.address.contains("/login"), "{path} {}", ana.address);
    }
    for page in ["/edit", "/delete"] {
        open(&world, &mut ana, &app, page).await;
        assert!(ana.address.contains("/login"), "{page} {}", ana.address);
    }
    assert!(is_known(&world, &app, &app.secret.clone().unwrap()).await, "nothing was changed");
    ana.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(ana.address.ends_with("/delete"), "and back again: {}", ana.address);
}

//! A device that signs in by a short code (RFC 8628).

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::app_keys::Key;
use super::world::{App, Browser, PASSWORD, World};

/// What a device exchanges for tokens.
pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

impl World {
    /// An app on a device without a browser.
    pub(crate) async fn television(&self) -> App {
        self.register(&["--public", "--grant-type", GRANT, "--grant-type", "refresh_token"]).await
    }

    /// A device that begins: what it is told.
    pub(crate) async fn begin_device(&self, app: &App) -> Value {
        let scope = ("scope", "openid profile offline_access chat");
        let form = [scope, ("resource", self.api.as_str())];
        let (status, begun) = self.post_with("/oauth/device", app, &form, &[]).await;
        assert_eq!(status, StatusCode::OK, "{begun}");
        begun
    }

    /// The device asks.
    pub(crate) async fn poll(&self, app: &App, begun: &Value) -> (StatusCode, Value) {
        self.token(app, &of_device(begun)).await
    }

    /// What it is told when it asks.
    pub(crate) async fn told(&self, app: &App, begun: &Value) -> String {
        let (status, answer) = self.poll(app, begun).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        answer["error"].as_str().unwrap().to_owned()
    }

    /// A browser in which `ana` is signed in.
    pub(crate) async fn desk(&self) -> Browser {
        let mut browser = Browser::default();
        browser.open(self, &format!("{}/device", self.issuer)).await;
        assert!(browser.address.contains("/login"), "{}", browser.address);
        browser.submit(self, &[("username", "ana"), ("password", PASSWORD)]).await;
        assert!(browser.address.ends_with("/device"), "{}", browser.address);
        browser
    }

    /// Types the code and sees which app it is.
    pub(crate) async fn type_code(&self, browser: &mut Browser, begun: &Value) {
        browser.open(self, begun["verification_uri"].as_str().unwrap()).await;
        browser.submit(self, &[("user_code", begun["user_code"].as_str().unwrap())]).await;
    }

    /// The whole way to a yes.
    pub(crate) async fn allow(&self, browser: &mut Browser, begun: &Value) {
        self.type_code(browser, begun).await;
        browser.submit(self, &[("decision", "allow")]).await;
        assert_eq!(browser.status, 200, "{}", browser.page);
    }

    /// The device may ask again at once, as if it had waited.
    pub(crate) async fn patience(&self) {
        self.sql("UPDATE device_codes SET next_at = 0").await;
    }
}

/// What a device sends for its code.
pub(crate) fn of_device(begun: &Value) -> Vec<(&str, &str)> {
    vec![("grant_type", GRANT), ("device_code", begun["device_code"].as_str().unwrap())]
}

#[tokio::test]
async fn a_device_signs_in_by_the_code_that_its_person_types() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    assert_eq!((&begun["interval"], &begun["expires_in"]), (&json!(5), &json!(600)));
    let code = begun["user_code"].as_str().unwrap();
    assert_eq!((code.len(), code.find('-')), (9, Some(4)), "{code}");
    assert_eq!(world.told(&app, &begun).await, "authorization_pending");
    let mut browser = world.desk().await;
    let typed = code.to_lowercase().replace('-', " ");
    browser.submit(&world, &[("user_code", &typed)]).await;
    assert!(browser.page.contains("Reloj") && browser.page.contains(code), "{}", browser.page);
    world.patience().await;
    assert_eq!(world.told(&app, &begun).await, "authorization_pending", "seeing is not allowing");
    browser.submit(&world, &[("decision", "allow")]).await;
    let (status, tokens) = world.poll(&app, &begun).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let (status, person) = world.userinfo(&tokens).await;
    assert_eq!((status, &person["preferred_username"]), (StatusCode::OK, &json!("ana")));
    assert!(tokens["id_token"].is_string() && tokens["token_type"] == "Bearer", "{tokens}");
    let (issuer, token) = (world.issuer(), tokens["access_token"].as_str().unwrap());
    assert_eq!(issuer.access(token, &world.api).await.unwrap().client_id, app.id);
    let (status, _) = world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_with_the_code_only_fills_it_in() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    let link = begun["verification_uri_complete"].as_str().unwrap();
    let code = begun["user_code"].as_str().unwrap();
    let mut browser = Browser::default();
    browser.open(&world, link).await;
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(browser.page.contains(&format!("value=\"{code}\"")), "{}", browser.page);
    assert!(!browser.page.contains("Reloj"), "a link alone does not look the code up");
    browser.open(&world, &format!("{link}&decision=allow")).await;
    assert_eq!(world.told(&app, &begun).await, "authorization_pending");
    browser.submit(&world, &[("user_code", code)]).await;
    browser.submit(&world, &[("decision", "allow")]).await;
    assert_eq!(world.poll(&app, &begun).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_person_can_say_no() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    let mut browser = world.desk().await;
    world.type_code(&mut browser, &begun).await;
    browser.submit(&world, &[("decision", "deny")]).await;
    assert_eq!(browser.status, 200);
    assert_eq!(world.told(&app, &begun).await, "access_denied");
    world.type_code(&mut browser, &begun).await;
    assert_eq!(browser.status, 422, "what is decided is decided");
}

#[tokio::test]
async fn who_asks_too_often_is_told_so() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    assert_eq!(world.told(&app, &begun).await, "authorization_pending");
    world.sql("UPDATE device_codes SET next_at = next_at + 600000").await;
    assert_eq!(world.told(&app, &begun).await, "slow_down");
    world.patience().await;
    assert_eq!(world.told(&app, &begun).await, "authorization_pending");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let world = World::open().await;
    let app = world.television().await;
    let (late, allowed) = (world.begin_device(&app).await, world.begin_device(&app).await);
    let mut browser = world.desk().await;
    world.allow(&mut browser, &allowed).await;
    world.sql("UPDATE device_codes SET expires_at = expires_at - 600000").await;
    world.type_code(&mut browser, &late).await;
    assert_eq!(browser.status, 422, "{}", browser.page);
    assert_eq!(world.told(&app, &late).await, "expired_token");
    assert_eq!(world.told(&app, &allowed).await, "expired_token", "allowed but never fetched");
}

#[tokio::test]
async fn a_device_asks_for_what_its_app_may_have() {
    let world = World::open().await;
    let app = world.television().await;
    let refused_as = async |app: &App, form: &[(&str, &str)]| {
        let (status, answer) = world.post_with("/oauth/device", app, form, &[]).await;
        (status.as_u16(), answer["error"].as_str().unwrap_or_default().to_owned())
    };
    let wrong = |error: &str| (400, error.to_owned());
    assert_eq!(refused_as(&app, &[]).await, wrong("invalid_scope"));
    assert_eq!(refused_as(&app, &[("scope", "chat.admin")]).await, wrong("invalid_scope"));
    let elsewhere = [("scope", "openid"), ("resource", "https://other.example/")];
    assert_eq!(refused_as(&app, &elsewhere).await, wrong("invalid_target"));
    let twice = [("scope", "openid"), ("scope", "openid")];
    assert_eq!(refused_as(&app, &twice).await, wrong("invalid_request"));
    let other = world.app(true).await;
    assert_eq!(refused_as(&other, &[("scope", "openid")]).await, wrong("unauthorized_client"));
    let nobody = App { id: "nobody".to_owned(), ..app.clone() };
    let (status, error) = refused_as(&nobody, &[("scope", "openid")]).await;
    assert_eq!((status, error.as_str()), (401, "invalid_client"));
    let begun = world.begin_device(&app).await;
    let (status, error) = world.poll(&other, &begun).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("unauthorized_client")));
}

#[tokio::test]
async fn a_device_with_a_key_gets_tokens_that_are_bound_to_it() {
    let world = World::open().await;
    let (app, key, other) = (world.television().await, Key::new("one"), Key::new("two"));
    let proof = key.proof(("POST", &format!("{}/oauth/device", world.issuer)), None);
    let form = [("scope", "openid profile offline_access")];
    let (_, begun) = world.post_with("/oauth/device", &app, &form, &[&proof]).await;
    let mut browser = world.desk().await;
    world.allow(&mut browser, &begun).await;
    for (proved, expected) in [(None, 400), (Some(&other), 400), (Some(&key), 200)] {
        let (status, answer) = match proved {
            Some(key) => world.token_by(&app, &of_device(&begun), key).await,
            None => world.poll(&app, &begun).await,
        };
        assert_eq!(status.as_u16(), expected, "{answer}");
        if expected == 200 {
            assert_eq!(answer["token_type"], "DPoP");
        }
    }
}

#[tokio::test]
async fn without_offline_access_a_device_is_signed_out_with_the_browser() {
    let world = World::open().await;
    let app = world.television().await;
    let form = [("scope", "openid profile")];
    let (_, begun) = world.post_with("/oauth/device", &app, &form, &[]).await;
    let mut browser = world.desk().await;
    world.allow(&mut browser, &begun).await;
    let (status, tokens) = world.poll(&app, &begun).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert!(tokens["refresh_token"].is_null());
    browser.open(&world, &format!("{}/oauth/logout", world.issuer)).await;
    browser.submit(&world, &[]).await;
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_provider_says_where_a_device_begins() {
    let world = World::open().await;
    let url = format!("{}/.well-known/openid-configuration", world.issuer);
    let document: Value = world.http.get(url).send().await.unwrap().json().await.unwrap();
    let place = format!("{}/oauth/device", world.issuer);
    assert_eq!(document["device_authorization_endpoint"], json!(place));
    assert!(document["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT)));
    assert_eq!(world.http.get(&place).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn the_pages_of_a_device_speak_both_languages() {
    let world = World::open().await;
    let app = world.television().await;
    let mut browser = world.desk().await;
    for (language, words) in [("es", "Tu dispositivo muestra"), ("en", "Your device shows")] {
        let begun = world.begin_device(&app).await;
        let choose = format!("{}/language?to={language}&back=/device", world.issuer);
        browser.open(&world, &choose).await;
        assert!(browser.page.contains(&format!("<html lang=\"{language}\"")), "{language}");
        browser.submit(&world, &[("user_code", begun["user_code"].as_str().unwrap())]).await;
        assert!(browser.page.contains(words), "{language}: {}", browser.page);
    }
}

//! Tokens that are bound to a key of the app (RFC 9449).

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::app_keys::Key;
use super::world::{App, Browser, VERIFIER, World};

impl World {
    /// A form for the token endpoint, with a proof of `key`.
    pub(crate) async fn token_by(
        &self,
        app: &App,
        form: &[(&str, &str)],
        key: &Key,
    ) -> (StatusCode, Value) {
        let proof = key.proof(("POST", &self.token_url()), None);
        self.token_with(app, form, &[&proof]).await
    }

    /// The same with these proofs.
    pub(crate) async fn token_with(
        &self,
        app: &App,
        form: &[(&str, &str)],
        proofs: &[&str],
    ) -> (StatusCode, Value) {
        self.post_with("/oauth/token", app, form, proofs).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        app: &App,
        form: &[(&str, &str)],
        proofs: &[&str],
    ) -> (StatusCode, Value) {
        let mut form = form.to_vec();
        let mut request = self.http.post(format!("{}{path}", self.issuer));
        match &app.secret {
            Some(secret) => request = request.basic_auth(&app.id, Some(secret)),
            None => form.push(("client_id", &app.id)),
        }
        for proof in proofs {
            request = request.header("dpop", *proof);
        }
        let answer = request.form(&form).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub(crate) fn token_url(&self) -> String {
        format!("{}/oauth/token", self.issuer)
    }

    /// Asks who the owner of a token is; the status, and what was refused in which scheme.
    pub(crate) async fn userinfo_by(
        &self,
        (scheme, token): (&str, &Value),
        proofs: &[&str],
    ) -> (u16, String) {
        let url = format!("{}/oauth/userinfo", self.issuer);
        let value = format!("{scheme} {}", token.as_str().unwrap());
        let mut request = self.http.get(url).header("authorization", value);
        for proof in proofs {
            request = request.header("dpop", *proof);
        }
        let answer = request.send().await.unwrap();
        let told = answer.headers().get("www-authenticate");
        let told = told.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        (answer.status().as_u16(), told)
    }

    /// A proof for userinfo with this token.
    pub(crate) fn userinfo_proof(&self, key: &Key, token: &Value) -> String {
        key.proof(("GET", &format!("{}/oauth/userinfo", self.issuer)), token.as_str())
    }

    async fn introspected(&self, token: &Value) -> Value {
        let form = [("token", token.as_str().unwrap())];
        self.post("/oauth/introspect", &self.chat(), &form).await.json().await.unwrap()
    }
}

/// What is sent for a code.
pub(crate) fn of_code<'a>(app: &'a App, code: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &app.redirect_uri),
        ("code_verifier", VERIFIER),
    ]
}

/// What is sent for a refresh token.
pub(crate) fn of_refresh(tokens: &Value) -> Vec<(&str, &str)> {
    let token = tokens["refresh_token"].as_str().unwrap();
    vec![("grant_type", "refresh_token"), ("refresh_token", token)]
}

#[tokio::test]
async fn a_token_is_bound_to_the_key_that_was_proved_and_opens_nothing_without_it() {
    let world = World::open().await;
    let (app, key) = (world.app(true).await, Key::new("one"));
    let code = world.code(&mut Browser::default(), &app).await;
    let (status, tokens) = world.token_by(&app, &of_code(&app, &code), &key).await;
    assert_eq!((status, &tokens["token_type"]), (StatusCode::OK, &json!("DPoP")), "{tokens}");
    let told = world.introspected(&tokens["access_token"]).await;
    assert_eq!(told["cnf"], json!({"jkt": key.jkt()}), "{told}");
    assert_eq!((&told["token_type"], &told["username"]), (&json!("DPoP"), &json!("ana")));
    let access = &tokens["access_token"];
    let proof = world.userinfo_proof(&key, access);
    assert_eq!(world.userinfo_by(("DPoP", access), &[&proof]).await.0, 200);
    let (status, told) = world.userinfo_by(("DPoP", access), &[&proof]).await;
    assert_eq!(status, 401, "a proof is good once");
    assert!(told.starts_with("DPoP error=\"invalid_dpop_proof\""), "{told}");
    assert!(told.contains("algs=\"ES256 "), "{told}");
    let (status, told) = world.userinfo_by(("Bearer", access), &[]).await;
    assert_eq!(status, 401, "no downgrade");
    assert!(told.starts_with("Bearer error=\"invalid_token\""), "{told}");
}

#[tokio::test]
async fn the_refresh_tokens_of_a_public_client_are_bound_to_its_key() {
    let world = World::open().await;
    let (app, key, other) = (world.app(true).await, Key::new("one"), Key::new("two"));
    let code = world.code(&mut Browser::default(), &app).await;
    let (_, tokens) = world.token_by(&app, &of_code(&app, &code), &key).await;
    let (status, error) = world.token_with(&app, &of_refresh(&tokens), &[]).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_dpop_proof")));
    let (status, error) = world.token_by(&app, &of_refresh(&tokens), &other).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_grant")));
    let (status, next) = world.token_by(&app, &of_refresh(&tokens), &key).await;
    assert_eq!(status, 200, "who has not the key has not spent the token: {next}");
    assert_eq!(world.token_by(&app, &of_refresh(&next), &key).await.0, 200);
}

#[tokio::test]
async fn a_key_that_is_proved_later_binds_from_then_on() {
    let world = World::open().await;
    let (app, key) = (world.app(true).await, Key::new("one"));
    let tokens = world.tokens(&app).await;
    assert_eq!(tokens["token_type"], "Bearer");
    let (_, next) = world.token_by(&app, &of_refresh(&tokens), &key).await;
    assert_eq!(next["token_type"], "DPoP", "{next}");
    let (status, _) = world.token_with(&app, &of_refresh(&next), &[]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(world.token_by(&app, &of_refresh(&next), &key).await.0, 200);
}

#[tokio::test]
async fn a_client_with_a_secret_may_come_with_another_key() {
    let world = World::open().await;
    let (app, key, other) = (world.app(false).await, Key::new("one"), Key::new("two"));
    let code = world.code(&mut Browser::default(), &app).await;
    let (_, tokens) = world.token_by(&app, &of_code(&app, &code), &key).await;
    let (status, next) = world.token_by(&app, &of_refresh(&tokens), &other).await;
    assert_eq!(status, 200, "its refresh tokens are bound to its secret");
    let told = world.introspected(&next["access_token"]).await;
    assert_eq!(told["cnf"], json!({"jkt": other.jkt()}));
}

#[tokio::test]
async fn a_code_that_was_asked_for_with_a_key_is_spent_with_it() {
    let world = World::open().await;
    let (app, key, other) = (world.app(false).await, Key::new("one"), Key::new("two"));
    let back = world.signed_in(&mut Browser::default(), &app, &[("dpop_jkt", &key.jkt())]).await;
    let form = of_code(&app, &back["code"]);
    let (status, error) = world.token_with(&app, &form, &[]).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_grant")));
    let (status, error) = world.token_by(&app, &form, &other).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_grant")));
    assert_eq!(world.token_by(&app, &form, &key).await.0, 200);
    let back = world.signed_in(&mut Browser::default(), &app, &[("dpop_jkt", "short")]).await;
    assert_eq!(back["error"], "invalid_request");
}

#[tokio::test]
async fn a_pushed_request_is_bound_by_a_proof_or_by_name() {
    let world = World::open().await;
    let (app, key, other) = (world.app(false).await, Key::new("one"), Key::new("two"));
    let push = async |changes: &[(&str, &str)], proof: &str| {
        let pairs = world.request(&app, changes);
        let form: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        world.post_with("/oauth/par", &app, &form, &[proof]).await
    };
    let url = format!("{}/oauth/par", world.issuer);
    let (status, error) =
        push(&[("dpop_jkt", &other.jkt())], &key.proof(("POST", &url), None)).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_dpop_proof")));
    let elsewhere = key.proof(("POST", &world.token_url()), None);
    assert_eq!(push(&[], &elsewhere).await.0, 400, "a proof is for one address");
    let (status, pushed) = push(&[], &key.proof(("POST", &url), None)).await;
    assert_eq!(status, StatusCode::CREATED, "{pushed}");
    let uri = pushed["request_uri"].as_str().unwrap();
    let asked = [("client_id", app.id.as_str()), ("request_uri", uri)];
    let asked = asked.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut browser = Browser::default();
    browser.open(&world, &world.authorize_url(&asked)).await;
    browser.submit(&world, &[("username", "ana"), ("password", super::world::PASSWORD)]).await;
    browser.submit(&world, &[("decision", "allow")]).await;
    let code = browser.answer()["code"].clone();
    assert_eq!(world.token_by(&app, &of_code(&app, &code), &other).await.0, 400);
    assert_eq!(world.token_by(&app, &of_code(&app, &code), &key).await.0, 200);
}

#[tokio::test]
async fn an_app_that_must_prove_a_key_gets_nothing_without() {
    let world = World::open().await;
    let key = Key::new("one");
    let alone = ["--grant-type", "client_credentials", "--scope", "chat", "--require-dpop"];
    let app = world.register(&alone).await;
    let form = [("grant_type", "client_credentials")];
    let (status, error) = world.token_with(&app, &form, &[]).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_dpop_proof")));
    let (status, tokens) = world.token_by(&app, &form, &key).await;
    assert_eq!((status, &tokens["token_type"]), (StatusCode::OK, &json!("DPoP")));
    let person = world.register(&["--public", "--require-dpop"]).await;
    let code = world.code(&mut Browser::default(), &person).await;
    assert_eq!(world.exchange(&person, &code).await.0, 400);
    assert_eq!(world.token_by(&person, &of_code(&person, &code), &key).await.0, 200);
}

#[tokio::test]
async fn the_provider_says_what_proofs_may_be_signed_with_and_lets_pages_send_them() {
    let world = World::open().await;
    let url = format!("{}/.well-known/openid-configuration", world.issuer);
    let document: Value = world.http.get(url).send().await.unwrap().json().await.unwrap();
    let algorithms = json!(["ES256", "EdDSA", "PS256", "RS256"]);
    assert_eq!(document["dpop_signing_alg_values_supported"], algorithms);
    for path in ["/oauth/token", "/oauth/userinfo", "/oauth/par"] {
        let url = format!("{}{path}", world.issuer);
        let asked = world.http.request(reqwest::Method::OPTIONS, url);
        let answer = asked.header("origin", "https://app.example").send().await.unwrap();
        let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap();
        assert!(allowed.split(", ").any(|name| name == "dpop"), "{path}: {allowed}");
    }
}

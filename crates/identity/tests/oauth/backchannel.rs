use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::post;
use axum::{Form, Router};
use reqwest::StatusCode;

use crate::admin::Caller;
use crate::world::{AFTER, Browser, PASSWORD, World};

/// An app's ear: what it was told, and how it answers.
#[derive(Default)]
pub(crate) struct Ear {
    heard: Mutex<Vec<String>>,
    deaf: Mutex<u32>,
}

#[derive(serde::Deserialize)]
struct Told {
    logout_token: String,
}

pub(crate) async fn ear() -> (Arc<Ear>, String) {
    let ear = Arc::new(Ear::default());
    let hear = async |State(ear): State<Arc<Ear>>, Form(told): Form<Told>| {
        let mut deaf = ear.deaf.lock().unwrap();
        if *deaf > 0 {
            *deaf -= 1;
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        ear.heard.lock().unwrap().push(told.logout_token);
        StatusCode::OK
    };
    let router = Router::new().route("/out", post(hear)).with_state(Arc::clone(&ear));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/out", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (ear, uri)
}

impl Ear {
    /// How much it heard that nobody asked for.
    pub(crate) fn heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    pub(crate) async fn hears(&self, within: Duration) -> String {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if let Some(token) = self.heard.lock().unwrap().pop() {
                return token;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing was heard within {within:?}");
    }
}

#[tokio::test]
async fn an_app_hears_within_a_second_that_its_person_signed_out() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.chat();
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let who = world.issuer().id_token(hint, "chat", None).await.unwrap();
    let url = format!("{}/oauth/logout?id_token_hint={hint}", world.issuer);
    browser.open(&world, &format!("{url}&post_logout_redirect_uri={AFTER}")).await;
    assert_eq!(browser.address, AFTER);
    let token = ear.hears(Duration::from_secs(1)).await;
    let told = world.issuer().logout_token(&token, "chat").await.unwrap();
    assert_eq!((told.sid, told.sub), (who.sid, Some(who.sub)));
}

/// An app that was told that a sign-in is over believes it for good.
#[tokio::test]
async fn who_signs_in_again_after_a_misuse_has_another_sign_in_there() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.chat();
    let mut browser = Browser::default();
    let mut sids = Vec::new();
    for _ in 0..2 {
        let code = world.code(&mut browser, &app).await;
        let (_, tokens) = world.exchange(&app, &code).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let sid = world.issuer().id_token(hint, "chat", None).await.unwrap().sid;
        assert!(!sids.contains(&sid), "{sids:?}");
        assert_eq!(world.exchange(&app, &code).await.0, 400, "the code was used");
        // As the app and as an API of ours it is told twice.
        let mut told = None;
        while told != sid {
            let token = ear.hears(Duration::from_secs(15)).await;
            told = world.issuer().logout_token(&token, "chat").await.unwrap().sid;
        }
        sids.push(sid);
    }
}

#[tokio::test]
async fn an_app_that_did_not_answer_is_told_again() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.chat();
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    *ear.deaf.lock().unwrap() = 1;
    let hint = tokens["id_token"].as_str().unwrap();
    browser.open(&world, &format!("{}/oauth/logout?id_token_hint={hint}", world.issuer)).await;
    let token = ear.hears(Duration::from_secs(15)).await;
    assert!(world.issuer().logout_token(&token, "chat").await.is_ok());
}

#[tokio::test]
async fn an_app_that_never_answers_is_given_up_and_the_audit_says_so() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.chat();
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    *ear.deaf.lock().unwrap() = 2;
    let hint = tokens["id_token"].as_str().unwrap();
    browser.open(&world, &format!("{}/oauth/logout?id_token_hint={hint}", world.issuer)).await;
    let first_try_is_over = Instant::now() + Duration::from_secs(15);
    while *ear.deaf.lock().unwrap() == 2 {
        assert!(Instant::now() < first_try_is_over);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // An hour later.
    world.sql("UPDATE logout_deliveries SET tries = 4, next_at = 0").await;
    let reader = Caller::strong(&world, "ana").await;
    let deadline = Instant::now() + Duration::from_secs(15);
    let told = loop {
        let found = reader.get("/audit?event=logout.bcl_failed").await["items"].clone();
        if found != serde_json::json!([]) {
            break found;
        }
        assert!(Instant::now() < deadline, "the audit says nothing");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(told[0]["client"], "chat", "{told}");
    assert_eq!(told[0]["detail"]["reason"], "it answered 503 Service Unavailable", "{told}");
    assert_eq!(*ear.deaf.lock().unwrap(), 0);
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
}

#[tokio::test]
async fn an_app_hears_that_a_person_was_blocked() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let tokens = world.tokens(&world.chat()).await;
    world.another_owner().await;
    world.command(&["user", "block", "ana"]).await;
    let token = ear.hears(Duration::from_secs(1)).await;
    let told = world.issuer().logout_token(&token, "chat").await.unwrap();
    assert_eq!(told.sid, None, "all of them");
    assert!(told.sub.is_some());
    assert_eq!(world.userinfo(&tokens).await.0, 401);
    let (status, _) = world.refresh(&world.chat(), tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400);
}

/// What a logout token says has happened.
fn events(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
    serde_json::from_slice::<serde_json::Value>(&claims).unwrap()["events"].clone()
}

#[tokio::test]
async fn only_the_chat_hears_that_somebody_is_blocked_and_the_contrary() {
    let ((ear, uri), (other, elsewhere)) = (ear().await, ear().await);
    let world = World::with_backchannel(&uri).await;
    world.tokens(&world.chat()).await;
    let app = world.register(&["--backchannel-logout-uri", &elsewhere]).await;
    world.tokens(&app).await;
    world.another_owner().await;
    let within = Duration::from_secs(15);

    world.command(&["user", "block", "ana"]).await;
    let token = ear.hears(within).await;
    let told = world.issuer().logout_token(&token, "chat").await.unwrap();
    assert_eq!((told.blocked(), told.sid), (Some(true), None));
    let plain = serde_json::json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(events(&other.hears(within).await), plain, "what the specification says");

    world.command(&["user", "unblock", "ana"]).await;
    let token = ear.hears(within).await;
    let told = world.issuer().logout_token(&token, "chat").await.unwrap();
    assert_eq!(told.blocked(), Some(false));
    assert_eq!(other.heard(), 0, "nothing has ended");
}

/// What comes late says what is so, and not what was so.
#[tokio::test]
async fn an_app_that_was_deaf_hears_of_an_account_as_it_is() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    world.tokens(&world.chat()).await;
    world.another_owner().await;
    *ear.deaf.lock().unwrap() = 1;
    world.command(&["user", "block", "ana"]).await;
    let first_try_is_over = Instant::now() + Duration::from_secs(15);
    while *ear.deaf.lock().unwrap() == 1 {
        assert!(Instant::now() < first_try_is_over);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.command(&["user", "unblock", "ana"]).await;
    for _ in 0..2 {
        let token = ear.hears(Duration::from_secs(15)).await;
        let told = world.issuer().logout_token(&token, "chat").await.unwrap();
        assert_eq!(told.blocked(), Some(false));
    }
}

#[tokio::test]
async fn a_stolen_code_ends_the_app_s_sign_in() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    assert_eq!(world.exchange(&app, &code).await.0, 200);
    assert_eq!(world.exchange(&app, &code).await.0, 400);
    let token = ear.hears(Duration::from_secs(1)).await;
    assert!(world.issuer().logout_token(&token, "chat").await.unwrap().sid.is_some());
    assert_eq!(world.exchange(&app, &code).await.0, 400);
    let about = |mail: &String| mail.contains("The app Tertulia used a credential twice");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !world.mails().iter().any(about) {
        assert!(Instant::now() < deadline, "its person is told: {:?}", world.mails());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(world.mails().iter().filter(|mail| about(mail)).count(), 1, "and once only");
}

/// Its owner may show a spent code again and again.
#[tokio::test]
async fn a_code_shown_again_and_again_signs_out_once() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    assert_eq!(world.exchange(&app, &code).await.0, 200);
    let later = world.tokens(&app).await;
    for _ in 0..5 {
        assert_eq!(world.exchange(&app, &code).await.0, 400);
    }
    let told = ear.hears(Duration::from_secs(1)).await;
    assert!(world.issuer().logout_token(&told, "chat").await.unwrap().sid.is_some());
    // What is queued later leaves later.
    let hint = later["id_token"].as_str().unwrap();
    let url = format!("{}/oauth/logout?id_token_hint={hint}", world.issuer);
    Browser::default().open(&world, &url).await;
    let told = ear.hears(Duration::from_secs(1)).await;
    let told = world.issuer().logout_token(&told, "chat").await.unwrap();
    let who = world.issuer().id_token(hint, "chat", None).await.unwrap();
    assert_eq!(told.sid, who.sid);
    assert_eq!(ear.heard(), 0, "of the code it was told once");
}

#[tokio::test]
async fn ending_a_session_on_another_device_reaches_its_apps_within_a_second() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    let (mut stolen, mut own) = (Browser::default(), Browser::default());
    let code = world.code(&mut stolen, &world.chat()).await;
    let (_, tokens) = world.exchange(&world.chat(), &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let who = world.issuer().id_token(hint, "chat", None).await.unwrap();
    let page = format!("{}/account/sessions", world.issuer);
    own.open(&world, &page).await;
    own.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(own.page.contains("Tertulia</dd>"), "the app is named: {}", own.page);
    // The last form ends all sessions, the one before all others; the first of another one.
    let end = own.page.split("action=\"").find(|part| part.contains("/end\"")).unwrap();
    let end = end.split('"').next().unwrap().to_owned();
    own.page = own.page.replace("/id/logout/everywhere", &end);
    own.submit(&world, &[]).await;
    assert!(own.address.ends_with("?done=one"), "{} {}", own.address, own.page);
    let token = ear.hears(Duration::from_secs(1)).await;
    let told = world.issuer().logout_token(&token, "chat").await.unwrap();
    assert_eq!((told.sid, told.sub), (who.sid, Some(who.sub)));
    assert_eq!(world.userinfo(&tokens).await.0, 401);
    let (status, _) = world.refresh(&world.chat(), tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400);
}

/// Back-Channel Logout 2.6: it is verified as the app's ID tokens are.
#[tokio::test]
async fn a_logout_token_is_signed_as_its_app_expects() {
    let (ear, uri) = ear().await;
    let world = World::with_backchannel(&uri).await;
    world.sql("UPDATE clients SET id_token_alg = 'RS256'").await;
    let tokens = world.tokens(&world.chat()).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let url = format!("{}/oauth/logout?id_token_hint={hint}", world.issuer);
    Browser::default().open(&world, &url).await;
    let token = ear.hears(Duration::from_secs(1)).await;
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let set = crate::keys::published(&world).await;
    let key = jsonwebtoken::DecodingKey::from_jwk(set.find(&kid).unwrap()).unwrap();
    let mut wanted = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    wanted.set_audience(&["chat"]);
    let told = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &wanted).unwrap().claims;
    assert_eq!(told["iss"], world.issuer);
}

/// Where nobody answers; and how many wait there.
async fn tarpit() -> (Arc<Mutex<Vec<tokio::net::TcpStream>>>, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/out", listener.local_addr().unwrap());
    let caught = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&caught);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            kept.lock().unwrap().push(socket);
        }
    });
    (caught, uri)
}

#[tokio::test]
async fn an_app_that_does_not_answer_keeps_no_other_waiting() {
    let ((ear, uri), (caught, slow)) = (ear().await, tarpit().await);
    let world = World::with_backchannel(&uri).await;
    let tokens = world.tokens(&world.chat()).await;
    let app = world.register(&["--backchannel-logout-uri", &slow]).await;
    let id =
        if world.config.database_url.is_some() { "gen_random_uuid()" } else { "randomblob(16)" };
    world
        .sql(&format!(
            "INSERT INTO logout_deliveries (id, client_id, uri, sub, tries, next_at, created_at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
             SELECT {id}, '{}', '{slow}', 'somebody', 0, i, i FROM n",
            app.id
        ))
        .await;
    let deadline = Instant::now() + Duration::from_secs(15);
    while caught.lock().unwrap().is_empty() {
        assert!(Instant::now() < deadline, "nobody was told");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let hint = tokens["id_token"].as_str().unwrap();
    let url = format!("{}/oauth/logout?id_token_hint={hint}", world.issuer);
    Browser::default().open(&world, &url).await;
    ear.hears(Duration::from_secs(1)).await;
}

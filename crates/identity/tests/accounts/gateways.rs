//! Gateways of text messages: real servers on this machine, which are down, refuse, and tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::hmac;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::sent::{PHONE, code_of, eventually, over_http};
use crate::world::World;

/// A provider: how it answers, what it was sent, and how often it was asked.
#[derive(Clone)]
struct Provider {
    answers: Arc<Vec<(StatusCode, Value)>>,
    asked: Arc<AtomicU32>,
    taken: Arc<Mutex<Vec<Value>>>,
    url: String,
}

impl Provider {
    /// One that answers so, the last answer for ever.
    async fn open(answers: &[(u16, Value)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/messages", listener.local_addr().unwrap());
        let status =
            |(status, body): &(u16, Value)| (StatusCode::from_u16(*status).unwrap(), body.clone());
        let answers = Arc::new(answers.iter().map(status).collect());
        let provider = Self { answers, asked: Arc::default(), taken: Arc::default(), url };
        let app = Router::new().route("/messages", post(Self::receive));
        let app = app.with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    async fn receive(State(own): State<Self>, Json(sms): Json<Value>) -> (StatusCode, Json<Value>) {
        let turn = usize::try_from(own.asked.fetch_add(1, Ordering::SeqCst)).unwrap();
        own.taken.lock().await.push(sms);
        let (status, body) = own.answers[turn.min(own.answers.len() - 1)].clone();
        (status, Json(body))
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    async fn message(&self, count: u32) -> Value {
        eventually("the provider is asked", || (self.asked() >= count).then_some(())).await;
        self.taken.lock().await[usize::try_from(count).unwrap() - 1].clone()
    }
}

/// Nobody listens here.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/messages", listener.local_addr().unwrap())
}

#[tokio::test]
async fn when_one_gateway_is_down_or_refuses_the_next_one_is_asked() {
    let good = || (200, json!({"messages": [{"status": "0", "id": "m1"}]}));
    let broken = Provider::open(&[(500, json!({}))]).await;
    let unwilling = Provider::open(&[(200, json!({"messages": [{"status": "9"}]}))]).await;
    let willing = Provider::open(&[good()]).await;
    let last = Provider::open(&[good()]).await;
    let down = nobody().await;
    let world = World::configured(|config| {
        config.sms.countries = vec!["ES".to_owned()];
        let urls = [&down, &broken.url, &unwilling.url, &willing.url, &last.url];
        let gateways = urls.into_iter().zip(["a", "b", "c", "d", "e"]);
        config.sms.gateways = gateways.map(|(url, name)| over_http(name, url)).collect();
        for gateway in &mut config.sms.gateways {
            gateway.success_pointer = "/messages/0/status".to_owned();
            gateway.success_values = vec!["0".to_owned()];
        }
    })
    .await;
    let mut ana = world.signed_in("ana").await;
    ana.open(PHONE).await;
    assert_eq!(ana.submit(&[("country", "ES"), ("number", "600111222")]).await, 200);
    let sms = willing.message(1).await;
    assert_eq!(sms["to"], "+34600111222");
    let receipts = format!("{}/id/hooks/sms/d", world.origin);
    assert_eq!(sms["back"], receipts);
    let status = ana.submit(&[("code", &code_of(&sms)), ("name", "Phone")]).await;
    assert_eq!(status, 200, "{}", ana.page);
    assert_eq!((broken.asked(), unwilling.asked(), last.asked()), (1, 1, 0));
}

#[tokio::test]
async fn a_message_that_no_gateway_takes_now_is_sent_again_with_the_same_id() {
    let busy = Provider::open(&[(503, json!({})), (202, json!({}))]).await;
    let world = World::configured(|config| {
        config.sms.countries = vec!["ES".to_owned()];
        config.sms.gateways = vec![over_http("busy", &busy.url)];
    })
    .await;
    let mut ana = world.signed_in("ana").await;
    ana.open(PHONE).await;
    assert_eq!(ana.submit(&[("country", "ES"), ("number", "600111222")]).await, 200);
    let (first, second) = (busy.message(1).await, busy.message(2).await);
    assert_eq!(first, second);
    let status = ana.submit(&[("code", &code_of(&second)), ("name", "Phone")]).await;
    assert_eq!(status, 200, "{}", ana.page);
}

#[tokio::test]
async fn a_provider_tells_with_its_signature_what_has_become_of_a_message() {
    let provider = Provider::open(&[(201, json!({"sid": "SM1"}))]).await;
    let world = World::configured(|config| {
        config.sms.countries = vec!["ES".to_owned()];
        let mut gateway = over_http("main", &provider.url);
        gateway.id_pointer = "/sid".to_owned();
        gateway.receipt_secret = Some(kit::secret::Secret::Text("between us".to_owned()));
        config.sms.gateways = vec![gateway, over_http("silent", &provider.url)];
    })
    .await;
    let mut ana = world.signed_in("ana").await;
    ana.open(PHONE).await;
    ana.submit(&[("country", "ES"), ("number", "600111222")]).await;
    provider.message(1).await;
    while world.count("SELECT COUNT(*) FROM {sms_messages}", &["sms_messages"]).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let states =
        |state: &str| format!("SELECT COUNT(*) FROM {{sms_messages}} WHERE state = '{state}'");
    let body = r#"{"id":"SM1","status":"delivered"}"#;
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"between us");
    let signature = |body: &str| {
        let tag = hmac::sign(&key, body.as_bytes());
        tag.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    };
    let right = signature(body);
    let forged = body.replace("SM1", "SM2");
    assert_eq!(world.receipt("main", &forged, &right).await, 401);
    assert_eq!(world.receipt("main", body, "").await, 401);
    assert_eq!(world.receipt("silent", body, &right).await, 404, "it takes no receipts");
    assert_eq!(world.receipt("other", body, &right).await, 404);
    assert_eq!(world.count(&states("sent"), &["sms_messages"]).await, 1, "nothing happened");
    assert_eq!(world.receipt("main", body, &right).await, 204);
    assert_eq!(world.count(&states("delivered"), &["sms_messages"]).await, 1);
    let late = r#"{"id":"SM1","status":"failed"}"#;
    assert_eq!(world.receipt("main", late, &signature(late)).await, 204);
    assert_eq!(world.count(&states("delivered"), &["sms_messages"]).await, 1, "it has arrived");
    assert_eq!(world.receipt("main", &forged, &signature(&forged)).await, 204, "not ours");
    assert_eq!(world.receipt("main", "{}", &signature("{}")).await, 400);
    let long = "x".repeat(20_000);
    assert_eq!(world.receipt("main", &long, &signature(&long)).await, 413);
}

impl World {
    async fn receipt(&self, gateway: &str, body: &str, signature: &str) -> u16 {
        let url = format!("{}/id/hooks/sms/{gateway}", self.origin);
        let request = reqwest::Client::new().post(url).header("x-signature", signature);
        request.body(body.to_owned()).send().await.unwrap().status().as_u16()
    }
}

#[tokio::test]
async fn a_configuration_that_cannot_work_does_not_start() {
    let check = async |change: fn(&mut identity::Config), part: &str| {
        let dir = tempfile::tempdir().unwrap();
        let issuer = url::Url::parse("http://localhost:1/id").unwrap();
        let mut config = identity::Config {
            issuer: issuer.clone(),
            resources: Vec::new(),
            home_url: issuer,
            data_dir: dir.path().to_owned(),
            database_url: None,
            mail: kit::mail::MailConfig::default(),
            sms: kit::sms::SmsConfig::default(),
            settings: identity::Settings::default(),
        };
        config.sms.countries = vec!["ES".to_owned()];
        config.sms.gateways = vec![over_http("main", "https://sms.example/")];
        change(&mut config);
        let refused = identity::open(config).await.err().unwrap().to_string();
        assert!(refused.contains(part), "{refused}");
    };
    check(|config| config.sms.countries.clear(), "countries").await;
    check(|config| config.sms.countries.push("Spain".to_owned()), "\"Spain\"").await;
    check(|config| config.sms.gateways[0].name = "Main".to_owned(), "\"Main\"").await;
    check(|config| config.sms.gateways[0].url = "sms.example".to_owned(), "url").await;
    check(|config| config.sms.gateways[0].timeout_ms = 1, "timeout_ms").await;
    check(|config| config.sms.gateways[0].id_pointer = "id".to_owned(), "JSON pointer").await;
    check(|config| config.sms.gateways[0].method = "no method".to_owned(), "method").await;
    check(|config| config.sms.gateways.push(config.sms.gateways[0].clone()), "two").await;
}

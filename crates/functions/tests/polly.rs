//! Speech by Amazon Polly, from outside: what is asked of the service, and what becomes of its
//! answers. The service here speaks the REST API and checks signatures by itself.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use functions::speak::PollyConfig;
use functions::{Config, Settings};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

const SECRET: &str = "a-secret-that-both-have";
const KEY_ID: &str = "AKIDEXAMPLE";
const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// What the service was asked for.
type Heard = Arc<Mutex<Vec<Value>>>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes()).as_ref().to_vec()
}

/// The signature of a request with these headers (AWS Signature Version 4).
fn signature(headers: &HeaderMap, signed: &str, body: &[u8]) -> String {
    let date = headers["x-amz-date"].to_str().unwrap();
    let day = &date[..8];
    let sha256 = |bytes: &[u8]| hex(digest::digest(&digest::SHA256, bytes).as_ref());
    let line = |name: &str| format!("{name}:{}", headers[name].to_str().unwrap().trim());
    let lines: Vec<String> = signed.split(';').map(line).collect();
    let lines = lines.join("\n");
    let canonical = format!("POST\n/v1/speech\n\n{lines}\n\n{signed}\n{}", sha256(body));
    let scope = format!("{day}/eu-south-2/polly/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let key = hmac(format!("AWS4{KEY}").as_bytes(), day);
    let key = hmac(&hmac(&hmac(&key, "eu-south-2"), "polly"), "aws4_request");
    let made = hex(&hmac(&key, &text));
    format!(
        "AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders={signed}, Signature={made}"
    )
}

async fn synthesize(State(heard): State<Heard>, headers: HeaderMap, body: Bytes) -> Response {
    let refuse = |status: StatusCode, said: &str| {
        (status, axum::Json(json!({ "message": said }))).into_response()
    };
    let authorization = headers["authorization"].to_str().unwrap();
    let signed = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    if signature(&headers, signed, &body) != authorization {
        return refuse(StatusCode::FORBIDDEN, "The signature does not match");
    }
    let asked: Value = serde_json::from_slice(&body).unwrap();
    heard.lock().unwrap().push(asked.clone());
    if asked["Text"].as_str().unwrap().chars().count() > 3_000 {
        return refuse(StatusCode::BAD_REQUEST, "Maximum text length has been exceeded");
    }
    [1, 0].repeat(8_000).into_response()
}

/// Asks for `text` in Spanish where Polly is at hand, with this key; also what Polly heard.
async fn spoken(key: &str, text: &str) -> (reqwest::Response, Vec<Value>) {
    let heard = Heard::default();
    let service = Router::new().route("/v1/speech", post(synthesize)).with_state(heard.clone());
    let endpoint = serve(service).await.parse().unwrap();
    let mut settings = Settings::default();
    settings.speak.polly = Some(PollyConfig {
        region: "eu-south-2".to_owned(),
        endpoint: Some(endpoint),
        access_key_id: Some(KEY_ID.to_owned()),
        secret_access_key: Some(kit::secret::Secret::Text(key.to_owned())),
        ..PollyConfig::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        secret: SECRET.to_owned(),
        mail: kit::mail::MailConfig::default(),
        data_dir: folder.path().to_owned(),
        settings,
    };
    let functions = serve(functions::router(&config).unwrap()).await;
    let body = json!({"text": text, "language": "es"}).to_string();
    let answer = reqwest::Client::new()
        .post(format!("{functions}/speak"))
        .header(kit::signature::HEADER, kit::signature::sign(SECRET, "speak", body.as_bytes()))
        .body(body)
        .send()
        .await
        .unwrap();
    let heard = heard.lock().unwrap().clone();
    (answer, heard)
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn polly_is_asked_as_it_wants_to_be_and_its_samples_become_a_file() {
    let (answer, heard) = spoken(KEY, "¿Vienes?").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-duration-ms"], "500");
    assert_eq!(answer.headers()["x-voice"], "polly-neural en=Joanna es=Lucia");
    let file = answer.bytes().await.unwrap();
    assert_eq!((&file[..4], file.len()), (b"RIFF".as_slice(), 44 + 16_000));
    let asked = json!({"Engine": "neural", "OutputFormat": "pcm", "SampleRate": "16000",
        "Text": "¿Vienes?", "VoiceId": "Lucia"});
    assert_eq!(heard, [asked]);
}

#[tokio::test]
async fn a_text_that_polly_does_not_take_at_once_is_said_in_pieces() {
    let text = "Una frase. ".repeat(400);
    let (answer, heard) = spoken(KEY, &text).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-duration-ms"], "1000");
    let said: String = heard.iter().map(|asked| asked["Text"].as_str().unwrap()).collect();
    assert_eq!((heard.len(), said.trim()), (2, text.trim()));
}

#[tokio::test]
async fn a_refusal_is_told_and_what_polly_says_is_for_the_log() {
    let (answer, heard) = spoken("another-key", "hola").await;
    assert_eq!((answer.status().as_u16(), heard.len()), (503, 0));
    let problem = answer.text().await.unwrap();
    assert!(problem.contains(r#""kind":"unavailable""#), "{problem}");
    assert!(!problem.contains("signature does not match"), "{problem}");
}

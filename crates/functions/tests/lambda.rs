//! The functions as AWS Lambda calls them: with the events of an API gateway or a function URL.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use functions::{Config, Settings};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, LambdaEvent, Service};
use serde_json::{Value, json};

const SECRET: &str = "a-secret-that-both-have";
/// A WAV file of four samples, as a program writes it into a pipe.
const WAV: &str = "RIFF\\377\\377\\377\\377WAVEfmt \\020\\000\\000\\000\\001\\000\\001\\000\
\\042\\126\\000\\000\\104\\254\\000\\000\\002\\000\\020\\000data\\377\\377\\377\\377\
\\001\\000\\002\\000\\003\\000\\004\\000";

/// The event of a function URL or an HTTP API (payload format 2.0).
fn event(method: &str, path: &str, headers: Value, body: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "id.lambda-url.eu-central-1.on.aws",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test"
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "28/Nov/2026:05:00:00 +0000",
            "timeEpoch": 1_795_842_000_000_u64
        },
        "body": body,
        "isBase64Encoded": false
    })
}

/// What Lambda gets back.
async fn invoke(folder: &Path, event: Value) -> Value {
    let mut settings = Settings::default();
    settings.speak.program = program(folder);
    let config = Config {
        secret: SECRET.to_owned(),
        mail: kit::mail::MailConfig::default(),
        data_dir: folder.to_owned(),
        settings,
    };
    let mut lambda = Adapter::from(functions::router(&config).unwrap());
    let request: LambdaRequest = serde_json::from_value(event).unwrap();
    let answer = lambda.call(LambdaEvent::new(request, Context::default())).await.unwrap();
    serde_json::to_value(answer).unwrap()
}

fn program(folder: &Path) -> String {
    let path = folder.join("speak.sh");
    std::fs::write(&path, format!("#!/bin/sh\ncat > /dev/null\nprintf '{WAV}'\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn a_signed_event_is_answered_with_speech() {
    let folder = tempfile::tempdir().unwrap();
    let body = json!({"text": "hola", "language": "es"}).to_string();
    let signature = kit::signature::sign(SECRET, "speak", body.as_bytes());
    let headers = json!({"content-type": "application/json", "tertulia-signature": signature});
    let answer = invoke(folder.path(), event("POST", "/speak", headers, &body)).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(answer["headers"]["content-type"], "audio/wav", "{answer}");
    assert_eq!(answer["headers"]["access-control-allow-origin"], "*", "{answer}");
    // Bytes leave Lambda as base64: `RIFF`, and the size that is true.
    assert_eq!(answer["isBase64Encoded"], true, "{answer}");
    assert!(answer["body"].as_str().unwrap().starts_with("UklGRiwAAABXQVZF"), "{answer}");
}

#[tokio::test]
async fn an_event_that_nobody_signed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let body = json!({"text": "hola", "language": "es"}).to_string();
    let headers = json!({"content-type": "application/json"});
    let answer = invoke(folder.path(), event("POST", "/speak", headers, &body)).await;
    assert_eq!(answer["statusCode"], 401, "{answer}");
    assert_eq!(answer["headers"]["access-control-allow-origin"], "*", "{answer}");
    let problem: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(problem["kind"], "unauthenticated");
}

#[tokio::test]
async fn a_preflight_and_the_document_are_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let asked =
        json!({"origin": "https://elsewhere.example", "access-control-request-method": "POST"});
    let answer = invoke(folder.path(), event("OPTIONS", "/speak", asked, "")).await;
    assert_eq!(answer["statusCode"], 204, "{answer}");
    let answer = invoke(folder.path(), event("GET", "/openapi.json", json!({}), "")).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert!(answer["body"].as_str().unwrap().contains("/speak"), "{answer}");
}
